/** Laws of the functions of which the probabilities of counts are made: both versions against 40 digits, recurrences, edges, and whole densities at large counts. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as code from '../../core/loop/functions/counts.ts';
import * as trialCode from '../../core/loop/functions/trials.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import * as dist from '../../core/distributions/index.ts';
import { logGammaPeakDrop, logMinusDigammaDrop, logPoissonPeak, poissonExponent } from '../special/counts.ts';
import { logTrials, trialExcess, trialExponent } from '../special/trials.ts';
import { asArray, toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';

type Real = (...args: readonly number[]) => number;

const both = (f: Real, name: keyof typeof code): readonly Real[] => [f, functionOf(code[name])];
const peaks = both(logPoissonPeak, 'logPoissonPeak');
const exponents = both(poissonExponent, 'poissonExponent');
const drops = both(logGammaPeakDrop, 'logGammaPeakDrop');
const slopes = both(logMinusDigammaDrop, 'logMinusDigammaDrop');

const spread = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map((x) => Math.min(high, Math.max(low, Math.exp(x))));

const close = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, not ${expected}`);

const PEAKS: readonly (readonly number[])[] = [
  [1e-5, -0.00011935718024698962],
  [0.5, -0.7257913526447274],
  [1.0, -1.0],
  [3.0, -1.4959226032237258],
  [9.75, -2.066116196215399],
  [10.0, -2.0785616431350586],
  [1234.0, -4.4780141665001505],
  [1000000000.0, -11.280571451761212],
];
const EXPONENTS: readonly (readonly number[])[] = [
  [1.0, 1e-6, -12.815511557964275],
  [3.0, 3.0001, -1.666629630562565e-9],
  [5.0, 1.0, -4.047189562170502],
  [10.0, 15.9, -1.2626598376785985],
  [10.0, 16.1, -1.3376582100362842],
  [1000000000.0, 1000030000.0, -0.44999100020249516],
  [1000000.0, 5.0, -11206077.645530174],
  [2.0, 100000.0, -99976.36044343119],
];
const DROPS: readonly (readonly number[])[] = [
  [0.0001, 1.0, -8.211361411013213],
  [0.3, 2.0, -1.218491363906965],
  [0.3, 100000000.0, -10.048391675554033],
  [5.0, 0.25, -0.025185759959291794],
  [5.0, 4.0, -0.30128256145816795],
  [9.5, 0.75, -0.038634144799794407],
  [12.0, 3.0, -0.1129598822123516],
  [1000000.0, 1000000.0, -0.3465736319466393],
  [1000000.0, 2.0, -9.999991666676666e-7],
  [40.0, 10000000.0, -6.2166933800231945],
];
const SLOPES: readonly (readonly number[])[] = [
  [0.1, 1.0, 7.602104727201629],
  [0.3, 2.0, 2.0656821753030625],
  [0.3, 100000000.0, 2.2985514128741973],
  [5.0, 0.25, 0.005069503806313077],
  [5.0, 4.0, 0.04673714462169051],
  [9.5, 0.75, 0.0039810073058524015],
  [12.0, 3.0, 0.00854143037077193],
  [1000000.0, 1000000.0, 2.500000625e-7],
  [1000000.0, 2.0, 9.999983333363333e-13],
  [40.0, 10000000.0, 0.012552030079292342],
];

const DENSITIES: readonly (readonly [d: dist.Distribution, k: number | readonly number[], expected: number])[] = [
  [dist.Poisson(1e12), 1e12 + 3e6, -19.23444609117353],
  [dist.Poisson(1e-300), 3, -2074.118343163869],
  [dist.BinomialProbs(0.25, 4e9), 1e9 + 20000, -11.40340256359313],
  [dist.BinomialProbs(1e-9, 4e9), 3, -1.6328763856183832],
  [dist.BinomialProbs(0.75, 4e9), 3e9 - 5, -11.136730433875599],
  [dist.BinomialLogits(-800, 10), 2, -1596.1933375102296],
  [dist.BinomialLogits(0, 1e10), 5e9 - 70000, -12.71871681757397],
  [dist.NegativeBinomial2(1e7, 1e9), 1e7 + 3000, -9.42861256070844],
  [dist.NegativeBinomial2(1e8, 0.5), 2e8, -20.68619286806201],
  [dist.NegativeBinomial2(3, 1e15), 2, -1.4959226032237265],
  [dist.NegativeBinomialLogits(3, 200), 0, -600.0],
  [dist.NegativeBinomialProbs(3e8, 0.5), 3e8 + 9, -11.025158730211547],
  [dist.GammaPoisson(1e9, 1e3), 1e6 + 900, -8.232117852145656],
  [dist.BetaBinomial(1e8, 3e8, 1e9), 250040000, -12.28902946216956],
  [dist.BetaBinomial(1e12, 1e12, 10), 4, -1.5843642748834845],
  [dist.BetaNegativeBinomial(1e8, 2e8, 1e9), 500060000, -12.432684370575966],
  [dist.DirichletMultinomial([1e9, 2e9, 1e9], 4e6), [1e6 + 800, 2e6 - 500, 1e6 - 300], -15.734935986315454],
  [dist.MultinomialProbs([0.25, 0.5, 0.25], 4e9), [1e9 + 8000, 2e9 - 5000, 1e9 - 3000], -22.257320487618827],
];
const GRADIENTS: readonly (readonly [f: (x: AnyArray) => AnyArray, at: number, expected: number])[] = [
  [(p) => dist.BinomialProbs(p, 1e9).logProb(3e8), 0.3, 5.2867763077388405e-8],
  [(p) => dist.GeometricProbs(p).logProb(9999), 1e-4, -4.792652867672697e-13],
  [(p) => dist.NegativeBinomialProbs(1e6, p).logProb(4e6), 0.8, -1.3877787807814459e-9],
  [(r) => dist.NegativeBinomial2(1e4, r).logProb(10050), 1e8, 3.7747454340426663e-13],
  [(r) => dist.NegativeBinomial2(10, r).logProb(0), 1e6, -4.9999333340833255e-11],
  [(r) => dist.NegativeBinomialProbs(r, 0.5).logProb(3e8), 3e8 + 1000, -1.6658291708434252e-6],
  [(m) => dist.NegativeBinomial2(m, 1e9).logProb(1e7), 1e7 + 100, -9.900890109812851e-6],
  [(a) => dist.BetaBinomial(a, 3e6, 1e6).logProb(250100), 1e6, 8.007183219623017e-5],
  [(a) => dist.BetaNegativeBinomial(a, 2e6, 1e6).logProb(500100), 1e6, 4.455360013483308e-5],
  [(rate) => dist.Poisson(rate).logProb(1e12), 1e12 + 64, -6.3999999995904e-11],
];

const each = (fs: readonly Real[], table: readonly (readonly number[])[], name: string): void =>
  table.forEach((row) => {
    const [args, expected] = [row.slice(0, -1), row.at(-1)!];
    for (const f of fs) close(f(...args), expected, 6e-15 * Math.max(1, Math.abs(expected)), `${name}(${args.join(', ')})`);
  });

laws('functions of counts', {
  'both versions are right to the last digits': () => {
    each(peaks, PEAKS, 'logPoissonPeak');
    each(exponents, EXPONENTS, 'poissonExponent');
    each(drops, DROPS, 'logGammaPeakDrop');
    each(slopes, SLOPES, 'logMinusDigammaDrop');
  },
  'where the drops are small they are right relative to themselves': () => {
    for (const f of drops) close(f(1e9, 3) / -1.4999999980000001e-9, 1, 1e-14, 'logGammaPeakDrop(1e9, 3)');
    for (const f of slopes) close(f(1e9, 3) / 1.499999996e-18, 1, 1e-14, 'logMinusDigammaDrop(1e9, 3)');
  },
  'two versions of one function agree': () =>
    fc.assert(
      fc.property(spread(1e-9, 1e12), spread(1e-9, 1e12), (a, b) => {
        for (const [f, g] of [exponents, drops, slopes] as const) close(g!(a, b), f!(a, b), 2e-14 * Math.max(1, Math.abs(f!(a, b))), `at ${a}, ${b} it`);
        close(peaks[1]!(a), peaks[0]!(a), 1e-14 * Math.max(1, Math.abs(peaks[0]!(a))), `logPoissonPeak(${a})`);
      }),
    ),
  'the drops of two steps are those of each': () =>
    fc.assert(
      fc.property(spread(1e-3, 1e9), spread(1e-3, 1e9), spread(1e-3, 1e9), (b, a, c) => {
        for (const [one] of [drops, slopes])
          close(one!(b, a) + one!(b + a, c), one!(b, a + c), 1e-13 * Math.max(1, Math.abs(one!(b, a)), 1 / b), `the drop from ${b} by ${a} and ${c}`);
      }),
    ),
  'the excess over what is expected is rounded once': () => {
    for (const f of [trialExcess, functionOf(trialCode.trialExcess)]) {
      close(f(3e8, 7e8, 0.3), 1.1102230246251565e-8, 1e-22, 'trialExcess(3e8, 7e8, 0.3)');
      assert.deepEqual([f(3, 5, 0), f(3, 5, 1), f(3, 5, 0.25)], [3, -5, 1]);
    }
  },
  'trials as code are those of JavaScript; an outcome that neither occurs nor can counts 0': () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (k, m, p) => {
        for (const [f, g] of [
          [logTrials, functionOf(trialCode.logTrials)],
          [trialExponent, functionOf(trialCode.trialExponent)],
          [trialExcess, functionOf(trialCode.trialExcess)],
        ] as const)
          close(g(k, m, p), f(k, m, p), 1e-13 * Math.max(1, Math.abs(f(k, m, p))), `at ${k}, ${m}, ${p} it`);
      }),
    );
    for (const f of [logTrials, functionOf(trialCode.logTrials)]) assert.deepEqual([f(0, 2, 0) + 0, f(2, 0, 1) + 0, f(1, 1, 0)], [0, 0, -Infinity]);
    for (const f of [trialExponent, functionOf(trialCode.trialExponent)]) assert.deepEqual([f(0, 2, 0) + 0, f(2, 0, 1) + 0, f(1, 1, 1)], [0, 0, -Infinity]);
  },
  'a count of 0 has no peak, no drop, and the exponent −x': () => {
    for (const f of peaks) assert.equal(f(0), 0);
    for (const f of exponents) assert.deepEqual([f(0, 3), f(3, 0), f(-1, 2), f(2, -1)], [-3, -Infinity, NaN, NaN]);
    for (const f of [...drops, ...slopes]) assert.deepEqual([f(3, 0), f(1e6, 0), f(-1, 2), f(NaN, 1)], [0, 0, NaN, NaN]);
  },
  'log-probabilities of huge counts keep their digits': () =>
    DENSITIES.forEach(([d, k, expected]) =>
      close(toNDArray(d.logProb(k)).item(), expected, 1e-12 * Math.abs(expected), `${d.name}(${JSON.stringify(d.params)}) at ${k}`),
    ),
  'and so do their derivatives in a concentration': () =>
    GRADIENTS.forEach(([f, at, expected]) =>
      close(toNDArray(grad(f)(asArray(at))).item(), expected, 1e-10 * Math.abs(expected) + 2e-16, `the derivative at ${at}`),
    ),
  'a derivative in the value is a number at 0 too': () => {
    for (const d of [dist.Poisson(2), dist.BinomialProbs(0.5, 3), dist.NegativeBinomial2(3, 2)]) {
      const slope = toNDArray(grad((x: AnyArray) => d.logProb(x))(asArray(0))).item();
      assert.ok(Number.isFinite(slope), `${d.name} has ${slope}`);
    }
    close(
      toNDArray(grad((x: AnyArray) => dist.Poisson(2).logProb(x))(asArray(0))).item(),
      Math.log(2) + 0.5772156649015329,
      1e-13,
      'the slope of Poisson(2) at 0',
    );
  },
});
