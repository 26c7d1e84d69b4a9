/** Compiling graphs of many operations: time and code should grow about linearly, without a limit of depth. */
import { ops, random } from '../infer/kindling.ts';
import type { AnyArray, Value } from '../core/value.ts';
import { compileGraph, instantiate } from '../transforms/jit/compile.ts';
import { record } from '../transforms/jit/record.ts';
import type { Bench, Row } from './bench.ts';

type Build = (x: Value, count: number) => AnyArray;

const chain: Build = (x, count) => {
  let y: AnyArray = x;
  for (let i = 0; i < count; i++) y = i % 3 === 0 ? ops.mul(y, 0.999) : i % 3 === 1 ? ops.sin(y) : ops.add(y, x);
  return y;
};

const tree: Build = (x, count) => {
  let level: readonly AnyArray[] = Array.from({ length: Math.ceil(count / 2) }, (_, i) => ops.mul(x, 1 + i / count));
  while (level.length > 1) level = level.flatMap((own, i) => (i % 2 === 1 ? [] : [level[i + 1] === undefined ? own : ops.add(own, level[i + 1]!)]));
  return level[0]!;
};

/** Each value is read by the two after it: walked without memory, there would be no end. */
const shared: Build = (x, count) => {
  let [a, b]: readonly [AnyArray, AnyArray] = [x, ops.mul(x, 0.5)];
  for (let i = 0; i < count; i += 2) [a, b] = [b, i % 4 === 0 ? ops.sin(ops.sub(b, a)) : ops.mul(ops.add(a, b), 0.5)];
  return b;
};

const builds: Readonly<Record<string, Build>> = { chain, tree, shared };

const compileOne = (name: string, build: Build, count: number, extent: number): Row => {
  const start = performance.now();
  const graph = record(([x]) => [build(x!, count)], [{ shape: [extent], dtype: 'float' }]);
  const recorded = performance.now();
  const compiled = compileGraph(graph);
  const { inputs, run } = instantiate(compiled);
  inputs[0]?.(random.normal(random.PRNGKey(0), [extent]).data);
  run();
  const end = performance.now();
  return {
    name: `${name} of ${count.toLocaleString('en')}, ${extent} numbers`,
    value: end - start,
    unit: 'ms',
    note: `recording ${(recorded - start).toFixed(0)} ms; ${(compiled.bytes.length / 1024).toFixed(0)} KiB of code; with instantiating and the first run`,
  };
};

export const bench: Bench = {
  name: 'Compiling graphs of many operations',
  run: () =>
    Promise.resolve(
      Object.entries(builds).flatMap(([name, build]) =>
        [500, 5000, 20_000].flatMap((count) => [1, 100].map((extent) => compileOne(name, build, count, extent))),
      ),
    ),
};
