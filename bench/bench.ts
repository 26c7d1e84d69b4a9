/** What a bench file exports as `bench`: a name, and a run that gives rows of measurements. */

/** One measurement. Of repeated ones, `value` is the median, and `low` and `high` are the quartiles. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** What a reader must know to compare: sizes, precision, what is counted. */
  readonly note?: string | undefined;
}

export interface Bench {
  readonly name: string;
  readonly run: () => Promise<readonly Row[]>;
}
