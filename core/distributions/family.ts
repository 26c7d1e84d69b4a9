/** A family of distributions: one row of the shelf, and the function that makes distributions of it. */
import type { Constraint } from '../constraints/index.ts';
import { isKindlingError, kindlingError, retold } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { Key } from '../random/key.ts';
import { showShape, tryBroadcast, type Shape } from '../shape.ts';
import { asArray, isConcrete, toNDArray, type AnyArray, type Input } from '../value.ts';
import { widened, withRank } from './axes.ts';
import { makeDistribution, type Distribution } from './distribution.ts';
import { isValidating } from './validation.ts';

/** How a parameter of a family is checked. */
export interface ParamSpec {
  readonly constraint: Constraint;
  /** The value where none is given; without one the parameter is required. */
  readonly default?: Input;
}

/** Refuses a parameter that can be seen to lie outside its constraint. */
export const checkParam = (distribution: string, name: string, value: AnyArray, constraint: Constraint): void => {
  if (value.shape.length < constraint.eventDim) {
    throw kindlingError('InvalidShape', {
      message: `parameter ${name} of ${distribution} needs at least ${constraint.eventDim} axes`,
      given: `shape ${showShape(value.shape)}`,
    });
  }
  if (!isValidating() || !isConcrete(value)) return;
  // Read as doubles: the check runs on plain arrays, whatever the form of the parameter.
  const exact = toNDArray(value);
  const ok = toNDArray(constraint.check(exact));
  const bad = ok.data.findIndex((inside) => inside === 0);
  if (bad < 0) return;
  const size = exact.data.length / ok.data.length;
  throw kindlingError('InvalidParameter', {
    message: `parameter ${name} of ${distribution} is invalid`,
    given: `${[...exact.data.subarray(bad * size, (bad + 1) * size)].slice(0, 8).join(', ')}${ok.data.length > 1 ? ` at element ${bad}` : ''}`,
    expected: constraint.name,
    remedy: 'Map it into its constraint first, for example with ops.exp or ops.softplus',
  });
};

/** How to call a family: by position, or with one record of NumPyro's names in camelCase. */
export interface Constructor<Names extends string> {
  (params: { readonly [Name in Names]?: Input | undefined }): Distribution;
  (...params: readonly (Input | undefined)[]): Distribution;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) &&
  !('shape' in value);

const arrayOf = (distribution: string, name: string, value: unknown): AnyArray => {
  try {
    return asArray(value as Input);
  } catch (cause) {
    if (!isKindlingError(cause)) throw cause;
    throw retold(cause, `parameter ${name} of ${distribution}: ${cause.message}`);
  }
};

/** The arguments of a family's call by parameter name; those not given are absent. */
export const namedArguments = (distribution: string, names: readonly string[], args: readonly unknown[]): Readonly<Record<string, AnyArray>> => {
  const [first] = args;
  const given = args.length === 1 && isRecord(first) ? first : Object.fromEntries(args.map((value, i) => [names[i] ?? `argument ${i + 1}`, value]));
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw kindlingError('InvalidArgument', {
      message: `${distribution} has no parameter ${unknown}`,
      expected: names.join(', '),
      remedy: didYouMean(unknown, names),
    });
  }
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, arrayOf(distribution, name, value)]])));
};

/** The parameters of a family by name. */
export type ParamsOf<Names extends string> = { readonly [Name in Names]: AnyArray };

/** A family of distributions with scalar or vector parameters that broadcast: one row of the shelf. */
export interface Family<Names extends string> {
  readonly name: string;
  /** In NumPyro's positional order. */
  readonly params: { readonly [Name in Names]: ParamSpec };
  readonly support: Constraint | ((params: ParamsOf<Names>) => Constraint);
  readonly eventShape?: (params: ParamsOf<Names>) => Shape;
  readonly isReparameterized: boolean;
  /** Draws of shape `shape ++ eventShape`, where `shape` ends with the batch shape. */
  readonly sample: (params: ParamsOf<Names>, key: Key, shape: Shape) => AnyArray;
  /** The log-density inside the support. */
  readonly logProb: (params: ParamsOf<Names>, value: AnyArray) => AnyArray;
  readonly mean: (params: ParamsOf<Names>) => AnyArray;
  readonly variance: (params: ParamsOf<Names>) => AnyArray;
  readonly cdf?: (params: ParamsOf<Names>, value: AnyArray) => AnyArray;
  readonly icdf?: (params: ParamsOf<Names>, q: AnyArray) => AnyArray;
  readonly entropy?: (params: ParamsOf<Names>) => AnyArray;
  /** The members of a finite support, `[count, ...eventShape]`. */
  readonly enumerate?: (params: ParamsOf<Names>) => AnyArray;
  /** Whether `enumerate` serves these parameters, where it does not serve all: a support that has different sizes in a batch is not one list. */
  readonly isEnumerable?: (params: ParamsOf<Names>) => boolean;
}

/**
 * Turns a row into a function that makes distributions, checking its parameters while they can be seen.
 *
 * @throws InvalidArgument for an unknown or missing parameter; InvalidParameter for one outside its constraint
 */
export const defineDistribution = <Names extends string>(family: Family<Names>): Constructor<Names> => {
  if (typeof (family as Family<Names> | undefined)?.params !== 'object' || typeof family.logProb !== 'function' || typeof family.sample !== 'function') {
    throw kindlingError('InvalidArgument', {
      message: 'a family of distributions has a name, its parameters, a support, sample and logProb',
      expected: '{ name, params, support, isReparameterized, sample, logProb, mean, variance }',
    });
  }
  const names = Object.keys(family.params) as Names[];
  const construct = ((...args: readonly unknown[]) => {
    const given = namedArguments(family.name, names, args);
    const params = Object.fromEntries(
      names.map((name) => {
        const spec = family.params[name];
        const value = given[name] ?? (spec.default === undefined ? undefined : asArray(spec.default));
        if (value === undefined) {
          throw kindlingError('InvalidArgument', { message: `${family.name} needs parameter ${name}`, expected: names.join(', ') });
        }
        checkParam(family.name, name, value, spec.constraint);
        return [name, value];
      }),
    ) as unknown as ParamsOf<Names>;
    const batchShape = names.reduce<Shape>((shape, name) => {
      const own = params[name].shape.slice(0, params[name].shape.length - family.params[name].constraint.eventDim);
      const both = tryBroadcast(shape, own);
      if (both === undefined) {
        throw kindlingError('InvalidShape', {
          message: `the parameters of ${family.name} do not broadcast together`,
          given: names.map((n) => `${n} ${showShape(params[n].shape)}`).join(', '),
        });
      }
      return both;
    }, []);
    return makeDistribution({
      name: family.name,
      params,
      batchShape,
      eventShape: family.eventShape?.(params) ?? [],
      support: typeof family.support === 'function' ? family.support(params) : family.support,
      isReparameterized: family.isReparameterized,
      family: make,
      apart: () => ({
        arrays: names.map((name) => withRank(params[name], batchShape.length + family.params[name].constraint.eventDim)),
        rebuild: (arrays, lead) => widened(make(Object.fromEntries(names.map((name, i) => [name, arrays[i]!]))), [...lead, ...batchShape]),
      }),
      draw: (key, shape) => family.sample(params, key, shape),
      logProb: (value) => family.logProb(params, value),
      mean: () => family.mean(params),
      variance: () => family.variance(params),
      cdf: family.cdf && ((value) => family.cdf!(params, value)),
      icdf: family.icdf && ((q) => family.icdf!(params, q)),
      entropy: family.entropy && (() => family.entropy!(params)),
      enumerate: family.enumerate && (family.isEnumerable?.(params) ?? true) ? () => family.enumerate!(params) : undefined,
    });
  }) as Constructor<Names>;
  const make = construct as unknown as (params: Readonly<Record<string, AnyArray>>) => Distribution;
  return construct;
};
