/** The kernels of elementary and special functions of one argument, each with its derivative. */
import * as F from '../loop/functions/index.ts';
import { elu } from '../loop/functions/elu.ts';
import { polygammaOfOrder } from '../loop/functions/polygammaOfOrder.ts';
import { code, codeOf, unary, type UnaryVjp } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

const LOG_SQRT_2PI = 0.91893853320467274178;
const TWO_OVER_SQRT_PI = 1.1283791670955125739;
const HALF_SQRT_PI = 0.88622692545275801365;
const SQRT_2PI = 2.50662827463100050242;

export const Exp: Kernel = unary('Exp', code(F.exp), { y: (ops, dy, _, y) => ops.gradientProduct(dy, y) });
export const Expm1: Kernel = unary('Expm1', code(F.expm1), { y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.add(y, 1)) });
export const Log: Kernel = unary('Log', code(F.log), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.reciprocal(x)) });
// tfjs-wasm's is log(1 + x), which keeps no digit of a small x.
export const Log1p: Kernel = unary(
  'Log1p',
  code(F.log1p),
  { x: (ops, dy, x) => ops.gradientProduct(dy, ops.reciprocal(ops.add(x, 1))) },
  'float',
  'x',
  () => true,
);
export const Sqrt: Kernel = unary('Sqrt', Math.sqrt, { y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.div(0.5, y)) });
export const Rsqrt: Kernel = unary('Rsqrt', (x) => 1 / Math.sqrt(x), {
  y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.mul(-0.5, ops.mul(y, ops.square(y)))),
});
export const Reciprocal: Kernel = unary('Reciprocal', (x) => 1 / x, { y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.neg(ops.square(y))) });

export const Sigmoid: Kernel = unary('Sigmoid', code(F.sigmoid), { y: (ops, dy, _, y) => ops.mul(dy, ops.mul(y, ops.sub(1, y))) });
export const Softplus: Kernel = unary('Softplus', code(F.softplus), { x: (ops, dy, x) => ops.mul(dy, ops.sigmoid(x)) });
export const Tanh: Kernel = unary('Tanh', code(F.tanh), { y: (ops, dy, _, y) => ops.mul(dy, ops.sub(1, ops.square(y))) });
export const Relu: Kernel = unary('Relu', (x) => (x <= 0 ? 0 : x), { x: (ops, dy, x) => ops.where(ops.greater(x, 0), dy, 0) });
export const Elu: Kernel = unary('Elu', code(elu), {
  y: (ops, dy, _, y) => ops.mul(dy, ops.where(ops.less(y, 0), ops.add(y, 1), 1)),
});
export const LeakyRelu: Kernel = unary('LeakyRelu', (x, { alpha }) => (x >= 0 ? x : (alpha as number) * x), {
  x: (ops, dy, x, _, { alpha }) => ops.where(ops.greater(x, 0), dy, ops.mul(dy, alpha as number)),
});
export const Step: Kernel = unary('Step', (x, { alpha }) => (Number.isNaN(x) ? x : x > 0 ? 1 : ((alpha as number | undefined) ?? 0)), 'zero');

// tfjs-wasm's has an absolute error of 10⁻⁷ at small negative x.
export const Sin: Kernel = unary('Sin', code(F.sin), { x: (ops, dy, x) => ops.mul(dy, ops.cos(x)) }, 'float', 'x', () => true);
export const Cos: Kernel = unary('Cos', code(F.cos), { x: (ops, dy, x) => ops.neg(ops.mul(dy, ops.sin(x))) });
export const Tan: Kernel = unary('Tan', code(F.tan), { y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.add(1, ops.square(y))) });
export const Asin: Kernel = unary('Asin', code(F.asin), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.rsqrt(ops.sub(1, ops.square(x)))) });
export const Acos: Kernel = unary('Acos', code(F.acos), { x: (ops, dy, x) => ops.neg(ops.gradientProduct(dy, ops.rsqrt(ops.sub(1, ops.square(x))))) });
export const Atan: Kernel = unary('Atan', code(F.atan), { x: (ops, dy, x) => ops.mul(dy, ops.reciprocal(ops.add(1, ops.square(x)))) });
export const Sinh: Kernel = unary('Sinh', code(F.sinh), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.cosh(x)) });
export const Cosh: Kernel = unary('Cosh', code(F.cosh), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.sinh(x)) });
export const Asinh: Kernel = unary('Asinh', code(F.asinh), { x: (ops, dy, x) => ops.mul(dy, ops.rsqrt(ops.add(1, ops.square(x)))) });
export const Acosh: Kernel = unary('Acosh', code(F.acosh), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.rsqrt(ops.sub(ops.square(x), 1))) });
export const Atanh: Kernel = unary('Atanh', code(F.atanh), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.reciprocal(ops.sub(1, ops.square(x)))) });

const gauss = (scale: number): { readonly x: UnaryVjp } => ({
  x: (ops, dy, x) => ops.mul(dy, ops.mul(scale, ops.exp(ops.neg(ops.square(x))))),
});
export const Erf: Kernel = unary('Erf', code(F.erf), gauss(TWO_OVER_SQRT_PI));
export const Erfc: Kernel = unary('Erfc', code(F.erfc), gauss(-TWO_OVER_SQRT_PI));
export const Erfinv: Kernel = unary('Erfinv', code(F.erfinv), { y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.mul(HALF_SQRT_PI, ops.exp(ops.square(y)))) });

/** The standard normal quantile: Φ⁻¹(q). */
export const Ndtri: Kernel = unary('Ndtri', code(F.ndtri), {
  y: (ops, dy, _, y) => ops.gradientProduct(dy, ops.mul(SQRT_2PI, ops.exp(ops.mul(0.5, ops.square(y))))),
});

/** log Φ(x); its derivative φ/Φ is taken in logs, so that it keeps its digits in the lower tail. */
export const LogNdtr: Kernel = unary('LogNdtr', code(F.logNdtr), {
  x: (ops, dy, x) => ops.mul(dy, ops.exp(ops.sub(ops.sub(ops.mul(-0.5, ops.square(x)), LOG_SQRT_2PI), ops.logNdtr(x)))),
});

export const Lgamma: Kernel = unary('Lgamma', code(F.lgamma), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.digamma(x)) });
export const Digamma: Kernel = unary('Digamma', code(F.digamma), { x: (ops, dy, x) => ops.gradientProduct(dy, ops.polygamma(1, x)) });
/** ψ⁽ⁿ⁾(x), with n static. */
export const Polygamma: Kernel = unary(
  'Polygamma',
  codeOf(({ n }) => polygammaOfOrder(n as number)),
  {
    x: (ops, dy, x, _, { n }) => ops.gradientProduct(dy, ops.polygamma((n as number) + 1, x)),
  },
);
