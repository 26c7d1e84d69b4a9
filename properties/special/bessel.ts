/** The modified Bessel functions of the first kind of orders 0 and 1, plain and scaled. */
import { horner } from './polynomial.ts';

/** Up to here the power series in x²/4 serve, from here on the expansions in 1/x. */
export const BESSEL_FAR_FROM = 10;
/** I₀(x) as a polynomial in x²/4 for |x| ≤ 10: minimax, relative error 2^−62. */
export const BESSEL_I0_NEAR: readonly number[] = [
  1, 1.0, 0.24999999999999994, 0.02777777777777793, 0.0017361111111109113, 6.944444444459828e-5, 1.9290123456035117e-6, 3.936759891648232e-8,
  6.151187268127114e-10, 7.59405942136211e-12, 7.594046037478577e-14, 6.276196310942639e-16, 4.357594984578239e-18, 2.582996934613635e-20,
  1.300632672926696e-22, 6.244547845702725e-25, 1.5996845122447391e-27, 1.468199485461763e-29,
];
/** I₁(x) / (x/2) likewise: relative error 2^−59. */
export const BESSEL_I1_NEAR: readonly number[] = [
  1, 0.49999999999999994, 0.08333333333333365, 0.006944444444443778, 0.0003472222222229373, 1.1574074073623215e-5, 2.755731924221936e-7, 4.9209498113856394e-9,
  6.834653552662638e-11, 7.594044933337517e-13, 6.903827260897273e-15, 5.229032928474681e-17, 3.358301964619249e-19, 1.819491105529435e-21,
  9.398144763680286e-24, 2.5180696390131944e-26, 2.520400170991931e-28,
];
/** √x e^−x I₀(x) as a polynomial in 1/x for x ≥ 10: minimax, relative error 2^−58. */
export const BESSEL_I0_FAR: readonly number[] = [
  0.3989422804014327, 0.049867785050178824, 0.028050629096136526, 0.029219400497989646, 0.0447440472766056, 0.09020668414428841, 0.2833575406492329,
  -4.559556199335623, 363.50581414237547, -18429.140021860105, 713075.4971699681, -21142444.988834422, 483792266.3456371, -8549367876.901825, 116092239232.3321,
  -1197123895850.507, 9181721725336.678, -50608426826451.7, 189047161931016.97, -427849600312270.75, 442476603738887.3,
];
/** √x e^−x I₁(x) likewise. */
export const BESSEL_I1_FAR: readonly number[] = [
  0.3989422804014327, -0.14960335515053497, -0.0467510484926325, -0.0409071612220905, -0.05752792833912375, -0.11027278739464055, -0.33281349156579976,
  5.1106938800121595, -403.8773237399313, 20266.80496124535, -777738.7805103414, 22901210.962675415, -520971856.0148652, 9159836272.046608, -123831094514.26973,
  1271920150943.5657, -9721214593295.373, 53412843089862.37, -198951234998508.28, 449086552241227.9, -463325332458855.5,
];
/** e^|x| is taken as this times e^(|x| − 8): it overflows before I₀ and I₁ do. */
export const BESSEL_SHIFT = 8;
export const EXP_OF_SHIFT = 2980.957987041728;

/** How many steps of Horner's rule, the last ones, keep what they lose: where x²/4 is large each rounding is one of nearly the whole. */
export const BESSEL_EXACT_STEPS = 2;

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

/** (I₀(x) − 1) / (x²/4): the first coefficient of I₀ is 1, exactly. */
export const BESSEL_I0_BEYOND_ONE: readonly number[] = BESSEL_I0_NEAR.slice(1);

/** log I₀(x) for any real x, with full relative accuracy near 0, where it is x²/4. */
export const logI0 = (x: number): number => {
  const size = Math.abs(x);
  if (size === Infinity) return Infinity;
  const square = 0.25 * x * x;
  return size < BESSEL_FAR_FROM ? Math.log1p(square * horner(BESSEL_I0_BEYOND_ONE, square)) : size + Math.log(far(BESSEL_I0_FAR, size));
};
