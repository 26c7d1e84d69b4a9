/** A finite mixture of one family, the components along a batch axis. */
import type { Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { showShape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { widened } from '../axes.ts';
import type { Distribution } from '../distribution.ts';
import { boundsOf, checkMixing, mixtureOf, sizeOfMixing, type MixtureDistribution } from './mixtureBase.ts';
import { apartBy, commonBatch, distributionPart, namedParts } from './parts.ts';
import { cdfWithin } from './supportEnds.ts';

/** A support that is the same for all components, without their axis. */
const commonSupport = (fn: Distribution): Constraint => {
  if (boundsOf(fn.support).every((bound) => bound.shape.every((extent) => extent === 1))) return fn.support;
  throw kindlingError('InvalidArgument', {
    message: 'the components of MixtureSameFamily have supports that differ',
    given: `${fn.name} with support ${fn.support.name}`,
    expected: 'a support that does not depend on a batch of parameters',
    remedy: 'Give a list of distributions and the support of the mixture to MixtureGeneral',
  });
};

/**
 * MixtureSameFamily(mixingDistribution, componentDistribution): p(x) = Σ w_k p_k(x), the components along the last batch axis of one distribution.
 *
 * @param mixingDistribution - a Categorical over the components
 * @param componentDistribution - its last batch axis has as many as the mixing distribution has classes; their supports are the same
 * @see McLachlan, Peel, Finite Mixture Models, ch. 1
 * @example
 * dist.MixtureSameFamily(dist.Categorical([0.5, 0.5]), dist.Normal([-1, 1], 1)).mean; // 0
 */
export const MixtureSameFamily: {
  (parts: { readonly mixingDistribution: Distribution; readonly componentDistribution: Distribution }): MixtureDistribution;
  (mixingDistribution: Distribution, componentDistribution: Distribution): MixtureDistribution;
} = (...args: readonly unknown[]): MixtureDistribution => {
  const name = 'MixtureSameFamily';
  const given = namedParts(name, ['mixingDistribution', 'componentDistribution'], args);
  const mixing = checkMixing(name, given['mixingDistribution']);
  const fn = distributionPart(name, 'componentDistribution', given['componentDistribution']);
  const size = sizeOfMixing(mixing);
  if (fn.batchShape.at(-1) !== size) {
    throw kindlingError('InvalidShape', {
      message: `the last batch axis of the components must have one for each of ${size} classes of the mixing distribution`,
      given: `${fn.name} of batch shape ${showShape(fn.batchShape)}`,
      remedy: 'Expand the components, or use toEvent for axes that belong to one event',
    });
  }
  const own = fn.batchShape.slice(0, -1);
  const batchShape = commonBatch(name, { mixingDistribution: mixing.batchShape, componentDistribution: own });
  const rank = fn.eventShape.length;
  const spread = (value: AnyArray): AnyArray => ops.expandDims(value, -rank - 1);
  const members = fn.hasEnumerateSupport ? () => ops.reshape(fn.enumerateSupport(false), [-1, ...fn.eventShape]) : undefined;
  return mixtureOf(
    name,
    mixing,
    {
      batchShape: fn.batchShape,
      eventShape: fn.eventShape,
      support: commonSupport(fn),
      logProb: (value) => fn.logProb(spread(value)),
      cdf: (value) => cdfWithin(fn, spread(value)),
      mean: () => fn.mean,
      variance: () => fn.variance,
      sample: (key, shape) => fn.expand([...shape, size]).sample(key),
      enumerate: members,
    },
    {
      params: { mixingDistribution: mixing, componentDistribution: fn },
      batchShape,
      apart: apartBy(
        [
          { fn: mixing, missing: batchShape.length - mixing.batchShape.length },
          { fn, missing: batchShape.length - own.length },
        ],
        () => [],
        ([one, other], _, lead) => widened(MixtureSameFamily(one!, other!), [...lead, ...batchShape]),
      ),
    },
  );
};
