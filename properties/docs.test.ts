/** Every `@example` in a docstring runs, and shows what it says it shows. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as assert from 'uvu/assert';
import * as kindling from '../infer/kindling.ts';
import * as plot from '../infer/plot/index.ts';
import { builtUrl, examplesOf, exportedNames, toModule, type DocExample, type NameSource } from './docExamples.ts';
import type { DocReport } from './docRun.ts';
import { laws } from './laws.ts';
import { scratchFolder } from './root.ts';
import { isShown } from './shown.ts';
import { sourcesOf, type Folder } from './sources.ts';

const timeoutSeconds = 240;

/** What every example sees beside the file it stands in. */
const everywhere: readonly NameSource[] = [
  { specifier: builtUrl('infer/kindling.ts'), names: Object.keys(kindling) },
  { specifier: builtUrl('infer/plot/index.ts'), names: Object.keys(plot) },
  { specifier: 'fp-ts/lib/function.js', names: ['pipe', 'flow'] },
];

/** Runs modules in one child process: by path, what went wrong with them, if anything. */
const runAll = (paths: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> =>
  new Promise((resolve) => {
    const reports = new Map<string, string | undefined>();
    const child = fork(fileURLToPath(builtUrl('properties/docRun.ts')), paths, { silent: true, timeout: timeoutSeconds * 1000, killSignal: 'SIGKILL' });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.on('message', (report: DocReport) => reports.set(report.path, report.error));
    child.on('close', (code, signal) => {
      // Of what did not report, the first is where the process ended.
      const ending = `the process ended (${signal ?? `exit code ${code}`}) ${said}`;
      for (const path of paths) if (!reports.has(path)) reports.set(path, ending);
      resolve(reports);
    });
  });

/** The complaints about some examples, run as modules. */
const complaintsAbout = async (name: string, examples: readonly (readonly [DocExample, readonly NameSource[]])[]): Promise<readonly string[]> => {
  if (examples.length === 0) return [];
  const folder = scratchFolder(`docs-${name}`);
  const places = new Map(
    examples.map(([example, own], i) => {
      const path = join(folder, `${i}.js`);
      writeFileSync(path, toModule(example, [...own, ...everywhere]));
      return [path, example.place] as const;
    }),
  );
  const reports = await runAll([...places.keys()]);
  return [...places].flatMap(([path, place]) => (reports.get(path) === undefined ? [] : [`${place}: ${reports.get(path)}`]));
};

const examplesRun = async (folder: Folder): Promise<void> => {
  const examples = sourcesOf([folder]).flatMap((source) => {
    const own = [{ specifier: builtUrl(source.path), names: exportedNames(source) }];
    return examplesOf(source.path, source.text).map((example) => [example, own] as const);
  });
  const complaints = await complaintsAbout(folder, examples);
  assert.is(complaints.join('\n'), '');
};

laws('docs', {
  'the examples of core do what they show': () => examplesRun('core'),
  'the examples of transforms do what they show': () => examplesRun('transforms'),
  'the examples of infer do what they show': () => examplesRun('infer'),

  'an example that shows a wrong value, throws, or ends the process is a complaint': async () => {
    const text = [
      '/**',
      ' * A comment.',
      ' * @example',
      ' * const f = (x: number): number => x / 3;',
      ' * f(1); // 0.333',
      ' * [f(3), -f(6)]; // [1, -2]',
      " * JSON.parse('{'); // throws SyntaxError",
      ' * @example',
      ' * console.log(1 / 3); // 0.334',
      ' * @example',
      " * throw new Error('by itself');",
      ' * @example const x = 1; // throws',
      ' * @returns 7; // 8',
      ' */',
      '/** @example process.exit(3) */',
    ].join('\n');
    const complaints = await complaintsAbout(
      'wrong',
      examplesOf('text.ts', text).map((example) => [example, []] as const),
    );
    assert.equal(
      complaints.map((complaint) => complaint.trim()),
      [
        'text.ts:8: shows 0.334, but the value is 0.3333333333333333',
        'text.ts:10: by itself',
        'text.ts:12: is said to throw, but does not',
        'text.ts:15: the process ended (exit code 3)',
      ],
    );
  },

  'values are compared to the digits shown': () => {
    const right: readonly (readonly [string, unknown])[] = [
      ['0.33', 1 / 3],
      ['-1.50e-7', -1.4999e-7],
      ['3', Math.fround(3.0000001)],
      ['-Infinity', -Infinity],
      ['[NaN, 1]', [NaN, 1]],
      ["{ a: [1, 2], 'b': 'text' }", { a: tf.tensor1d([1, 2]), b: 'text' }],
      ['[[1], [2]]', kindling.array([[1], [2]])],
      ['text', 'text'],
      ['[ 1, undefined ]', [1, undefined]],
    ];
    const wrong: readonly (readonly [string, unknown])[] = [
      ['0.33', 0.34],
      ['3', 3.4],
      ['[1, 2]', [1, 2, 3]],
      ['{ a: 1 }', { a: 1, b: 2 }],
      ['1, which is one', 1],
      ['null', undefined],
    ];
    for (const [shown, value] of right) assert.ok(isShown(shown, value), `${shown} is right`);
    for (const [shown, value] of wrong) assert.not.ok(isShown(shown, value), `${shown} is wrong`);
  },
});
