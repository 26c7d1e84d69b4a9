/** What is run once for each of many draws: compiled, or where it can't be, as it stands. */
import { isKindlingError, kindlingError } from '../../core/errors.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import type { Key } from '../../core/random/key.ts';
import { scoped } from '../../core/scope.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { flatten, mapTree, unflatten } from '../../core/tree.ts';
import { asArray, isArray, toNDArray, type AnyArray } from '../../core/value.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { makeShapeCache, signatureOf } from '../arguments.ts';

export type ByName<A> = Readonly<Record<string, A>>;

/** Arrays by name from keys, from the values of sites in one draw, and from the arguments of a model. */
export type OneDraw = (keys: readonly Key[], draw: ByName<AnyArray>, args: readonly unknown[]) => ByName<AnyArray>;

/** Draws that are all of one batch. */
export interface Batch {
  readonly shape: Shape;
  /** By site, `[…batch, …site]`. */
  readonly arrays: ByName<NDArray>;
}

const isData = (leaf: unknown): boolean => isArray(leaf) || ArrayBuffer.isView(leaf) || Array.isArray(leaf);

/** Arguments whose arrays are ours; numbers stay what they are, so that they may be sizes. */
export const withArrays = (args: readonly unknown[]): readonly unknown[] =>
  args.map((arg) => (isArray(arg) ? arg : mapTree((leaf) => (isData(leaf) ? asArray(leaf as never) : leaf), arg)));

const draw = ({ shape, arrays }: Batch, i: number): ByName<NDArray> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape: own, dtype }]) => {
      const rest = own.slice(shape.length);
      const size = sizeOf(rest);
      return [name, makeNDArray(data.subarray(i * size, (i + 1) * size), rest, dtype)];
    }),
  );

/** Results one below the other. */
const stacked = (results: readonly ByName<NDArray>[], batch: Shape): ByName<NDArray> => {
  const [first] = results;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first).map(([name, { shape, dtype, data }]) => {
      const all = new Float64Array(results.length * data.length);
      results.forEach((result, i) => {
        const own = result[name];
        if (own === undefined || !sameShape(own.shape, shape)) {
          throw kindlingError('InvalidShape', {
            site: name,
            message: 'a site has another shape, or is missing, in some draws',
            given: own === undefined ? 'missing' : showShape(own.shape),
            expected: showShape(shape),
          });
        }
        all.set(own.data, i * data.length);
      });
      return [name, makeNDArray(all, [...batch, ...shape], dtype)];
    }),
  );
};

type Compiled = (keys: readonly Key[], values: ByName<AnyArray>, arrays: readonly AnyArray[]) => ByName<AnyArray>;

/** Whether recording failed since the function reads numbers that a program has only when it runs. */
const needsNumbers = (error: unknown): boolean => isKindlingError(error) && error._tag === 'Unsupported';

/** Runs `f` for each draw of a batch, `keysOf(i)` being the keys of the i-th: what it gives, stacked along the axes of the batch. */
export const perDraw = (f: OneDraw): ((batch: Batch, keysOf: (i: number) => readonly Key[], args: readonly unknown[]) => ByName<NDArray>) => {
  const programs = makeShapeCache<Compiled>();
  return (batch, keysOf, given) => {
    const args = withArrays(given);
    const [leaves, def] = flatten(args);
    const arrays = leaves.filter(isArray);
    const refilled = (own: readonly AnyArray[]): readonly unknown[] => {
      let next = 0;
      return unflatten(
        def,
        leaves.map((leaf) => (isArray(leaf) ? own[next++]! : leaf)),
      ) as readonly unknown[];
    };
    const compiled = programs.get(signatureOf(args), () =>
      jit((keys: readonly Key[], values: ByName<AnyArray>, own: readonly AnyArray[]) => f(keys, values, refilled(own))),
    );
    const plain: Compiled = (keys, values, own) => f(keys, values, refilled(own));
    const runAll = (run: Compiled): readonly ByName<NDArray>[] =>
      Array.from({ length: sizeOf(batch.shape) }, (_, i) =>
        scoped(
          () => {
            const result = run(keysOf(i), draw(batch, i), arrays);
            return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, toNDArray(value)]));
          },
          () => [],
        ),
      );
    try {
      return stacked(runAll(compiled), batch.shape);
    } catch (error) {
      if (!needsNumbers(error)) throw error;
      return stacked(runAll(plain), batch.shape);
    }
  };
};
