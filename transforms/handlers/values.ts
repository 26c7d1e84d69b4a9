/** The handlers that give sites their values: substitute, condition, replay, intervene, uncondition. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import { describe, isRecord } from '../../core/options.ts';
import { sendSample, valueAt } from '../../core/primitives.ts';
import { handle } from '../../core/runtime.ts';
import type { Message } from '../../core/site.ts';
import type { Input } from '../../core/value.ts';
import type { ModelTransform } from './seed.ts';
import type { Trace } from './trace.ts';

/** Values by site name. */
export type Values = Readonly<Record<string, Input>>;

/** For handlers that state sites of their own: of one that stands for all times of a scan not enough is known. */
export const refusedStack = (handler: string, site: string): KindlingError =>
  kindlingError('Unsupported', {
    site,
    message: `${handler} does not reach into a scan`,
    remedy: `Put ${handler} around the function that scan repeats`,
  });

/** A function from a site to its value, or to `undefined` where it leaves the site alone. */
export type ValueFn = (site: Message) => Input | undefined;

const lookup = (data: Values, name: string): Input | undefined => (Object.hasOwn(data, name) ? data[name] : undefined);

/** What gives a site its value; a list, a number or nothing would give none. */
const valueFnOf = (handler: string, data: Values | ValueFn): ValueFn => {
  if (typeof data === 'function') return data;
  if (!isRecord(data)) {
    throw kindlingError('InvalidArgument', {
      message: `${handler} takes values by site name`,
      given: describe(data),
      expected: `a record, as in ${handler}({ x: 1 }), or a function of the site`,
    });
  }
  return (site) => lookup(data, site.name);
};

const isOpen = (site: Message): boolean => site.value === undefined;

/**
 * Gives sites a value, leaving them latent. It does not touch a site that has one: of two `substitute`s the inner one decides.
 *
 * @param data - values of sample sites, of params (in the constrained space) and indices of plates by name, or a function of the site
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * substitute({ x: 2 })(model)().dataSync()[0]; // 2
 */
export const substitute = (data: Values | ValueFn): ModelTransform => {
  const valueOf = valueFnOf('substitute', data);
  return handle(() => ({
    process: (site) => {
      if ((site.type !== 'sample' && site.type !== 'param' && site.type !== 'plate') || !isOpen(site)) return site;
      const value = valueOf(site);
      return value === undefined ? site : { ...site, value: valueAt(site.name, value, site.type === 'plate' ? 'int32' : undefined) };
    },
  }));
};

/**
 * Gives sample sites a value and marks them observed. Otherwise as `substitute`; parameters are left alone.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * trace(condition({ x: 2 })(model))().sites.get('x').isObserved; // true
 */
export const condition = (data: Values | ValueFn): ModelTransform => {
  const valueOf = valueFnOf('condition', data);
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'sample' || !isOpen(site)) return site;
      const value = valueOf(site);
      return value === undefined ? site : { ...site, value: valueAt(site.name, value), isObserved: true };
    },
  }));
};

/** Gives latent sample sites and plates the values and indices that they had in a trace. */
export const replay = (trace: Trace): ModelTransform => {
  if (!(trace?.sites instanceof Map)) {
    throw kindlingError('InvalidArgument', {
      message: 'replay takes a trace',
      given: describe(trace),
      expected: '{ sites }, as trace(model)(…args) gives it',
      remedy: 'Values by name are given by substitute({ x: 1 })',
    });
  }
  return handle(() => ({
    process: (site) => {
      if ((site.type !== 'sample' && site.type !== 'plate') || !isOpen(site)) return site;
      const recorded = trace.sites.get(site.name);
      return recorded?.type === site.type ? { ...site, value: recorded.value } : site;
    },
  }));
};

/**
 * Pearl's do: statements after a site see the value given here, while the site itself keeps its own draw and density.
 *
 * @example
 * const model = () => deterministic('y', ops.mul(2, sample('x', dist.Normal(0, 1))));
 * const run = trace(seed(random.PRNGKey(0))(intervene({ x: 3 })(model)))();
 * run.sites.get('y').value.dataSync()[0]; // 6
 */
export const intervene = (data: Values | ValueFn): ModelTransform => {
  const valueOf = valueFnOf('intervene', data);
  return handle(() => ({
    process: (site) => {
      if (site.type !== 'sample') return site;
      const value = valueOf(site);
      if (value === undefined) return site;
      if (site.isStack === true) throw refusedStack('intervene', site.name);
      // The site as it would have been goes on outwards by itself; the model gets the intervention, which nobody else sees.
      sendSample(site);
      return { ...site, value: valueAt(site.name, value), isHidden: true };
    },
  }));
};

/**
 * Draws observed sites anew. What was observed stands in `infer.obs`, beside `infer.wasObserved`.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1), { obs: 2 });
 * trace(seed(random.PRNGKey(0))(uncondition()(model)))().sites.get('x').isObserved; // false
 */
export const uncondition = (): ModelTransform =>
  handle(() => ({
    process: (site) =>
      site.type === 'sample' && site.isObserved
        ? { ...site, value: undefined, isObserved: false, infer: { ...site.infer, wasObserved: true, obs: site.value } }
        : site,
  }));
