/** Places: where a memory lies, and in which layout and precision its numbers are stored. */

/** Rows in a tile of doubles: four vectors of two lanes, which V8 keeps in registers beside what the inner loops need. */
export const TILE_ROWS = 8;

/** Rows in a tile of singles: four vectors of four lanes. */
const SINGLE_TILE_ROWS = 16;

export const rowsInTile = (isSingle: boolean | undefined): number => (isSingle === true ? SINGLE_TILE_ROWS : TILE_ROWS);

/** Where a memory begins, in bytes; whether it is a matrix stored in tiles of rows, the rows of a tile side by side for each column; and whether as singles. */
export interface Place {
  readonly begin: number;
  readonly isTiled: boolean;
  readonly isSingle?: boolean | undefined;
}
