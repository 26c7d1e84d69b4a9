/** dist: the shelf of distributions, by NumPyro's names. */
export { Beta } from './beta.ts';
export { Bernoulli, BernoulliLogits, BernoulliProbs } from './bernoulli.ts';
export { Categorical, CategoricalLogits, CategoricalProbs } from './categorical.ts';
export { Delta } from './delta.ts';
export { Exponential } from './exponential.ts';
export { Gamma } from './gamma.ts';
export { HalfCauchy } from './halfCauchy.ts';
export { MultivariateNormal } from './multivariateNormal.ts';
export { HalfNormal, LogNormal, Normal } from './normal.ts';
export { TransformedDistribution } from './transformed.ts';
export { Uniform } from './uniform.ts';
export type { Distribution } from './distribution.ts';
export type { Constructor } from './family.ts';
