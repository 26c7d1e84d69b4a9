/** summary: one row for each number of a posterior, with what it is and how well it is known. */
import { kindlingError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { checkOptions } from '../../core/options.ts';
import { hasNaN, isEnough, mean, medianOfSorted, pooled, sortedDraws, splitChains, variance, type Chains } from './chains.ts';
import { drawsBySite, elementsOf, type DrawsBySite } from './draws.ts';
import { essOfHalves, essTailOf } from './ess.ts';
import { hpdiOfSorted } from './hpdi.ts';
import { makeScores, rankNormalized, type Scores } from './ranks.ts';
import { rhatOf } from './rhat.ts';

export interface SummaryRow {
  /** The site, with the place in its array: `beta[0,1]`. */
  readonly name: string;
  readonly mean: number;
  /** Over n − 1. */
  readonly sd: number;
  readonly median: number;
  /** The ends of the narrowest interval that holds `prob` of the draws. */
  readonly hpdiLow: number;
  readonly hpdiHigh: number;
  /** The Monte-Carlo standard error of the mean. */
  readonly mcseMean: number;
  readonly essBulk: number;
  readonly essTail: number;
  readonly rhat: number;
}

export interface SummaryOptions {
  /** The share of the draws within the interval, 0.9 by default. */
  readonly prob?: number | undefined;
  /** The sites to show, in this order; all of them by default. */
  readonly sites?: readonly string[] | undefined;
}

/** The diagnostics of chains that are enough, which share their halves and the ranks of these. */
const diagnosticsOf = (chains: Chains, sorted: Float64Array, total: number, scores: Scores): Pick<SummaryRow, 'mcseMean' | 'essBulk' | 'essTail' | 'rhat'> => {
  const halves = splitChains(chains);
  const ranked = rankNormalized(halves, scores);
  return {
    mcseMean: Math.sqrt(total / essOfHalves(halves)),
    essBulk: essOfHalves(ranked),
    essTail: essTailOf(chains, sorted),
    rhat: chains.length > 1 ? rhatOf(halves, ranked, scores) : NaN,
  };
};

const UNKNOWN = { mcseMean: NaN, essBulk: NaN, essTail: NaN, rhat: NaN };

const rowOf = (name: string, chains: Chains, prob: number, scores: Scores): SummaryRow => {
  const all = pooled(chains);
  const sorted = sortedDraws(chains);
  const [hpdiLow, hpdiHigh] = hpdiOfSorted(sorted, prob);
  const spread = variance(all);
  return {
    name,
    mean: mean(all),
    sd: Math.sqrt(spread),
    median: hasNaN(all) ? NaN : medianOfSorted(sorted),
    hpdiLow,
    hpdiHigh,
    ...(isEnough(chains) ? diagnosticsOf(chains, sorted, spread, scores) : UNKNOWN),
  };
};

/**
 * Mean, standard deviation, median, highest-density interval, standard error, effective sample sizes and R-hat of each number of a posterior.
 *
 * @param draws - what MCMC gives, or arrays `[draws, …]` by site, as a guide's `samplePosterior` gives them (one chain, without R-hat)
 * @throws InvalidShape for arrays without an axis of draws
 * @see Vehtari et al. (2021), Rank-normalization, folding, and localization, for ESS and R-hat
 * @example
 * summary({ samples: { x: array([[1, 2, 3, 4], [2, 3, 4, 5]]) } })[0].mean; // 3
 */
export const summary = (draws: DrawsBySite, options: SummaryOptions = {}): readonly SummaryRow[] => {
  checkOptions('summary', options, ['prob', 'sites']);
  const { prob = 0.9, sites } = options;
  const all = drawsBySite(draws);
  const scores = makeScores();
  return Object.entries(sites === undefined ? all : pick(all, sites)).flatMap(([site, array]) =>
    elementsOf(site, array).map(({ name, chains }) => rowOf(name, chains, prob, scores)),
  );
};

const pick = <A>(all: Readonly<Record<string, A>>, names: readonly string[]): Readonly<Record<string, A>> =>
  Object.fromEntries(
    names.map((name) => {
      const found = all[name];
      if (found === undefined) {
        const known = Object.keys(all);
        throw kindlingError('InvalidArgument', { message: `there is no site ${name}`, expected: known.join(', '), remedy: didYouMean(name, known) });
      }
      return [name, found];
    }),
  );
