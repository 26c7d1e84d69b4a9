/** The ends of the support of a distribution of single numbers. */
import type { Constraint } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import { asArray, type AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';

/** The ends of an interval, of which either may be missing. */
export interface Bounds {
  readonly low?: AnyArray | undefined;
  readonly high?: AnyArray | undefined;
}

export const endsOf = ({ kind, params }: Constraint): Bounds => {
  const bound = (name: string): AnyArray | undefined => (params[name] === undefined ? undefined : asArray(params[name]));
  switch (kind) {
    case 'positive':
    case 'nonnegative':
    case 'softplusPositive':
      return { low: asArray(0) };
    case 'unitInterval':
      return { low: asArray(0), high: asArray(1) };
    default:
      return { low: bound('low'), high: bound('high') };
  }
};

/** The distribution function, 0 and 1 beyond the ends of the support, where a formula for the inside need not hold. */
export const cdfWithin = (fn: Distribution, x: AnyArray): AnyArray => {
  const { low, high } = endsOf(fn.support);
  const p = fn.cdf(x);
  const raised = low === undefined ? p : ops.where(ops.less(x, low), 0, p);
  return high === undefined ? raised : ops.where(ops.greaterEqual(x, high), 1, raised);
};
