/** scan: a loop whose body is recorded once: eagerly a loop, compiled a loop, and its gradient a loop that runs the other way. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions, requireFunction } from '../../core/options.ts';
import type { Key } from '../../core/random/key.ts';
import { showShape } from '../../core/shape.ts';
import { avalOf, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { applyCheckpointed } from './checkpoint.ts';
import { arrayLeaves, buildLeaves, flattenLeaves, pathsOf, requireSame, type Flat, type Layout } from './leaves.ts';
import { loopWithSites } from './sites.ts';

/** What a body is given for a leaf: tensors whose numbers are not there yet, and keys. */
export type Traced<T> = unknown extends T ? never : T extends Key | null | undefined ? T : T extends Input ? Value : { readonly [K in keyof T]: Traced<T[K]> };

/** What comes out for a leaf: tensors where one went in, else NDArrays. */
export type Arrays<T> = unknown extends T
  ? unknown
  : T extends Key | null | undefined | void
    ? T
    : T extends Input
      ? AnyArray
      : { readonly [K in keyof T]: Arrays<T[K]> };

export interface ScanOptions {
  /** How many times; needed where there are no `xs`. */
  readonly length?: number | undefined;
  /** Takes the last slices first; what is stacked stands where they came from. */
  readonly reverse?: boolean | undefined;
  /** For gradients, keeps what is carried at every so many times only, and computes it again between. */
  readonly checkpoint?: number | undefined;
}

const checkCount = (what: string, count: unknown, least: number): void => {
  if (Number.isInteger(count) && (count as number) >= least) return;
  throw kindlingError('InvalidArgument', { message: `${what} of scan must be a whole number from ${least}`, given: String(count) });
};

/** The number of times, which `length` and all slices must agree on. */
const lengthOf = ({ layout, arrays }: Flat, length: number | undefined): number => {
  if (length !== undefined) checkCount('the length', length, 0);
  const paths = pathsOf(layout.def).filter((_, i) => layout.leaves[i]!.kind !== 'none');
  const isScalar = arrays.findIndex((x, i) => x.shape.length <= (arrayLeaves(layout)[i]!.kind === 'key' ? 1 : 0));
  if (isScalar >= 0) {
    throw kindlingError('InvalidShape', {
      message: `scan takes slices of xs${paths[isScalar]}, which has no axis`,
      remedy: 'Close over what every time reads, or carry it',
    });
  }
  const known = length ?? arrays[0]?.shape[0];
  if (known === undefined) throw kindlingError('InvalidArgument', { message: 'scan without xs needs a length', remedy: 'Pass { length }' });
  const odd = arrays.findIndex(({ shape }) => shape[0] !== known);
  if (odd >= 0) {
    throw kindlingError('InvalidShape', {
      message: `the leading axis of xs${paths[odd]} is not the length of the scan`,
      given: `shape ${showShape(arrays[odd]!.shape)}`,
      expected: `${known} along the first axis`,
    });
  }
  return known;
};

const checkPair = (result: unknown): readonly [unknown, unknown] => {
  if (Array.isArray(result) && result.length === 2) return result as unknown as readonly [unknown, unknown];
  throw kindlingError('InvalidArgument', {
    message: 'the function of scan returns what it carries on and what it stacks',
    given: Array.isArray(result) ? `a list of ${result.length}` : typeof result,
    expected: '[carry, y]',
  });
};

/**
 * Runs `f` for each slice of `xs` along its leading axis, carrying a state: a loop, of which the gradient is a loop too. The body is recorded
 * once, whatever the length. Sample sites in it are stacked along a leading axis; their keys differ from time to time. Handlers outside
 * give them values of all times, or of the first ones, after which the rest is drawn.
 *
 * @param f - from what is carried and a slice, to what is carried on and what is stacked
 * @param init - a tree of arrays and keys; what is carried keeps its structure, shapes and dtypes
 * @param xs - a tree of arrays and batches of keys with one leading extent, or nothing, with `{ length }`
 * @returns what is carried at the end, and the stacked results
 * @throws InvalidShape where what is carried changes its shape or dtype, naming the leaf
 * @example
 * const [total, sums] = scan((sum, x) => [ops.add(sum, x), ops.add(sum, x)], 0, [1, 2, 3]);
 * [total.item(), sums]; // [6, [1, 3, 6]]
 */
export const scan = <C, Y, X = undefined>(
  f: (carry: Traced<C>, x: Traced<X>) => readonly [unknown, Y],
  init: C,
  xs?: X,
  options: ScanOptions = {},
): readonly [carry: Arrays<C>, ys: Arrays<Y>] => {
  requireFunction('scan takes a function of what is carried and of a slice', f, 'Write scan((carry, x) => [carry, y], init, xs)');
  checkOptions('scan', options, ['length', 'reverse', 'checkpoint']);
  const start = flattenLeaves('what scan carries', init);
  const slices = flattenLeaves('what scan takes slices of', xs);
  const length = lengthOf(slices, options.length);
  if (options.checkpoint !== undefined) checkCount('the option checkpoint', options.checkpoint, 1);
  const carryCount = start.arrays.length;
  const seen: { stacked?: Layout } = {};
  const body = (values: readonly Value[]): readonly AnyArray[] => {
    const carry = buildLeaves(start.layout, values.slice(0, carryCount)) as Traced<C>;
    const [next, y] = checkPair(f(carry, buildLeaves(slices.layout, values.slice(carryCount)) as Traced<X>));
    const after = flattenLeaves('what scan carries', next);
    requireSame(
      'init and what the function of scan carries on',
      'Carry arrays of the same shapes and dtypes: cast or broadcast one of them',
      start.layout,
      after.layout,
    );
    const stacked = flattenLeaves('what scan stacks', y);
    seen.stacked = stacked.layout;
    return [...after.arrays, ...stacked.arrays];
  };
  const avals = [...start.arrays.map(avalOf), ...slices.arrays.map(avalOf).map((aval) => ({ ...aval, shape: aval.shape.slice(1) }))];
  const { node, operands, finish } = loopWithSites(body, avals, { init: start.arrays, xs: slices.arrays, length, reverse: options.reverse === true });
  const leaves = [...arrayLeaves(start.layout), ...arrayLeaves(seen.stacked!)];
  const exact = new Set(leaves.flatMap(({ kind }, i) => (kind === 'key' ? [i] : [])));
  const parts = finish(applyCheckpointed(node, operands, exact, options.checkpoint));
  return [buildLeaves(start.layout, parts.slice(0, carryCount)), buildLeaves(seen.stacked!, parts.slice(carryCount, leaves.length))] as unknown as readonly [
    Arrays<C>,
    Arrays<Y>,
  ];
};
