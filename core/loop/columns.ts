/** Columns: the values of one node of an expression at many elements at once, which the column evaluator computes with. */

/** How many elements are computed at once: enough for the loop over them to outweigh its start, few enough for all columns of a function to stay near the processor. A multiple of 4. */
export const LANES = 128;

/**
 * The same memory as doubles and as words of 32 bits. A double or an integer of lane i is `f[i]`, and `w[2i]` with `w[2i + 1]`: the low and the high
 * half, as on every machine that runs WebAssembly's byte order. A truth value of lane i is `w[i]`, −1 or 0.
 */
export interface Column {
  readonly f: Float64Array;
  readonly w: Int32Array;
}

export const makeColumn = (): Column => {
  const f = new Float64Array(LANES);
  return { f, w: new Int32Array(f.buffer) };
};

/** A column that holds one double in every lane. */
export const filledColumn = (value: number): Column => {
  const column = makeColumn();
  column.f.fill(value);
  return column;
};

/** Computes the first n lanes of a column; of others, where some are read from lanes that are listed. */
export type Fill = (n: number, lanes: Int32Array) => void;

/** Columns that nobody reads any more, to be written again. */
export interface Pool {
  readonly take: () => Column;
  readonly give: (column: Column) => void;
}

export const makePool = (): Pool => {
  const free: Column[] = [];
  return { take: () => free.pop() ?? makeColumn(), give: (column) => void free.push(column) };
};
