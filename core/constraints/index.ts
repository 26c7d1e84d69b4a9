/** Constraints: the sets in which parameters and values lie, each with a test and a point inside, by NumPyro's names. */
export { dependent, independent, type Constraint } from './constraint.ts';
export * from './numbers.ts';
export * from './integers.ts';
export * from './vectors.ts';
export * from './matrices.ts';
