/** Special functions put together of others so that no digits are lost, by the names of jax.scipy.special where it has them. */
import { Erfcx } from '../kernels/erfcx.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { Xlog1py, Xlogy } from '../kernels/xlogy.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { apply } from './apply.ts';
import {
  abs,
  add,
  div,
  erfc,
  expm1,
  less,
  lgamma,
  log,
  log1p,
  mul,
  ndtri,
  neg,
  sinh,
  softplus,
  square,
  sub,
  where,
  type Binary,
  type Unary,
} from './elementwise.ts';
import { lbeta } from './special.ts';

const binary = (kernel: Kernel): Binary => ((a: Input, b: Input) => apply(kernel, [a, b])) as Binary;
const composed = (f: (x: AnyArray) => AnyArray): Unary => ((x: Input) => f(asArray(x))) as Unary;

/** x log y, 0 where x is 0. */
export const xlogy: Binary = binary(Xlogy);
/** x log(1 + y), 0 where x is 0. */
export const xlog1py: Binary = binary(Xlog1py);

/** e^(x²) erfc x, the scaled complementary error function. */
export const erfcx = <X extends Input>(x: X): Out<X> => apply(Erfcx, [x]) as Out<X>;

/** The x with erfc x = y. */
export const erfcinv: Unary = composed((y) => mul(-Math.SQRT1_2, ndtri(mul(0.5, y))));

/** Φ(x), the standard normal distribution function. */
export const ndtr: Unary = composed((x) => mul(0.5, erfc(mul(-Math.SQRT1_2, x))));

/** log(p / (1 − p)): near ½ as log(1 + (2p − 1) / (1 − p)), whose numerator is exact there. */
export const logit: Unary = composed((p) => {
  const rest = sub(1, p);
  const isCentral = less(abs(sub(p, 0.5)), 0.25);
  return where(isCentral, log1p(div(sub(p, rest), rest)), sub(log(p), log1p(neg(p))));
});

/** log cosh x: near 0 as ½ log(1 + sinh² x). */
export const logCosh: Unary = composed((x) => {
  const size = abs(x);
  const isNear = less(size, 1);
  return where(isNear, mul(0.5, log1p(square(sinh(where(isNear, x, 0))))), sub(add(size, softplus(mul(-2, size))), Math.LN2));
});

/** The y with softplus y = x, for x > 0: log(eˣ − 1). */
export const softplusInverse: Unary = composed((x) => add(x, log(neg(expm1(neg(x))))));

/** log B(a, b), by the name of jax.scipy.special; the same as `lbeta`. */
export const betaln: Binary = lbeta;

/** log C(n, k), for n and k of any kind. */
export const logBinomial = <N extends Input, K extends Input>(n: N, k: K): Out2<N, K> => {
  const [all, some] = [asArray(n), asArray(k)];
  return neg(add(log1p(all), lbeta(add(sub(all, some), 1), add(some, 1)))) as Out2<N, K>;
};

/** log Γ_d(a), the multivariate gamma function: d (d − 1) / 4 · log π + Σ_j log Γ(a − j/2) over j = 0 … d − 1, for a whole number d ≥ 1. */
export const multigammaln = <A extends Input>(a: A, d: number): Out<A> => {
  const array = asArray(a);
  const terms = Array.from({ length: d }, (_, j) => lgamma(sub(array, j / 2)));
  return terms.reduce((sum, term) => add(sum, term), asArray(0.25 * d * (d - 1) * Math.log(Math.PI))) as Out<A>;
};
