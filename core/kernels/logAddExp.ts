/** The kernel of log(eᵃ + eᵇ), whose derivative is that of a smooth function also where a and b are equal. */
import { logAddExp } from '../loop/functions/logAddExp.ts';
import type { AnyArray } from '../value.ts';
import { binary, code } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** eᵃ / (eᵃ + eᵇ). Two equal infinities have no such share: 0, so that no NaN reaches what they came from. */
const shareOf = (ops: typeof Ops, a: AnyArray, b: AnyArray): AnyArray => {
  const isOneInfinity = ops.logicalAnd(ops.isInf(a), ops.equal(a, b));
  return ops.where(isOneInfinity, 0, ops.sigmoid(ops.where(isOneInfinity, 0, ops.sub(a, b))));
};

export const LogAddExp: Kernel = binary(
  'LogAddExp',
  code(logAddExp),
  (ops, dy, a, b) => [() => ops.mul(dy, shareOf(ops, a, b)), () => ops.mul(dy, shareOf(ops, b, a))],
  'float',
);
