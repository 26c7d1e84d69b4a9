/** The kernels that the probabilities of counts are made of, exact at large counts. */
import { logGammaPeakDrop, logMinusDigammaDrop, logPoissonPeak, poissonExponent } from '../loop/functions/counts.ts';
import type { AnyArray } from '../value.ts';
import { binary, code, unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/**
 * At a count of 0 the derivatives of the peak and of the exponent in it are infinite, with opposite signs. Taken at this count instead they
 * are finite, and cancel as they should.
 */
export const LEAST_COUNT: number = 2 ** -100;

const countOf = (ops: typeof Ops, x: AnyArray): AnyArray => ops.maximum(x, LEAST_COUNT);

/** log(xˣ e⁻ˣ / Γ(x + 1)). */
export const LogPoissonPeak: Kernel = unary('LogPoissonPeak', code(logPoissonPeak), {
  x: (ops, dy, x) => ops.mul(dy, ops.sub(ops.log(countOf(ops, x)), ops.digamma(ops.add(x, 1)))),
});

/** a log(x / a) + a − x. */
export const PoissonExponent: Kernel = binary(
  'PoissonExponent',
  code(poissonExponent),
  (ops, dy, a, x) => [
    () => ops.gradientProduct(dy, ops.log(ops.div(x, countOf(ops, a)))),
    // a / x − 1, without the cancellation near 0 and without 0 / 0.
    () => ops.gradientProduct(dy, ops.where(ops.greater(a, 0), ops.div(ops.sub(a, x), x), -1)),
  ],
  'float',
);

/** ψ′(x) − 1/x, and what its drop from b to b + a is. */
const slopeExcess = (ops: typeof Ops, x: AnyArray): AnyArray => ops.sub(ops.polygamma(1, x), ops.reciprocal(x));

/** log b − ψ(b) − (log(b + a) − ψ(b + a)). */
export const LogMinusDigammaDrop: Kernel = binary(
  'LogMinusDigammaDrop',
  code(logMinusDigammaDrop),
  (ops, dy, b, a) => {
    const high = (): AnyArray => slopeExcess(ops, ops.add(b, a));
    return [() => ops.mul(dy, ops.sub(high(), slopeExcess(ops, b))), () => ops.mul(dy, high())];
  },
  'float',
);

/** g(b) − g(b + a), g(x) = log(xˣ e⁻ˣ / Γ(x)). */
export const LogGammaPeakDrop: Kernel = binary(
  'LogGammaPeakDrop',
  code(logGammaPeakDrop),
  (ops, dy, b, a) => {
    const high = (): AnyArray => ops.add(b, a);
    return [() => ops.mul(dy, ops.logMinusDigammaDrop(b, a)), () => ops.mul(dy, ops.sub(ops.digamma(high()), ops.log(high())))];
  },
  'float',
);
