/** The kernels of trials of one probability, with a derivative in it that keeps its digits where it is nearly 0. */
import { logTrials, trialExcess, trialExponent } from '../loop/functions/trials.ts';
import type { AnyArray } from '../value.ts';
import { code, unbroadcast } from './elementwise.ts';
import { LEAST_COUNT } from './counts.ts';
import { ternary } from './incomplete.ts';
import type { Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** k (1 − p) − m p. */
export const TrialExcess: Kernel = ternary('TrialExcess', code(trialExcess), (ops, { dy, inputs }) => {
  const [k, m, p] = [inputs[0]!, inputs[1]!, inputs[2]!];
  return [
    () => unbroadcast(ops, ops.mul(dy, ops.sub(1, p)), k.shape),
    () => unbroadcast(ops, ops.neg(ops.mul(dy, p)), m.shape),
    () => unbroadcast(ops, ops.neg(ops.mul(dy, ops.add(k, m))), p.shape),
  ];
});

/** k / p − m / (1 − p), in which an outcome that did not occur counts 0 also where it is impossible. */
const score = (ops: typeof Ops, k: AnyArray, m: AnyArray, p: AnyArray): AnyArray => {
  const [isNever, isAlways] = [ops.equal(p, 0), ops.equal(p, 1)];
  const held = ops.where(ops.logicalOr(isNever, isAlways), 0.5, p);
  const inside = ops.div(ops.trialExcess(k, m, held), ops.mul(held, ops.sub(1, held)));
  const never = ops.where(ops.greater(k, 0), Infinity, ops.neg(m));
  const always = ops.where(ops.greater(m, 0), -Infinity, k);
  return ops.where(isNever, never, ops.where(isAlways, always, inside));
};

/** k log p + m log(1 − p). */
export const LogTrials: Kernel = ternary('LogTrials', code(logTrials), (ops, { dy, inputs }) => {
  const [k, m, p] = [inputs[0]!, inputs[1]!, inputs[2]!];
  return [
    () => unbroadcast(ops, ops.gradientProduct(dy, ops.log(p)), k.shape),
    () => unbroadcast(ops, ops.gradientProduct(dy, ops.log1p(ops.neg(p))), m.shape),
    () => unbroadcast(ops, ops.gradientProduct(dy, score(ops, k, m, p)), p.shape),
  ];
});

/** k log(n p / k) + m log(n (1 − p) / m), n = k + m. */
export const TrialExponent: Kernel = ternary('TrialExponent', code(trialExponent), (ops, { dy, inputs }) => {
  const [k, m, p] = [inputs[0]!, inputs[1]!, inputs[2]!];
  const ratio = (share: AnyArray, count: AnyArray): AnyArray => ops.log(ops.div(ops.mul(ops.add(k, m), share), ops.maximum(count, LEAST_COUNT)));
  return [
    () => unbroadcast(ops, ops.gradientProduct(dy, ratio(p, k)), k.shape),
    () => unbroadcast(ops, ops.gradientProduct(dy, ratio(ops.sub(1, p), m)), m.shape),
    () => unbroadcast(ops, ops.gradientProduct(dy, score(ops, k, m, p)), p.shape),
  ];
});
