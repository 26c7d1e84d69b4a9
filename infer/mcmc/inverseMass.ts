/** An inverse mass matrix as users give it: for all coordinates, or by sites; laid out as the metric wants it. */
import { kindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { showShape } from '../../core/shape.ts';
import { asArray, isArray, toNDArray, type Input } from '../../core/value.ts';
import type { LatentSlot } from './latents.ts';
import { identityMetric, type MetricShape } from './metric.ts';

/** Variances, a covariance, or either by names of sites joined with commas. */
export type InverseMass = Input | Readonly<Record<string, Input>>;

interface Where {
  readonly latents: { readonly slots: readonly LatentSlot[] };
  readonly metric: MetricShape;
}

const wrongShape = (what: string, { shape }: NDArray, n: number, isDense: boolean): Error =>
  kindlingError('InvalidShape', {
    message: `inverseMassMatrix has the wrong shape for ${what}`,
    given: showShape(shape),
    expected: isDense ? `[${n}, ${n}], or variances [${n}]` : `variances [${n}]`,
    remedy: isDense ? undefined : 'For a covariance, set denseMass',
  });

const isByName = (given: InverseMass): given is Readonly<Record<string, Input>> =>
  typeof given === 'object' && !isArray(given) && !Array.isArray(given) && !ArrayBuffer.isView(given) && !('data' in given);

/** Writes variances or a covariance of some coordinates. */
const put = (out: Float64Array, { dim, blocks }: MetricShape, coordinates: readonly number[], given: NDArray, what: string): void => {
  const n = coordinates.length;
  const isMatrix = given.shape.length === 2;
  const isTogether = blocks.some((block) => coordinates.every((i) => block.includes(i)));
  if (given.data.length !== (isMatrix ? n * n : n) || given.shape.length === 0 || given.shape.some((extent) => extent !== n) || (isMatrix && !isTogether)) {
    throw wrongShape(what, given, n, isTogether);
  }
  coordinates.forEach((i, k) => {
    if (blocks.length === 0) out[i] = given.data[k]!;
    else coordinates.forEach((j, l) => (out[i * dim + j] = isMatrix ? given.data[k * n + l]! : k === l ? given.data[k]! : 0));
  });
};

/** Checks and lays out an inverse mass matrix; coordinates of which nothing is said have variance 1. */
export const inverseMassOf = (given: InverseMass, { latents: { slots }, metric }: Where): Float64Array => {
  const out = identityMetric(metric);
  const all = Array.from({ length: metric.dim }, (_, i) => i);
  if (!isByName(given)) {
    const array = toNDArray(asArray(given));
    // Where only some coordinates are dense, a whole matrix has to leave the others uncorrelated.
    if (array.shape.length === 2 && metric.blocks.length > 0 && array.data.length === out.length) out.set(array.data);
    else put(out, metric, all, array, 'all coordinates');
    return out;
  }
  for (const [names, value] of Object.entries(given)) {
    const wanted = names.split(',').map((name) => name.trim());
    const unknown = wanted.find((name) => slots.every((slot) => slot.name !== name));
    if (unknown !== undefined) {
      throw kindlingError('MissingSite', {
        site: unknown,
        message: 'inverseMassMatrix names a site that is not latent in the model',
        expected: slots.map(({ name }) => name).join(', '),
      });
    }
    const coordinates = slots.filter(({ name }) => wanted.includes(name)).flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i));
    put(out, metric, coordinates, toNDArray(asArray(value)), `"${names}"`);
  }
  return out;
};
