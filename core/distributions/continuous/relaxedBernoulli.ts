/** The relaxed Bernoulli distribution, by probability or by log-odds: a Bernoulli draw softened by a temperature. */
import { openInterval, positive, real, unitInterval } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { logistic } from '../../random/draws.ts';
import { isRecording } from '../../random/traced.ts';
import { drawPrecision, isTensor, type AnyArray } from '../../value.ts';
import { eitherOf } from '../discrete/eitherOf.ts';
import { defineDistribution, type Constructor, type Family, type ParamsOf } from '../family.ts';
import { cdfAbove, edgeOf, minusAbs } from './elementary.ts';
import { exponentialMean, exponentialVariance } from './exponentialMoments.ts';

const { abs, add, clipByValue, div, equal, exp, greater, less, log, log1p, logit, maximum, minimum, mul, neg, sigmoid, softplusInverse, square, sub, where } =
  ops;

/** The temperature and the log-odds. */
interface Relaxed {
  readonly temperature: AnyArray;
  readonly logits: AnyArray;
}

/** The numbers next to 0 and 1: where the logistic function runs into them the density may be infinite. */
const edges = (x: AnyArray): readonly [number, number] =>
  drawPrecision() === 'float32' || (isTensor(x) && !isRecording()) ? [2 ** -126, 1 - 2 ** -24] : [2 ** -1022, 1 - 2 ** -53];

const logProb = ({ temperature, logits }: Relaxed, x: AnyArray): AnyArray => {
  const [isStart, isEnd] = [equal(x, 0), equal(x, 1)];
  const inside = where(isStart, 0.5, where(isEnd, 0.5, x));
  const [logX, logRest] = [log(inside), log1p(neg(inside))];
  const z = sub(mul(temperature, sub(logX, logRest)), logits);
  const power = sub(temperature, 1);
  const side = (sign: number, near: AnyArray, far: AnyArray): AnyArray => add(mul(sign, logits), sub(mul(power, near), mul(add(temperature, 1), far)));
  const interior = sub(where(less(z, 0), side(-1, logX, logRest), side(1, logRest, logX)), mul(2, log1p(exp(minusAbs(z)))));
  const edge = add(edgeOf(power), where(isStart, neg(logits), logits));
  return add(log(temperature), where(ops.logicalOr(isStart, isEnd), edge, interior));
};

/** Mean and variance for log-odds of 0 or below: those above are mirrored. */
const moments = ({ temperature, logits }: Relaxed): { readonly mean: AnyArray; readonly variance: AnyArray } => {
  const [warm, cold] = [maximum(temperature, 1), minimum(temperature, 1)];
  const given = [neg(abs(logits)), warm, cold];
  // x as a function of logistic noise; and, where that is steep, the mass above a logistic variate’s image, which then is smooth.
  const draw = (s: AnyArray, [odds, t]: readonly AnyArray[]): AnyArray => sigmoid(div(add(softplusInverse(s), odds!), t!));
  const above = (s: AnyArray, [odds, , t]: readonly AnyArray[]): AnyArray => sigmoid(sub(odds!, mul(t!, softplusInverse(s))));
  const raised = (s: AnyArray, params: readonly AnyArray[]): AnyArray => mul(mul(2, sigmoid(softplusInverse(s))), above(s, params));
  const isWarm = greater(temperature, 1);
  const steep = exponentialMean(given, above);
  return {
    mean: where(isWarm, exponentialMean(given, draw), steep),
    variance: where(isWarm, exponentialVariance(given, draw), sub(exponentialMean(given, raised), square(steep))),
  };
};

/** A family from its log-odds. */
const ofLogits = <Name extends string>(name: string, params: Family<Name>['params'], relaxed: (p: ParamsOf<Name>) => Relaxed): Constructor<Name> =>
  defineDistribution<Name>({
    name,
    params,
    support: unitInterval,
    isReparameterized: true,
    sample: (p, key, shape) => {
      const { temperature, logits } = relaxed(p);
      const x = sigmoid(div(add(logistic(key, shape), logits), temperature));
      return clipByValue(x, ...edges(x));
    },
    logProb: (p, x) => logProb(relaxed(p), x),
    mean: (p) => {
      const { mean } = moments(relaxed(p));
      return where(greater(relaxed(p).logits, 0), sub(1, mean), mean);
    },
    variance: (p) => moments(relaxed(p)).variance,
    cdf: (p, x) => {
      const { temperature, logits } = relaxed(p);
      const isBelow = less(x, 1);
      return cdfAbove(x, 0, (inside) => where(isBelow, sigmoid(sub(mul(temperature, logit(where(isBelow, inside, 0.5))), logits)), 1));
    },
    icdf: (p, q) => {
      const { temperature, logits } = relaxed(p);
      return sigmoid(div(add(logit(q), logits), temperature));
    },
  });

/**
 * RelaxedBernoulli of log-odds: the distribution of σ((l + logits) / temperature), l standard logistic, on 0 ≤ x ≤ 1: with z = temperature
 * logit(x) − logits, f(x) = temperature σ(z) σ(−z) / (x (1 − x)). It tends to Bernoulli(logits) as the temperature falls to 0.
 *
 * @param temperature - positive
 * @param logits - log(p / (1 − p)), any number
 * @see Maddison, Mnih, Teh, "The concrete distribution" (2017), app. B
 * @example
 * dist.RelaxedBernoulliLogits(1, 0).logProb(0.3); // 0
 */
export const RelaxedBernoulliLogits: Constructor<'temperature' | 'logits'> = ofLogits(
  'RelaxedBernoulliLogits',
  { temperature: { constraint: positive }, logits: { constraint: real } },
  (p) => p,
);

/**
 * RelaxedBernoulli of a probability: RelaxedBernoulliLogits(temperature, log(p / (1 − p))), p = probs; half the mass is above ½ where p is ½.
 *
 * @param temperature - positive
 * @param probs - the mass above ½, strictly between 0 and 1
 * @see Maddison, Mnih, Teh, "The concrete distribution" (2017), app. B
 * @example
 * dist.RelaxedBernoulliProbs(1, 0.5).logProb(0.3); // 0
 */
export const RelaxedBernoulliProbs: Constructor<'temperature' | 'probs'> = ofLogits(
  'RelaxedBernoulliProbs',
  { temperature: { constraint: positive }, probs: { constraint: openInterval(0, 1) } },
  ({ temperature, probs }) => ({ temperature, logits: logit(probs) }),
);

/**
 * RelaxedBernoulli(temperature, probs), or RelaxedBernoulli({ temperature, logits }).
 *
 * @throws InvalidArgument unless exactly one of probs and logits is given
 * @example
 * dist.RelaxedBernoulli({ temperature: 0.5, logits: 0 }).cdf(0.5); // 0.5
 */
export const RelaxedBernoulli: Constructor<'temperature' | 'probs' | 'logits'> = eitherOf('RelaxedBernoulli', RelaxedBernoulliProbs, RelaxedBernoulliLogits, [
  'temperature',
]);
