/** bijectTo: the table from constraints to bijectors that map all real numbers onto them. */
import type { Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import type { Input } from '../value.ts';
import { compose, independentBijector, type Bijector } from './bijector.ts';
import { affine, expBijector, identity, sigmoidBijector, softplusBijector } from './elementwise.ts';
import { choleskyProduct, lowerCholeskyBijector, stickBreaking } from './vector.ts';

const between = (low: Input, high: Input): Bijector => compose(sigmoidBijector, affine(low, ops.sub(high, low)));

const param = (constraint: Constraint, name: string): Input => constraint.params[name]!;

const table: Readonly<Record<string, (constraint: Constraint) => Bijector>> = {
  real: () => identity,
  positive: () => expBijector,
  nonnegative: () => expBijector,
  softplusPositive: () => softplusBijector,
  unitInterval: () => sigmoidBijector,
  interval: (c) => between(param(c, 'low'), param(c, 'high')),
  openInterval: (c) => between(param(c, 'low'), param(c, 'high')),
  greaterThan: (c) => compose(expBijector, affine(param(c, 'low'), 1)),
  greaterThanEq: (c) => compose(expBijector, affine(param(c, 'low'), 1)),
  lessThan: (c) => compose(expBijector, affine(param(c, 'high'), -1)),
  lessThanEq: (c) => compose(expBijector, affine(param(c, 'high'), -1)),
  simplex: () => stickBreaking,
  lowerCholesky: () => lowerCholeskyBijector,
  positiveDefinite: () => compose(lowerCholeskyBijector, choleskyProduct),
  independent: (c) => independentBijector(bijectTo(c.base!), c.eventDim - c.base!.eventDim),
};

/**
 * The bijection from unconstrained arrays onto a constraint, as NumPyro's `biject_to`.
 *
 * @throws Unsupported for a discrete constraint, and for one that has no bijection
 * @example
 * bijectTo(constraints.positive).forward(0); // 1
 */
export const bijectTo = (constraint: Constraint): Bijector => {
  const make = table[constraint.kind];
  if (make === undefined || constraint.isDiscrete) {
    throw kindlingError('Unsupported', {
      message: `no smooth bijection leads onto ${constraint.name}`,
      remedy: constraint.isDiscrete
        ? 'Discrete values have no gradient: sum them out of the model, or give them a guide of their own.'
        : 'Rewrite the model with a parameter that has one.',
    });
  }
  return make(constraint);
};
