/** Special functions of two and three arguments, which tfjs lacks. */
import * as B from '../kernels/bessel.ts';
import * as I from '../kernels/incomplete.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { RandomGammaGrad } from '../kernels/random.ts';
import { RandomVonMisesGrad, VonMisesCdf, VonMisesDensity } from '../kernels/vonMises.ts';
import type { Input, Out3 } from '../value.ts';
import { apply } from './apply.ts';
import type { Binary, Unary } from './elementwise.ts';

/** A function of three arrays that broadcast. */
export type Ternary = <X extends Input, Y extends Input, Z extends Input>(a: X, b: Y, x: Z) => Out3<X, Y, Z>;

const unary = (kernel: Kernel): Unary => ((x: Input) => apply(kernel, [x])) as Unary;
const binary = (kernel: Kernel): Binary => ((a: Input, b: Input) => apply(kernel, [a, b])) as Binary;
const ternary = (kernel: Kernel): Ternary => ((a: Input, b: Input, x: Input) => apply(kernel, [a, b, x])) as Ternary;

/** P(a, x), the regularised lower incomplete gamma function. */
export const gammainc: Binary = binary(I.Gammainc);
/** Q(a, x) = 1 − P(a, x). */
export const gammaincc: Binary = binary(I.Gammaincc);
/** ∂P(a, x)/∂x, the density of Gamma(a, 1). */
export const gammaincDx: Binary = binary(I.GammaincDx);
/** ∂P(a, x)/∂a. */
export const gammaincDa: Binary = binary(I.GammaincDa);
/** The x with P(a, x) = p. */
export const gammaincInv: Binary = binary(I.GammaincInv);
/** log B(a, b). */
export const lbeta: Binary = binary(I.Lbeta);
/** I_x(a, b), the regularised incomplete beta function. */
export const betainc: Ternary = ternary(I.Betainc);
/** ∂I_x(a, b)/∂x, the density of Beta(a, b). */
export const betaincDx: Ternary = ternary(I.BetaincDx);
/** ∂I_x(a, b)/∂a. */
export const betaincDa: Ternary = ternary(I.BetaincDa);
/** ∂I_x(a, b)/∂b. */
export const betaincDb: Ternary = ternary(I.BetaincDb);
/** The x with I_x(a, b) = p. */
export const betaincInv: Ternary = ternary(I.BetaincInv);
/** d log x / d a at a fixed quantile of x ~ Gamma(a, 1), from a and log x. */
export const randomGammaGrad: Binary = binary(RandomGammaGrad);
/** dθ/dκ at a fixed quantile of θ ~ VonMises(0, κ), from κ and θ. */
export const randomVonMisesGrad: Binary = binary(RandomVonMisesGrad);
/** F(θ) of VonMises(0, κ) for θ in [−π, π], from κ and θ. */
export const vonMisesCdf: Binary = binary(VonMisesCdf);
/** The density of VonMises(0, κ), from κ and θ: ∂F/∂θ. */
export const vonMisesDensity: Binary = binary(VonMisesDensity);

/** I₀(x), the modified Bessel function of the first kind. */
export const i0: Unary = unary(B.BesselI0);
/** I₁(x). */
export const i1: Unary = unary(B.BesselI1);
/** e^−|x| I₀(x). */
export const i0e: Unary = unary(B.BesselI0e);
/** e^−|x| I₁(x). */
export const i1e: Unary = unary(B.BesselI1e);
/** log I₀(x), accurate near 0 and far beyond where I₀ overflows. */
export const logI0: Unary = unary(B.LogBesselI0);
