/** dist: the shelf of distributions, by NumPyro's names. */
export * from './combinators/index.ts';
export * from './continuous/index.ts';
export * from './discrete/index.ts';
export * from './multivariate/index.ts';
export type { Distribution } from './distribution.ts';
export type { Constructor } from './family.ts';
