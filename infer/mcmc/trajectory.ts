/** One transition of HMC: a trajectory of fixed length, whose end is accepted or not. */
import type { Dynamics } from './dynamics.ts';
import { exp } from './elementary.ts';
import { STEPS_IN_CALL } from './stepPorts.ts';
import { MAX_DELTA_ENERGY, type Transition } from './transition.ts';

/** How far a trajectory goes: a length in units of position over √mass, or a number of steps. */
export interface TrajectoryOptions {
  readonly trajectoryLength: number;
  readonly numSteps: number | undefined;
}

/** A step size that warmup drives towards 0 must not stop the program. */
const MOST_STEPS = 2 ** 20;

/**
 * Makes the transition of HMC. A trajectory of length L takes ⌈L/ε⌉ steps, each of size L over that number, so that its length is exact.
 *
 * @see Duane, Kennedy, Pendleton, Roweth, "Hybrid Monte Carlo" (1987); Neal, "MCMC using Hamiltonian dynamics" (2011), section 3.2
 */
export const makeTrajectory = (dynamics: Dynamics, { trajectoryLength, numSteps: fixed }: TrajectoryOptions): Transition => {
  const { current: proposal, momentum, initialVelocity, uniform, q, p, gradient, stepSize, reference, limit, energy, potential, steps } = dynamics;
  const run: Transition['run'] = (size) => {
    const numSteps = fixed ?? Math.max(1, Math.min(MOST_STEPS, Math.ceil(trajectoryLength / size)));
    const start = proposal.energies[0]! + 0.5 * momentum.reduce((sum, x, i) => sum + x * initialVelocity[i]!, 0);
    q.set(proposal.q);
    p.set(momentum);
    gradient.set(proposal.gradient);
    stepSize[0] = fixed === undefined ? trajectoryLength / numSteps : size;
    reference[0] = start;
    limit[0] = Infinity;
    let done = 0;
    while (done < numSteps) {
      const asked = Math.min(STEPS_IN_CALL, numSteps - done);
      const good = steps(asked);
      done += good;
      if (good < asked) break;
    }
    const delta = done < numSteps ? Infinity : energy[0]! - start;
    const acceptProb = exp(-Math.max(0, delta));
    proposal.energies[1] = start;
    if (uniform[0]! < acceptProb) {
      proposal.q.set(q);
      proposal.gradient.set(gradient);
      proposal.energies[0] = potential[0]!;
      proposal.energies[1] = energy[0]!;
    }
    const taken = Math.max(1, done);
    return { acceptProb, numSteps: taken, treeDepth: 0, isDiverging: !(delta <= MAX_DELTA_ENERGY) };
  };
  return { current: proposal, run };
};
