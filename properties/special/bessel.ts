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
} from '../../core/loop/functions/besselCoefficients.ts';
import { horner } from './polynomial.ts';

/**
 * The polynomial in x²/4, with what the last steps lose (Graillat, Langlois, Louvet, "Compensated Horner scheme", 2005, algorithms 2 to 4) and what the
 * rounding of x² has lost of it, relatively: (log I₀)′ is about x / (1 + |x|), and so nearly is that of I₁.
 */
const near = (coefficients: readonly number[], size: number): number => {
  const square = size * size;
  const head = Math.fround(size);
  const rounding = head * head - square + (size - head) * (size + head);
  const z = 0.25 * square;
  const zHead = Math.fround(z);
  let high = horner(coefficients.slice(BESSEL_EXACT_STEPS), z);
  let low = 0;
  for (let k = BESSEL_EXACT_STEPS - 1; k >= 0; k--) {
    const highHead = Math.fround(high);
    const product = high * z;
    const lost = highHead * zHead - product + highHead * (z - zHead) + (high - highHead) * zHead + (high - highHead) * (z - zHead);
    const c = coefficients[k]!;
    const sum = product + c;
    const part = sum - product;
    low = low * z + lost + (product - (sum - part) + (c - part));
    high = sum;
  }
  return high + (low + high * (rounding / (2 * size + 2)));
};

const far = (coefficients: readonly number[], size: number): number => horner(coefficients, 1 / size) / Math.sqrt(size);

/**
 * e^−|x| I₀(x) for any real x.
 *
 * Near 0 the power series, economised, times e^−|x|; beyond, a polynomial in 1/|x| over √|x|. Error below 4 ulp (against exact sums), as for the
 * others here. The forms are those of Blair, "Rational Chebyshev approximations for the modified Bessel functions I₀(x) and I₁(x)", Math. Comp. 28
 * (1974); the coefficients are polynomials of our own, by Remez' exchange with 50 digits.
 */
export const i0e = (x: number): number => {
  const size = Math.abs(x);
  return size < BESSEL_FAR_FROM ? near(BESSEL_I0_NEAR, size) * Math.exp(-size) : far(BESSEL_I0_FAR, size);
};

/** e^−|x| I₁(x) for any real x, likewise; the sign of zero is kept. */
export const i1e = (x: number): number => {
  const size = Math.abs(x);
  if (size < BESSEL_FAR_FROM) return 0.5 * x * (near(BESSEL_I1_NEAR, size) * Math.exp(-size));
  return (x < 0 ? -1 : 1) * far(BESSEL_I1_FAR, size);
};

const unscaled = (coefficients: readonly number[], size: number): number =>
  size > 720 ? Infinity : Math.exp(size - BESSEL_SHIFT) * (far(coefficients, size) * EXP_OF_SHIFT);

/** I₀(x) for any real x; +Infinity beyond ±713.99. */
export const i0 = (x: number): number => {
  const size = Math.abs(x);
  return size < BESSEL_FAR_FROM ? near(BESSEL_I0_NEAR, size) : unscaled(BESSEL_I0_FAR, size);
};

/** I₁(x) for any real x; ±Infinity beyond ±713.99. */
export const i1 = (x: number): number => {
  const size = Math.abs(x);
  return size < BESSEL_FAR_FROM ? 0.5 * x * near(BESSEL_I1_NEAR, size) : (x < 0 ? -1 : 1) * unscaled(BESSEL_I1_FAR, size);
};

/** log I₀(x) for any real x, with full relative accuracy near 0, where it is x²/4. */
export const logI0 = (x: number): number => {
  const size = Math.abs(x);
  if (size === Infinity) return Infinity;
  const square = 0.25 * x * x;
  return size < BESSEL_FAR_FROM ? Math.log1p(square * horner(BESSEL_I0_BEYOND_ONE, square)) : size + Math.log(far(BESSEL_I0_FAR, size));
};
