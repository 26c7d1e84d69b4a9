/** The von Mises distribution: variates, their derivative in the concentration, the density and the cdf. */
import {
  abs,
  add,
  and,
  call,
  defineFunction,
  div,
  eq,
  ge,
  gt,
  horner,
  lt,
  mul,
  neg,
  or,
  pmin,
  select,
  sqrt,
  sub,
  withShortForm,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import { makeLocal, type Local } from '../local.ts';
import { defineRoutine, repeatWhile, when, type Step } from '../procedure.ts';
import { i0e, i1e } from './bessel.ts';
import { exp } from './exp.ts';
import { asin, atan } from './inverseTrigonometric.ts';
import { log } from './log.ts';
import { packedCoarse, packedUniform, threefryPacked } from './threefry.ts';
import { sin, tan } from './trigonometric.ts';

/** Above this a variate is 0 to any precision, and 2κ might overflow. */
const LARGEST_CONCENTRATION = 1e300;
/** From here on √(1 + 4κ²) is 2κ. */
const ROOT_IS_LINEAR_FROM = 1e9;

/** From this concentration on 1 − I₁/I₀ is its asymptotic series. */
export const SERIES_FROM = 50;
/**
 * 1 − I₁(κ)/I₀(κ) in powers of 1/κ, from 1/κ on: 1/2, 1/8, 1/8, 25/128 …, exact rationals from A′ = 1 − A/κ − A², which A = I₁/I₀ solves
 * (Mardia and Jupp, Directional Statistics, 2000, appendix 1).
 */
export const DEFECT_SERIES: readonly number[] = [
  0.5, 0.125, 0.125, 0.1953125, 0.40625, 1.0478515625, 3.21875, 11.466461181640625, 46.478515625, 211.27614974975586, 1064.67822265625, 5892.0457146167755,
  35528.87744140625, 231884.6359563172,
];

/** Gauss and Legendre’s nodes and weights for 8 points, those above 0. */
const NODES: readonly (readonly [node: number, weight: number])[] = [
  [0.18343464249564978, 0.36268378337836166],
  [0.525532409916329, 0.3137066458778869],
  [0.7966664774136267, 0.22238103445337443],
  [0.9602898564975362, 0.10122853629037706],
];
/** Panels of an integral. */
const PANELS = 10;
/** Densities below e^−36 of that at the end of a tail are left out. */
const REACH = 36;

/** What an attempt at a concentration κ takes: t = 2κ, τ = 1 + √(1 + t²), τ − t, and the width of the envelope. */
const envelopeOf = (kappa: Expr): { readonly t: Expr; readonly tau: Expr; readonly less: Expr; readonly width: Expr } => {
  const t = mul(pmin(LARGEST_CONCENTRATION, kappa), 2);
  const root = select(lt(t, ROOT_IS_LINEAR_FROM), sqrt(add(mul(t, t), 1)), t);
  const [tau, less] = [add(root, 1), add(div(1, add(root, t)), 1)];
  return { t, tau, less, width: sqrt(div(less, add(tau, t))) };
};

/** The tangent of half a uniform angle. */
const slopeOf = (packed: Expr): Expr => call(tan, mul(sub(mul(packedUniform(packed), 2), 1), 0.5 * Math.PI));

const ratioOf = ({ t, tau, less }: ReturnType<typeof envelopeOf>, slope: Expr): Expr => div(tau, add(less, div(mul(t, 2), add(mul(slope, slope), 1))));

const isSure = (c: Expr, v: Expr): Expr => gt(mul(c, sub(2, c)), v);

const variateOf = (width: Expr, slope: Expr): Expr => mul(call(atan, mul(width, slope)), 2);

const byAttempts = defineRoutine('vonMisesVariate', 4, (key0, key1, index, kappa) => {
  const [packed, attempt, isDone, slope, c] = ['packed', 'attempt', 'isDone', 'slope', 'c'].map(makeLocal) as [Local, Local, Local, Local, Local];
  const envelope = envelopeOf(kappa);
  const v = packedCoarse(packed.value);
  const steps = [
    when(ge(kappa, 0), [
      repeatWhile(eq(isDone.value, 0), [
        attempt.set(add(attempt.value, 1)),
        packed.set(call(threefryPacked, key0, key1, attempt.value, index)),
        slope.set(slopeOf(packed.value)),
        c.set(ratioOf(envelope, slope.value)),
        when(isSure(c.value, v), [isDone.set(1)], [when(ge(add(call(log, div(c.value, v)), 1), c.value), [isDone.set(1)])]),
      ]),
    ]),
  ];
  return { steps, result: select(ge(kappa, 0), variateOf(envelope.width, slope.value), NaN) };
});

/**
 * θ ~ VonMises(0, κ), the element at `index` of an array of variates. NaN for κ below 0.
 *
 * @see D. J. Best, N. I. Fisher: Efficient simulation of the von Mises distribution, Applied Statistics 28 (1979)
 */
export const vonMisesVariate: ScalarFunction = withShortForm(byAttempts, (key0, key1, index, kappa) => {
  const envelope = envelopeOf(kappa);
  const packed = call(threefryPacked, key0, key1, 1, index);
  const slope = slopeOf(packed);
  return { isKnown: and(ge(kappa, 0), isSure(ratioOf(envelope, slope), packedCoarse(packed))), value: variateOf(envelope.width, slope) };
});

const halfVersine = (t: Expr): Expr => {
  const s = call(sin, mul(t, 0.5));
  return mul(s, s);
};

/** The integral of a function between the values of two locals, by Gauss and Legendre’s rule on equal panels. */
const integrate = (into: Local, f: (t: Expr) => Expr, from: Local, to: Local): readonly Step[] => {
  const [panel, half, centre] = [makeLocal('panel'), makeLocal('half'), makeLocal('centre')];
  const terms = NODES.map(([node, weight]) => {
    const step = mul(half.value, node);
    return mul(add(f(sub(centre.value, step)), f(add(centre.value, step))), weight);
  });
  return [
    half.set(div(sub(to.value, from.value), 2 * PANELS)),
    repeatWhile(lt(panel.value, PANELS), [
      centre.set(add(from.value, mul(add(mul(panel.value, 2), 1), half.value))),
      ...terms.map((term) => into.set(add(into.value, term))),
      panel.set(add(panel.value, 1)),
    ]),
    into.set(mul(into.value, half.value)),
  ];
};

const reachFrom = (s: Expr, kappa: Expr): Expr => mul(call(asin, sqrt(pmin(1, add(s, div(REACH, mul(kappa, 2)))))), 2);

const resultantDefect = (kappa: Expr): Expr => {
  const x = div(1, kappa);
  return select(lt(kappa, SERIES_FROM), sub(1, div(call(i1e, kappa), call(i0e, kappa))), mul(x, horner(x, DEFECT_SERIES)));
};

const isKnown = (kappa: Expr, theta: Expr): Expr => and(ge(kappa, 0), eq(theta, theta));

/**
 * dθ/dκ at a fixed quantile, for θ ~ VonMises(0, κ) in [−π, π] and κ ≥ 0: −(∂F/∂κ) / f = −∫₀^θ (cos t − A(κ)) e^(κ(cos t − cos θ)) dt,
 * A = I₁/I₀. The whole integral up to π is 0, so that beyond cos θ = A that over the rest is taken: neither has terms of two signs.
 * Within 1e-11 of MPFR’s, relative.
 *
 * @see M. Figurnov, S. Mohamed, A. Mnih: Implicit reparameterization gradients (2018), eq. 5
 */
export const vonMisesVariateGrad: ScalarFunction = defineRoutine('vonMisesVariateGrad', 2, (kappa, theta) => {
  const [size, from, to, defect, s] = ['size', 'from', 'to', 'defect', 's'].map(makeLocal) as [Local, Local, Local, Local, Local];
  const weigh = (t: Expr): Expr => {
    const own = halfVersine(t);
    return mul(abs(sub(defect.value, mul(own, 2))), call(exp, mul(mul(kappa, 2), sub(s.value, own))));
  };
  const angle = pmin(Math.PI, abs(theta));
  const steps = [
    when(isKnown(kappa, theta), [
      defect.set(resultantDefect(kappa)),
      s.set(halfVersine(angle)),
      when(lt(mul(s.value, 2), defect.value), [to.set(angle)], [from.set(angle), to.set(reachFrom(s.value, kappa))]),
      ...integrate(size, weigh, from, to),
    ]),
  ];
  return { steps, result: select(isKnown(kappa, theta), select(lt(theta, 0), size.value, neg(size.value)), NaN) };
});

/** e^(κ cos θ) / (2π I₀(κ)). */
export const vonMisesDensity: ScalarFunction = defineFunction('vonMisesDensity', 2, (kappa, theta) =>
  select(ge(kappa, 0), div(call(exp, mul(mul(kappa, -2), halfVersine(theta))), mul(call(i0e, kappa), 2 * Math.PI)), NaN),
);

/** F(θ) of VonMises(0, κ) on [−π, π]: 0 below, 1 above. The smaller tail is what is integrated. */
export const vonMisesCdf: ScalarFunction = defineRoutine('vonMisesCdf', 2, (kappa, theta) => {
  const [size, from, to, s, isNear] = ['size', 'from', 'to', 's', 'isNear'].map(makeLocal) as [Local, Local, Local, Local, Local];
  const weigh = (t: Expr): Expr => call(exp, mul(mul(kappa, 2), sub(s.value, halfVersine(t))));
  const angle = pmin(Math.PI, abs(theta));
  const steps = [
    when(isKnown(kappa, theta), [
      s.set(halfVersine(angle)),
      when(or(ge(mul(mul(kappa, 2), s.value), 1), ge(angle, 1)), [from.set(angle), to.set(reachFrom(s.value, kappa))], [isNear.set(1), to.set(angle)]),
      ...integrate(size, weigh, from, to),
      size.set(mul(size.value, call(vonMisesDensity, kappa, angle))),
      when(eq(isNear.value, 1), [size.set(sub(0.5, size.value))]),
    ]),
  ];
  return { steps, result: select(isKnown(kappa, theta), select(lt(theta, 0), size.value, sub(1, size.value)), NaN) };
});
