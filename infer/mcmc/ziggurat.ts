/** The tables of the ziggurat: layers of one area under the normal density. */
import { exp, log } from './elementary.ts';

export const LAYERS = 128;

/** Where the lowest layer ends and the tail begins, for 128 layers of one area: Doornik (2005), section 3. */
export const TAIL = 3.442619855899;

/** Doubles of the tables: 129 right ends x of the layers, 128 ratios of the next end to each, and 129 heights of the density at x. */
export const TABLE_SIZE: number = 3 * LAYERS + 2;

const makeLayers = (): Float64Array => {
  const height = (x: number): number => exp(-0.5 * x * x);
  const ends = new Float64Array(LAYERS + 1);
  const area = 9.91256303526217e-3;
  // The lowest layer is a rectangle of the same area as its part under the curve and the tail together.
  ends[0] = area / height(TAIL);
  ends[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) ends[i] = Math.sqrt(-2 * log(area / ends[i - 1]! + height(ends[i - 1]!)));
  const ratios = Float64Array.from({ length: LAYERS }, (_, i) => ends[i + 1]! / ends[i]!);
  return Float64Array.from([...ends, ...ratios, ...ends.map(height)]);
};

let layers: Float64Array | undefined;

/** Ends, ratios and heights, one after another. */
export const layerTables = (): Float64Array => (layers ??= makeLayers());
