/** A verdict on a run in plain words: what is wrong with it, if anything, and what to do about each. */
import { isNDArray, type NDArray } from '../../core/ndarray.ts';
import { bfmi } from './bfmi.ts';
import type { DrawsBySite } from './draws.ts';
import type { SummaryRow } from './summary.ts';

/** What a run tells of its draws; a guide tells nothing. */
interface RunStats {
  readonly stats?: { readonly diverging?: NDArray; readonly treeDepth?: NDArray; readonly energy?: NDArray };
  readonly maxTreeDepth?: number;
  readonly failures?: readonly { readonly chain: number; readonly error: { readonly message: string } }[];
}

const RHAT_BOUND = 1.01;
/** Effective draws per chain below which R-hat itself is not to be trusted: Vehtari et al. (2021), sec. 4.1. */
const ESS_PER_CHAIN = 100;
/** Betancourt (2016). */
const BFMI_BOUND = 0.3;

const listed = (rows: readonly SummaryRow[]): string => {
  const shown = rows.slice(0, 5).map(({ name }) => name);
  return `${shown.join(', ')}${rows.length > shown.length ? ` and ${rows.length - shown.length} more` : ''}`;
};

const countOf = (x: NDArray, keep: (value: number) => boolean): number => x.data.reduce((count, value) => count + Number(keep(value)), 0);

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 2 : 1)}%`;

const ofStats = ({ stats, maxTreeDepth = 0, failures = [] }: RunStats): readonly string[] => {
  const found: string[] = [];
  for (const { chain, error } of failures) found.push(`Chain ${chain} failed and is left out: ${error.message.split('\n')[0]!}`);
  if (stats === undefined) return found;
  const { diverging, treeDepth, energy } = stats;
  const divergences = diverging === undefined ? 0 : countOf(diverging, (x) => x !== 0);
  if (divergences > 0) {
    found.push(
      `${divergences} divergent transitions (${percent(divergences / diverging!.data.length)}): the sampler missed a region of high curvature, and means may be biased. ` +
        'Raise targetAcceptProb (0.9, 0.95, 0.99), or rewrite the model without the funnel: LocScaleReparam(0) on the sites of a hierarchy.',
    );
  }
  const saturated = treeDepth === undefined || maxTreeDepth === 0 ? 0 : countOf(treeDepth, (depth) => depth >= maxTreeDepth);
  if (saturated > 0) {
    found.push(
      `${saturated} draws (${percent(saturated / treeDepth!.data.length)}) ended at the largest tree, of depth ${maxTreeDepth}: they are right, but slow to get anywhere. ` +
        'Scale the data to spreads near 1, give a longer warmup or denseMass: true; only then raise maxTreeDepth.',
    );
  }
  const fractions = energy === undefined || !energy.data.every(Number.isFinite) ? [] : bfmi(energy);
  const low = fractions.flatMap((value, chain) => (value < BFMI_BOUND ? [`${value.toFixed(2)} in chain ${chain}`] : []));
  if (low.length > 0) {
    found.push(
      `E-BFMI below ${BFMI_BOUND} (${low.join(', ')}): the tails of the energy are explored too slowly. ` +
        'Reparameterise heavy-tailed or hierarchical sites, or run a longer warmup.',
    );
  }
  return found;
};

const ofRows = (rows: readonly SummaryRow[], chains: number): readonly string[] => {
  const found: string[] = [];
  const apart = rows.filter(({ rhat }) => rhat > RHAT_BOUND);
  if (apart.length > 0) {
    const worst = Math.max(...apart.map(({ rhat }) => rhat));
    found.push(
      `R-hat above ${RHAT_BOUND} (up to ${worst.toFixed(3)}) for ${listed(apart)}: the chains have not mixed, and these numbers are not yet those of the posterior. ` +
        'Run a longer warmup and more draws; if it stays, look for several modes or parameters that the data do not tell apart.',
    );
  }
  const least = ESS_PER_CHAIN * chains;
  const unknown = rows.filter(({ essBulk }) => Number.isNaN(essBulk));
  if (unknown.length > 0) {
    found.push(
      `No effective sample size for ${listed(unknown)}: they need at least 4 draws in a chain, and none that is NaN. Draw more, or look at what computes them.`,
    );
  }
  const few = rows.filter(({ essBulk, essTail }) => Math.min(essBulk, essTail) < least);
  if (few.length > 0) {
    const worst = Math.min(...few.map(({ essBulk, essTail }) => Math.min(essBulk, essTail)));
    found.push(
      `Fewer than ${least} effective draws (down to ${worst.toFixed(0)}) for ${listed(few)}: their intervals are rough. Draw more, or reparameterise what is correlated.`,
    );
  }
  return found;
};

const chainsIn = (draws: DrawsBySite): number => {
  const { samples } = draws as { readonly samples?: unknown };
  if (typeof samples !== 'object' || samples === null || isNDArray(samples)) return 1;
  return (Object.values(samples)[0] as NDArray | undefined)?.shape[0] ?? 1;
};

/** What is wrong with a run, each with its remedy; nothing where all is well. */
export const problemsOf = (draws: DrawsBySite, rows: readonly SummaryRow[]): readonly string[] => [
  ...ofStats(draws as RunStats),
  ...ofRows(rows, chainsIn(draws)),
];
