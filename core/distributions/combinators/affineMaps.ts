/** Which bijectors are affine, and what becomes of a variance under them. */
import type { Bijector } from '../../bijectors/bijector.ts';
import * as ops from '../../ops/index.ts';
import type { AnyArray, Input } from '../../value.ts';
import type { Distribution } from '../distribution.ts';

const { div, matMul, mul, square, squeeze, expandDims } = ops;

/** The bijectors that a map is composed of, one after another, with nested compositions opened. */
const stepsOf = (map: Bijector): readonly Bijector[] => {
  const { parts } = map.params as { readonly parts?: readonly Bijector[] };
  return parts === undefined ? [map] : parts.flatMap(stepsOf);
};

/** What a name says is done, without where: independent(affine, 1) is affine. */
const kindOf = ({ name }: Bijector): string => /^independent\((.*), \d+\)$/.exec(name)?.[1] ?? name;

const inner = ({ name, params }: Bijector): Bijector | undefined => (name.startsWith('inverse(') ? (params['base'] as Bijector) : undefined);

const linear = new Set(['identity', 'affine', 'lowerCholeskyAffine', 'permute', 'reshape', 'recursiveLinear']);

/** Whether a map is known to be y = A x + b. */
export const isAffine = (map: Bijector): boolean =>
  stepsOf(map).every((step) => {
    const turned = inner(step);
    return turned === undefined ? linear.has(kindOf(step)) : isAffine(turned);
  });

/** Whether a map is affine but for one exp, by elements: then its log-determinant is affine in x. */
export const isExponentialOfAffine = (map: Bijector): boolean => {
  const steps = stepsOf(map);
  const others = steps.filter((step) => kindOf(step) !== 'exp');
  return others.length === steps.length - 1 && others.every(isAffine);
};

/** By what a map multiplies each number, where it is affine by elements. */
const slopeOf = (map: Bijector): Input | undefined => {
  const turned = inner(map);
  if (turned !== undefined) {
    const slope = slopeOf(turned);
    return slope === undefined ? undefined : div(1, slope);
  }
  switch (kindOf(map)) {
    case 'identity':
      return 1;
    case 'affine':
      return map.params['scale'] as Input;
    default:
      return undefined;
  }
};

/** Whether the numbers of an event are independent: a batch of single numbers taken as one. */
const isIndependent = ({ eventShape, wraps }: Distribution): boolean => eventShape.length === 0 || (wraps !== undefined && isIndependent(wraps.base));

const throughStep = (variance: AnyArray, step: Bijector, isFirst: boolean, source: Distribution): AnyArray | undefined => {
  const slope = slopeOf(step);
  if (slope !== undefined) return mul(square(slope), variance);
  const kind = kindOf(step);
  if (kind === 'permute' || kind === 'reshape') return step.forward(variance);
  if (kind !== 'lowerCholeskyAffine' || !isFirst || !isIndependent(source)) return undefined;
  return squeeze(matMul(square(step.params['scaleTril'] as Input), expandDims(variance, -1)), -1);
};

/** The variance of each number of a mapped value, `undefined` where it depends on more than variances. */
export const varianceOf = (map: Bijector, source: Distribution): AnyArray | undefined =>
  stepsOf(map).reduce<AnyArray | undefined>(
    (variance, step, i) => (variance === undefined ? undefined : throughStep(variance, step, i === 0, source)),
    source.variance,
  );
