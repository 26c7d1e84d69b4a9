/** lift: turns parameters into random variables. */
import type { Distribution } from '../../core/distributions/distribution.ts';
import { sampleSite, sendSample } from '../../core/primitives.ts';
import { handle } from '../../core/runtime.ts';
import type { ModelTransform } from './seed.ts';

/** One prior for every parameter, or priors by name. */
export type Prior = Distribution | Readonly<Record<string, Distribution>>;

const isOne = (prior: Prior): prior is Distribution => typeof prior.logProb === 'function';

/**
 * Draws parameters from a prior. With priors by name, parameters without one stay parameters.
 *
 * @example
 * const model = () => param('w', 1);
 * trace(seed(random.PRNGKey(0))(lift(dist.Normal(0, 1))(model)))().sites.get('w').type; // 'sample'
 */
export const lift = (prior: Prior): ModelTransform =>
  handle(() => ({
    process: (site) => {
      if (site.type !== 'param') return site;
      const fn = isOne(prior) ? prior : Object.hasOwn(prior, site.name) ? prior[site.name] : undefined;
      if (fn === undefined) return site;
      // The sample site takes the parameter's place, and its value if it has one, for the handlers further out; the parameter ends here.
      const { value } = sendSample({ ...sampleSite(site.name, fn, { key: site.key, infer: site.infer }), value: site.value });
      return { ...site, value, isHidden: true };
    },
  }));
