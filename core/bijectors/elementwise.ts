/** The bijectors of single numbers: identity, exp, sigmoid, softplus, tanh, affine, power; and abs, which is none. */
import { nonnegative } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, type Shape } from '../shape.ts';
import { asArray, isTensor, shapeOf, type AnyArray, type Input } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { image, onMembers } from './codomain.ts';
import { atRank } from './layout.ts';

const { abs, add, div, exp, log, mul, neg, pow, softplus, sub } = ops;

export const identity: Bijector = makeBijector('identity', {
  forward: (x) => x,
  inverse: (y) => y,
  logDet: (x) => ops.zeros(x.shape),
  codomain: (domain) => domain,
});

/** y = eˣ. */
export const expBijector: Bijector = makeBijector('exp', { forward: exp, inverse: log, logDet: (x) => x });

/** y = 1 / (1 + e⁻ˣ); log |dy/dx| = −softplus(x) − softplus(−x). */
export const sigmoidBijector: Bijector = makeBijector('sigmoid', {
  forward: ops.sigmoid,
  // log y − log(1 − y) keeps the digits of a small y.
  inverse: (y) => sub(log(y), ops.log1p(neg(y))),
  logDet: (x) => neg(add(softplus(x), softplus(neg(x)))),
});

/** y = log(1 + eˣ), whose inverse y + log(1 − e⁻ʸ) does not overflow. */
export const softplusBijector: Bijector = makeBijector('softplus', {
  forward: softplus,
  inverse: ops.softplusInverse,
  logDet: (x) => neg(softplus(neg(x))),
});

/** y = tanh x; log |dy/dx| = −2 log cosh x. */
export const tanhBijector: Bijector = makeBijector('tanh', {
  forward: ops.tanh,
  inverse: ops.atanh,
  logDet: (x) => mul(-2, ops.logCosh(x)),
});

/**
 * y = |x|, which is no bijection: as in NumPyro, the inverse of y is y, and there is no log-determinant.
 *
 * @example
 * bijectors.abs.forward(-2); // 2
 */
export const absBijector: Bijector = makeBijector('abs', {
  forward: abs,
  inverse: (y) => y,
  logDet: () => {
    throw kindlingError('Unsupported', {
      message: '|x| is no bijection: it has no log-determinant',
      remedy: 'For the density of |x|, use the folded distribution, such as dist.HalfNormal for a normal one.',
    });
  },
  codomain: onMembers(() => nonnegative, false),
});

const signOf = (scale: Input): 1 | -1 => {
  const array = asArray(scale);
  return !isTensor(array) && array.data.every((x) => x < 0) ? -1 : 1;
};

const formOf = (name: string, sign: 1 | -1): string => (sign === 1 ? name : `decreasing ${name}`);

const affineOf = (loc: Input, scale: Input, sign: 1 | -1): Bijector => {
  const widened = (shape: Shape): Shape => broadcastShapes(shape, shapeOf(loc), shapeOf(scale));
  const forward = (x: AnyArray): AnyArray => add(loc, mul(x, scale));
  return makeBijector('affine', {
    params: { loc, scale },
    forward,
    inverse: (y) => div(sub(y, loc), scale),
    logDet: (x) => ops.broadcastTo(log(abs(asArray(scale))), widened(x.shape)),
    forwardShape: widened,
    inverseShape: widened,
    // Seen or not, loc and scale are finite: what is unbounded stays so.
    codomain: onMembers((domain) => (domain.kind === 'real' ? domain : image(domain, sign, forward)), false),
    apart: (rank) => ({ form: formOf('affine', sign), arrays: [atRank(loc, rank), atRank(scale, rank)], rebuild: ([l, s]) => affineOf(l!, s!, sign) }),
    sign,
  });
};

/**
 * y = loc + scale · x; `scale` may be negative, not 0. One that can't be seen is taken for positive.
 *
 * @example
 * bijectors.affine(1, 2).forward(3); // 7
 */
export const affine = (loc: Input, scale: Input): Bijector => affineOf(loc, scale, signOf(scale));

const powerOf = (exponent: Input, sign: 1 | -1): Bijector => {
  const widened = (shape: Shape): Shape => broadcastShapes(shape, shapeOf(exponent));
  return makeBijector('power', {
    params: { exponent },
    forward: (x) => pow(x, exponent),
    inverse: (y) => pow(y, div(1, exponent)),
    logDet: (x): AnyArray => add(log(abs(asArray(exponent))), mul(sub(exponent, 1), log(x))),
    forwardShape: widened,
    inverseShape: widened,
    apart: (rank) => ({ form: formOf('power', sign), arrays: [atRank(exponent, rank)], rebuild: ([p]) => powerOf(p!, sign) }),
    sign,
  });
};

/**
 * y = xᵖ on positive numbers.
 *
 * @example
 * bijectors.power(2).forward(3); // 9
 */
export const power = (exponent: Input): Bijector => powerOf(exponent, signOf(exponent));
