/** lift: turns parameters into random variables. */
import { isDistribution, type Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import { describe, isRecord } from '../../core/options.ts';
import { sampleSite, sendSample } from '../../core/primitives.ts';
import { handle } from '../../core/runtime.ts';
import type { ModelTransform } from './seed.ts';

/** One prior for every parameter, or priors by name. */
export type Prior = Distribution | Readonly<Record<string, Distribution>>;

const checkPrior = (prior: unknown): void => {
  const all: readonly unknown[] = isRecord(prior) && !isDistribution(prior) ? Object.values(prior) : [prior];
  if (all.every(isDistribution)) return;
  throw kindlingError('InvalidArgument', {
    message: 'lift takes a prior for the parameters',
    given: describe(prior),
    expected: 'a distribution, or a record of distributions by parameter: lift({ w: dist.Normal(0, 1) })',
  });
};

/**
 * Draws parameters from a prior. With priors by name, parameters without one stay parameters.
 *
 * @example
 * const model = () => param('w', 1);
 * trace(seed(random.PRNGKey(0))(lift(dist.Normal(0, 1))(model)))().sites.get('w').type; // 'sample'
 */
export const lift = (prior: Prior): ModelTransform => {
  checkPrior(prior);
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'param') return site;
      const fn = isDistribution(prior) ? prior : Object.hasOwn(prior, site.name) ? prior[site.name] : undefined;
      if (fn === undefined) return site;
      // The sample site takes the parameter's place, and its value if it has one, for the handlers further out; the parameter ends here.
      const { value } = sendSample({ ...sampleSite(site.name, fn, { key: site.key, infer: site.infer }), value: site.value });
      return { ...site, value, isHidden: true };
    },
  }));
};
