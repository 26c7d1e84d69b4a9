/** The kernels of the modified Bessel functions of the first kind, orders 0 and 1, each with its derivative. */
import { i0, i0e, i1, i1e, logI0 } from '../loop/functions/bessel.ts';
import type { AnyArray } from '../value.ts';
import { code, unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** y / x, and its limit ½ at 0, for y a function that begins as x/2. */
const ratio = (ops: typeof Ops, y: AnyArray, x: AnyArray): AnyArray => {
  const isZero = ops.equal(x, 0);
  return ops.where(isZero, 0.5, ops.div(y, ops.where(isZero, 1, x)));
};

// NIST Digital Library of Mathematical Functions, 10.29.2 and 10.29.3: I₀′ = I₁ and I₁′ = I₀ − I₁/x.
export const BesselI0: Kernel = unary('BesselI0', code(i0), { x: (ops, dy, x) => ops.mul(dy, ops.i1(x)) });
export const BesselI1: Kernel = unary('BesselI1', code(i1), { x: (ops, dy, x) => ops.mul(dy, ops.sub(ops.i0(x), ratio(ops, ops.i1(x), x))) });

/** e^−|x| I₀(x). It has a kink at 0, where its derivative is taken for 0. */
export const BesselI0e: Kernel = unary('BesselI0e', code(i0e), { x: (ops, dy, x) => ops.mul(dy, ops.sub(ops.i1e(x), ops.mul(ops.sign(x), ops.i0e(x)))) });
/** e^−|x| I₁(x). */
export const BesselI1e: Kernel = unary('BesselI1e', code(i1e), {
  x: (ops, dy, x) => {
    const y = ops.i1e(x);
    return ops.mul(dy, ops.sub(ops.sub(ops.i0e(x), ratio(ops, y, x)), ops.mul(ops.sign(x), y)));
  },
});

/** log I₀(x). */
export const LogBesselI0: Kernel = unary('LogBesselI0', code(logI0), { x: (ops, dy, x) => ops.mul(dy, ops.div(ops.i1e(x), ops.i0e(x))) });
