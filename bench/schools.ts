/** Eight schools, non-centred, and a logistic regression: what samplers are timed on, and the peers' own data where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { array, dist, ops, plate, random, sample, type Input, type NDArray, type Posterior, type Value } from 'kindling';
import { SHARED } from './shared.ts';

export const schools = (y: Input, sigma: Input): void => {
  const mu = sample('mu', dist.Normal(0, 5));
  const tau = sample('tau', dist.HalfCauchy(5));
  plate(
    'J',
    8,
  )(() => {
    const eta = sample('eta', dist.Normal(0, 1));
    sample('y', dist.Normal(ops.add(mu, ops.mul(tau, eta)), sigma), { obs: y });
  });
};

export const schoolsData: [Input, Input] = [
  [28, 8, -3, 7, -1, 1, 18, 12],
  [15, 10, 16, 11, 9, 11, 10, 18],
];

export const logistic = (x: Value, y: Value): void => {
  const alpha = sample('alpha', dist.Normal(0, 1));
  const w = sample('w', dist.Normal(0, 1).expand([x.shape[1]!]).toEvent(1));
  plate('data', x.shape[0])(() => sample('y', dist.Bernoulli({ logits: ops.add(alpha, ops.dot(x, w)) }), { obs: y }));
};

/** 10,000 rows of 54 columns: the peers' where they are at hand, else made ones. */
export const logisticData = (): [NDArray, NDArray] => {
  const file = new URL('bench-data/logistic.json', SHARED);
  if (existsSync(file)) {
    const { X, y } = JSON.parse(readFileSync(file, 'utf8')) as { readonly X: number[][]; readonly y: number[] };
    return [array(X), array(y)];
  }
  const x = random.normal(random.PRNGKey(1), [10_000, 54]);
  const w = random.normal(random.PRNGKey(2), [54]);
  return [x, random.bernoulli(random.PRNGKey(3), ops.sigmoid(ops.dot(x, w)))];
};

/** Leapfrog steps of a run, the warmup's too. */
export const leapfrogs = ({ stats, adaptation }: Posterior): number =>
  stats.numSteps.data.reduce((a, b) => a + b, 0) + adaptation.reduce((sum, { numSteps }) => sum + numSteps, 0);
