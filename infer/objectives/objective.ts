/** An objective: what SVI minimises, as a pure function of a key and the constrained parameters; and the pair of runs that all objectives share. */
import { kindlingError } from '../../core/errors.ts';
import { split, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { isLatent } from '../../core/site.ts';
import type { AnyArray } from '../../core/value.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { replay, substitute, type Values } from '../../transforms/handlers/values.ts';

/** A model, its guide and their arguments at one step. */
export interface Problem {
  readonly model: Model;
  readonly guide: Model;
  readonly args: readonly unknown[];
  /** Values of the parameters of both, in their constraints. */
  readonly params: Values;
}

export interface Objective {
  readonly name: string;
  readonly numParticles: number;
  /** The loss, a scalar; for a bound on the evidence, minus the bound. */
  readonly loss: (key: Key, problem: Problem) => AnyArray;
  /** The loss of one particle, where `loss` is the mean of these over `split(key, numParticles)`: it can then be compiled once for all. */
  readonly particleLoss?: ((key: Key, problem: Problem) => AnyArray) | undefined;
}

export interface ParticleOptions {
  /** How many draws of the guide each loss averages over; 1. */
  readonly numParticles?: number | undefined;
}

/** Refuses a number of particles that is no positive integer. */
export const checkParticles = (objective: string, numParticles: number): void => {
  if (!Number.isInteger(numParticles) || numParticles < 1) {
    throw kindlingError('InvalidArgument', { message: `numParticles of ${objective} must be a whole number from 1`, given: String(numParticles) });
  }
};

/** The traces of a guide and of the model at the guide's draws. */
export interface Particle {
  readonly guide: Trace;
  readonly model: Trace;
}

const checkMatch = ({ guide, model }: Particle): void => {
  for (const site of model.sites.values()) {
    if (isLatent(site) && guide.sites.get(site.name)?.type !== 'sample') {
      throw kindlingError('MissingSite', {
        site: site.name,
        message: 'the model samples it, the guide does not',
        given: `guide sites ${
          [...guide.sites.values()]
            .filter(isLatent)
            .map(({ name }) => name)
            .join(', ') || 'none'
        }`,
        remedy: 'Sample it in the guide under the same name, or observe it in the model',
      });
    }
  }
  for (const site of guide.sites.values()) {
    if (!isLatent(site) || site.infer['isAuxiliary'] === true) continue;
    const twin = model.sites.get(site.name);
    if (twin?.type !== 'sample' || twin.isObserved) {
      throw kindlingError('MissingSite', {
        site: site.name,
        message: `the guide samples it, the model ${twin?.type === 'sample' ? 'observes it' : 'does not'}`,
        remedy: 'Use the model’s name for it; a site that only helps the guide needs { infer: { isAuxiliary: true } }',
      });
    }
  }
};

/** Runs the guide, and the model with the guide's draws in place of its own: from one key, first the guide's and then the model's. */
export const runParticle = (key: Key, { model, guide, args, params }: Problem): Particle => {
  const [guideKey, modelKey] = split(key);
  const given = substitute(params);
  const guideTrace = trace(seed(guideKey)(given(guide)))(...args);
  const modelTrace = trace(seed(modelKey)(replay(guideTrace)(given(model))))(...args);
  const particle = { guide: guideTrace, model: modelTrace };
  checkMatch(particle);
  return particle;
};
