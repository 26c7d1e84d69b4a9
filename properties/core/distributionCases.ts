/** The cases of reference/distributions.json (SciPy, mpmath, NumPyro) of the distributions that are here. */
import { affine, exp } from '../../core/bijectors/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import type { Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import type { Input } from '../../core/value.ts';
import { reference } from '../reference.ts';

export interface Point {
  readonly value: Nested;
  readonly log_prob: Nested;
  readonly d_value?: Nested;
  readonly d_params?: Readonly<Record<string, Nested>>;
  readonly cdf?: Nested;
}

export interface Case {
  readonly dist: string;
  readonly params: Readonly<Record<string, Nested>>;
  readonly points: readonly Point[];
  readonly icdf?: readonly { readonly q: number; readonly x: number }[];
  /** `null`: NumPyro has none. */
  readonly mean?: Nested | null;
  readonly variance?: Nested;
  /** `null`: the source has none. */
  readonly entropy?: Nested | null;
  readonly batch_shape?: readonly number[];
  readonly event_shape?: readonly number[];
  readonly support_edge?: readonly {
    readonly value: number;
    readonly where: 'outside' | 'boundary';
    readonly log_prob?: number;
    readonly limit_log_prob?: number;
  }[];
}

export type Named = Readonly<Record<string, Input>>;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const byName =
  (make: (params: Named) => Distribution) =>
  (params: Named): Distribution =>
    make(Object.fromEntries(Object.entries(params).map(([name, x]) => [camel(name), x])));

/** How to make the distribution of a case from its parameters by NumPyro's names. */
export const makers: Readonly<Record<string, (params: Named) => Distribution>> = {
  ...Object.fromEntries(Object.entries(dist).map(([name, make]) => [name, byName(make as (params: Named) => Distribution)])),
  ...Object.fromEntries(
    (['Laplace', 'Logistic', 'SoftLaplace', 'StudentT'] as const).map((name) => [
      `Truncated${name}`,
      ({ low, high, ...params }: Named) => dist.TruncatedDistribution(dist[name](params), { low, high }),
    ]),
  ),
  FoldedNormal: (params) => dist.FoldedDistribution(dist.Normal(params)),
  MixtureSameFamily: ({ probs, loc, scale }) => dist.MixtureSameFamily(dist.Categorical({ probs }), dist.Normal({ loc, scale })),
  MixtureGeneral: ({ logits, loc, rate }) => dist.MixtureGeneral(dist.Categorical({ logits }), [dist.Normal(loc, 1), dist.Laplace(ops.add(loc!, 1), rate)]),
  'LeftCensored(Normal)': ({ loc, scale, censored }) => dist.LeftCensoredDistribution(dist.Normal({ loc, scale }), censored),
  'RightCensored(Normal)': ({ loc, scale, censored }) => dist.RightCensoredDistribution(dist.Normal({ loc, scale }), censored),
  Independent: (params) => dist.Normal(params).toEvent(1),
  SineSkewed: ({ loc, concentration, skewness }) => dist.SineSkewed(dist.VonMises({ loc, concentration }).expand([1]).toEvent(1), skewness!),
  EulerMaruyama: ({ t }) => dist.EulerMaruyama(t!, (x) => [ops.mul(-0.6, x), 0.5], dist.Normal(0, 1)),
  TransformedDistribution: (params) => dist.TransformedDistribution(dist.Normal(params), [exp, affine(1, 2)]),
};

/** Parameters that give shapes, which are known also where others are traced. */
export const sizes: readonly string[] = ['dimension', 'num_steps', 'event_shape'];

/** Squares of the bounds of a truncated normal in its units: its derivatives are differences of four such terms. */
const squaredBounds = ({ loc, scale, low = loc!, high = loc! }: Case['params']): number =>
  [low, high].reduce<number>((sum, bound) => sum + 4 * (((bound as number) - (loc as number)) / (scale as number)) ** 2, 0);

/** The size of what cancels in a log-density: with large shapes, terms of a log a. */
export const cancelling = ({ dist: name, params }: Case): number => {
  if (name === 'TruncatedNormal') return squaredBounds(params);
  return name === 'Gamma' || name === 'Beta'
    ? Object.values(params).reduce<number>((sum, a) => sum + Math.abs(a as number) * (1 + Math.abs(Math.log(a as number))), 0)
    : 0;
};

const found = reference<{ readonly cases: readonly Case[] }>('distributions.json')?.cases.filter((c) => makers[c.dist] !== undefined);

/** Each case by its distribution and parameters; `undefined` where the file is missing. */
export const distributionCases: Readonly<Record<string, Case>> | undefined =
  found && Object.fromEntries(found.map((c) => [`${c.dist} ${JSON.stringify(c.params).slice(0, 120)}`, c]));
