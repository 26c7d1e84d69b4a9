/** The kernels of the von Mises distribution: variates by key, differentiable in the concentration, and the cdf. */
import { kindlingError } from '../errors.ts';
import { vonMisesCdf, vonMisesDensity, vonMisesVariate, vonMisesVariateGrad } from '../loop/functions/vonMises.ts';
import { binary, code } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import { variateKernel } from './random.ts';

const once = (): never => {
  throw kindlingError('Unsupported', { message: 'von Mises variates can be differentiated once, not twice' });
};

/** dθ/dκ at a fixed quantile of θ ~ VonMises(0, κ), from κ and θ. It has no derivative of its own. */
export const RandomVonMisesGrad: Kernel = binary('RandomVonMisesGrad', code(vonMisesVariateGrad), () => once(), 'float');

/** θ ~ VonMises(0, κ) for each element of the concentration κ. */
export const RandomVonMises: Kernel = variateKernel('RandomVonMises', ['concentration'], vonMisesVariate, (ops, { dy, inputs, output }) => [
  undefined,
  () => ops.mul(dy, ops.randomVonMisesGrad(inputs[1]!, output)),
]);

/** e^(κ cos θ) / (2π I₀(κ)). */
export const VonMisesDensity: Kernel = binary(
  'VonMisesDensity',
  code(vonMisesDensity),
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
  code(vonMisesCdf),
  (ops, dy, kappa, theta) => {
    const scaled = (): ReturnType<typeof ops.mul> => ops.mul(dy, ops.vonMisesDensity(kappa, theta));
    return [() => ops.neg(ops.mul(scaled(), ops.randomVonMisesGrad(kappa, theta))), () => scaled()];
  },
  'float',
);
