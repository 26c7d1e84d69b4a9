/** whileLoop, foriLoop and map: the loops that JAX has beside scan. */
import { kindlingError } from '../../core/errors.ts';
import { requireFunction } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { withHandlerOfBody } from '../../core/runtime.ts';
import { showShape } from '../../core/shape.ts';
import type { Message } from '../../core/site.ts';
import { asArray, avalOf, isConcrete, toNumber, type Input, type Value } from '../../core/value.ts';
import type { LoopNode } from '../jit/graph.ts';
import { recordBody } from '../jit/record.ts';
import { applyLoop } from './applyLoop.ts';
import { arrayLeaves, buildLeaves, flattenLeaves, requireSame, type Flat } from './leaves.ts';
import { scan, type Arrays, type Traced } from './scan.ts';

/** More times than any program has. */
const FOR_EVER = 2 ** 31 - 1;

const refuse = (message: Message): never => {
  throw kindlingError('Unsupported', {
    site: message.name === '' ? undefined : message.name,
    message: 'nothing can be sampled or stated in a loop whose number of times is not known',
    remedy: 'Use scan, or foriLoop with numbers as bounds',
  });
};

const conditionOf = (result: unknown): Value => {
  const stays = asArray(result as Input);
  if (stays.shape.length === 0) return ops.cast(stays, 'bool') as Value;
  throw kindlingError('InvalidShape', { message: 'the condition of whileLoop is one boolean', given: `shape ${showShape(stays.shape)}` });
};

/**
 * Repeats `body` as long as `cond` holds for what is carried. It has no gradient: for one, use `scan` or `foriLoop`.
 *
 * @param cond - from what is carried to a boolean scalar
 * @param body - from what is carried to what is carried on: of the same structure, shapes and dtypes
 * @throws InvalidShape where what is carried changes its shape or dtype; Unsupported where its gradient is asked for
 * @example
 * whileLoop((x) => ops.less(x, 100), (x) => ops.mul(x, 2), 3).item(); // 192
 */
export const whileLoop = <C>(cond: (carry: Traced<C>) => Input, body: (carry: Traced<C>) => unknown, init: C): Arrays<C> => {
  requireFunction('whileLoop takes a condition first', cond, 'Write whileLoop((carry) => …, (carry) => …, init)');
  requireFunction('whileLoop takes its body after the condition', body, 'Write whileLoop((carry) => …, (carry) => …, init)');
  const start: Flat = flattenLeaves('what whileLoop carries', init);
  const once = (values: readonly Value[]): readonly Value[] => {
    const carry = buildLeaves(start.layout, values) as Traced<C>;
    const after = flattenLeaves('what whileLoop carries', body(carry));
    requireSame(
      'init and what the body of whileLoop carries on',
      'Carry arrays of the same shapes and dtypes: cast or broadcast one of them',
      start.layout,
      after.layout,
    );
    return [...(after.arrays as readonly Value[]), conditionOf(cond(carry))];
  };
  const { graph, captured } = recordBody((values) => withHandlerOfBody({ process: refuse }, () => once(values)), start.arrays.map(avalOf));
  const carryCount = start.arrays.length;
  const node: LoopNode = {
    kind: 'loop',
    aval: { shape: [0], dtype: 'float' },
    length: FOR_EVER,
    reverse: false,
    body: graph,
    operands: [],
    fixedCount: captured.length,
    carryCount,
    condition: carryCount,
  };
  const exact = new Set(arrayLeaves(start.layout).flatMap(({ kind }, i) => (kind === 'key' ? [i] : [])));
  return buildLeaves(start.layout, applyLoop(node, [...captured, ...start.arrays], exact)) as Arrays<C>;
};

const isKnown = (bound: Input): boolean => isConcrete(asArray(bound));

/**
 * Repeats `body(i, carry)` for i from `lower` up to, not including, `upper`. Where the bounds are numbers that are known it is a scan, with a
 * gradient; else a `whileLoop`, without.
 *
 * @example
 * foriLoop(1, 5, (i, product) => ops.mul(product, ops.cast(i, 'float32')), 1).item(); // 24
 */
export const foriLoop = <C>(lower: Input, upper: Input, body: (i: Value, carry: Traced<C>) => unknown, init: C): Arrays<C> => {
  requireFunction('foriLoop takes its body after the two bounds', body, 'Write foriLoop(0, n, (i, carry) => …, init)');
  if (isKnown(lower) && isKnown(upper)) {
    const [from, to] = [toNumber(lower), toNumber(upper)];
    if (!Number.isInteger(from) || !Number.isInteger(to)) {
      throw kindlingError('InvalidArgument', { message: 'the bounds of foriLoop must be whole numbers', given: `${from} and ${to}` });
    }
    const times = ops.range(from, Math.max(from, to));
    return scan((carry: Traced<C>, i: Value) => [body(i, carry), undefined] as const, init, times)[0];
  }
  const [first, last] = [lower, upper].map((bound) => ops.cast(asArray(bound), 'int32'));
  const [, carry] = whileLoop(
    (state) => ops.less((state as unknown as readonly [Value, unknown])[0], last!),
    (state) => {
      const [i, own] = state as unknown as readonly [Value, Traced<C>];
      return [ops.add(i, ops.cast(1, 'int32')), body(i, own)];
    },
    [first, init] as readonly unknown[],
  ) as readonly [unknown, unknown];
  return carry as Arrays<C>;
};

/**
 * `f` of each slice along the leading axis, one after another, stacked: `vmap` in less memory.
 *
 * @example
 * map((x) => ops.square(x), [1, 2, 3]); // [1, 4, 9]
 */
export const map = <X, Y>(f: (x: Traced<X>) => Y, xs: X): Arrays<Y> => {
  requireFunction('map takes a function', f, 'Write map(f, xs)');
  return scan((carry: undefined, x: Traced<X>) => [carry, f(x)] as const, undefined, xs)[1];
};
