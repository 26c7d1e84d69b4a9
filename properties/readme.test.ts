/** The program in the README compiles, runs, and prints what the README says it prints. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as assert from 'uvu/assert';
import { laws } from './laws.ts';
import { repositoryRoot, scratchFolder } from './root.ts';

const readmePath = join(repositoryRoot, 'README.md');
const readme = readFileSync(readmePath, 'utf8');

const outputPattern = /(<!-- output -->\n```text\n)([\s\S]*?)(```\n<!-- \/output -->)/;

const programOf = (text: string): string => {
  const program = /```ts\n([\s\S]*?)```/.exec(text)?.[1];
  if (program === undefined) throw new Error('README.md has no ```ts program');
  return program;
};

/** Inside the repository 'kindling' means the package itself, by its own `exports`, so the program needs no change. */
const compile = (program: string): string => {
  const folder = scratchFolder('readme');
  const path = join(folder, 'program.ts');
  writeFileSync(path, program);
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    skipLibCheck: true,
  };
  const built = ts.createProgram([path], options);
  const problems = ts.getPreEmitDiagnostics(built).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  if (problems.length > 0) throw new Error(`the program of README.md does not compile:\n${problems.join('\n')}`);
  built.emit();
  return join(folder, 'program.js');
};

laws('readme', {
  'its program prints its output': () => {
    const printed = execFileSync(process.execPath, [compile(programOf(readme))], { encoding: 'utf8', timeout: 120_000 });
    // README_WRITE=1 npm test -- readme puts the real output there.
    if (process.env['README_WRITE'])
      writeFileSync(
        readmePath,
        readme.replace(outputPattern, (_all, before, _old, after) => `${before}${printed}${after}`),
      );
    else assert.is(printed, outputPattern.exec(readme)?.[2]);
  },

  'its program is about 15 lines': () =>
    assert.ok(
      programOf(readme)
        .split('\n')
        .filter((line) => line.trim() !== '').length <= 18,
    ),
});
