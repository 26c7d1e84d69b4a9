/** bijectTo: the table from constraints to bijectors that map all real numbers onto them. */
import type { Constraint } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import { describe } from '../options.ts';
import * as ops from '../ops/index.ts';
import { toNumber, type Input } from '../value.ts';
import type { Bijector } from './bijector.ts';
import { compose, independentBijector } from './combinators.ts';
import { corrCholesky } from './corrCholesky.ts';
import { affine, expBijector, identity, sigmoidBijector, softplusBijector } from './elementwise.ts';
import { zeroSum } from './linear.ts';
import { choleskyProduct, corrMatrixProduct, lowerCholesky, scaledUnitLowerCholesky, softplusLowerCholesky } from './lowerCholesky.ts';
import { ordered } from './ordered.ts';
import { l1Ball, stickBreaking } from './simplex.ts';

const between = (low: Input, high: Input): Bijector => compose(sigmoidBijector, affine(low, ops.sub(high, low)));

const param = (constraint: Constraint, name: string): Input => constraint.params[name]!;

const betweenBounds = (c: Constraint): Bijector => between(param(c, 'low'), param(c, 'high'));

const table: Readonly<Record<string, (constraint: Constraint) => Bijector>> = {
  real: () => identity,
  positive: () => expBijector,
  nonnegative: () => expBijector,
  softplusPositive: () => softplusBijector,
  unitInterval: () => sigmoidBijector,
  interval: betweenBounds,
  openInterval: betweenBounds,
  circular: betweenBounds,
  greaterThan: (c) => compose(expBijector, affine(param(c, 'low'), 1)),
  greaterThanEq: (c) => compose(expBijector, affine(param(c, 'low'), 1)),
  lessThan: (c) => compose(expBijector, affine(param(c, 'high'), -1)),
  lessThanEq: (c) => compose(expBijector, affine(param(c, 'high'), -1)),
  simplex: () => stickBreaking,
  orderedVector: () => ordered,
  positiveOrderedVector: () => compose(ordered, expBijector),
  l1Ball: () => l1Ball,
  zeroSum: (c) => zeroSum(toNumber(param(c, 'eventDim'))),
  lowerCholesky: () => lowerCholesky,
  softplusLowerCholesky: () => softplusLowerCholesky,
  scaledUnitLowerCholesky: () => scaledUnitLowerCholesky,
  positiveDefinite: () => compose(lowerCholesky, choleskyProduct),
  positiveSemidefinite: () => compose(lowerCholesky, choleskyProduct),
  corrCholesky: () => corrCholesky,
  corrMatrix: () => compose(corrCholesky, corrMatrixProduct),
  independent: (c) => independentBijector(bijectTo(c.base!), c.eventDim - c.base!.eventDim),
};

/** What to do about sets that no bijection leads onto. */
const remedies: Readonly<Record<string, string>> = {
  sphere: 'A sphere has no smooth coordinates: draw a normal vector and divide it by its length.',
  dependent: 'Its bounds are not known here: use the support of the distribution itself, or a constraint with its bounds.',
};

/**
 * The bijection from unconstrained arrays onto a constraint, as NumPyro's `biject_to`. Onto a closed set it leads to the inside.
 *
 * @throws InvalidArgument for what is no constraint; Unsupported for a discrete constraint, and for one that has no bijection
 * @example
 * bijectTo(constraints.positive).forward(0); // 1
 * bijectTo(constraints.corrCholesky).forward([0]); // [[1, 0], [0, 1]]
 * bijectTo(constraints.boolean); // throws Unsupported
 */
export const bijectTo = (constraint: Constraint): Bijector => {
  if (typeof (constraint as Constraint | undefined)?.kind !== 'string') {
    throw kindlingError('InvalidArgument', {
      message: 'bijectTo takes a constraint',
      given: describe(constraint),
      expected: 'one of constraints, such as constraints.positive or constraints.interval(0, 1)',
    });
  }
  const make = Object.hasOwn(table, constraint.kind) ? table[constraint.kind] : undefined;
  if (make === undefined || constraint.isDiscrete) {
    throw kindlingError('Unsupported', {
      message: `no smooth bijection leads onto ${constraint.name}`,
      remedy: constraint.isDiscrete
        ? 'Discrete values have no gradient: sum them out of the model, or give them a guide of their own.'
        : (remedies[constraint.kind] ?? 'Rewrite the model with a parameter that has one.'),
    });
  }
  return make(constraint);
};
