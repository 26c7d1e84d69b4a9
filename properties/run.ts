/** The test command: `node dist/properties/run.js [pattern]` runs the test files whose source paths match, and ends with the totals. */
import { join, relative } from 'node:path';
import { filesBelow } from './files.ts';
import { repositoryRoot } from './root.ts';
import { runTestFile, type Outcome } from './testFile.ts';

const timeoutSeconds = 600;
const parallel = 2;

const pattern = new RegExp(process.argv[2] ?? '');
const sourceOf = (file: string): string => relative('dist', file).replace(/\.js$/, '.ts');
const files = filesBelow('dist/properties', '.test.js').filter((file) => pattern.test(sourceOf(file)));
const alone = files.length === 1;

const report = (file: string, { passed, failed, skipped, seconds, output, complaint }: Outcome): void => {
  const counts = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
  // A file that runs alone has been echoed already.
  const said = alone ? [] : failed > 0 ? ['', output] : [...output.matchAll(/^skipped: .*$/gm)].map(([line]) => `  ${line}`);
  for (const line of said) console.log(line);
  console.log(`${failed > 0 ? '✘' : '•'} ${sourceOf(file)}  ${counts}  ${seconds.toFixed(1)} s${complaint === undefined ? '' : `  ${complaint}`}`);
};

const queue = [...files];
const outcomes: Outcome[] = [];
const work = async (): Promise<void> => {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const outcome = await runTestFile(join(repositoryRoot, file), timeoutSeconds, alone);
    outcomes.push(outcome);
    report(file, outcome);
  }
};
await Promise.all(Array.from({ length: parallel }, work));

const sum = (part: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + part(outcome), 0);
const passed = sum((outcome) => outcome.passed);
const failed = sum((outcome) => outcome.failed);
if (files.length === 0) console.log(`no test file matches ${String(pattern)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
