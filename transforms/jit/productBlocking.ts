/** How a matrix product is cut up: blocks that stay in the caches, and tiles that stay in registers (Goto and van de Geijn, 2008, section 4). */
import { DOTS } from './productDots.ts';
import type { PlainProduct } from './productShape.ts';
import { bytesOf, type Lanes } from './productTile.ts';

/** The extents of tiles and blocks, what is packed, and whether tiles are dot products. */
export interface Blocking {
  readonly lanes: Lanes;
  /** Of a tile. */
  readonly rows: number;
  readonly columns: number;
  /** Of a block: inner steps, and columns. */
  readonly inner: number;
  readonly width: number;
  readonly packsA: boolean;
  readonly packsB: boolean;
  readonly hasDots: boolean;
}

/** So few rows, columns or inner steps reuse what is packed too little to pay for it; and so few elements are read as fast where they lie. */
const FEW = 8;
const FEW_ELEMENTS = 256;

/** The block of B that is packed takes up to 256 KiB, each of its panels 8 or 4 KiB. Singles are added up no further than this in their own precision. */
const BLOCK = { 2: { inner: 256, width: 128 }, 4: { inner: 128, width: 512 } } as const;

/** The size of equal blocks, a multiple of `step`, of which an extent takes as few as those of the size `most`. */
const evenly = (extent: number, most: number, step: number): number => step * Math.ceil(extent / Math.ceil(extent / most) / step);

/**
 * The rows and columns of a tile of doubles. Its sums, what it reads of B and what it reads of A in one step are in registers together, of which
 * V8 has fifteen: a tile that needs more runs at half the speed or less.
 */
const tileOf = (rows: number, columns: number, hasDots: boolean): readonly [rows: number, columns: number] => {
  if (hasDots) return [1, DOTS];
  if (rows === 1) return [1, 12];
  if (columns <= 2) return [evenly(rows, 6, 1), 2];
  return rows === 2 ? [2, 8] : [evenly(rows, 4, 1), 4];
};

export const blockingOf = ({ rows, inner, columns, transposeA, transposeB, precision }: PlainProduct): Blocking => {
  const packsB = rows > FEW && inner >= FEW && inner * columns >= FEW_ELEMENTS;
  const isSingle = precision === 'float32' && packsB && columns > FEW;
  const lanes = isSingle ? 4 : 2;
  const hasDots = rows === 1 && transposeB;
  const [tileRows, tileColumns] = isSingle ? [evenly(rows, 4, 1), 8] : tileOf(rows, columns, hasDots);
  return {
    lanes,
    rows: tileRows,
    columns: tileColumns,
    inner: packsB ? evenly(inner, BLOCK[lanes].inner, 4) : inner,
    width: packsB ? evenly(columns, BLOCK[lanes].width, tileColumns) : columns,
    packsA: isSingle || (packsB && transposeA && columns > 2 * tileColumns),
    packsB,
    hasDots,
  };
};

/** Bytes of the packed block of B, and of the packed rows of A behind it. */
export const packedBytes = ({ lanes, rows, inner, width, packsA, packsB }: Blocking): readonly [b: number, a: number] => {
  const line = bytesOf(lanes) * inner;
  return [packsB ? width * line : 0, packsA ? rows * line : 0];
};
