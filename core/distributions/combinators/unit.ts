/** Unit: the distribution of no value, which stands for a factor. */
import { independent, real } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { widened } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam, namedArguments, type Constructor } from '../family.ts';
import { kindlingError } from '../../errors.ts';

/**
 * Unit(logFactor): one value without numbers, of shape [0], whose log-probability is `logFactor`. It need not be normalised.
 *
 * @param logFactor - of the batch shape, any number
 * @example
 * dist.Unit(0.7).logProb([]); // 0.7
 */
export const Unit: Constructor<'logFactor'> = (...args: readonly unknown[]): Distribution => {
  const { logFactor } = namedArguments('Unit', ['logFactor'], args);
  if (logFactor === undefined) throw kindlingError('InvalidArgument', { message: 'Unit needs parameter logFactor', expected: 'logFactor' });
  checkParam('Unit', 'logFactor', logFactor, real);
  const batchShape = logFactor.shape;
  return makeDistribution({
    name: 'Unit',
    params: { logFactor },
    batchShape,
    eventShape: [0],
    support: independent(real, 1),
    isReparameterized: true,
    apart: () => ({ arrays: [logFactor], rebuild: ([given], lead) => widened(Unit(given), [...lead, ...batchShape]) }),
    draw: (_, shape) => ops.zeros([...shape, 0]),
    logProb: (x) => ops.add(logFactor, ops.sum(x, -1)),
    mean: () => ops.zeros([0]),
    variance: () => ops.zeros([0]),
    entropy: () => ops.neg(logFactor),
  });
};
