/** Finding the site at fault when a loss is no number: the first whose log-density is not finite. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import { split, type Key } from '../../core/random/key.ts';
import { scoped } from '../../core/scope.ts';
import type { FactorSite, SampleSite, Site } from '../../core/site.ts';
import { toNDArray, toNumber, type Input } from '../../core/value.ts';
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

const blame = (where: string, sites: ReadonlyMap<string, Site>): KindlingError | undefined => {
  for (const site of sites.values()) {
    if (!isTerm(site)) continue;
    const total = toNumber(ops.sum(siteLogProb(site)));
    if (Number.isFinite(total)) continue;
    const outside = site.type === 'sample' && total === -Infinity ? `; the value lies outside the support (${site.fn.support.name}) or is impossible` : '';
    return kindlingError('NonFinite', {
      site: site.name,
      message: `its log-density in the ${where} is ${total}`,
      given: `${describe(site)}${outside}`,
      remedy: 'Check the data, the parameters’ constraints and the learning rate; { stableUpdate: true } passes over a step of this kind',
    });
  }
  return undefined;
};

/** The error for a loss that is not finite: it names the first site that made it so, of the guide and then of the model. */
export const nonFiniteLoss = (loss: number, key: Key, objective: Objective, problem: Problem): KindlingError =>
  scoped(
    () => {
      for (const particleKey of split(key, objective.numParticles)) {
        const particle = runParticle(particleKey, problem);
        const found = blame('guide', particle.guide.sites) ?? blame('model', particle.model.sites);
        if (found !== undefined) return found;
      }
      return kindlingError('NonFinite', {
        message: `the loss is ${loss}, though the log-density of every site is finite`,
        remedy: 'Look for a factor of extreme size, or a scale of 0',
      });
    },
    () => [],
  );

/** The error for a gradient that is not finite though the loss is. */
export const nonFiniteGradient = (names: readonly string[]): KindlingError =>
  kindlingError('NonFinite', {
    site: names[0],
    message: 'the gradient of the loss by this parameter is not finite, though the loss is',
    given: names.length > 1 ? `also for ${names.slice(1).join(', ')}` : undefined,
    remedy: 'A function with an infinite slope, such as sqrt or log at 0, is the usual cause; { stableUpdate: true } passes over a step of this kind',
  });
