/** Draws by site, from a posterior or from a guide, and the elements of their arrays as chains of numbers. */
import { kindlingError } from '../../core/errors.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import type { Chains } from './chains.ts';

/** Arrays by site. */
export type SiteDraws = Readonly<Record<string, AnyArray>>;

/** The draws of a run, `[chains, draws, …]` under `samples`; or those of a guide or a predictive, `[draws, …]` by site. */
export type DrawsBySite = { readonly samples: SiteDraws } | SiteDraws;

const isArray = (value: unknown): value is AnyArray => typeof value === 'object' && value !== null && 'shape' in value;

const isRun = (given: DrawsBySite): given is { readonly samples: SiteDraws } => given['samples'] !== undefined && !isArray(given['samples']);

const refuse = (given: unknown, remedy: string): never => {
  throw kindlingError('InvalidArgument', {
    message: 'draws come by site',
    given: given instanceof Promise ? 'a promise' : typeof given === 'object' ? Object.prototype.toString.call(given) : typeof given,
    expected: 'what a run of MCMC gave, or a record of arrays [draws, …] by site',
    remedy,
  });
};

/** The arrays by site, as they come. */
export const siteArrays = (given: DrawsBySite): Readonly<Record<string, NDArray>> => {
  if (given instanceof Promise) refuse(given, 'Write await before the run');
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isArray(given)) refuse(given, 'Name the site: { x: draws }');
  if ('run' in given && typeof given['run'] === 'function') refuse(given, 'Run it first: await mcmc.run(key, args)');
  return Object.fromEntries(Object.entries(isRun(given) ? given.samples : given).map(([name, value]) => [name, toNDArray(value)]));
};

/** Each site as `[chains, draws, …]`; draws without chains are one. */
export const drawsBySite = (given: DrawsBySite): Readonly<Record<string, NDArray>> =>
  Object.fromEntries(
    Object.entries(siteArrays(given)).map(([name, { data, shape, dtype }]) => {
      const whole = isRun(given) ? shape : [1, ...shape];
      if (whole.length < 2) {
        throw kindlingError('InvalidShape', {
          site: name,
          message: 'a summary takes draws of each site',
          given: `shape ${showShape(shape)}`,
          expected: isRun(given) ? '[chains, draws, …]' : '[draws, …]',
        });
      }
      if (whole[0] === 0 || whole[1] === 0) {
        throw kindlingError('InvalidShape', { site: name, message: 'there are no draws', given: `shape ${showShape(shape)}`, remedy: 'Raise numSamples' });
      }
      return [name, makeNDArray(data, whole, dtype)];
    }),
  );

/** One number of a site, with its draws. */
export interface Element {
  /** `beta[0,1]`; the name of the site alone, for a number. */
  readonly name: string;
  readonly chains: Chains;
}

/** The numbers of an array of draws, in row-major order. */
export const elementsOf = (site: string, { data, shape }: NDArray): readonly Element[] => {
  const [chains = 0, draws = 0, ...rest] = shape;
  const width = sizeOf(rest);
  const place = (at: number): string => {
    let left = at;
    const index = rest.reduceRight<number[]>((places, extent) => {
      places.unshift(left % extent);
      left = Math.floor(left / extent);
      return places;
    }, []);
    return rest.length === 0 ? site : `${site}[${index.join(',')}]`;
  };
  const drawsAt = (at: number, chain: number): Float64Array => {
    const own = new Float64Array(draws);
    for (let i = 0; i < draws; i++) own[i] = data[(chain * draws + i) * width + at]!;
    return own;
  };
  return Array.from({ length: width }, (_, at) => ({ name: place(at), chains: Array.from({ length: chains }, (__, chain) => drawsAt(at, chain)) }));
};
