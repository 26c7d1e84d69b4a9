/** What finite mixtures share, whatever their components are. */
import type { Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { split, type Key } from '../../random/key.ts';
import { scoped } from '../../scope.ts';
import type { Shape } from '../../shape.ts';
import { tensorsIn } from '../../tree.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { addAxes } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { distributionPart, withMethods } from './parts.ts';

const { add, equal, exp, expandDims, log, logSoftmax, logSumExp, mulNoNan, range, square, sub, sum, where } = ops;

/** A mixture, with what NumPyro's has beside. Arrays by component have the component as the axis before the event. */
export interface MixtureDistribution extends Distribution {
  readonly mixingDistribution: Distribution;
  readonly mixtureSize: number;
  readonly componentMean: AnyArray;
  readonly componentVariance: AnyArray;
  /** log w_k + log p_k(x), with the components along a new last axis. */
  readonly componentLogProbs: (value: Input) => AnyArray;
  /** F_k(x), likewise. */
  readonly componentCdf: (value: Input) => AnyArray;
}

/** Components as one batch, whose last batch axis is theirs. */
interface Components {
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  readonly support: Constraint;
  readonly logProb: (value: AnyArray) => AnyArray;
  readonly cdf: (value: AnyArray) => AnyArray;
  readonly mean: () => AnyArray;
  readonly variance: () => AnyArray;
  /** Draws of shape `shape ++ [components] ++ eventShape`. */
  readonly sample: (key: Key, shape: Shape) => AnyArray;
  readonly enumerate: (() => AnyArray) | undefined;
}

export const checkMixing = (name: string, value: unknown): Distribution => {
  const mixing = distributionPart(name, 'mixingDistribution', value);
  if ((mixing.name === 'CategoricalProbs' || mixing.name === 'CategoricalLogits') && mixing.eventShape.length === 0 && mixing.wraps?.kind !== 'masked') {
    return mixing;
  }
  throw kindlingError('InvalidArgument', {
    message: `mixingDistribution of ${name} must be a Categorical`,
    given: mixing.name,
    remedy: 'For example dist.Categorical([0.3, 0.7])',
  });
};

export const sizeOfMixing = ({ params }: Distribution): number => ((params['probs'] ?? params['logits']) as AnyArray).shape.at(-1)!;

/** log w along the last axis; a weight of 0 has −∞ and no gradient. */
const logWeights = ({ params }: Distribution): AnyArray => {
  const probs = params['probs'] as AnyArray | undefined;
  if (probs === undefined) return logSoftmax(params['logits'] as AnyArray);
  const some = ops.greater(probs, 0);
  return where(some, log(where(some, probs, 1)), -Infinity);
};

/** Terms of a log-sum in which −∞ has no part, in the gradient either. */
const logSum = (terms: AnyArray): AnyArray => {
  const some = ops.greater(terms, -Infinity);
  const any = ops.any(some, -1);
  const kept = where(ops.logicalOr(some, ops.isNaN(terms)), terms, -Infinity);
  const isGone = ops.logicalAnd(ops.logicalNot(any), ops.logicalNot(ops.any(ops.isNaN(terms), -1)));
  return where(isGone, -Infinity, logSumExp(where(expandDims(isGone, -1), 0, kept), -1));
};

export const mixtureOf = (
  name: string,
  mixing: Distribution,
  components: Components,
  parts: { readonly params: Readonly<Record<string, unknown>>; readonly batchShape: Shape; readonly apart: Distribution['apart'] },
): MixtureDistribution => {
  const { eventShape, support } = components;
  const rank = eventShape.length;
  const axis = -rank - 1;
  const size = sizeOfMixing(mixing);
  const { batchShape } = parts;
  const weights = (): AnyArray => addAxes(exp(logWeights(mixing)), rank);
  const logProbs = (value: AnyArray): AnyArray => add(logWeights(mixing), components.logProb(value));
  const mean = (): AnyArray => sum(mulNoNan(weights(), components.mean()), axis);
  const own = (f: () => AnyArray): AnyArray => scoped(f, (result) => tensorsIn(result));
  const full = [...batchShape, size, ...eventShape];
  const made = makeDistribution({
    name,
    params: parts.params,
    batchShape,
    eventShape,
    support,
    isReparameterized: false,
    apart: parts.apart,
    draw: (key, shape) => {
      const [forComponents, forIndex] = split(key);
      const draws = components.sample(forComponents, shape);
      const index = mixing.expand(shape).sample(forIndex);
      const isTaken = equal(expandDims(index, -1), range(0, size));
      return sum(where(addAxes(isTaken, rank), draws, 0), axis);
    },
    logProb: (value) => logSum(logProbs(value)),
    mean,
    // The mean of the variances and the variance of the means.
    variance: () =>
      sum(
        mulNoNan(
          weights(),
          add(components.variance(), square(sub(components.mean(), expandDims(ops.broadcastTo(mean(), [...batchShape, ...eventShape]), axis)))),
        ),
        axis,
      ),
    cdf: rank > 0 ? undefined : (value) => sum(mulNoNan(weights(), components.cdf(value)), -1),
    enumerate: components.enumerate,
  });
  return withMethods(made, {
    mixingDistribution: mixing,
    mixtureSize: size,
    get componentMean(): AnyArray {
      return own(() => ops.broadcastTo(components.mean(), full));
    },
    get componentVariance(): AnyArray {
      return own(() => ops.broadcastTo(components.variance(), full));
    },
    componentLogProbs: (value: Input) => own(() => logProbs(asArray(value))),
    componentCdf: (value: Input) => own(() => components.cdf(asArray(value))),
  });
};

/** A constraint on what is independent along the axes of an event. */
export const withoutIndependent = (support: Constraint): Constraint =>
  support.base === undefined || support.kind !== 'independent' ? support : withoutIndependent(support.base);

/** The bounds of a support as arrays. */
export const boundsOf = (support: Constraint): readonly AnyArray[] => Object.values(withoutIndependent(support).params).map((x) => asArray(x));
