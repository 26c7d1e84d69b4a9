/** The kernels of the von Mises distribution: variates by key, differentiable in the concentration, and the cdf. */
import { kindlingError } from '../errors.ts';
import { vonMisesCdf, vonMisesDensity, vonMisesVariateGrad } from '../special/vonMises.ts';
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import { variateKernel, type Attempts } from './random.ts';

/** Above this a variate is 0 to any precision, and 2κ might overflow. */
export const LARGEST_CONCENTRATION = 1e300;
/** From here on √(1 + 4κ²) is 2κ. */
export const ROOT_IS_LINEAR_FROM = 1e9;

/**
 * A variate of VonMises(0, κ) in (−π, π): Best and Fisher, "Efficient simulation of the von Mises distribution" (1979), whose envelope is a
 * wrapped Cauchy distribution. With t = 2κ and τ = 1 + √(1 + t²) its variates are 2 atan(√((τ − t)/(τ + t)) tan ½πu), and their constant r
 * is τ / t, so that nothing is lost at either end of κ.
 */
const vonMisesVariate = ({ take, uniform, coarse }: Attempts, kappa: number): number => {
  if (!(kappa >= 0)) return NaN;
  const t = 2 * Math.min(kappa, LARGEST_CONCENTRATION);
  const root = t < ROOT_IS_LINEAR_FROM ? Math.sqrt(1 + t * t) : t;
  const [tau, less] = [1 + root, 1 + 1 / (root + t)];
  const width = Math.sqrt(less / (tau + t));
  for (let attempt = 1; ; attempt++) {
    take(attempt);
    const slope = Math.tan(0.5 * Math.PI * (2 * uniform() - 1));
    const v = coarse();
    const c = tau / (less + (2 * t) / (1 + slope * slope));
    if (c * (2 - c) > v || Math.log(c / v) + 1 >= c) return 2 * Math.atan(width * slope);
  }
};

const once = (): never => {
  throw kindlingError('Unsupported', { message: 'von Mises variates can be differentiated once, not twice' });
};

/** dθ/dκ at a fixed quantile of θ ~ VonMises(0, κ), from κ and θ. It has no derivative of its own. */
export const RandomVonMisesGrad: Kernel = binary('RandomVonMisesGrad', vonMisesVariateGrad, () => once(), 'float');

/** θ ~ VonMises(0, κ) for each element of the concentration κ. */
export const RandomVonMises: Kernel = variateKernel('RandomVonMises', ['concentration'], vonMisesVariate, (ops, { dy, inputs, output }) => [
  undefined,
  () => ops.mul(dy, ops.randomVonMisesGrad(inputs[1]!, output)),
]);

/** e^(κ cos θ) / (2π I₀(κ)). */
export const VonMisesDensity: Kernel = binary(
  'VonMisesDensity',
  vonMisesDensity,
  (ops, dy, kappa, theta, density) => {
    const scaled = ops.mul(dy, density);
    return [
      () => ops.mul(scaled, ops.sub(ops.cos(theta), ops.div(ops.i1e(kappa), ops.i0e(kappa)))),
      () => ops.neg(ops.mul(scaled, ops.mul(kappa, ops.sin(theta)))),
    ];
  },
  'float',
  true,
);

/** F(θ) of VonMises(0, κ), for θ in [−π, π]. */
export const VonMisesCdf: Kernel = binary(
  'VonMisesCdf',
  vonMisesCdf,
  (ops, dy, kappa, theta) => {
    const scaled = (): ReturnType<typeof ops.mul> => ops.mul(dy, ops.vonMisesDensity(kappa, theta));
    return [() => ops.neg(ops.mul(scaled(), ops.randomVonMisesGrad(kappa, theta))), () => scaled()];
  },
  'float',
);
