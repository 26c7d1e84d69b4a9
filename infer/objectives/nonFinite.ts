/** Finding the site at fault when a loss is no number: the first whose log-density is not finite. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { split, type Key } from '../../core/random/key.ts';
import type { FactorSite, SampleSite, Site } from '../../core/site.ts';
import { toNDArray, toNumber, type Input } from '../../core/value.ts';
import { valueAndGrad } from '../../transforms/grad.ts';
import { siteLogProb } from '../../transforms/logDensity.ts';
import { runParticle, type Objective, type Problem } from './objective.ts';

const isTerm = (site: Site): site is SampleSite | FactorSite => site.type === 'sample' || site.type === 'factor';

const range = (name: string, value: Input): string => {
  const { data, shape } = toNDArray(value);
  const odd = data.findIndex((x) => !Number.isFinite(x));
  if (odd >= 0) return `${name} ${data[odd]}${data.length > 1 ? ` at element ${odd}` : ''}`;
  if (data.length === 1) return `${name} ${data[0]}`;
  return `${name} of shape [${shape.join(', ')}] from ${data.reduce((a, b) => Math.min(a, b))} to ${data.reduce((a, b) => Math.max(a, b))}`;
};

const isNumeric = (value: unknown): value is Input => typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value;

const describe = (site: SampleSite | FactorSite): string =>
  site.type === 'factor'
    ? range('term', site.value)
    : [range('value', site.value), ...Object.entries(site.fn.params).flatMap(([name, param]) => (isNumeric(param) ? [range(name, param)] : []))].join('; ');

const isOutside = (site: SampleSite | FactorSite): site is SampleSite =>
  site.type === 'sample' && toNDArray(site.fn.support.check(site.value)).data.some((inside) => inside === 0);

const blame = (where: string, sites: ReadonlyMap<string, Site>): KindlingError | undefined => {
  for (const site of sites.values()) {
    if (!isTerm(site)) continue;
    const terms = toNDArray(siteLogProb(site));
    const total = toNumber(ops.sum(terms));
    if (Number.isFinite(total)) continue;
    const at = terms.data.findIndex((term) => !Number.isFinite(term));
    const element = terms.data.length > 1 && at >= 0 ? `, at element ${at} first` : '';
    return kindlingError('NonFinite', {
      site: site.name,
      message: `its log-density in the ${where} is ${total}${element}`,
      given: `${describe(site)}${isOutside(site) ? `; the value lies outside the support, ${site.fn.support.name}` : ''}`,
      remedy: 'Check the data, the parameters’ constraints and the learning rate; { stableUpdate: true } passes over a step of this kind',
    });
  }
  return undefined;
};

/** The error for a loss that is not finite: it names the first site that made it so, of the guide and then of the model. */
export const nonFiniteLoss = <P extends Readonly<Record<string, NDArray>>>(
  loss: number,
  key: Key,
  objective: Objective,
  problemAt: (params: P) => Problem,
  params: P,
): KindlingError => {
  const find = (problem: Problem): KindlingError | undefined => {
    for (const particleKey of split(key, objective.numParticles)) {
      const particle = runParticle(particleKey, problem);
      const found = blame('guide', particle.guide.sites) ?? blame('model', particle.model.sites);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  let found: KindlingError | undefined;
  // Under a gradient, as the step was: there an invalid parameter of a distribution is a number like any other, and the run goes through.
  valueAndGrad((at: P) => {
    found = find(problemAt(at));
    return 0;
  })(params);
  return (
    found ??
    kindlingError('NonFinite', {
      message: `the loss is ${loss}, though the log-density of every site is finite`,
      remedy: 'Look for a factor of extreme size, or a scale of 0',
    })
  );
};

/** The error for a gradient that is not finite though the loss is. */
export const nonFiniteGradient = (names: readonly string[]): KindlingError =>
  kindlingError('NonFinite', {
    site: names[0],
    message: 'the gradient of the loss by this parameter is not finite, though the loss is',
    given: names.length > 1 ? `also for ${names.slice(1).join(', ')}` : undefined,
    remedy: 'A function with an infinite slope, such as sqrt or log at 0, is the usual cause; { stableUpdate: true } passes over a step of this kind',
  });
