/** TraceELBO: the evidence lower bound, estimated by reparameterised draws of the guide. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { split, type Key } from '../../core/random/key.ts';
import { isLatent } from '../../core/site.ts';
import { asArray, type AnyArray } from '../../core/value.ts';
import { traceLogDensity } from '../../transforms/logDensity.ts';
import { checkParticles, runParticle, type Objective, type Particle, type ParticleOptions, type Problem } from './objective.ts';

/** A draw that is no smooth function of the parameters would leave its part of the gradient out. */
const checkPathwise = ({ guide }: Particle): void => {
  for (const site of guide.sites.values()) {
    if (isLatent(site) && !site.fn.isReparameterized) {
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
export const TraceELBO = (options: ParticleOptions = {}): Objective => {
  checkOptions('TraceELBO', options, ['numParticles']);
  const { numParticles = 1 } = options;
  checkParticles('TraceELBO', numParticles);
  const particleLoss = (key: Key, problem: Problem): AnyArray => {
    const particle = runParticle(key, problem);
    checkPathwise(particle);
    return ops.sub(traceLogDensity(particle.guide), traceLogDensity(particle.model));
  };
  return {
    name: 'TraceELBO',
    numParticles,
    particleLoss,
    loss: (key, problem) => {
      const losses = split(key, numParticles).map((particleKey) => particleLoss(particleKey, problem));
      const total = losses.reduce<AnyArray>((sum, loss) => ops.add(sum, loss), asArray(0));
      return ops.mul(total, 1 / numParticles);
    },
  };
};
