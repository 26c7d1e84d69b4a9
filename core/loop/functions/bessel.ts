/** The modified Bessel functions of the first kind of orders 0 and 1, plain and scaled. */
import {
  BESSEL_EXACT_STEPS,
  BESSEL_FAR_FROM,
  BESSEL_I0_BEYOND_ONE,
  BESSEL_I0_FAR,
  BESSEL_I0_NEAR,
  BESSEL_I1_FAR,
  BESSEL_I1_NEAR,
  BESSEL_SHIFT,
  EXP_OF_SHIFT,
} from './besselCoefficients.ts';
import { abs, add, call, defineFunction, div, eq, horner, lt, mul, neg, pmin, select, sqrt, sub, type Expr, type ScalarFunction } from '../expression.ts';
import { twoProduct, type DoubleDouble } from './doubleDouble.ts';
import { exp } from './exp.ts';
import { withSignOf } from './hyperbolic.ts';
import { log, log1p } from './log.ts';

const isNear = (size: Expr): Expr => lt(size, BESSEL_FAR_FROM);

/** a + b without error, whichever is larger. */
const twoSum = (a: Expr, b: number): DoubleDouble => {
  const high = add(a, b);
  const part = sub(high, a);
  return { high, low: add(sub(a, sub(high, part)), sub(b, part)) };
};

/**
 * The polynomial in x²/4, with what its last steps lose and what the rounding of x² has lost of it, relatively: (log I₀)′ is about x / (1 + |x|), and
 * so nearly is that of I₁.
 *
 * @see S. Graillat, P. Langlois, N. Louvet: Compensated Horner scheme (2005), algorithms 2 to 4
 */
const near = (coefficients: readonly number[], size: Expr): Expr => {
  const square = twoProduct(size, size);
  const z = mul(square.high, 0.25);
  const first: DoubleDouble = { high: horner(z, coefficients.slice(BESSEL_EXACT_STEPS)), low: add(0, 0) };
  const { high, low } = coefficients.slice(0, BESSEL_EXACT_STEPS).reduceRight<DoubleDouble>((so, c) => {
    const product = twoProduct(so.high, z);
    const sum = twoSum(product.high, c);
    return { high: sum.high, low: add(add(mul(so.low, z), product.low), sum.low) };
  }, first);
  return add(high, add(low, mul(high, div(square.low, add(add(size, size), 2)))));
};

/** The scaled function from the polynomial in 1/x. */
const far = (coefficients: readonly number[], size: Expr): Expr => div(horner(div(1, size), coefficients), sqrt(size));

/**
 * e^−|x| I₀(x), for every double.
 *
 * |x| < 10: a polynomial in x²/4 times e^−|x|; beyond, one in 1/|x| over √|x|. Error below 4 ulp (against exact sums), as for the others here;
 * 190 operations.
 *
 * @see J. M. Blair: Rational Chebyshev approximations for the modified Bessel functions I₀(x) and I₁(x), Math. Comp. 28 (1974)
 */
export const i0e: ScalarFunction = defineFunction('i0e', 1, (x) => {
  const size = abs(x);
  return select(isNear(size), mul(near(BESSEL_I0_NEAR, size), call(exp, neg(size))), far(BESSEL_I0_FAR, size));
});

/** e^−|x| I₁(x), likewise; the sign of zero is kept. */
export const i1e: ScalarFunction = defineFunction('i1e', 1, (x) => {
  const size = abs(x);
  const scaled = mul(mul(size, 0.5), mul(near(BESSEL_I1_NEAR, size), call(exp, neg(size))));
  return withSignOf(select(isNear(size), scaled, far(BESSEL_I1_FAR, size)), x);
});

/** From here on both functions overflow. */
const LARGEST = 720;

const unscaled = (coefficients: readonly number[], size: Expr): Expr => {
  const cut = pmin(size, LARGEST);
  return mul(call(exp, sub(cut, BESSEL_SHIFT)), mul(far(coefficients, cut), EXP_OF_SHIFT));
};

/** I₀(x), for every double; +Infinity beyond ±713.99. */
export const i0: ScalarFunction = defineFunction('i0', 1, (x) => {
  const size = abs(x);
  return select(isNear(size), near(BESSEL_I0_NEAR, size), unscaled(BESSEL_I0_FAR, size));
});

/** I₁(x), for every double; ±Infinity beyond ±713.99. */
export const i1: ScalarFunction = defineFunction('i1', 1, (x) => {
  const size = abs(x);
  return withSignOf(select(isNear(size), mul(mul(size, 0.5), near(BESSEL_I1_NEAR, size)), unscaled(BESSEL_I1_FAR, size)), x);
});

/** log I₀(x), for every double, with full relative accuracy near 0, where it is x²/4. */
export const logI0: ScalarFunction = defineFunction('logI0', 1, (x) => {
  const size = abs(x);
  const square = mul(mul(x, x), 0.25);
  const beyond = select(eq(size, Infinity), Infinity, add(size, call(log, far(BESSEL_I0_FAR, size))));
  return select(isNear(size), call(log1p, mul(square, horner(square, BESSEL_I0_BEYOND_ONE))), beyond);
});
