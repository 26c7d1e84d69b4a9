/** The ordered logistic distribution. */
import { integerInterval, orderedVector, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { categorical } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { classesOf, entropyOfClasses, noMoment, pick } from './classes.ts';

const { add, cast, expandDims, floor, log1mExp, logSigmoid, neg, pad, range, slice, sub } = ops;

/** A vector with `before` zeros in front and `after` behind. */
const padded = (x: AnyArray, before: number, after: number): AnyArray => pad<AnyArray>(x, [...x.shape.slice(1).map(() => [0, 0] as const), [before, after]]);

/** The part of the last axis from `from`, of extent `size`. */
const part = (x: AnyArray, from: number, size: number): AnyArray =>
  slice<AnyArray>(x, [...x.shape.slice(1).map(() => 0), from], [...x.shape.slice(0, -1), size]);

/** log(σ(b) − σ(a)) = log σ(b) + log σ(−a) + log(1 − e^(a − b)) for each pair of neighbours a < b, of which the ends are infinite. */
const logProbsOf = (predictor: AnyArray, cutpoints: AnyArray): AnyArray => {
  const n = classesOf(cutpoints);
  const at = sub(cutpoints, expandDims(predictor, -1));
  const gaps = log1mExp(sub(part(cutpoints, 1, n - 1), part(cutpoints, 0, n - 1)));
  return add(add(padded(logSigmoid(at), 0, 1), padded(logSigmoid(neg(at)), 1, 0)), padded(gaps, 1, 1));
};

/**
 * OrderedLogistic(predictor, cutpoints): P(k) = σ(c_k − η) − σ(c_(k−1) − η), η = predictor, c = cutpoints between c_(−1) = −∞ and
 * c_(K−1) = ∞, k from 0 to K − 1 for K − 1 cutpoints.
 *
 * @param predictor - any number
 * @param cutpoints - increasing numbers along the last axis
 * @see Stan Functions Reference, "Ordered logistic distribution"; McCullagh, "Regression models for ordinal data" (1980)
 * @example
 * dist.OrderedLogistic(0, [-1, 1]).logProb(0); // -1.3132616875182228
 */
export const OrderedLogistic: Constructor<'predictor' | 'cutpoints'> = defineDistribution({
  name: 'OrderedLogistic',
  params: { predictor: { constraint: real }, cutpoints: { constraint: orderedVector } },
  support: ({ cutpoints }) => integerInterval(0, classesOf(cutpoints)),
  isReparameterized: false,
  sample: ({ predictor, cutpoints }, key, shape) => cast(categorical(key, logProbsOf(predictor, cutpoints), shape), 'int32'),
  logProb: ({ predictor, cutpoints }, k) => pick(logProbsOf(predictor, cutpoints), k),
  mean: noMoment,
  variance: noMoment,
  cdf: ({ predictor, cutpoints }, x) => {
    const k = floor(x);
    const isLast = ops.greaterEqual(k, classesOf(cutpoints));
    const own = pick(ops.sigmoid(sub(cutpoints, expandDims(predictor, -1))), k);
    return ops.where(isLast, 1, ops.where(ops.isNaN(x), NaN, own));
  },
  entropy: ({ predictor, cutpoints }) => entropyOfClasses(logProbsOf(predictor, cutpoints)),
  enumerate: ({ cutpoints }) => range(0, classesOf(cutpoints) + 1),
});
