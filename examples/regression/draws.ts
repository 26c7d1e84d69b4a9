/** Draws of the posterior: their mean and sd by coefficient, and their way back from the standardised scale. */
import type { NDArray } from 'kindling';
import { columnOf, momentsOf, type RegressionData, type Scaling } from './data.ts';

/** S draws by site: alpha [S], beta [S, P], sigma [S], row by row. */
export interface Draws {
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
  readonly sigma: Float64Array;
}

/** One line of the table of results. */
export interface PosteriorRow {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
  readonly truth: number | undefined;
}

/** Takes the three sites out of what a guide draws. */
export const drawsOf = (samples: Readonly<Record<string, NDArray>>): Draws => {
  const site = (name: string): Float64Array => {
    const found = samples[name];
    if (found === undefined) throw new Error(`the guide drew no "${name}"`);
    return found.data;
  };
  return { alpha: site('alpha'), beta: site('beta'), sigma: site('sigma') };
};

/**
 * The same draws for the columns as they came: each draw is mapped on its own, so that the new intercept,
 * which all slopes have a part in, has the right spread.
 */
export const toOriginalScale = ({ alpha, beta, sigma }: Draws, { x, y }: Scaling): Draws => {
  const slopes = beta.map((slope, i) => (y.sd * slope) / x[i % x.length]!.sd);
  const shift = (draw: number): number => x.reduce((sum, { mean }, j) => sum + slopes[draw * x.length + j]! * mean, 0);
  return { alpha: alpha.map((intercept, draw) => y.mean + y.sd * intercept - shift(draw)), beta: slopes, sigma: sigma.map((scale) => y.sd * scale) };
};

/** Posterior mean and sd of every coefficient, beside the truth where it is known. */
export const summarise = ({ alpha, beta, sigma }: Draws, { coefficients, truth }: RegressionData): readonly PosteriorRow[] => [
  { name: 'alpha', ...momentsOf(alpha), truth: truth?.alpha },
  ...coefficients.map((name, j) => ({ name, ...momentsOf(columnOf(beta, coefficients.length, j)), truth: truth?.beta[j] })),
  { name: 'sigma', ...momentsOf(sigma), truth: truth?.sigma },
];
