/** A finite mixture of any distributions. */
import type { Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { split } from '../../random/key.ts';
import { sameShape, showShape, type Shape } from '../../shape.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import { widened } from '../axes.ts';
import { isDistribution, type Distribution } from '../distribution.ts';
import { boundsOf, checkMixing, mixtureOf, sizeOfMixing, withoutIndependent, type MixtureDistribution } from './mixtureBase.ts';
import { apartBy, commonBatch, isConstraint, namedParts } from './parts.ts';
import { cdfWithin } from './supportEnds.ts';

const areEqual = (a: AnyArray, b: AnyArray): boolean =>
  !isConcrete(a) || !isConcrete(b) || (sameShape(a.shape, b.shape) && toNDArray(a).data.every((x, i) => x === toNDArray(b).data[i]));

/** Whether two supports can be seen to be one. */
const isSameSupport = (a: Constraint, b: Constraint): boolean => {
  const [one, other] = [withoutIndependent(a), withoutIndependent(b)];
  const [bounds, others] = [boundsOf(a), boundsOf(b)];
  return one.kind === other.kind && a.eventDim === b.eventDim && bounds.length === others.length && bounds.every((bound, i) => areEqual(bound, others[i]!));
};

/**
 * MixtureGeneral(mixingDistribution, componentDistributions, { support }): p(x) = Σ w_k p_k(x), the components in a list.
 *
 * @param mixingDistribution - a Categorical over the components
 * @param componentDistributions - one for each class, of one event shape
 * @param support - that of the mixture, where those of the components differ; by default it is theirs
 * @see McLachlan, Peel, Finite Mixture Models, ch. 1
 * @example
 * const zeroOrMore = dist.MixtureGeneral(dist.Categorical([0.5, 0.5]), [dist.Normal(0, 1), dist.HalfNormal(1)], { support: constraints.real });
 * zeroOrMore.logProb(-1); // -2.1120857137646182
 */
export const MixtureGeneral: {
  (parts: {
    readonly mixingDistribution: Distribution;
    readonly componentDistributions: readonly Distribution[];
    readonly support?: Constraint | undefined;
  }): MixtureDistribution;
  (
    mixingDistribution: Distribution,
    componentDistributions: readonly Distribution[],
    support?: Constraint | { readonly support?: Constraint | undefined } | undefined,
  ): MixtureDistribution;
} = (...args: readonly unknown[]): MixtureDistribution => {
  const name = 'MixtureGeneral';
  const given = namedParts(name, ['mixingDistribution', 'componentDistributions', 'support'], args);
  const mixing = checkMixing(name, given['mixingDistribution']);
  const size = sizeOfMixing(mixing);
  const list = given['componentDistributions'];
  if (!Array.isArray(list) || list.length !== size || !list.every(isDistribution)) {
    throw kindlingError('InvalidArgument', {
      message: `componentDistributions of ${name} must be a list of distributions`,
      given: Array.isArray(list) ? `${list.length} elements` : typeof list,
      expected: `${size}, one for each class of the mixing distribution`,
    });
  }
  const fns = list as readonly Distribution[];
  const first = fns[0]!;
  const odd = fns.find((fn) => !sameShape(fn.eventShape, first.eventShape));
  if (odd !== undefined) {
    throw kindlingError('InvalidShape', {
      message: `the components of ${name} have different event shapes`,
      given: `${first.name} ${showShape(first.eventShape)}, ${odd.name} ${showShape(odd.eventShape)}`,
    });
  }
  const { support } = given;
  if (support !== undefined && !isConstraint(support)) {
    throw kindlingError('InvalidArgument', { message: `support of ${name} must be a constraint`, given: typeof support });
  }
  const other = fns.find((fn) => !isSameSupport(fn.support, first.support));
  if (support === undefined && other !== undefined) {
    throw kindlingError('InvalidArgument', {
      message: `the components of ${name} have different supports`,
      given: `${first.name} on ${first.support.name}, ${other.name} on ${other.support.name}`,
      remedy: 'Say which is the mixture’s: MixtureGeneral(mixing, components, { support: constraints.real })',
    });
  }
  const batchShape = commonBatch(name, {
    mixingDistribution: mixing.batchShape,
    ...Object.fromEntries(fns.map((fn, i) => [`component ${i}`, fn.batchShape])),
  });
  const axis = -first.eventShape.length - 1;
  const full = [...batchShape, ...first.eventShape];
  const stackBatch = (f: (fn: Distribution) => AnyArray, along: number): AnyArray => {
    const each = fns.map(f);
    const shape = each.reduce<Shape>((all, x) => commonBatch(name, { all, component: x.shape }), []);
    return ops.stack(
      each.map((x) => ops.broadcastTo(x, shape)),
      along < 0 ? shape.length + 1 + along : along,
    );
  };
  return mixtureOf(
    name,
    mixing,
    {
      batchShape: [...batchShape, size],
      eventShape: first.eventShape,
      support: support ?? first.support,
      logProb: (value) => stackBatch((fn) => fn.logProb(value), -1),
      cdf: (value) => stackBatch((fn) => cdfWithin(fn, value), -1),
      mean: () => stackBatch((fn) => ops.broadcastTo(fn.mean, full), axis),
      variance: () => stackBatch((fn) => ops.broadcastTo(fn.variance, full), axis),
      sample: (key, shape) => {
        const keys = [...split(key, size)];
        const draws = fns.map((fn, i) => fn.expand(shape).sample(keys[i]!));
        return ops.stack(draws, draws[0]!.shape.length + 1 + axis);
      },
      enumerate: undefined,
    },
    {
      params: { mixingDistribution: mixing, componentDistributions: fns },
      batchShape,
      apart: apartBy(
        [mixing, ...fns].map((fn) => ({ fn, missing: batchShape.length - fn.batchShape.length })),
        () => [],
        ([one, ...others], _, lead) => widened(MixtureGeneral(one!, others, support), [...lead, ...batchShape]),
      ),
    },
  );
};
