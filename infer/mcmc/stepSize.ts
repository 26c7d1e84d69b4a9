/** A first guess of the step size: doubled or halved until the acceptance probability of one step crosses a threshold. */
import type { Dynamics } from './dynamics.ts';
import { log } from './elementary.ts';
import type { Proposal } from './transition.ts';

const LEAST = 2 ** -1000;
const MOST = 2 ** 1000;

/**
 * The step size at which one leapfrog step from a state is accepted with probability near `target`; a new momentum is drawn at each try.
 *
 * @see Hoffman, Gelman, "The No-U-Turn sampler" (2014), algorithm 4
 */
export const reasonableStepSize = (dynamics: Dynamics, { q, gradient, energies }: Proposal, from: number, target: number): number => {
  const { momentum, initialVelocity, stepSize, limit, reference, energy } = dynamics;
  const isAccepted = (size: number): boolean => {
    dynamics.draw();
    const start = energies[0]! + 0.5 * momentum.reduce((sum, x, i) => sum + x * initialVelocity[i]!, 0);
    dynamics.q.set(q);
    dynamics.p.set(momentum);
    dynamics.gradient.set(gradient);
    stepSize[0] = size;
    reference[0] = start;
    limit[0] = Infinity;
    return dynamics.steps(1) === 1 && start - energy[0]! > log(target);
  };
  let size = from;
  const isGrowing = isAccepted(size);
  do size = isGrowing ? 2 * size : size / 2;
  while (size > LEAST && size < MOST && isAccepted(size) === isGrowing);
  return size;
};
