/** Every elementwise kernel gives the same bits eagerly, on arrays of float64, as compiled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kernels, type Attrs } from '../../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import { apply } from '../../../core/ops/apply.ts';
import { toNDArray, type AnyArray } from '../../../core/value.ts';
import { elementwiseRules } from '../../../transforms/jit/rules.ts';
import { laws } from '../../laws.ts';
import { compiled, recordAt } from '../../laws/recorded.ts';

const settings: Readonly<Record<string, readonly Attrs[]>> = {
  Polygamma: [0, 1, 2, 5].map((n) => ({ n })),
  Step: [{}, { alpha: 0.3 }],
  LeakyRelu: [{ alpha: 0.2 }],
  ClipByValue: [{ clipValueMin: -1.5, clipValueMax: 2 }],
  Cast: ['float32', 'int32', 'bool'].map((dtype) => ({ dtype })),
};

const edges = [0, 1, 0.5, 2, 3, 10, 40, 709.5, 745, 1e15, 1e300, 1e-300, 5e-324, 2 ** -1022, Infinity].flatMap((x) => [x, -x]);
const anything = fc.oneof(
  fc.double(),
  fc.double({ min: -20, max: 20, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(...edges, NaN),
);

const SIZE = 48;
const column: fc.Arbitrary<readonly number[]> = fc.array(anything, { minLength: SIZE, maxLength: SIZE });

const names = Object.keys(elementwiseRules);
const named = new Map(kernels().map((kernel) => [kernel.name, kernel]));

/** Integers and truth values are asked for where a kernel takes them; infinite ones there are none. */
const arrayOf = (numbers: readonly number[], isTruth: boolean): NDArray =>
  makeNDArray(
    Float64Array.from(numbers, (x) => (isTruth ? Number(x > 0.5) : x)),
    [numbers.length],
    isTruth ? 'bool' : 'float64',
  );

laws('eager and compiled', {
  'every elementwise kernel gives the same bits': () => {
    for (const name of names) {
      const kernel = named.get(name)!;
      const { inputs } = kernel;
      assert.ok(inputs !== 'list', name);
      for (const attrs of settings[name] ?? [{}]) {
        fc.assert(
          fc.property(fc.array(column, { minLength: inputs.length, maxLength: inputs.length }), (columns) => {
            const isTruth = (i: number): boolean => name.startsWith('Logical') || (name === 'Select' && i === 0);
            const arrays = columns.map((numbers, i) => arrayOf(numbers, isTruth(i)));
            const f = (...xs: readonly AnyArray[]): AnyArray => apply(kernel, xs, attrs);
            const eager = toNDArray(f(...arrays));
            const actual = compiled(recordAt((...xs) => [f(...xs)], arrays))[0]!;
            // Of integers −0 is 0.
            const shown = (x: number): number => (eager.dtype === 'float64' ? x : x + 0);
            eager.data.forEach((x, i) =>
              assert.ok(
                Object.is(shown(actual.data[i]!), x),
                `${name} ${JSON.stringify(attrs)} (${arrays.map(({ data }) => data[i]).join(', ')}): ${x} eager, ${actual.data[i]} compiled`,
              ),
            );
          }),
          { numRuns: 3 },
        );
      }
    }
  },
});
