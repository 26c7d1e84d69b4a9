/** What combinators share: their arguments by position or name, the taking apart of their parts, and methods of their own. */
import type { Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import { showShape, tryBroadcast, type Shape } from '../../shape.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { ones, withRank } from '../axes.ts';
import { isDistribution, type Distribution, type DistributionParts } from '../distribution.ts';

export const isConstraint = (value: unknown): value is Constraint => typeof value === 'object' && value !== null && 'kind' in value && 'feasible' in value;

const isOptions = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) &&
  !('shape' in value) &&
  !isDistribution(value) &&
  !isConstraint(value);

/**
 * The arguments of a call by name: one record of all, or positions, of which a record of the rest may be the last. What is `undefined` is absent.
 *
 * @throws InvalidArgument for a name that is not one of `names`
 */
export const namedParts = (distribution: string, names: readonly string[], args: readonly unknown[]): Readonly<Record<string, unknown>> => {
  const last = args.at(-1);
  const [positions, options] = isOptions(last) ? [args.slice(0, -1), last] : [args, {}];
  const given = { ...Object.fromEntries(positions.map((value, i) => [names[i] ?? `argument ${i + 1}`, value])), ...options };
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw kindlingError('InvalidArgument', { message: `${distribution} has no parameter ${unknown}`, expected: names.join(', ') });
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

const describe = (value: unknown): string => (value === undefined ? 'nothing' : Array.isArray(value) ? 'an array' : typeof value);

/** A part that must be a distribution. */
export const distributionPart = (distribution: string, name: string, value: unknown): Distribution => {
  if (isDistribution(value)) return value;
  throw kindlingError('InvalidArgument', {
    message: `${name} of ${distribution} must be a distribution`,
    given: describe(value),
    remedy: 'For example dist.Normal(0, 1)',
  });
};

/** A part that is an array, `undefined` where it is absent. */
export const arrayPart = (value: unknown): AnyArray | undefined => (value === undefined ? undefined : asArray(value as Input));

/** The batch shape of parts that broadcast. */
export const commonBatch = (distribution: string, shapes: Readonly<Record<string, Shape>>): Shape => {
  const all = Object.values(shapes).reduce<Shape | undefined>((shape, own) => shape && tryBroadcast(shape, own), []);
  if (all !== undefined) return all;
  throw kindlingError('InvalidShape', {
    message: `the parts of ${distribution} do not broadcast together`,
    given: Object.entries(shapes)
      .map(([name, shape]) => `${name} ${showShape(shape)}`)
      .join(', '),
    expected: 'batch shapes whose trailing extents are equal or 1',
  });
};

const isMasked = ({ wraps }: Distribution): boolean => wraps !== undefined && (wraps.kind === 'masked' || isMasked(wraps.base));

/** A part that must be a distribution of single numbers, unmasked: what a combinator asks beside its density knows no mask. */
export const univariatePart = (distribution: string, name: string, value: unknown): Distribution => {
  const fn = distributionPart(distribution, name, value);
  if (fn.eventShape.length > 0 || isMasked(fn)) {
    throw kindlingError('InvalidArgument', {
      message: `${name} of ${distribution} must be ${fn.eventShape.length > 0 ? 'a distribution of single numbers' : 'without a mask'}`,
      given: `${fn.name} of event shape ${showShape(fn.eventShape)}`,
      remedy: `Apply ${distribution} first, then toEvent or mask`,
    });
  }
  return fn;
};

/** A distribution among the parts, and how many batch axes it has fewer than the whole. */
interface Part {
  readonly fn: Distribution;
  readonly missing: number;
}

/** A distribution of parts and arrays taken apart; `arrays` have all batch axes. It can't be where a part can't. */
export const apartBy = (
  parts: readonly Part[],
  arrays: () => readonly AnyArray[],
  remake: (fns: readonly Distribution[], arrays: readonly AnyArray[], lead: Shape) => Distribution,
): DistributionParts['apart'] => {
  if (parts.some(({ fn }) => fn.apart === undefined)) return undefined;
  return () => {
    const taken = parts.map(({ fn, missing }) => ({ ...fn.apart!(), missing }));
    const starts = taken.map((_, i) => taken.slice(0, i).reduce((n, part) => n + part.arrays.length, 0));
    const own = taken.flatMap((part) => part.arrays.map((x) => withRank(x, x.shape.length + part.missing)));
    return {
      arrays: [...own, ...arrays()],
      rebuild: (given, lead) =>
        remake(
          taken.map((part, i) => part.rebuild(given.slice(starts[i], starts[i]! + part.arrays.length), [...lead, ...ones(part.missing)])),
          given.slice(own.length),
          lead,
        ),
    };
  };
};

/** A distribution with more to ask of it than all have. */
export const withMethods = <More extends object>(fn: Distribution, more: More): Distribution & Readonly<More> =>
  Object.freeze(Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(fn), ...Object.getOwnPropertyDescriptors(more) })) as Distribution &
    Readonly<More>;
