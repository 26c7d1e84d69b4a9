/** cond: one of two functions, chosen by a boolean that may not be known yet. */
import { kindlingError } from '../../core/errors.ts';
import { requireFunction } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import { isRecorded } from '../../core/random/traced.ts';
import { showShape } from '../../core/shape.ts';
import { asArray, toNumber, type AnyArray, type Input } from '../../core/value.ts';
import { buildLeaves, flattenLeaves, requireSame } from '../scan/leaves.ts';
import { runBranches } from './branches.ts';

const predicateOf = (pred: Input): AnyArray => {
  const array = asArray(pred);
  if (array.shape.length === 0) return array;
  throw kindlingError('InvalidShape', {
    message: 'the predicate of cond is one boolean',
    given: `shape ${showShape(array.shape)}`,
    remedy: 'Choose element by element with ops.where',
  });
};

/**
 * `f(...operands)` where `pred` holds, else `g(...operands)`. While a function is recorded both are, and a selection is made between their
 * results, which have one structure, shapes and dtypes; both state the same sites then. Gradients come from the branch taken alone.
 *
 * @param pred - a boolean, or a scalar that is not 0
 * @throws InvalidShape where the results of both branches differ; MissingSite where their statements do
 * @example
 * jit((x) => cond(ops.greater(x, 0), (v) => ops.log(v), (v) => ops.mul(v, 2), x))(-3).item(); // -6
 */
export const cond = <Operands extends readonly unknown[], A>(
  pred: Input,
  f: (...operands: Operands) => A,
  g: (...operands: Operands) => A,
  ...operands: Operands
): A => {
  requireFunction('cond takes what to do where the predicate holds', f, 'Write cond(pred, f, g, x)');
  requireFunction('cond takes what to do where the predicate does not hold', g, 'Write cond(pred, f, g, x)');
  const predicate = predicateOf(pred);
  if (!isRecorded(predicate)) return (toNumber(predicate) !== 0 ? f : g)(...operands);
  const chosen = ops.cast(predicate, 'bool');
  const [first, second] = runBranches(
    chosen,
    () => flattenLeaves('what cond returns', f(...operands)),
    () => flattenLeaves('what cond returns', g(...operands)),
  );
  requireSame('the results of the two branches of cond', 'Return arrays of the same shapes and dtypes from both', first.layout, second.layout);
  return buildLeaves(
    first.layout,
    first.arrays.map((x, i) => ops.where(chosen, x, second.arrays[i]!)),
  ) as A;
};
