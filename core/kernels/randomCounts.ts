/** The kernels of Poisson and binomial variates by key. */
import { binomialVariate, poissonVariate } from '../loop/functions/variatesCount.ts';
import type { Kernel } from './kernel.ts';
import { variateKernel } from './random.ts';

/** Counts of rate `rate`: 0 at rate 0, Infinity at Infinity, NaN below 0. */
export const RandomPoisson: Kernel = variateKernel('RandomPoisson', ['rate'], poissonVariate, 'zero');

/** How many of `n` trials succeed with probability `p` each; NaN where `n` is no count or `p` no probability. */
export const RandomBinomial: Kernel = variateKernel('RandomBinomial', ['n', 'p'], binomialVariate, 'zero');
