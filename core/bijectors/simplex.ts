/** The bijectors that break a stick: onto the simplex, and onto the L1 ball. */
import { l1Ball as l1BallSet, simplex } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { dropLast, lastAxis, padLast, vectorOf } from './layout.ts';

const { abs, add, exp, log, mul, neg, sub, sum } = ops;

/** log(K − 1 − k) for k = 0 … K − 2: with it, x = 0 maps to the centre of the simplex. */
const stickOffset = (count: number): AnyArray => vectorOf(count, (k) => Math.log(count - k));

interface Stick {
  /** The logarithms of the shares, and of what they leave. */
  readonly share: AnyArray;
  readonly rest: AnyArray;
  /** The logarithms of what is left after each break, down to the last. */
  readonly remaining: AnyArray;
}

/** Shares and remainders in logs: a product of many 1 − z underflows. */
const breakStick = (x: AnyArray): Stick => {
  const t = sub(x, stickOffset(x.shape.at(-1)!));
  const rest = ops.logSigmoid(neg(t));
  return { share: ops.logSigmoid(t), rest, remaining: ops.cumsum(rest, -1) };
};

const pieces = ({ share, remaining }: Stick): AnyArray => exp(add(padLast(share, 0, 1), padLast(remaining, 1, 0)));

/** Every break scales by z (1 − z), and by what was left before it: the remainder after it over 1 − z. */
const stickVolume = ({ share, remaining }: Stick): AnyArray => sum(add(share, remaining), -1);

/**
 * From K − 1 numbers to a simplex of K: each breaks its share z_k = σ(x_k − log(K − 1 − k)) off what is left of a stick.
 * Stan Reference Manual, "Unit simplex". The log-determinant is of the first K − 1 entries.
 *
 * @example
 * bijectors.stickBreaking.forward([0, 0]); // [0.333333, 0.333333, 0.333333]
 */
export const stickBreaking: Bijector = makeBijector('stickBreaking', {
  domainDim: 1,
  forward: (x) => pieces(breakStick(x)),
  inverse: (y) => {
    const head = dropLast(y);
    const tail = ops.cumsum(y, -1, true, true);
    // What is left after entry k is a sum of the later entries, so that no digits cancel.
    return add(sub(log(head), log(dropLast(tail))), stickOffset(head.shape.at(-1)!));
  },
  logDet: (x) => stickVolume(breakStick(x)),
  forwardAndLogDet: (x) => {
    const stick = breakStick(x);
    return [pieces(stick), stickVolume(stick)];
  },
  forwardShape: (shape) => lastAxis(shape, 1),
  inverseShape: (shape) => lastAxis(shape, -1),
  codomain: () => simplex,
});

/** log(1 − |tanh x|) = log 2 − softplus(2 |x|). */
const logLeft = (x: AnyArray): AnyArray => sub(Math.LN2, ops.softplus(mul(2, abs(x))));

const signedPieces = (x: AnyArray, left: AnyArray): AnyArray => mul(ops.tanh(x), exp(ops.cumsum(left, -1, true)));

/** tanh scales by sech² x_i, and entry i by every remainder before it, so that 1 − |tanh x_i| counts once for each later entry. */
const signedVolume = (x: AnyArray, left: AnyArray): AnyArray => {
  const n = x.shape.at(-1)!;
  const later = vectorOf(n, (i) => n - 1 - i);
  return sum(add(mul(-2, ops.logCosh(x)), mul(later, left)), -1);
};

/**
 * From n numbers into the L1 ball: y_i = tanh x_i · Π_{k<i} (1 − |tanh x_k|), as in NumPyro's L1BallTransform.
 *
 * @example
 * bijectors.l1Ball.forward([0, 0.5]); // [0, 0.4621171573]
 */
export const l1Ball: Bijector = makeBijector('l1Ball', {
  domainDim: 1,
  forward: (x) => signedPieces(x, logLeft(x)),
  inverse: (y) => {
    const size = abs(y);
    const rest = sub(1, ops.cumsum(size, -1));
    // With t = y / (rest + |y|), sinh(artanh t) = t / √(1 − t²).
    return ops.asinh(ops.div(y, ops.sqrt(mul(rest, add(rest, mul(2, size))))));
  },
  logDet: (x) => signedVolume(x, logLeft(x)),
  forwardAndLogDet: (x) => {
    const left = logLeft(x);
    return [signedPieces(x, left), signedVolume(x, left)];
  },
  codomain: () => l1BallSet,
});
