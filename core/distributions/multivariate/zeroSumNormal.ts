/** The normal distribution of arrays that sum to zero. */
import { positive, zeroSum } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import type { Shape } from '../../shape.ts';
import { asArray, toNDArray, type AnyArray, type Input } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { addAxes } from '../axes.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, sizePart } from './forms.ts';

const { add, log, mean, mul, square, sub, sum } = ops;

const row = (eventShape: Shape): Constructor<'scale'> => {
  const axes = eventShape.map((_, i) => i - eventShape.length);
  const dimension = eventShape.reduce((product, extent) => product * (extent - 1), 1);
  const share = eventShape.reduce((product, extent) => product * (1 - 1 / extent), 1);
  const widened = (scale: AnyArray): AnyArray => addAxes(scale, eventShape.length);
  return defineDistribution({
    name: 'ZeroSumNormal',
    params: { scale: { constraint: positive } },
    support: zeroSum(eventShape.length),
    eventShape: () => eventShape,
    isReparameterized: true,
    sample: ({ scale }, key, shape) => {
      const free: AnyArray = mul(widened(scale), normal(key, [...shape, ...eventShape]));
      return axes.reduce((x, axis) => sub(x, mean(x, axis, true)), free);
    },
    logProb: ({ scale }, x) => sub(mul(-0.5, sum(square(ops.div(x, widened(scale))), axes)), mul(dimension, add(log(scale), HALF_LOG_2PI))),
    mean: ({ scale }) => mul(widened(scale), ops.zeros(eventShape)),
    variance: ({ scale }) => ops.broadcastTo(widened(mul(share, square(scale))), [...scale.shape, ...eventShape]),
    entropy: ({ scale }) => mul(dimension, add(log(scale), HALF_LOG_2PI + 0.5)),
  });
};

/**
 * ZeroSumNormal(scale, eventShape): independent Normal(0, scale) numbers less their means along each event axis, so that they sum to 0
 * along each: f(x) = exp(−Σ x² / 2σ²) / (σ √2π)^d, d = ∏ (n − 1) over the extents n, with respect to the volume of that subspace.
 *
 * @param scale - σ, positive
 * @param eventShape - the extents of the axes that sum to 0
 * @throws InvalidArgument for an event shape that is none
 * @see PyMC, ZeroSumNormal (Seyboldt); Kotz, Balakrishnan, Johnson, Continuous Multivariate Distributions 1, ch. 45 (singular normals)
 * @example
 * dist.ZeroSumNormal(1, [4]).variance; // [0.75, 0.75, 0.75, 0.75]
 */
export const ZeroSumNormal: Constructor<'scale' | 'eventShape'> = (...args: readonly unknown[]): Distribution => {
  const { eventShape, ...given } = namedParts('ZeroSumNormal', ['scale', 'eventShape'], args);
  const extents = eventShape === undefined ? [] : [...toNDArray(asArray(eventShape as Input)).data];
  sizePart('ZeroSumNormal', 'the number of axes of eventShape', extents.length, 1);
  return row(extents.map((extent) => sizePart('ZeroSumNormal', 'eventShape', extent, 1)))(arraysOf(given));
};
