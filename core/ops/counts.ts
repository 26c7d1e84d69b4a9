/** Functions of which the probabilities of counts are made, each exact where its terms are large and nearly cancel. */
import * as K from '../kernels/counts.ts';
import * as T from '../kernels/trials.ts';
import type { Input } from '../value.ts';
import { apply } from './apply.ts';
import type { Binary, Unary } from './elementwise.ts';
import type { Ternary } from './special.ts';

/** log(xˣ e⁻ˣ / Γ(x + 1)): the log-probability that a Poisson variate of mean x is x. */
export const logPoissonPeak: Unary = ((x: Input) => apply(K.LogPoissonPeak, [x])) as Unary;
/** a log(x / a) + a − x ≤ 0: how far a Poisson log-probability of mean x is below its peak at x = a. */
export const poissonExponent: Binary = ((a: Input, x: Input) => apply(K.PoissonExponent, [a, x])) as Binary;
/** g(b) − g(b + a), g(x) = log(xˣ e⁻ˣ / Γ(x)): what log Γ(b + a) − log Γ(b) has beyond (b + a) log(b + a) − b log b − a. */
export const logGammaPeakDrop: Binary = ((b: Input, a: Input) => apply(K.LogGammaPeakDrop, [b, a])) as Binary;
/** ψ(b + a) − ψ(b) − log(1 + a/b), the derivative of `logGammaPeakDrop` in b. */
export const logMinusDigammaDrop: Binary = ((b: Input, a: Input) => apply(K.LogMinusDigammaDrop, [b, a])) as Binary;

/** k (1 − p) − m p, rounded once: by how much k successes exceed what k + m trials of probability p lead to expect. */
export const trialExcess: Ternary = ((k: Input, m: Input, p: Input) => apply(T.TrialExcess, [k, m, p])) as Ternary;
/** k log p + m log(1 − p), where 0 of either outcome counts 0. */
export const logTrials: Ternary = ((k: Input, m: Input, p: Input) => apply(T.LogTrials, [k, m, p])) as Ternary;
/** k log(n p / k) + m log(n (1 − p) / m) ≤ 0, n = k + m: how far `logTrials` is below its maximum at p = k / n. */
export const trialExponent: Ternary = ((k: Input, m: Input, p: Input) => apply(T.TrialExponent, [k, m, p])) as Ternary;
