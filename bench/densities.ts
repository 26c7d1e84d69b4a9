/** Log densities whose value and gradient are timed: three models, on the data that other systems are timed on where these are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { sizeOf } from '../core/shape.ts';
import { toTensor, type Value } from '../core/value.ts';
import { array, bijectTo, dist, logDensity, ops, plate, random, sample, seed, trace, valueAndGrad } from '../infer/kindling.ts';
import type { Constraint, Input, Model, NDArray } from '../infer/kindling.ts';
import type { Graph } from '../transforms/jit/graph.ts';
import { record } from '../transforms/jit/record.ts';
import { SHARED } from './shared.ts';

/** The value of a log density and its gradient, by the unconstrained value of each latent site. */
export interface Density {
  readonly name: string;
  readonly graph: Graph;
  /** The log density by itself. */
  readonly density: (...values: readonly Value[]) => Value;
  /** A point to evaluate it at: that of limit.c. */
  readonly point: readonly NDArray[];
}

interface Latent {
  readonly name: string;
  readonly shape: readonly number[];
  readonly support: Constraint;
}

const latentsOf = (model: Model, args: readonly unknown[]): readonly Latent[] =>
  [...trace(seed(random.PRNGKey(0))(model))(...args).sites.values()].flatMap((site) =>
    site.type === 'sample' && !site.isObserved ? [{ name: site.name, shape: site.value.shape, support: site.fn.support }] : [],
  );

/** Records the log density of a model on unconstrained space, with the volume its bijectors add, and the gradient. */
const densityOf = (name: string, model: Model, args: readonly unknown[]): Density => {
  const latents = latentsOf(model, args);
  const density = (...values: readonly Value[]): Value => {
    const parts = latents.map(({ support }, i) => bijectTo(support).forwardAndLogDet(values[i]!));
    const constrained = Object.fromEntries(latents.map((latent, i) => [latent.name, parts[i]![0]]));
    const { logDensity: inside } = logDensity(model, args, constrained);
    return toTensor(parts.reduce((total, [, volume]) => ops.add(total, ops.sum(volume)), inside as Input));
  };
  const graph = record(
    (inputs) => {
      const [value, gradient] = valueAndGrad((at: readonly Value[]) => density(...at))(inputs);
      return [value, ...gradient].map((x) => toTensor(x));
    },
    latents.map(({ shape }) => ({ shape, dtype: 'float' })),
  );
  let at = 0;
  const point = latents.map(({ shape }) =>
    array(
      Float64Array.from({ length: sizeOf(shape) }, () => 0.1 * ((at++ % 5) - 2)),
      shape,
    ),
  );
  return { name, graph, density, point };
};

const shared = (name: string): Readonly<Record<string, unknown>> | undefined => {
  const file = new URL(`bench-data/${name}.json`, SHARED);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>) : undefined;
};

/** x [N, P] and y [N]: the shared ones, or as many numbers drawn. The time does not depend on which they are. */
const tableOf = (
  name: string,
  rows: number,
  columns: number,
  drawTarget: (shape: readonly [rows: number, columns: number]) => NDArray,
): readonly [x: NDArray, y: NDArray] => {
  const found = shared(name) as { readonly X: readonly (readonly number[])[]; readonly y: readonly number[] } | undefined;
  if (found !== undefined) return [array(Float64Array.from(found.X.flat()), [rows, columns]), array(Float64Array.from(found.y))];
  const x = random.normal(random.PRNGKey(1), [rows, columns]);
  return [x, drawTarget([rows, columns])];
};

const regressionModel = (x: NDArray, y: NDArray): void => {
  const alpha = sample('alpha', dist.Normal(0, 1));
  const beta = sample('beta', dist.Normal(0, 1).expand([x.shape[1]!]).toEvent(1));
  const sigma = sample('sigma', dist.HalfCauchy(1));
  plate('data', x.shape[0]!)(() => sample('y', dist.Normal(ops.add(alpha, ops.dot(x, beta)), sigma), { obs: y }));
};

const logisticModel = (x: NDArray, y: NDArray): void => {
  const alpha = sample('alpha', dist.Normal(0, 1));
  const w = sample('w', dist.Normal(0, 1).expand([x.shape[1]!]).toEvent(1));
  plate('data', x.shape[0]!)(() => sample('y', dist.Bernoulli({ logits: ops.add(alpha, ops.dot(x, w)) }), { obs: y }));
};

const schoolsModel = (y: NDArray, scale: NDArray): void => {
  const mu = sample('mu', dist.Normal(0, 5));
  const tau = sample('tau', dist.HalfCauchy(5));
  plate(
    'J',
    y.shape[0]!,
  )(() => {
    const eta = sample('eta', dist.Normal(0, 1));
    sample('y', dist.Normal(ops.add(mu, ops.mul(tau, eta)), scale), { obs: y });
  });
};

/** How many rows and columns limit.c has. */
const REGRESSION = [2500, 8] as const;
const LOGISTIC = [10_000, 54] as const;

/** Regression, logistic regression, and eight schools non-centred, by the names that limit.c gives them. */
export const densities = (): readonly Density[] => {
  const regression = tableOf('regression', ...REGRESSION, ([rows]) => random.normal(random.PRNGKey(2), [rows]));
  const logistic = tableOf('logistic', ...LOGISTIC, ([rows]) => array(random.uniform(random.PRNGKey(3), [rows]).data.map(Math.round)));
  const schools = [array([28, 8, -3, 7, -1, 1, 18, 12]), array([15, 10, 16, 11, 9, 11, 10, 18])];
  return [
    densityOf('regression', regressionModel as Model, regression),
    densityOf('logistic', logisticModel as Model, logistic),
    densityOf('eight-schools', schoolsModel as Model, schools),
  ];
};
