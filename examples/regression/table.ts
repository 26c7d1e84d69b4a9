/** Aligned text: numbers under one another by their decimal points. */

/** How many decimals show three figures of a spread. */
const decimalsFor = (spread: number): number => Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(spread))));

/**
 * A number with as many decimals as its uncertainty bears.
 *
 * @param spread - the sd that belongs to the number
 * @example
 * showNumber(41.23456, 0.0123); // '41.2346'
 */
export const showNumber = (value: number, spread: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.max(Math.abs(value), spread);
  if (!(spread > 1e-6) || size >= 1e9) return size >= 1e9 || (size > 0 && size < 1e-4) ? value.toExponential(3) : value.toPrecision(6);
  // A tiny negative number must not come out as −0.
  const text = value.toFixed(decimalsFor(spread));
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
};

const pointOf = (text: string): number => (/[.e]/.test(text) ? text.search(/[.e]/) : text.length);

/** Pads numbers to one width, decimal point under decimal point. */
export const alignNumbers = (texts: readonly string[]): readonly string[] => {
  const before = Math.max(0, ...texts.map(pointOf));
  const after = Math.max(0, ...texts.map((text) => text.length - pointOf(text)));
  return texts.map((text) => text.padStart(text.length + before - pointOf(text)).padEnd(before + after));
};

/** A column: its heading over cells; names stand at the left, numbers at the right. */
export interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly isText?: boolean;
}

/** Lines of a table, headings first, indented by two spaces. */
export const layOut = (columns: readonly Column[]): readonly string[] => {
  const padded = columns.map(({ heading, cells, isText = false }) => {
    const aligned = isText ? cells : alignNumbers(cells);
    const width = Math.max(heading.length, ...aligned.map((cell) => cell.length));
    return [heading, ...aligned].map((cell) => (isText ? cell.padEnd(width) : cell.padStart(width)));
  });
  const height = padded[0]?.length ?? 0;
  return Array.from({ length: height }, (_, i) => `  ${padded.map((cells) => cells[i]!).join('   ')}`.trimEnd());
};
