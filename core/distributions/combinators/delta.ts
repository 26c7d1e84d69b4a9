/** The distribution of a value that is certain. */
import { independent, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { kindlingError } from '../../errors.ts';
import { showShape, tryBroadcast } from '../../shape.ts';
import { asArray, toNumber, type Input } from '../../value.ts';
import { widened, withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { namedArguments, type Constructor } from '../family.ts';

/**
 * Delta(v, logDensity, eventDim): the value `v`, whose log-probability is `logDensity`; any other has −∞.
 *
 * @param v - the value; differentiable
 * @param logDensity - of the batch shape; 0 by default. A density other than 1 carries the Jacobian of a transformed value.
 * @param eventDim - how many of the last axes of `v` are one event; 0 by default
 * @example
 * dist.Delta(2).logProb(2); // 0
 */
export const Delta: Constructor<'v' | 'logDensity' | 'eventDim'> = (...args: readonly unknown[]): Distribution => {
  const given = namedArguments('Delta', ['v', 'logDensity', 'eventDim'], args);
  const v = given['v'] ?? asArray(0);
  const logDensity = given['logDensity'] ?? asArray(0);
  const eventDim = given['eventDim'] === undefined ? 0 : toNumber(given['eventDim']);
  if (!Number.isInteger(eventDim) || eventDim < 0 || eventDim > v.shape.length) {
    throw kindlingError('InvalidArgument', { message: `Delta can't take ${eventDim} event axes of a value of shape ${showShape(v.shape)}` });
  }
  const eventShape = v.shape.slice(v.shape.length - eventDim);
  const batchShape = tryBroadcast(v.shape.slice(0, v.shape.length - eventDim), logDensity.shape);
  if (batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      message: 'logDensity does not fit the value of Delta',
      given: `${showShape(logDensity.shape)} for ${showShape(v.shape)}`,
    });
  }
  const eventAxes = Array.from({ length: eventDim }, (_, i) => -1 - i);
  const same = (x: Input) => (eventDim === 0 ? ops.equal(x, v) : ops.all(ops.equal(x, v), eventAxes));
  return makeDistribution({
    name: 'Delta',
    params: { v, logDensity },
    batchShape,
    eventShape,
    support: independent(real, eventDim),
    isReparameterized: true,
    apart: () => ({
      arrays: [withRank(v, batchShape.length + eventDim), withRank(logDensity, batchShape.length)],
      rebuild: ([value, density], lead) => widened(Delta(value, density, eventDim), [...lead, ...batchShape]),
    }),
    draw: (_, shape) => ops.broadcastTo(v, [...shape, ...eventShape]),
    logProb: (x) => ops.where(same(x), logDensity, -Infinity),
    mean: () => v,
    variance: () => ops.mulNoNan(0, v),
    entropy: () => ops.neg(logDensity),
    cdf: eventDim === 0 ? (x) => ops.cast(ops.greaterEqual(x, v), 'float32') : undefined,
  });
};
