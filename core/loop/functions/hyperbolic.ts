/** The hyperbolic tangent. */
import { abs, bits, call, defineFunction, div, fromBits, iand, ior, mul, sub, toBits, type Expr, type ScalarFunction } from '../expression.ts';
import { expm1 } from './exp.ts';

/** Gives a value that is not negative the sign of another. */
export const withSignOf = (value: Expr, of: Expr): Expr => fromBits(ior(toBits(value), iand(toBits(of), bits(1n << 63n))));

/**
 * tanh x = −E / (2 + E) with E = e^(−2|x|) − 1, for every double; the sign of zero is kept.
 *
 * Error below 2.6 ulp (1.6 million points against MPFR); 39 operations.
 *
 * @see W. J. Cody, W. Waite: Software Manual for the Elementary Functions (1980), chapter 13
 */
export const tanh: ScalarFunction = defineFunction('tanh', 1, (x) => {
  const e = call(expm1, mul(abs(x), -2));
  return withSignOf(div(e, sub(-2, e)), x);
});
