/** Elementwise functions of one and two arrays, with tfjs's names; two arrays broadcast as in NumPy. */
import { kindlingError } from '../errors.ts';
import * as A from '../kernels/arithmetic.ts';
import * as F from '../kernels/functions.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { LogAddExp } from '../kernels/logAddExp.ts';
import { asArray, type Input, type Out, type Out2, type Out3 } from '../value.ts';
import { apply } from './apply.ts';

/** A function of one array, element by element. */
export type Unary = <X extends Input>(x: X) => Out<X>;
/** A function of two arrays that broadcast. */
export type Binary = <X extends Input, Y extends Input>(a: X, b: Y) => Out2<X, Y>;

const unary = (kernel: Kernel): Unary => ((x: Input) => apply(kernel, [x])) as Unary;
const binary = (kernel: Kernel): Binary => ((a: Input, b: Input) => apply(kernel, [a, b])) as Binary;

export const add: Binary = binary(A.Add);
export const sub: Binary = binary(A.Sub);
export const mul: Binary = binary(A.Multiply);
export const div: Binary = binary(A.RealDiv);
/** a·b, but 0 where a is 0, whatever b is. */
export const mulNoNan: Binary = binary(A.MulNoNan);
/**
 * `mulNoNan` of the gradient of a result with a derivative, by which kernels pull back. Compiled, it is a plain product wherever the
 * gradient can be seen not to be a 0 that stands for "no gradient from here".
 *
 * @internal
 */
export const gradientProduct: Binary = ((dy: Input, derivative: Input) => apply(A.MulNoNan, [dy, derivative], { isGradient: true })) as Binary;
export const floorDiv: Binary = binary(A.FloorDiv);
/** The remainder with the sign of the divisor, as in Python. */
export const mod: Binary = binary(A.Mod);
export const pow: Binary = binary(A.Pow);
export const maximum: Binary = binary(A.Maximum);
export const minimum: Binary = binary(A.Minimum);
export const squaredDifference: Binary = binary(A.SquaredDifference);
export const atan2: Binary = binary(A.Atan2);

export const equal: Binary = binary(A.Equal);
export const notEqual: Binary = binary(A.NotEqual);
export const less: Binary = binary(A.Less);
export const lessEqual: Binary = binary(A.LessEqual);
export const greater: Binary = binary(A.Greater);
export const greaterEqual: Binary = binary(A.GreaterEqual);
export const logicalAnd: Binary = binary(A.LogicalAnd);
export const logicalOr: Binary = binary(A.LogicalOr);
export const logicalXor: Binary = binary(A.LogicalXor);
export const logicalNot: Unary = unary(A.LogicalNot);
export const isNaN: Unary = unary(A.IsNan);
export const isInf: Unary = unary(A.IsInf);
export const isFinite: Unary = unary(A.IsFinite);

export const neg: Unary = unary(A.Neg);
export const abs: Unary = unary(A.Abs);
export const sign: Unary = unary(A.Sign);
export const square: Unary = unary(A.Square);
export const floor: Unary = unary(A.Floor);
export const ceil: Unary = unary(A.Ceil);
/** To the nearest integer, halves to the even one. */
export const round: Unary = unary(A.Round);
export const exp: Unary = unary(F.Exp);
export const expm1: Unary = unary(F.Expm1);
export const log: Unary = unary(F.Log);
export const log1p: Unary = unary(F.Log1p);
export const sqrt: Unary = unary(F.Sqrt);
export const rsqrt: Unary = unary(F.Rsqrt);
export const reciprocal: Unary = unary(F.Reciprocal);
export const sigmoid: Unary = unary(F.Sigmoid);
export const softplus: Unary = unary(F.Softplus);
export const tanh: Unary = unary(F.Tanh);
export const relu: Unary = unary(F.Relu);
export const elu: Unary = unary(F.Elu);
export const sin: Unary = unary(F.Sin);
export const cos: Unary = unary(F.Cos);
export const tan: Unary = unary(F.Tan);
export const asin: Unary = unary(F.Asin);
export const acos: Unary = unary(F.Acos);
export const atan: Unary = unary(F.Atan);
export const sinh: Unary = unary(F.Sinh);
export const cosh: Unary = unary(F.Cosh);
export const asinh: Unary = unary(F.Asinh);
export const acosh: Unary = unary(F.Acosh);
export const atanh: Unary = unary(F.Atanh);
export const erf: Unary = unary(F.Erf);
export const erfc: Unary = unary(F.Erfc);
export const erfinv: Unary = unary(F.Erfinv);
/** The standard normal quantile. */
export const ndtri: Unary = unary(F.Ndtri);
/** log Φ(x), accurate in the lower tail. */
export const logNdtr: Unary = unary(F.LogNdtr);
/** log |Γ(x)|. */
export const lgamma: Unary = unary(F.Lgamma);
export const digamma: Unary = unary(F.Digamma);
/** ψ⁽ⁿ⁾(x) for a plain integer n ≥ 0. */
export const polygamma = <X extends Input>(n: number, x: X): Out<X> => apply(F.Polygamma, [x], { n }) as Out<X>;

/** 0 where x ≤ 0 (`alpha` · 0 for tfjs's name), 1 above. */
export const step = <X extends Input>(x: X, alpha: number = 0): Out<X> => apply(F.Step, [x], { alpha }) as Out<X>;
export const leakyRelu = <X extends Input>(x: X, alpha: number = 0.2): Out<X> => apply(F.LeakyRelu, [x], { alpha }) as Out<X>;
export const clipByValue = <X extends Input>(x: X, clipValueMin: number, clipValueMax: number): Out<X> =>
  apply(A.ClipByValue, [x], { clipValueMin, clipValueMax }) as Out<X>;

/** log σ(x) = −softplus(−x). */
export const logSigmoid = <X extends Input>(x: X): Out<X> => neg(softplus(neg(x))) as Out<X>;

/** `condition ? a : b` element by element, all broadcast. The side not taken gets no gradient, and no NaN either. */
export const where = <C extends Input, X extends Input, Y extends Input>(condition: C, a: X, b: Y): Out3<C, X, Y> =>
  apply(A.Select, [condition, a, b]) as Out3<C, X, Y>;

/** To another dtype, by tfjs's names: `'bool'` means "not 0", `'int32'` truncates. */
export const cast = <X extends Input>(x: X, dtype: 'float32' | 'int32' | 'bool'): Out<X> => {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw kindlingError('InvalidArgument', {
      message: 'cast takes a dtype',
      given: String(dtype),
      expected: "'float32' (any floating number), 'int32' or 'bool'",
    });
  }
  return apply(A.Cast, [x], { dtype }) as Out<X>;
};

/** The same value, taken as a constant by every gradient. */
export const stopGradient: Unary = unary(A.StopGradient);

/** log(eᵃ + eᵇ) without overflow. */
export const logAddExp: Binary = binary(LogAddExp);

/** log(1 − e⁻ˣ) for x > 0, as `jax.nn.log1mexp`: Mächler, "Accurately computing log(1 − exp(−|a|))" (2012), eq. 7. */
export const log1mExp = <X extends Input>(x: X): Out<X> => {
  const a = asArray(x);
  return where(less(a, Math.LN2), log(neg(expm1(neg(a)))), log1p(neg(exp(neg(a))))) as Out<X>;
};
