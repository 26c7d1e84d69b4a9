/** What each time of a loop stacks for the statements of its body, and the sites that are made of the stacks. */
import { withRank } from '../../core/distributions/axes.ts';
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import type { DeterministicSite, FactorSite, SampleSite } from '../../core/site.ts';
import { sameShape } from '../../core/shape.ts';
import { isTensor, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import type { Statement } from './statements.ts';

/** An array of all times, from all that the loop has stacked. */
export type Stacked<A> = (stacks: readonly AnyArray[]) => A;

/** Arrays to be stacked, in order. */
export interface Stacker {
  readonly arrays: readonly AnyArray[];
  /** Has an array stacked where it may differ from time to time; one whose numbers are known is the same at all. */
  readonly add: (x: AnyArray) => Stacked<AnyArray>;
}

export const makeStacker = (): Stacker => {
  const arrays: AnyArray[] = [];
  return {
    arrays,
    add: (x) => {
      if (!isTensor(x)) return () => x;
      const at = arrays.push(x) - 1;
      return (stacks) => stacks[at]!;
    },
  };
};

/** A factor or mask, so that it broadcasts from the right when it has a leading axis. */
const addBroadcast = ({ add }: Stacker, x: Input, rank: number): Stacked<Input> => (isTensor(x) ? add(withRank(x, rank)) : () => x);

/** The sites of all times as one, but for what handlers outside have to say of it. */
export type StackedSite =
  | (Pick<SampleSite, 'fn' | 'value' | 'scale' | 'mask' | 'ownBatchShape'> & { readonly type: 'sample'; readonly observed: Value | undefined })
  | Pick<FactorSite, 'type' | 'value' | 'scale' | 'mask'>
  | Pick<DeterministicSite, 'type' | 'value'>;

/** A sample site's distribution with its sample shape as batch axes: after the axis of times these come first, as in the value. */
export const wholeOf = ({ fn, sampleShape }: Pick<SampleSite, 'fn' | 'sampleShape'>): Distribution =>
  sampleShape.length === 0 ? fn : fn.expand([...sampleShape, ...fn.batchShape]);

const stackDistribution = (stacker: Stacker, name: string, fn: Distribution, length: number): Stacked<Distribution> => {
  if (fn.apart === undefined) {
    throw kindlingError('Unsupported', {
      site: name,
      message: `${fn.name} can't be stacked`,
      remedy: 'Use a distribution of the library whose arrays are its parameters',
    });
  }
  const { arrays, rebuild } = fn.apart();
  const made = arrays.map(stacker.add);
  return (stacks) =>
    rebuild(
      made.map((of) => of(stacks)),
      [length],
    );
};

/** Has stacked what a statement is made of. `isGiven` for one whose value comes from outside, where it is a stack already. */
export const stackStatement = (stacker: Stacker, site: Statement, length: number, isGiven: boolean): Stacked<StackedSite> | undefined => {
  if (site.type === 'plate') return undefined;
  const { type, name } = site;
  const value = isGiven ? undefined : stacker.add(site.value);
  if (type === 'deterministic') return (stacks) => ({ type, value: toTensor(value!(stacks)) });
  const fn = type === 'sample' ? wholeOf(site) : undefined;
  const rank = fn?.batchShape.length ?? site.value.shape.length;
  const [scale, mask] = [addBroadcast(stacker, site.scale, rank), site.mask === undefined ? undefined : addBroadcast(stacker, site.mask, rank)];
  if (type === 'factor') return (stacks) => ({ type, value: toTensor(value!(stacks)), scale: scale(stacks), mask: mask?.(stacks) });
  const stackedFn = stackDistribution(stacker, name, fn!, length);
  const observed = site.observed === undefined ? undefined : stacker.add(site.observed);
  const own = [...site.sampleShape, ...site.ownBatchShape];
  const ownBatchShape = [length, ...new Array<number>(Math.max(0, rank - own.length)).fill(1), ...own];
  return (stacks) => ({
    type,
    fn: stackedFn(stacks),
    value: (value === undefined ? undefined : toTensor(value(stacks))) as Value,
    scale: scale(stacks),
    mask: mask?.(stacks),
    ownBatchShape,
    observed: observed === undefined ? undefined : toTensor(observed(stacks)),
  });
};

/** Both of two factors of a log-probability, and where both of two masks are true. */
export const bothScales = (a: Input, b: Input): Input => (a === 1 ? b : b === 1 ? a : ops.mul(a, b));
export const bothMasks = (a: Input | undefined, b: Input | undefined): Input | undefined => (a === undefined ? b : b === undefined ? a : ops.logicalAnd(a, b));

/** A distribution that is made when something is asked of it that its shapes do not answer. */
export const lazily = (
  known: Pick<Distribution, 'name' | 'batchShape' | 'eventShape' | 'isDiscrete' | 'isReparameterized'>,
  make: () => Distribution,
): Distribution => {
  let made: Distribution | undefined;
  const whole = (): Distribution => (made ??= make());
  const target = known as Distribution;
  const self: Distribution = new Proxy(target, {
    has: (_, property) => property in target || property in whole(),
    get: (_, property) => {
      if (Object.hasOwn(known, property)) return Reflect.get(known, property) as unknown;
      if (property === 'expand') return (shape: readonly number[]) => (sameShape(shape, known.batchShape) ? self : whole().expand(shape));
      return Reflect.get(whole(), property) as unknown;
    },
  });
  return self;
};
