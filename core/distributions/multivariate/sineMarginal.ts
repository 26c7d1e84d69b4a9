/** The first angle of a sine bivariate von Mises distribution: its density up to a constant, its integral, and draws. */
import { makeNDArray, type NDArray } from '../../ndarray.ts';
import * as ops from '../../ops/index.ts';
import { uniform } from '../../random/draws.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';

const { acos, add, atan2, cos, cumsum, div, exp, expandDims, greater, i0e, lessEqual, log, logSumExp, maximum, minimum, mul, sign, sin, sqrt, square } = ops;
const { abs, clipByValue, concat, max, stopGradient, sub, sum, where } = ops;

/** The concentrations of both angles and the coefficient of the product of their sines. */
export interface Coupling {
  readonly first: AnyArray;
  readonly second: AnyArray;
  readonly correlation: AnyArray;
}

/**
 * The s of the map tan(φ/2) = s tan(θ/2) of the circle onto itself, which makes the density as wide as the circle in θ. No integral
 * depends on it, so that it has no gradient.
 */
const scaleOf = (coupling: Coupling): AnyArray => {
  const [first, second, correlation] = [coupling.first, coupling.second, coupling.correlation].map(stopGradient) as [AnyArray, AnyArray, AnyArray];
  const squared = square(correlation);
  const isDouble = greater(squared, mul(first, second));
  // The two tops of a bimodal density stand where cos²φ is this.
  const safe = where(isDouble, squared, 1);
  const cosine = div(mul(square(first), add(square(second), safe)), mul(safe, add(safe, square(first))));
  const top = acos(minimum(sqrt(cosine), 1));
  const curvature = abs(sub(first, div(squared, second)));
  const width = div(2, sqrt(maximum(curvature, sqrt(first))));
  return minimum(where(isDouble, add(top, div(2, sqrt(first))), width), 1);
};

/** log of exp(κ₁ (cos φ − 1) − κ₂) 2π I₀(√(κ₂² + ρ² sin² φ)) dφ/dθ, up to log 2π. */
const logDensity = ({ first, second, correlation }: Coupling, scale: AnyArray, theta: AnyArray): AnyArray => {
  const [across, along] = [mul(scale, sin(mul(0.5, theta))), cos(mul(0.5, theta))];
  const whole = add(square(across), square(along));
  const sine = square(div(mul(correlation, mul(2, mul(across, along))), whole));
  const length = sqrt(add(square(second), sine));
  const exponent = sub(div(sine, add(length, second)), mul(2, mul(first, div(square(across), whole))));
  return add(add(exponent, log(i0e(length))), log(div(scale, whole)));
};

const INTERVALS = 128;

const list = (count: number, f: (i: number) => number): NDArray =>
  makeNDArray(
    Float64Array.from({ length: count }, (_, i) => f(i)),
    [count],
  );

/** The trapezoidal rule on half the circle, which for a smooth even periodic function converges exponentially. */
const angles = list(INTERVALS + 1, (i) => (Math.PI * i) / INTERVALS);
const logWeights = list(INTERVALS + 1, (i) => Math.log((Math.PI / INTERVALS) * (i === 0 || i === INTERVALS ? 1 : 2)));

const spread = ({ first, second, correlation }: Coupling, by: (x: AnyArray) => AnyArray): Coupling => ({
  first: by(first),
  second: by(second),
  correlation: by(correlation),
});
const lastAxis = (x: AnyArray): AnyArray => expandDims(x, -1);

/** The terms of the rule in logs, along a new last axis. */
const terms = (coupling: Coupling): AnyArray => add(logDensity(spread(coupling, lastAxis), lastAxis(scaleOf(coupling)), angles), logWeights);

/** log ∫∫ exp(κ₁ (cos φ − 1) + κ₂ (cos ψ − 1) + ρ sin φ sin ψ) over both circles. */
export const logIntegral = (coupling: Coupling): AnyArray => add(logSumExp(terms(coupling), -1), Math.log(2 * Math.PI));

/** 1 − E[cos φ], the circular variance. */
export const circularVariance = (coupling: Coupling): AnyArray => {
  const logs = terms(coupling);
  const weights = exp(sub(logs, max(stopGradient(logs), -1, true)));
  const scale = lastAxis(scaleOf(coupling));
  const across = square(mul(scale, sin(mul(0.5, angles))));
  const versine = mul(2, div(across, add(across, square(cos(mul(0.5, angles))))));
  return div(sum(mul(weights, versine), -1), sum(weights, -1));
};

/** Positions and weights of Gauss and Legendre's rule of five points on [0, 1]; NIST Digital Library of Mathematical Functions, 3.5.v. */
const gauss: readonly (readonly [position: number, weight: number])[] = [
  [-0.906179845938663993, 0.236926885056189088],
  [-0.538469310105683091, 0.478628670499366468],
  [0, 0.568888888888888889],
  [0.538469310105683091, 0.478628670499366468],
  [0.906179845938663993, 0.236926885056189088],
];
const positions = list(5, (i) => 0.5 + 0.5 * gauss[i]![0]);
const weights = list(5, (i) => 0.5 * gauss[i]![1]);

const CELLS = 32;
const WIDTH = Math.PI / CELLS;
const nodes = list(CELLS * 5, (i) => WIDTH * (Math.floor(i / 5) + positions.data[i % 5]!));

/**
 * Draws of φ by the inverse distribution function, of half the circle and then a sign: the cell by a table of its integrals, the place
 * inside by Newton's method, the last step of which carries the gradient.
 */
export const drawAngle = (coupling: Coupling, key: Key, shape: Shape): AnyArray => {
  const scale = scaleOf(coupling);
  const peak = stopGradient(lastAxis(max(terms(coupling), -1)));
  const at = (theta: AnyArray): AnyArray => exp(sub(logDensity(spread(coupling, lastAxis), lastAxis(scale), theta), peak));
  const u = sub(mul(2, uniform(key, shape)), 1);
  const density = at(nodes);
  const masses = sum(mul(ops.reshape(density, [...density.shape.slice(0, -1), CELLS, 5]), mul(WIDTH, weights)), -1);
  const ends = cumsum(masses, -1);
  const goal = mul(abs(u), sum(masses, -1));
  // The cells that end below the goal; the last is never one of them, whatever rounding says.
  const passed = mul(
    ops.cast(lessEqual(ends, lastAxis(goal)), 'float32'),
    list(CELLS, (i) => Number(i < CELLS - 1)),
  );
  const start = mul(WIDTH, stopGradient(sum(passed, -1)));
  const rest = sub(goal, sum(mul(passed, masses), -1));
  const step = (inside: AnyArray): AnyArray => {
    const mass = mul(inside, sum(mul(at(add(lastAxis(start), mul(lastAxis(inside), positions))), weights), -1));
    const height = ops.squeeze(at(lastAxis(add(start, inside))), -1);
    return sub(inside, div(sub(mass, rest), height));
  };
  const near = [0, 1, 2, 3].reduce<AnyArray>((inside) => stopGradient(clipByValue(step(inside), 0, WIDTH)), ops.fill(shape, WIDTH / 2));
  const theta = add(start, step(near));
  return mul(sign(u), mul(2, atan2(mul(scale, sin(mul(0.5, theta))), cos(mul(0.5, theta)))));
};

/** An angle brought between −π and π. */
export const wrap = (x: AnyArray): AnyArray => sub(ops.mod(add(x, Math.PI), 2 * Math.PI), Math.PI);

/** Arrays of one angle each side by side along a new last axis. */
export const pair = (first: AnyArray, second: AnyArray): AnyArray => concat([lastAxis(first), lastAxis(second)], -1);
