/** AutoGuide: a guide made from a model, and the questions it answers once it is bound to the model's latent sites. */
import type { Distribution } from '../../core/distributions/distribution.ts';
import { kindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { checkOptions, requireFunction, requireRecord } from '../../core/options.ts';
import { asKey, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import type { Shape } from '../../core/shape.ts';
import type { Input } from '../../core/value.ts';
import { findLatents, latentFromJSON, latentToJSON, type Latent, type LatentJSON } from './latents.ts';

/** Constrained values of parameters by name, as `svi.getParams` and `svi.run` give them. */
export type GuideParams = Readonly<Record<string, Input>>;

/** Values of latent sites by name. */
export type SiteArrays = Readonly<Record<string, NDArray>>;

export interface SampleOptions {
  readonly sampleShape?: Shape | undefined;
}

/** A bound guide as plain data. */
export interface GuideJSON {
  readonly guide: string;
  readonly latents: readonly LatentJSON[];
}

/** A guide: a model over the latent sites of another, with the posterior's summaries. All but `bind` and `restore` need it bound. */
export interface Guide<Args extends readonly unknown[]> {
  (...args: Args): unknown;
  readonly guideName: string;
  /** The guide that knows the model's latent sites at these arguments. It needs no data again, and saves to JSON. */
  readonly bind: (...args: Args) => Guide<Args>;
  /** The bound guide that was saved to JSON. */
  readonly restore: (json: GuideJSON) => Guide<Args>;
  readonly isBound: boolean;
  /** The distribution over the unconstrained vector of all latents. */
  readonly getPosterior: (params: GuideParams) => Distribution;
  /** The median of each site, mapped from the unconstrained scale. */
  readonly median: (params: GuideParams) => SiteArrays;
  /** Quantiles of each site's elements, along a leading axis. */
  readonly quantiles: (params: GuideParams, qs: readonly number[]) => SiteArrays;
  /** Draws of all sites, along the leading axes of `sampleShape`. */
  readonly samplePosterior: (key: Key, params: GuideParams, options?: SampleOptions) => SiteArrays;
  readonly toJSON: () => GuideJSON;
}

/** What a kind of guide does with the model's latents. Questions left out are errors that say so. */
export interface GuideParts<Args extends readonly unknown[]> {
  readonly name: string;
  /** The guide as a model: states its parameters and a value for every latent. */
  readonly run: (latents: readonly Latent[], args: Args) => unknown;
  readonly getPosterior?: (latents: readonly Latent[], params: GuideParams) => Distribution;
  readonly median?: (latents: readonly Latent[], params: GuideParams) => SiteArrays;
  readonly quantiles?: (latents: readonly Latent[], params: GuideParams, qs: readonly number[]) => SiteArrays;
  readonly samplePosterior?: (latents: readonly Latent[], key: Key, params: GuideParams, sampleShape: Shape) => SiteArrays;
}

const checkQuantiles = (qs: readonly number[]): void => {
  const given: unknown = qs;
  if (!Array.isArray(given)) {
    throw kindlingError('InvalidArgument', {
      message: 'quantiles takes a list of probabilities after the parameters',
      expected: 'for example [0.05, 0.5, 0.95]',
    });
  }
  const bad = qs.find((q) => !(q >= 0 && q <= 1));
  if (bad !== undefined)
    throw kindlingError('InvalidArgument', { message: 'a quantile is a probability', given: String(bad), expected: 'numbers from 0 to 1' });
};

const checkedParams = (params: GuideParams): GuideParams => {
  requireRecord('what a guide is asked with', params, 'its parameters by name, as svi.run and svi.getParams give them');
  return params;
};

/**
 * Makes a guide from what is special to its kind: what own guides and the built-in ones are made with.
 *
 * @param model - whose latent sites the guide covers
 */
export const AutoGuide = <Args extends readonly unknown[]>(model: Model<Args>, parts: GuideParts<Args>): Guide<Args> => {
  requireRecord('what is special to a guide', parts, '{ name, run, … }, after the model');
  requireFunction(`${parts.name} takes a model`, model, `Write ${parts.name}(model)`);
  const make = (bound: readonly Latent[] | undefined): Guide<Args> => {
    const latents = (what: string): readonly Latent[] => {
      if (bound !== undefined) return bound;
      throw kindlingError('Unbound', {
        message: `${parts.name} does not know its model's latent sites, so it can't answer ${what}`,
        remedy: 'Use guide.bind(...args), or the guide that svi.run returns',
      });
    };
    const cannot = (what: string): never => {
      throw kindlingError('Unsupported', { message: `${parts.name} has no ${what}`, remedy: 'Estimate it from samplePosterior' });
    };
    const guide = (...args: Args): unknown => parts.run(bound ?? findLatents(model, args), args);
    const methods: Omit<Guide<Args>, never> & object = Object.assign(guide, {
      guideName: parts.name,
      isBound: bound !== undefined,
      bind: (...args: Args) => make(findLatents(model, args)),
      restore: (json: GuideJSON) => {
        if (json.guide !== parts.name) throw kindlingError('InvalidArgument', { message: `a saved ${json.guide} can't be restored as ${parts.name}` });
        return make(json.latents.map(latentFromJSON));
      },
      getPosterior: (params: GuideParams) => parts.getPosterior?.(latents('getPosterior'), checkedParams(params)) ?? cannot('posterior in closed form'),
      median: (params: GuideParams) => parts.median?.(latents('median'), checkedParams(params)) ?? cannot('median in closed form'),
      quantiles: (params: GuideParams, qs: readonly number[]) => {
        checkQuantiles(qs);
        return parts.quantiles?.(latents('quantiles'), checkedParams(params), qs) ?? cannot('quantiles in closed form');
      },
      samplePosterior: (key: Key, params: GuideParams, options: SampleOptions = {}) => {
        checkOptions('samplePosterior', options, ['sampleShape']);
        return parts.samplePosterior?.(latents('samplePosterior'), asKey(key), checkedParams(params), options.sampleShape ?? []) ?? cannot('posterior draws');
      },
      toJSON: () => ({ guide: parts.name, latents: latents('toJSON').map(latentToJSON) }),
    });
    return Object.freeze(methods) as Guide<Args>;
  };
  return make(undefined);
};

/** Whether a guide is one of these, and not a function written by hand. */
export const isAutoGuide = <Args extends readonly unknown[]>(guide: Model<Args>): guide is Guide<Args> => 'guideName' in guide;
