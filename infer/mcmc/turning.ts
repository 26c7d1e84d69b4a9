/** When a trajectory of NUTS turns back, as code: the criterion, and the runs of leaves to which it is applied. */
import { add, and, gt, mul, select, sub, type Expr, type Memory } from '../../core/loop/expression.ts';
import { assign, makeVariable, plus, readAt, repeat, setTo, valueOf, type Integer, type Step, type Variable } from '../../core/loop/procedure.ts';
import type { StepMemories } from './stepPorts.ts';
import type { Leaves, TreeMemories } from './treeMemories.ts';

/** A vector in a procedure, by coordinate. */
type Vector = (i: Integer) => Expr;

/** A run of leaves: ρ − (p₋ + p₊)/2, ρ being the sum of its momenta and p∓ those of its ends; and the velocities v∓ there. */
export interface Span {
  readonly inner: Vector;
  readonly ends: readonly [Vector, Vector];
}

/**
 * Sets a variable to 1 where one of some spans turns: where v · (ρ − (p₋ + p₊)/2) ≤ 0 at either of its ends, or is no number.
 *
 * @see Betancourt, "A conceptual introduction to Hamiltonian Monte Carlo" (2017), appendix A.4.2; that half of each end is left out is NumPyro's
 */
export const turningSteps = (dim: number, spans: readonly Span[], isTurned: Variable): readonly Step[] => {
  const along = spans.map(({ ends }) => ends.map((velocity) => ({ velocity, sum: makeVariable('along') })));
  const sums = along.flat().map(({ sum }) => sum);
  return [
    ...sums.map((sum) => setTo(sum, 0)),
    repeat('i', 0, dim, (i) =>
      spans.map((span, s) => {
        const inner = span.inner(i);
        return assign(...along[s]!.map(({ velocity, sum }) => [sum, add(valueOf(sum), mul(velocity(i), inner))] as const));
      }),
    ),
    setTo(
      isTurned,
      select(
        sums.map((sum) => gt(valueOf(sum), 0)).reduce((a, b) => and(a, b)),
        valueOf(isTurned),
        1,
      ),
    ),
  ];
};

/** The vector that begins at a place in a memory. */
const vector =
  (memory: Memory, at: Integer | number = 0): Vector =>
  (i) =>
    readAt(memory, plus(at, i));

/** The leaves from a first one that is kept to the current one. */
export const sinceFirst = (step: StepMemories, first: Leaves, at: Integer): Span => {
  const [sum, p, firstSum, firstP] = [vector(step.momentumSum), vector(step.p), vector(first.sum, at), vector(first.p, at)];
  return {
    inner: (i) => add(sub(sum(i), firstSum(i)), mul(0.5, sub(firstP(i), p(i)))),
    ends: [vector(first.v, at), vector(step.velocity)],
  };
};

/** The halves of those leaves, the second of which begins at `middle`, each with the nearest leaf of the other. */
export const halvesSince = (step: StepMemories, first: Leaves, before: Omit<Leaves, 'sum'>, at: Integer, middle: Integer): readonly Span[] => {
  const [sum, p, firstSum, firstP] = [vector(step.momentumSum), vector(step.p), vector(first.sum, at), vector(first.p, at)];
  const [middleSum, middleP, beforeP] = [vector(first.sum, middle), vector(first.p, middle), vector(before.p, middle)];
  // Up to the end of the first half.
  const upTo: Vector = (i) => sub(middleSum(i), middleP(i));
  return [
    {
      inner: (i) => add(add(sub(upTo(i), firstSum(i)), firstP(i)), mul(0.5, sub(middleP(i), firstP(i)))),
      ends: [vector(first.v, at), vector(first.v, middle)],
    },
    {
      inner: (i) => add(sub(sum(i), upTo(i)), mul(0.5, sub(beforeP(i), p(i)))),
      ends: [vector(before.v, middle), vector(step.velocity)],
    },
  ];
};

/** The whole trajectory. */
export const wholeOf = ({ total, ends }: TreeMemories, dim: number): Span => ({
  inner: (i) => sub(readAt(total, i), mul(0.5, add(readAt(ends.p, i), readAt(ends.p, plus(dim, i))))),
  ends: [vector(ends.v), vector(ends.v, dim)],
});

/** The part of it that was there and the part that has come, at the end that begins at `end`, each with the nearest leaf of the other. */
export const partsOf = ({ total, ends, old, fresh }: TreeMemories, end: Integer, other: Integer): readonly Span[] => [
  {
    inner: (i) => add(readAt(old.total, i), mul(0.5, sub(readAt(fresh.p, i), vector(ends.p, other)(i)))),
    ends: [vector(ends.v, other), vector(fresh.v)],
  },
  {
    inner: (i) => add(sub(readAt(total, i), readAt(old.total, i)), mul(0.5, sub(readAt(old.p, i), vector(ends.p, end)(i)))),
    ends: [vector(old.v), vector(ends.v, end)],
  },
];
