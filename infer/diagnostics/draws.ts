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

/** The arrays by site, as they come. */
export const siteArrays = (given: DrawsBySite): Readonly<Record<string, NDArray>> =>
  Object.fromEntries(Object.entries(isRun(given) ? given.samples : given).map(([name, value]) => [name, toNDArray(value)]));

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
  return Array.from({ length: width }, (_, at) => ({
    name: place(at),
    chains: Array.from({ length: chains }, (__, chain) => Float64Array.from({ length: draws }, (___, i) => data[(chain * draws + i) * width + at]!)),
  }));
};
