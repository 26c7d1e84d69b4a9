/** Cholesky factor and triangular solve of 200 × 200 matrices, beside C compiled from the same loops. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { array, ops, type NDArray } from '../infer/kindling.ts';
import type { AnyArray, Value } from '../core/value.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import { record } from '../transforms/jit/record.ts';
import type { Bench, Row } from './bench.ts';

const N = 200;
const SAMPLES = 60;

const matrix = (at: (i: number, j: number) => number): NDArray =>
  array(
    Float64Array.from({ length: N * N }, (_, k) => at(Math.floor(k / N), k % N)),
    [N, N],
  );

/** Microseconds of a compiled function, the least of many. */
const least = (f: (...inputs: readonly Value[]) => AnyArray, inputs: readonly NDArray[]): number => {
  const graph = record(
    (values) => [f(...values)],
    inputs.map(({ shape }) => ({ shape, dtype: 'float' as const })),
  );
  const instance = instantiate(compileGraph(graph));
  instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
  let best = Infinity;
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    instance.run();
    best = Math.min(best, performance.now() - start);
  }
  return 1000 * best;
};

/** Microseconds of the same in C by name; nothing where gcc is missing. */
const timesOfC = (): ReadonlyMap<string, number> => {
  const directory = mkdtempSync(join(tmpdir(), 'kindling-linalg-'));
  try {
    const program = join(directory, 'linalg');
    execFileSync('gcc', ['-O3', '-msse4.2', fileURLToPath(new URL('../../bench/linalg.c', import.meta.url)), '-o', program, '-lm'], { stdio: 'ignore' });
    const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    return new Map(lines.map((line) => line.split(' ')).map(([name, time]) => [name!, Number(time)]));
  } catch {
    console.log('  without C to compare with: gcc is missing');
    return new Map();
  } finally {
    rmSync(directory, { recursive: true });
  }
};

export const bench: Bench = {
  name: 'Linear algebra, 200 × 200, float64',
  run: () => {
    const a = matrix((i, j) => (i === j ? N : 1 / (1 + Math.abs(i - j))));
    const b = matrix((i, j) => Math.sin(i * 7 + j));
    const times = {
      cholesky: least((x) => ops.cholesky(x), [a]),
      solve: least((l, y) => ops.triangularSolve(l, y), [ops.cholesky(a), b]),
    };
    const c = timesOfC();
    const rows = Object.entries(times).flatMap(([name, value]): readonly Row[] => {
      const theirs = c.get(name);
      const own = { name: name === 'solve' ? 'triangular solve, 200 right-hand sides' : 'Cholesky factor', value, unit: 'µs' };
      return theirs === undefined
        ? [own]
        : [own, { name: `${own.name}, ours / C`, value: value / theirs, unit: '×', note: `least of each; C takes ${theirs.toFixed(0)} µs` }];
    });
    return Promise.resolve(rows);
  },
};
