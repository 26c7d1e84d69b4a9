/** Temme's uniform expansion of the incomplete beta function where both parameters are large, and its two parameter derivatives. */
import { erfcx } from './erf.ts';
import { log1pmx } from './log1pmx.ts';
import { horner } from './polynomial.ts';
import { stirlingCorrection, stirlingCorrectionSlope } from './stirling.ts';

const TERMS = 32;

/** From this min(a, b) on, and for |ζ| ≤ 1, the expansion is exact to double precision. */
export const UNIFORM_FROM = 40;

/** The two tails of a beta distribution at one point, and how the lower moves with the parameters. */
export interface BetaRatios {
  /** I_x(a, b). */
  readonly lower: number;
  /** 1 − I_x(a, b), not by subtraction where it is the small one. */
  readonly upper: number;
  /** ∂I_x(a, b) / ∂a. */
  readonly da: number;
  /** ∂I_x(a, b) / ∂b. */
  readonly db: number;
}

/** The same point seen from the other end: I_x(a, b) = 1 − I_{1−x}(b, a) (DLMF 8.17.4). */
export const mirrored = ({ lower, upper, da, db }: BetaRatios): BetaRatios => ({ lower: upper, upper: lower, da: -db, db: -da });

/** log(r) − (r − 1), with r − 1 = u given exactly enough where r is near 1. */
const logExcess = (u: number, r: number): number => (Math.abs(u) < 0.6 ? log1pmx(u) : Math.log(r) - u);

/** The rounding error of the product m of u and v below 1e150: Dekker, "A floating-point technique for extending the available precision" (1971). */
const productError = (u: number, v: number, m: number): number => {
  const split = 134217729;
  const uHigh = split * u - (split * u - u);
  const vHigh = split * v - (split * v - v);
  const uLow = u - uHigh;
  const vLow = v - vHigh;
  return uLow * vLow - (m - uHigh * vHigh - uLow * vHigh - uHigh * vLow);
};

/** (a + b) t − c without the rounding of the sum and of the product, which a large a or b would magnify. */
const weighed = (a: number, b: number, t: number, c: number): number => {
  const r = a + b;
  const m = r * t;
  if (!(r < 1e150)) return m - c;
  const sumError = Math.min(a, b) - (r - Math.max(a, b));
  return m - c + (productError(r, t, m) + sumError * t);
};

/** (a + b) x − a, from the smaller of x and y = 1 − x. */
export const betaExcess = (a: number, b: number, x: number, y: number): number => (x <= y ? weighed(a, b, x, a) : -weighed(a, b, y, b));

/**
 * Where x stands against the mean p = a / (a + b): w = x/p − 1, v = (1 − x)/(1 − p) − 1, and exponent = a log(x/p) + b log((1 − x)/(1 − p)) ≤ 0,
 * that of x^a (1 − x)^b against its maximum. The parts of w and v that are linear cancel exactly and are left out of it.
 */
export const betaExponent = (a: number, b: number, x: number, y: number): { readonly w: number; readonly v: number; readonly exponent: number } => {
  const r = a + b;
  const excess = betaExcess(a, b, x, y);
  const w = excess / a;
  const v = -excess / b;
  return { w, v, exponent: a * logExcess(w, x * (r / a)) + b * logExcess(v, y * (r / b)) };
};

/** The coefficients f of √q ζ / w in powers of ζ, and their derivatives in p; ½ ζ² = −exponent / a, w w' = ζ (1 + w) (q − p w). */
const shapeSeries = (p: number, q: number): { readonly f: readonly number[]; readonly fSlope: readonly number[] } => {
  const w = new Array<number>(TERMS + 2).fill(0);
  const wp = new Array<number>(TERMS + 2).fill(0);
  // v = w², whose derivative is 2 ζ (q + (q − p) w − p v).
  const v = new Array<number>(TERMS + 3).fill(0);
  const vp = new Array<number>(TERMS + 3).fill(0);
  const root = Math.sqrt(q);
  w[1] = root;
  wp[1] = -0.5 / root;
  v[2] = q;
  vp[2] = -1;
  for (let n = 2; n <= TERMS; n++) {
    const scale = 2 / (n + 1);
    v[n + 1] = scale * ((q - p) * w[n - 1]! - p * v[n - 1]!);
    vp[n + 1] = scale * ((q - p) * wp[n - 1]! - 2 * w[n - 1]! - p * vp[n - 1]! - v[n - 1]!);
    let rest = v[n + 1]!;
    let restSlope = vp[n + 1]!;
    for (let k = 2; k < n; k++) {
      rest -= w[k]! * w[n + 1 - k]!;
      restSlope -= 2 * wp[k]! * w[n + 1 - k]!;
    }
    w[n] = rest / (2 * root);
    wp[n] = (restSlope - 2 * wp[1] * w[n]!) / (2 * root);
  }
  const f = new Array<number>(TERMS).fill(0);
  const fSlope = new Array<number>(TERMS).fill(0);
  f[0] = 1;
  for (let n = 1; n < TERMS; n++) {
    let sum = 0;
    let slope = 0;
    for (let k = 1; k <= n; k++) {
      sum -= w[k + 1]! * f[n - k]!;
      slope -= wp[k + 1]! * f[n - k]! + w[k + 1]! * fSlope[n - k]!;
    }
    f[n] = sum / root;
    fSlope[n] = (slope - wp[1] * f[n]!) / root;
  }
  return { f, fSlope };
};

/**
 * Both tails of I_x(a, b) and their derivatives for 40 ≤ a ≤ b, where ½ ζ² = −exponent / a and |ζ| ≤ 1 (`betaExponent`).
 *
 * 1 − I = ½ erfc(ζ √(a/2)) + exp(−½ a ζ²) S / √(2πa), Temme, "Uniform asymptotic expansions of the incomplete gamma functions
 * and the incomplete beta function", Math. Comp. 29 (1975) (DLMF 8.18(ii)), scaled so that b → ∞ gives the expansion of the gamma case.
 * S solves S'/a − ζ S = 1 − f / G, f = √q ζ / w and G = Γ*(a) Γ*(b) / Γ*(a + b), so its coefficients are a backward recurrence. The
 * derivatives are those of each step.
 */
export const uniformBetaRatios = (a: number, b: number, w: number, v: number, exponent: number): BetaRatios => {
  const r = a + b;
  const p = a / r;
  const q = b / r;
  const { f, fSlope } = shapeSeries(p, q);
  const inverse = Math.exp(stirlingCorrection(r) - stirlingCorrection(a) - stirlingCorrection(b));
  const slopeOfR = stirlingCorrectionSlope(r);
  // How p and 1/G move with a and with b.
  const pA = q / r;
  const pB = -p / r;
  const inverseA = inverse * (slopeOfR - stirlingCorrectionSlope(a));
  const inverseB = inverse * (slopeOfR - stirlingCorrectionSlope(b));
  const s = new Array<number>(TERMS + 1).fill(0);
  const sA = new Array<number>(TERMS + 1).fill(0);
  const sB = new Array<number>(TERMS + 1).fill(0);
  for (let n = TERMS - 1; n >= 1; n--) {
    const carried = ((n + 1) * s[n + 1]!) / a;
    s[n - 1] = f[n]! * inverse + carried;
    sA[n - 1] = f[n]! * inverseA + fSlope[n]! * pA * inverse + ((n + 1) * sA[n + 1]! - carried) / a;
    sB[n - 1] = f[n]! * inverseB + fSlope[n]! * pB * inverse + ((n + 1) * sB[n + 1]!) / a;
  }
  const half = -exponent / a;
  const sign = w < 0 ? -1 : 1;
  const zeta = sign * Math.sqrt(2 * half);
  const sum = horner(s, zeta);
  const peak = Math.exp(exponent);
  const root = Math.sqrt(2 * Math.PI * a);
  const tail = peak * (0.5 * erfcx(Math.abs(zeta) * Math.sqrt(0.5 * a)) + (sign * sum) / root);
  // f ∂ζ/∂a and f ∂ζ/∂b, with ζ divided out against f.
  const lead = Math.sqrt(q) * inverse;
  const moveA = w === 0 ? -lead : (lead * (-Math.log1p(w) - half)) / w;
  const moveB = w === 0 ? (lead * p) / q : (-lead * Math.log1p(v)) / w;
  return {
    lower: sign < 0 ? tail : 1 - tail,
    upper: sign < 0 ? 1 - tail : tail,
    da: (-peak / root) * (horner(sA, zeta) - 0.5 * zeta - (half + 0.5 / a) * sum - moveA),
    db: (-peak / root) * (horner(sB, zeta) - moveB),
  };
};
