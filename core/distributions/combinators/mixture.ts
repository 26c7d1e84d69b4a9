/** Mixture: a finite mixture of a list of components or of a batch of them. */
import { isDistribution, type Distribution } from '../distribution.ts';
import type { MixtureDistribution } from './mixtureBase.ts';
import { MixtureGeneral } from './mixtureGeneral.ts';
import { MixtureSameFamily } from './mixtureSameFamily.ts';
import { namedParts } from './parts.ts';

/**
 * Mixture(mixingDistribution, componentDistributions): MixtureGeneral of a list, MixtureSameFamily of one distribution with a batch.
 *
 * @example
 * dist.Mixture(dist.Categorical([0.5, 0.5]), [dist.Normal(-1, 1), dist.Normal(3, 1)]).mean; // 1
 */
export const Mixture: {
  (parts: { readonly mixingDistribution: Distribution; readonly componentDistributions: Distribution | readonly Distribution[] }): MixtureDistribution;
  (mixingDistribution: Distribution, componentDistributions: Distribution | readonly Distribution[]): MixtureDistribution;
} = (...args: readonly unknown[]): MixtureDistribution => {
  const given = namedParts('Mixture', ['mixingDistribution', 'componentDistributions'], args);
  const [mixing, components] = [given['mixingDistribution'] as Distribution, given['componentDistributions']];
  return isDistribution(components) ? MixtureSameFamily(mixing, components) : MixtureGeneral(mixing, components as readonly Distribution[]);
};
