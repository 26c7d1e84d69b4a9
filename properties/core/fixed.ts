/** Exact arithmetic on integers over a power of two, to measure functions of doubles in units of the last place. */
import fc from 'fast-check';

/** Exact values are integers over 2^FRACTION: enough below the smallest double for 100 bits of it. */
const FRACTION = 1200n;
export const ONE: Fixed = 1n << FRACTION;

export type Fixed = bigint;
export const times = (a: Fixed, b: Fixed): Fixed => (a * b) >> FRACTION;
export const over = (a: Fixed, b: Fixed): Fixed => (a << FRACTION) / b;
const magnitude = (a: bigint): bigint => (a < 0n ? -a : a);

const exponentOf = (x: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return Math.max(((view.getUint16(0) >> 4) & 0x7ff) - 1075, -1074);
};

/** A finite double, exactly: its lowest bit is at least 2^−1074. */
export const fixed = (x: number): Fixed => {
  const exponent = exponentOf(x);
  // In two steps, since 2^1074 is no double.
  const whole = BigInt(x * 2 ** -Math.ceil(exponent / 2) * 2 ** -Math.floor(exponent / 2));
  return whole << (FRACTION + BigInt(exponent));
};

/** The sum of terms, each from the one before, until they vanish. */
const series = (first: Fixed, next: (term: Fixed, n: bigint) => Fixed): Fixed => {
  let sum = 0n;
  let term = first;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = next(term, n);
  }
  return sum;
};

const atanhSeries = (s: Fixed, sign: bigint): Fixed => {
  const square = sign * times(s, s);
  let power = s;
  let sum = 0n;
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n;
    power = times(power, square);
  }
  return sum;
};

const LN_2 = 2n * atanhSeries(ONE / 3n, 1n);
/** Machin's formula. */
export const PI: Fixed = 16n * atanhSeries(ONE / 5n, -1n) - 4n * atanhSeries(ONE / 239n, -1n);

const nearestQuotient = (a: Fixed, b: Fixed): bigint => (2n * a + b) / (2n * b) - ((2n * a + b) % (2n * b) < 0n ? 1n : 0n);

export const expFixed = (x: Fixed): Fixed => {
  const k = nearestQuotient(x, LN_2);
  const r = x - k * LN_2;
  const sum = series(ONE, (term, n) => times(term, r) / n);
  return k < 0n ? sum >> -k : sum << k;
};

export const logFixed = (x: Fixed): Fixed => {
  const k = BigInt(x.toString(2).length) - FRACTION;
  const m = k < 0n ? x << -k : x >> k;
  return k * LN_2 + 2n * atanhSeries(over(m - ONE, m + ONE), 1n);
};

export const sinFixed = (x: Fixed): Fixed => {
  const k = nearestQuotient(x, PI);
  const r = x - k * PI;
  const square = times(r, r);
  const value = series(r, (term, n) => -times(term, square) / (2n * n * (2n * n + 1n)));
  return k % 2n === 0n ? value : -value;
};

export const sqrtFixed = (x: Fixed): Fixed => {
  if (x === 0n) return 0n;
  let root = 1n << (BigInt((x << FRACTION).toString(2).length) / 2n + 1n);
  for (;;) {
    const next = (root + (x << FRACTION) / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
};
const SQRT_PI = sqrtFixed(PI);

/** DLMF 7.6.2, whose terms have one sign. */
export const erfFixed = (x: Fixed): Fixed => {
  const square = times(x, x);
  const sum = series(x, (term, n) => (2n * times(term, square)) / (2n * n + 1n));
  return over(2n * sum, times(expFixed(square), SQRT_PI));
};

/** B₂, B₄, … as quotients, from Σ_k C(n + 1, k) B_k = 0. */
const bernoulli = ((): readonly (readonly [bigint, bigint])[] => {
  const all: [bigint, bigint][] = [[1n, 1n]];
  for (let n = 1; n <= 60; n++) {
    let [top, bottom, choose] = [0n, 1n, 1n];
    for (let k = 0; k < n; k++) {
      const [p, q] = all[k]!;
      [top, bottom] = [top * q + choose * p * bottom, bottom * q];
      choose = (choose * BigInt(n + 1 - k)) / BigInt(k + 1);
    }
    let [a, b] = [magnitude(top), bottom];
    while (b !== 0n) [a, b] = [b, a % b];
    all.push([-top / a, (bottom / a) * BigInt(n + 1)]);
  }
  return all.filter((_, n) => n >= 2 && n % 2 === 0);
})();

const HALF_LOG_TWO_PI = logFixed(2n * PI) / 2n;

/** log Γ and ψ for x > 0 to some 60 digits: the asymptotic series (DLMF 5.11.1, 5.11.2) past 60, and the recurrence down from there. */
export const gammaFixed = (x: Fixed): { readonly lgamma: Fixed; readonly digamma: Fixed } => {
  let [y, product, sum] = [x, ONE, 0n];
  while (y < 60n * ONE) {
    product = times(product, y);
    sum += over(ONE, y);
    y += ONE;
  }
  const inverse = over(ONE, y);
  const square = times(inverse, inverse);
  const logarithm = logFixed(y);
  let lgamma = times(y - ONE / 2n, logarithm) - y + HALF_LOG_TWO_PI - logFixed(product);
  let digamma = logarithm - inverse / 2n - sum;
  let power = square;
  bernoulli.forEach(([p, q], j) => {
    const n = BigInt(2 * j + 2);
    lgamma += (times(power, y) * p) / (q * n * (n - 1n));
    digamma -= (power * p) / (q * n);
    power = times(power, square);
  });
  return { lgamma, digamma };
};

/** How far a double is from an exact value, in units of the last place of the exact value as a double. */
export const ulpError = (actual: number, exact: Fixed): number => {
  const top = BigInt(magnitude(exact).toString(2).length) - 53n;
  const unit = top < FRACTION - 1074n ? FRACTION - 1074n : top;
  if (!Number.isFinite(actual)) return top >= FRACTION + 970n && Math.sign(actual) === (exact < 0n ? -1 : 1) ? 0 : Infinity;
  return Number((magnitude(fixed(actual) - exact) << 40n) >> unit) / 2 ** 40;
};

/** Doubles between two numbers: half of them uniform, half with every exponent alike. */
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ min, max, noNaN: true }),
    fc.integer({ min: 0, max: 2 ** 30 }).map((n) => min + (max - min) * (n / 2 ** 30)),
  );

const atanhOf = (x: Fixed): Fixed => logFixed(over(ONE + x, ONE - x)) / 2n;

/** Twice the half of the angle, twice, then the series. */
const atanOf = (x: Fixed): Fixed => {
  if (x < 0n) return -atanOf(-x);
  if (x > ONE) return PI / 2n - atanOf(over(ONE, x));
  const half = (t: Fixed): Fixed => over(t, ONE + sqrtFixed(ONE + times(t, t)));
  return 4n * atanhSeries(half(half(x)), -1n);
};

const asinOf = (x: Fixed): Fixed => (magnitude(x) === ONE ? (x * PI) / (2n * ONE) : atanOf(over(x, sqrtFixed(ONE - times(x, x)))));

type Elementary = 'tan' | 'atan' | 'asin' | 'acos' | 'sinh' | 'cosh' | 'asinh' | 'acosh' | 'atanh';

/** Tangent, inverse trigonometric and hyperbolic functions. */
export const elementaryFixed: Readonly<Record<Elementary, (x: Fixed) => Fixed>> = {
  tan: (x: Fixed): Fixed => over(sinFixed(x), sinFixed(x + PI / 2n)),
  atan: atanOf,
  asin: asinOf,
  acos: (x: Fixed): Fixed => PI / 2n - asinOf(x),
  sinh: (x: Fixed): Fixed => (expFixed(x) - expFixed(-x)) / 2n,
  cosh: (x: Fixed): Fixed => (expFixed(x) + expFixed(-x)) / 2n,
  asinh: (x: Fixed): Fixed => (x < 0n ? -1n : 1n) * logFixed(magnitude(x) + sqrtFixed(ONE + times(x, x))),
  acosh: (x: Fixed): Fixed => logFixed(x + sqrtFixed(times(x, x) - ONE)),
  atanh: atanhOf,
};

const SQRT_2: Fixed = sqrtFixed(2n * ONE);

/** Φ(x), to a few times 2^−1200. */
export const ndtrFixed = (x: Fixed): Fixed => (ONE + erfFixed(over(x, SQRT_2))) / 2n;
