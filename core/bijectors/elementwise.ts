/** The bijectors of single numbers: identity, exp, sigmoid, softplus, affine, power. */
import * as ops from '../ops/index.ts';
import { broadcastShapes } from '../shape.ts';
import { asArray, isTensor, shapeOf, type AnyArray, type Input } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { image } from './codomain.ts';

const { abs, add, div, exp, expm1, log, mul, neg, pow, softplus, sub } = ops;

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
  inverse: (y) => add(y, log(neg(expm1(neg(y))))),
  logDet: (x) => neg(softplus(neg(x))),
});

const signOf = (scale: Input): 1 | -1 => {
  const array = asArray(scale);
  return !isTensor(array) && array.data.every((x) => x < 0) ? -1 : 1;
};

/** y = loc + scale · x; `scale` may be negative, not 0. */
export const affine = (loc: Input, scale: Input): Bijector =>
  makeBijector('affine', {
    params: { loc, scale },
    forward: (x) => add(loc, mul(x, scale)),
    inverse: (y) => div(sub(y, loc), scale),
    logDet: (x) => ops.broadcastTo(log(abs(asArray(scale))), broadcastShapes(x.shape, shapeOf(loc), shapeOf(scale))),
    forwardShape: (shape) => broadcastShapes(shape, shapeOf(loc), shapeOf(scale)),
    inverseShape: (shape) => broadcastShapes(shape, shapeOf(loc), shapeOf(scale)),
    // Seen or not, loc and scale are finite: what is unbounded stays so.
    codomain: (domain) => (domain.kind === 'real' ? domain : image(domain, signOf(scale), (x) => add(loc, mul(x, scale)))),
    sign: signOf(scale),
  });

/** y = xᵖ on positive numbers. */
export const power = (exponent: Input): Bijector =>
  makeBijector('power', {
    params: { exponent },
    forward: (x) => pow(x, exponent),
    inverse: (y) => pow(y, div(1, exponent)),
    logDet: (x): AnyArray => add(log(abs(asArray(exponent))), mul(sub(exponent, 1), log(x))),
    forwardShape: (shape) => broadcastShapes(shape, shapeOf(exponent)),
    inverseShape: (shape) => broadcastShapes(shape, shapeOf(exponent)),
    sign: signOf(exponent),
  });
