/** The recorder and the compiler: recorded = run, compiled = interpreted, for random functions and their gradients. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { threefry } from '../../../core/random/threefry.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { tracedKey } from '../../../core/random/key.ts';
import * as random from '../../../core/random/index.ts';
import { sizeOf, type Shape } from '../../../core/shape.ts';
import { toTensor, type Value } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { compileGraph, instantiate } from '../../../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../../../transforms/jit/graph.ts';
import { record } from '../../../transforms/jit/record.ts';
import { threefryHigh, threefryLow } from '../../../core/loop/functions/threefry.ts';
import { webAssembly } from '../../../transforms/jit/webassembly.ts';
import { arrayPrograms, type ArrayProgram } from '../../arbitraries/functions.ts';
import { laws } from '../../laws.ts';

const numbers = (shape: Shape, seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);

const runCompiled = (graph: Graph, inputs: readonly NDArray[]): readonly NDArray[] => {
  const compiled = compileGraph(graph);
  assert.ok(webAssembly.validate(compiled.bytes), 'the module validates');
  const instance = instantiate(compiled);
  instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
  instance.run();
  return instance.outputs();
};

const close = (actual: NDArray, expected: NDArray, tolerance: number, what: string): void => {
  assert.deepEqual([...actual.shape], [...expected.shape], what);
  const scale = expected.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  actual.data.forEach((x, i) => {
    const y = expected.data[i]!;
    assert.ok(Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * scale, `${what}: ${x} and ${y} at ${i}`);
  });
};

/** Sums of many terms of both signs lose digits relative to the result, in the compiled order as in the interpreter's. */
const TOLERANCE = 1e-10;

const isUnsupported = (error: unknown): boolean => error instanceof Error && '_tag' in error && error._tag === 'Unsupported';

const gradientGraph = ({ f }: ArrayProgram, inputs: readonly NDArray[]): Graph =>
  record(
    ([m, v, s]) => {
      const [value, grads] = valueAndGrad((a: Value, b: Value, c: Value) => f(a, b, c), [0, 1, 2] as const)(m!, v!, s!);
      return [value, ...(grads as readonly Value[])].map((x) => toTensor(x));
    },
    inputs.map(({ shape }) => ({ shape, dtype: 'float' as const })),
  );

const shapes = fc.tuple(fc.constantFrom(1, 3, 17, 40, 101), fc.constantFrom(1, 2, 5, 8));

laws('jit', {
  'a recorded function, interpreted, is the function': () =>
    fc.assert(
      fc.property(arrayPrograms(5), shapes, fc.nat(1000), (program, [rows, columns], seed) => {
        const inputs = [numbers([rows, columns], seed), numbers([columns], seed + 1), numbers([], seed + 2)] as const;
        const graph = record(
          ([m, v, s]) => [toTensor(program.f(m!, v!, s!))],
          inputs.map(({ shape }) => ({ shape, dtype: 'float' })),
        );
        close(evaluateGraph(graph, inputs)[0]!, program.f(...inputs) as NDArray, TOLERANCE, program.text);
      }),
    ),
  'compiled value and gradient are the interpreted ones, and every module validates': () => {
    let compiled = 0;
    let refused = 0;
    fc.assert(
      fc.property(arrayPrograms(5), shapes, fc.nat(1000), (program, [rows, columns], seed) => {
        const inputs = [numbers([rows, columns], seed), numbers([columns], seed + 1), numbers([], seed + 2)];
        const graph = gradientGraph(program, inputs);
        const expected = evaluateGraph(graph, inputs);
        try {
          runCompiled(graph, inputs).forEach((x, i) => close(x, expected[i]!, TOLERANCE, `${program.text}, output ${i}`));
          compiled++;
        } catch (error) {
          if (!isUnsupported(error)) throw error;
          refused++;
        }
      }),
    );
    assert.ok(compiled > refused, `${compiled} compiled, ${refused} refused`);
  },
  'Threefry as an expression gives the words of Threefry': () =>
    fc.assert(
      fc.property(fc.tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat()), (all) => {
        const [k0, k1, c0, c1] = all.map((x) => x % 2 ** 32) as [number, number, number, number];
        const words = new Uint32Array(2);
        threefry(k0, k1, c0, c1, words);
        assert.equal(functionOf(threefryHigh)(k0, k1, c0, c1), words[0]);
        assert.equal(functionOf(threefryLow)(k0, k1, c0, c1), words[1]);
      }),
    ),
  'uniform draws by a traced key are those of the key, to the bit': () => {
    const key = random.PRNGKey(7);
    const graph = record(
      ([words]) => {
        const [a, b] = random.split(tracedKey(words!));
        return [toTensor(random.uniform(a, [5])), toTensor(random.uniform(random.foldIn(b, 3), [2, 2]))];
      },
      [{ shape: [2], dtype: 'float' }],
    );
    const words = makeNDArray(Float64Array.from(random.keyData(key)), [2]);
    const [a, b] = random.split(key);
    const expected = [random.uniform(a, [5]), random.uniform(random.foldIn(b, 3), [2, 2])];
    for (const outputs of [evaluateGraph(graph, [words]), runCompiled(graph, [words])]) {
      outputs.forEach((x, i) => assert.deepEqual([...x.data], [...expected[i]!.data]));
    }
  },
  'a recording leaves the backend and the tensors as they were, also after a throw': () => {
    const ones = toTensor([1, 2, 3]);
    const avals = [{ shape: [3], dtype: 'float' as const }];
    record(([x]) => [toTensor(ops.mul(x!, ones))], avals);
    assert.throws(
      () =>
        record(() => {
          throw new Error('a model that fails');
        }, avals),
      /a model that fails/,
    );
    assert.throws(() => record(([x]) => [toTensor(x!.dataSync()[0]!)], avals), /are not there yet/);
    assert.deepEqual([...ops.add(ones, 1).dataSync()], [2, 3, 4]);
    ones.dispose();
  },
  'a row-major matrix, long or short, even or odd, is summed as it is read': () => {
    for (const rows of [1, 2, 7, 8, 9, 16, 17, 33, 100]) {
      for (const columns of [1, 2, 3, 9]) {
        const inputs = [numbers([rows, columns], rows), numbers([columns], columns)];
        const graph = record(
          ([m, v]) => [toTensor(ops.dot(ops.transpose(m!), ops.square(ops.dot(m!, v!)))), toTensor(ops.sum(m!))],
          inputs.map(({ shape }) => ({ shape, dtype: 'float' })),
        );
        runCompiled(graph, inputs).forEach((x, i) => close(x, evaluateGraph(graph, inputs)[i]!, TOLERANCE, `${rows} × ${columns}, output ${i}`));
      }
    }
    assert.equal(sizeOf([]), 1);
  },
});
