/** printSummary: the summary as a table in NumPyro's layout, and a verdict below it. */
import { checkOptions } from '../../core/options.ts';
import { isNDArray, type NDArray } from '../../core/ndarray.ts';
import type { DrawsBySite } from './draws.ts';
import { summary, type SummaryOptions, type SummaryRow } from './summary.ts';
import { problemsOf } from './verdict.ts';

export interface PrintOptions extends SummaryOptions {
  /** What takes the text; the console by default. */
  readonly print?: ((text: string) => void) | undefined;
}

const WIDTH = 10;
const LEAST_NAME = 9;

const fixed = (x: number): string => {
  const plain = x.toFixed(2);
  // What two digits would show as 0, or as a row of digits, is shown by its exponent.
  return Number.isFinite(x) && x !== 0 && (Math.abs(x) < 0.005 || plain.length > WIDTH - 1) ? x.toExponential(2) : plain;
};

const columns = (prob: number): readonly (readonly [title: string, of: (row: SummaryRow) => string])[] => [
  ['mean', (row) => fixed(row.mean)],
  ['std', (row) => fixed(row.sd)],
  ['median', (row) => fixed(row.median)],
  [`${(50 * (1 - prob)).toFixed(1)}%`, (row) => fixed(row.hpdiLow)],
  [`${(50 * (1 + prob)).toFixed(1)}%`, (row) => fixed(row.hpdiHigh)],
  ['mcse', (row) => fixed(row.mcseMean)],
  ['ess_bulk', (row) => row.essBulk.toFixed(0)],
  ['ess_tail', (row) => row.essTail.toFixed(0)],
  ['r_hat', (row) => row.rhat.toFixed(3)],
];

const tableOf = (rows: readonly SummaryRow[], prob: number): string => {
  const name = Math.max(LEAST_NAME, ...rows.map((row) => row.name.length)) + 2;
  const shown = columns(prob);
  const line = (first: string, cells: readonly string[]): string => `${first.padStart(name)}${cells.map((cell) => cell.padStart(WIDTH)).join('')}`;
  return [
    line(
      '',
      shown.map(([title]) => title),
    ),
    ...rows.map((row) =>
      line(
        row.name,
        shown.map(([, of]) => of(row)),
      ),
    ),
  ].join('\n');
};

const divergencesOf = (draws: DrawsBySite): number | undefined => {
  const diverging: unknown = (draws as { readonly stats?: { readonly diverging?: NDArray } }).stats?.diverging;
  return isNDArray(diverging) ? diverging.data.reduce((sum, x) => sum + Number(x !== 0), 0) : undefined;
};

/**
 * Prints a row for each number of a posterior, as NumPyro's `print_summary` (with ArviZ's effective sample sizes and R-hat), the number of
 * divergences, and in plain words what is wrong with the run and what helps. Returns the text.
 *
 * @param draws - what MCMC gives, or arrays `[draws, …]` by site
 * @throws InvalidShape for arrays without an axis of draws
 * @example
 * printSummary({ x: array([1, 2, 3, 4]) }, { print: () => {} }).includes('median'); // true
 */
export const printSummary = (draws: DrawsBySite, options: PrintOptions = {}): string => {
  checkOptions('printSummary', options, ['prob', 'sites', 'print']);
  const { prob = 0.9, sites, print = console.log } = options;
  const rows = summary(draws, { prob, sites });
  const problems = problemsOf(draws, rows);
  const divergences = divergencesOf(draws);
  const verdict = problems.length > 0 ? problems.map((problem) => `! ${problem}`) : divergences === undefined ? [] : ['No problems found.'];
  const text = [tableOf(rows, prob), '', ...(divergences === undefined ? [] : [`Number of divergences: ${divergences}`]), ...verdict].join('\n');
  print(text);
  return text;
};
