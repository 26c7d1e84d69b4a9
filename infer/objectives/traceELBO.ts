/** TraceELBO: the evidence lower bound, estimated by reparameterised draws of the guide. */
import { kindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import { split } from '../../core/random/key.ts';
import { asArray, type AnyArray } from '../../core/value.ts';
import { traceLogDensity } from '../../transforms/logDensity.ts';
import { checkParticles, runParticle, type Objective, type Particle, type ParticleOptions } from './objective.ts';

/** A draw that is no smooth function of the parameters would leave its part of the gradient out. */
const checkPathwise = ({ guide }: Particle): void => {
  for (const site of guide.sites.values()) {
    if (site.type === 'sample' && !site.isObserved && !site.fn.isReparameterized) {
      throw kindlingError('Unsupported', {
        site: site.name,
        message: `draws of ${site.fn.name} in the guide can't be differentiated, which TraceELBO needs`,
        remedy: 'Sum the site out of the model, or use an objective for such sites',
      });
    }
  }
};

/**
 * −ELBO = −E_q[log p(x, z) − log q(z)], averaged over `numParticles` draws z of the guide.
 *
 * @see Kingma and Welling, "Auto-encoding variational Bayes" (2014), eq. 3
 * @example
 * TraceELBO({ numParticles: 10 }).numParticles; // 10
 */
export const TraceELBO = ({ numParticles = 1 }: ParticleOptions = {}): Objective => {
  checkParticles('TraceELBO', numParticles);
  return {
    name: 'TraceELBO',
    numParticles,
    loss: (key, problem) => {
      const bounds = split(key, numParticles).map((particleKey) => {
        const particle = runParticle(particleKey, problem);
        checkPathwise(particle);
        return ops.sub(traceLogDensity(particle.model), traceLogDensity(particle.guide));
      });
      const total = bounds.reduce<AnyArray>((sum, bound) => ops.add(sum, bound), asArray(0));
      return ops.mul(total, -1 / numParticles);
    },
  };
};
