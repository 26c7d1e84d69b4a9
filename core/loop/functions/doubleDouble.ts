/** Sums of two doubles that stand for one number of about 106 bits. */
import { add, bits, fromBits, iand, mul, sub, toBits, type Expr, type Operand } from '../expression.ts';

/** high + low, with |low| small beside |high|. */
export interface DoubleDouble {
  readonly high: Expr;
  readonly low: Expr;
}

/**
 * a + b without error, for |a| ≥ |b| or a = 0.
 *
 * @see T. J. Dekker: A floating-point technique for extending the available precision, Numer. Math. 18 (1971)
 */
export const fastTwoSum = (a: Operand, b: Expr): DoubleDouble => {
  const high = add(a, b);
  return { high, low: sub(b, sub(high, a)) };
};

/** x as its leading 26 bits and the other 27. */
export const split = (x: Expr): DoubleDouble => {
  const high = fromBits(iand(toBits(x), bits(-(1n << 27n))));
  return { high, low: sub(x, high) };
};

/** a b with its rounding error, which without a fused multiply-add takes the products of the halves. */
export const twoProduct = (a: Expr, b: Expr): DoubleDouble => {
  const [p, q] = [split(a), split(b)];
  const high = mul(a, b);
  const cross = add(add(sub(mul(p.high, q.high), high), mul(p.high, q.low)), mul(p.low, q.high));
  return { high, low: add(cross, mul(p.low, q.low)) };
};

/** a b for sums of two doubles; the relative error is of the order of 2^−102. */
export const multiply = (a: DoubleDouble, b: DoubleDouble): DoubleDouble => {
  const { high, low } = twoProduct(a.high, b.high);
  return { high, low: add(low, add(mul(a.high, b.low), mul(a.low, b.high))) };
};
