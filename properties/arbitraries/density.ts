/** The log-density of an arbitrary program, worked out number by number from its syntax tree: shares no code with the library. */
import type { NDArray } from '../../core/ndarray.ts';
import type { Expression, FamilyName, Program, SampleStatement } from './models.ts';

/** A value of a statement as plain numbers. */
export type Numbers = Pick<NDArray, 'shape' | 'data'>;

/** What a run had: the value of each statement, and the indices of each plate. */
export type Run = Readonly<Record<string, Numbers>>;

/** One plate on the way to a statement: which of its elements, and at which place in this run. */
interface Place {
  readonly index: number;
  readonly position: number;
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Lanczos's approximation (g = 7), good to 1e-15 for x > 0.5. */
const lgamma = (x: number): number => {
  const t = x + 6.5;
  const sum = lanczos.reduce((total, c, i) => total + (i === 0 ? c : c / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
};

/** The element of an array that broadcasts along the plates; `at` counts the innermost plate first. */
const element = ({ shape, data }: Numbers, at: readonly number[]): number => {
  const own = at.slice(at.length - shape.length);
  return data[own.reduce((offset, i, axis) => offset * shape[axis]! + (shape[axis] === 1 ? 0 : i), 0)]!;
};

const realNumber = ({ base, slope, of }: Expression, run: Run, at: readonly number[]): number =>
  of === undefined ? base : base + slope * Math.tanh(typeof of === 'number' ? of : element(run[of]!, at));

const densities: Readonly<Record<FamilyName, (first: number, second: number, x: number) => number>> = {
  normal: (loc, s, x) => -0.5 * ((x - loc) / Math.exp(s / 2)) ** 2 - s / 2 - 0.5 * Math.log(2 * Math.PI),
  beta: (p, q, x) => {
    const [a, b] = [1 + Math.exp(p / 2), 1 + Math.exp(q / 2)];
    return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b);
  },
  gamma: (p, q, x) => {
    const [a, rate] = [1 + Math.exp(p / 2), Math.exp(q / 2)];
    return a * Math.log(rate) + (a - 1) * Math.log(x) - rate * x - lgamma(a);
  },
  exponential: (p, _, x) => p / 2 - Math.exp(p / 2) * x,
  uniform: (_, q) => -q / 2,
  bernoulli: (p, _, x) => -Math.log1p(Math.exp(x === 0 ? p : -p)),
};

/** A term of the log-density: how often it counts, and the sum of its elements. */
export interface Term {
  readonly scale: number;
  readonly total: number;
}

const places = (run: Run, name: string): readonly Place[] => Array.from(run[name]!.data, (index, position) => ({ index, position }));

/** The terms of the log-density by site. */
export const termsOf = (program: Program, run: Run): ReadonlyMap<string, Term> => {
  const terms = new Map<string, Term>();
  const walk = (body: Program, path: readonly Place[], scale: number): void => {
    const at = path.map(({ position }) => position);
    const add = (name: string, value: number): void => void terms.set(name, { scale, total: (terms.get(name)?.total ?? 0) + value });
    const observed = (s: SampleStatement): number => element(s.obs === undefined ? run[s.name]! : s.obs, s.obs === undefined ? at : path.map((p) => p.index));
    for (const s of body) {
      if (s.type === 'plate') for (const place of places(run, s.name)) walk(s.body, [place, ...path], (scale * s.size) / s.subsampleSize);
      else if (s.type === 'sample') add(s.name, densities[s.family](realNumber(s.first, run, at), realNumber(s.second, run, at), observed(s)));
      else if (s.type === 'factor') add(s.name, realNumber(s.term, run, at));
    }
  };
  walk(program, [], 1);
  return terms;
};

/** The log-density, and the size of what was added up, by which rounding is measured. */
export const densityOf = (program: Program, run: Run): { readonly logDensity: number; readonly magnitude: number } => {
  const parts = [...termsOf(program, run).values()].map(({ scale, total }) => scale * total);
  return { logDensity: parts.reduce((sum, x) => sum + x, 0), magnitude: parts.reduce((sum, x) => sum + Math.abs(x), 1) };
};
