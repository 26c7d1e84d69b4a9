/** The model of the regression: y ~ N(alpha + x·beta, sigma), with weak priors. */
import { dist, ops, sample, type Input, type Value } from 'kindling';

/**
 * alpha ~ N(0, 100), beta ~ N(0, 10) for each of `columns` columns, sigma ~ HalfNormal(10).
 * beta and y have plain batch shapes; no plate is needed, since nothing is subsampled.
 *
 * @returns a model of x [N, columns] and y [N]
 */
export const regression =
  (columns: number) =>
  (x: Input, y?: Input): Value => {
    const alpha = sample('alpha', dist.Normal(0, 100));
    const beta = sample('beta', dist.Normal(0, 10).expand([columns]));
    const sigma = sample('sigma', dist.HalfNormal(10));
    return sample('y', dist.Normal(ops.add(alpha, ops.dot(x, beta)), sigma), { obs: y });
  };
