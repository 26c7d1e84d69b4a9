/** The tree of NUTS as a procedure around the leapfrog step: a trajectory that doubles until it turns back, and a point of it drawn by its density. */
import { add, and, call, div, eq, floor, gt, lt, min, mul, neg, not, or, select, sub, type Expr } from '../../core/loop/expression.ts';
import { exp } from '../../core/loop/functions/exp.ts';
import {
  copyTo,
  makeVariable,
  perform,
  plus,
  readAt,
  repeat,
  repeatWhile,
  setTo,
  times,
  truncated,
  valueOf,
  when,
  withIndex,
  writeAt,
  type Integer,
  type Procedure,
  type Step,
  type Variable,
} from '../../core/loop/procedure.ts';
import { TREE_INFO, type StepMemories } from './stepPorts.ts';
import type { OwnMemories } from './ownMemories.ts';
import { makeStream } from './stream.ts';
import { MAX_DELTA_ENERGY } from './transition.ts';
import { halvesSince, partsOf, sinceFirst, turningSteps, wholeOf } from './turning.ts';
import { makeTreeMemories } from './treeMemories.ts';

export interface TreeOptions {
  /** The largest depth that a transition will be given. */
  readonly depthLimit: number;
  /** Whether the halves of a tree are checked too, each with the nearest leaf of the other, as in Stan from 2.21 on. */
  readonly extraChecks: boolean;
}

/** Weights are kept relative to an energy; where one exceeds e^this, that energy is moved. */
const LARGE_LOG_WEIGHT = 300;

const isSet = (flag: Variable): Expr => eq(valueOf(flag), 1);
const increased = (variable: Variable, by: Expr | number): Step => setTo(variable, add(valueOf(variable), by));
const halved = (variable: Variable): Expr => floor(mul(valueOf(variable), 0.5));
const isOdd = (variable: Variable): Expr => not(eq(valueOf(variable), mul(halved(variable), 2)));

/** How many subtrees are being built when leaf n comes: the ones among the bits of ⌊n / 2⌋. */
const rankSteps = (n: Variable, rank: Variable): readonly Step[] => {
  const rest = makeVariable('rest');
  return [setTo(rank, 0), setTo(rest, halved(n)), repeatWhile(gt(valueOf(rest), 0), [increased(rank, select(isOdd(rest), 1, 0)), setTo(rest, halved(rest))])];
};

/**
 * The procedure of a transition, leaf by leaf: of each subtree that is not complete yet, only the first leaf is kept. The memories are
 * those of `TREE`. Points are drawn by multinomial sampling, the new half of a doubling being preferred where it weighs more.
 *
 * @see Hoffman, Gelman, "The No-U-Turn sampler" (2014); Betancourt, "A conceptual introduction to Hamiltonian Monte Carlo" (2017), appendix A;
 *   Phan, Pradhan, Jankowiak, "Composable effects for flexible and accelerated probabilistic programming in NumPyro" (2019), algorithm 2
 */
export const makeTree = (step: StepMemories, own: OwnMemories, dim: number, { depthLimit, extraChecks }: TreeOptions): Procedure => {
  const memories = makeTreeMemories(dim, depthLimit, extraChecks);
  const { momentum, velocity, state } = own;
  const proposal = { q: own.q, gradient: own.gradient, energies: own.energies };
  const { settings, info, subtree, total, ends, first, before, last, old, fresh } = memories;
  const stream = makeStream(state);
  const [start, depth, numSteps, accepted, isTurned, isDiverging, isShifted] = [
    makeVariable('start'),
    makeVariable('depth'),
    makeVariable('numSteps'),
    makeVariable('accepted'),
    makeVariable('isTurned'),
    makeVariable('isDiverging'),
    makeVariable('isShifted'),
  ];
  /** Of all points of the tree, of those of the subtree that is being built, and of the last one. */
  const [treeWeight, weights, weight] = [makeVariable('treeWeight'), makeVariable('weights'), makeVariable('weight')];
  const [leaves, n, rank, isGood] = [makeVariable('leaves'), makeVariable('n'), makeVariable('rank'), makeVariable('isGood')];
  const goesOn = not(or(isSet(isTurned), isSet(isDiverging)));
  const energy = readAt(step.energy, 0);
  const reference = readAt(step.reference, 0);
  const only = (steps: readonly Step[]): readonly Step[] => (extraChecks ? steps : []);

  const begin = (): readonly Step[] => {
    const kinetic = makeVariable('kinetic');
    return [
      ...[0, dim].flatMap((at) => [
        copyTo(proposal.q, 0, ends.q, at, dim),
        copyTo(momentum, 0, ends.p, at, dim),
        copyTo(velocity, 0, ends.v, at, dim),
        copyTo(proposal.gradient, 0, ends.gradient, at, dim),
      ]),
      copyTo(momentum, 0, total, 0, dim),
      setTo(kinetic, 0),
      repeat('i', 0, dim, (i) => [increased(kinetic, mul(readAt(momentum, i), readAt(velocity, i)))]),
      setTo(start, add(readAt(proposal.energies, 0), mul(0.5, valueOf(kinetic)))),
      writeAt(proposal.energies, 1, valueOf(start)),
      writeAt(step.reference, 0, valueOf(start)),
      writeAt(step.limit, 0, add(valueOf(start), MAX_DELTA_ENERGY)),
      ...[depth, numSteps, accepted, isTurned, isDiverging, isShifted].map((variable) => setTo(variable, 0)),
      setTo(treeWeight, 1),
      setTo(leaves, 1),
      ...stream.load,
    ];
  };

  /** Weighs the leaf that was reached, and draws whether it stands for its subtree. */
  const weigh = (): readonly Step[] => {
    const shrink = makeVariable('shrink');
    const isChosen = makeVariable('isChosen');
    return [
      setTo(weight, readAt(step.weight, 0)),
      when(gt(sub(reference, energy), LARGE_LOG_WEIGHT), [
        setTo(shrink, call(exp, sub(energy, reference))),
        setTo(weights, mul(valueOf(weights), valueOf(shrink))),
        setTo(treeWeight, mul(valueOf(treeWeight), valueOf(shrink))),
        writeAt(step.reference, 0, energy),
        setTo(isShifted, 1),
        setTo(weight, 1),
      ]),
      when(isSet(isShifted), [increased(accepted, call(exp, min(0, sub(valueOf(start), energy))))], [increased(accepted, min(1, valueOf(weight)))]),
      increased(weights, valueOf(weight)),
      setTo(isChosen, 1),
      when(gt(valueOf(n), 0), [stream.next, setTo(isChosen, select(lt(mul(stream.uniform, valueOf(weights)), valueOf(weight)), 1, 0))]),
      when(isSet(isChosen), [
        copyTo(step.q, 0, subtree.q, 0, dim),
        copyTo(step.gradient, 0, subtree.gradient, 0, dim),
        writeAt(subtree.energies, 0, readAt(step.potential, 0)),
        writeAt(subtree.energies, 1, energy),
      ]),
    ];
  };

  const keepFirst = (): Step =>
    withIndex('row', truncated(valueOf(rank)), (row) => {
      const at = times(row, dim);
      return [
        copyTo(step.p, 0, first.p, at, dim),
        copyTo(step.velocity, 0, first.v, at, dim),
        copyTo(step.momentumSum, 0, first.sum, at, dim),
        ...only([copyTo(last.p, 0, before.p, at, dim), copyTo(last.v, 0, before.v, at, dim)]),
      ];
    });

  /** Checks the subtrees that leaf n completes, from the smallest: as many as there are ones at the end of n. */
  const checkCompleted = (): readonly Step[] => {
    const [row, rest] = [makeVariable('row'), makeVariable('rest')];
    return [
      setTo(row, valueOf(rank)),
      setTo(rest, valueOf(n)),
      repeatWhile(and(isOdd(rest), not(isSet(isTurned))), [
        withIndex('at', truncated(valueOf(row)), (at) => [
          ...turningSteps(dim, [sinceFirst(step, first, times(at, dim))], isTurned),
          ...only([
            when(lt(valueOf(row), valueOf(rank)), turningSteps(dim, halvesSince(step, first, before, times(at, dim), times(plus(at, 1), dim)), isTurned)),
          ]),
        ]),
        increased(row, -1),
        setTo(rest, halved(rest)),
      ]),
    ];
  };

  const addLeaf = (): readonly Step[] => [
    increased(numSteps, 1),
    perform(isGood),
    when(
      isSet(isGood),
      [
        ...weigh(),
        ...rankSteps(n, rank),
        when(isOdd(n), checkCompleted(), [
          ...only([when(eq(valueOf(n), 0), [copyTo(step.p, 0, fresh.p, 0, dim), copyTo(step.velocity, 0, fresh.v, 0, dim)])]),
          keepFirst(),
        ]),
        ...only([copyTo(step.p, 0, last.p, 0, dim), copyTo(step.velocity, 0, last.v, 0, dim)]),
        increased(n, 1),
      ],
      [setTo(isDiverging, 1)],
    ),
  ];

  /** Takes the new half in. Biased progressive sampling: it is preferred where it weighs more. */
  const merge = (end: Integer, other: Integer): readonly Step[] => [
    stream.next,
    when(lt(mul(stream.uniform, valueOf(treeWeight)), valueOf(weights)), [
      copyTo(subtree.q, 0, proposal.q, 0, dim),
      copyTo(subtree.gradient, 0, proposal.gradient, 0, dim),
      copyTo(subtree.energies, 0, proposal.energies, 0, 2),
    ]),
    increased(treeWeight, valueOf(weights)),
    repeat('i', 0, dim, (i) => [writeAt(total, i, add(readAt(total, i), readAt(step.momentumSum, i)))]),
    copyTo(step.q, 0, ends.q, end, dim),
    copyTo(step.p, 0, ends.p, end, dim),
    copyTo(step.velocity, 0, ends.v, end, dim),
    copyTo(step.gradient, 0, ends.gradient, end, dim),
    ...turningSteps(dim, [wholeOf(memories, dim), ...(extraChecks ? partsOf(memories, end, other) : [])], isTurned),
  ];

  const double = (end: Integer, other: Integer): readonly Step[] => [
    copyTo(ends.q, end, step.q, 0, dim),
    copyTo(ends.p, end, step.p, 0, dim),
    copyTo(ends.gradient, end, step.gradient, 0, dim),
    repeat('i', 0, dim, (i) => [writeAt(step.momentumSum, i, 0)]),
    setTo(weights, 0),
    setTo(n, 0),
    increased(depth, 1),
    ...only([copyTo(total, 0, old.total, 0, dim), copyTo(ends.p, end, old.p, 0, dim), copyTo(ends.v, end, old.v, 0, dim)]),
    repeatWhile(and(lt(valueOf(n), valueOf(leaves)), goesOn), addLeaf()),
    when(goesOn, merge(end, other)),
    setTo(leaves, mul(valueOf(leaves), 2)),
  ];

  const size = readAt(settings.stepSize, 0);
  const side = makeVariable('side');
  const steps = [
    ...begin(),
    repeatWhile(and(lt(valueOf(depth), readAt(settings.maxDepth, 0)), goesOn), [
      stream.next,
      setTo(side, select(stream.isOdd, 1, 0)),
      writeAt(step.stepSize, 0, select(stream.isOdd, size, neg(size))),
      withIndex('side', truncated(valueOf(side)), (right) => double(times(right, dim), plus(dim, times(right, -dim)))),
    ]),
    writeAt(info, TREE_INFO.acceptProb, div(valueOf(accepted), valueOf(numSteps))),
    writeAt(info, TREE_INFO.numSteps, valueOf(numSteps)),
    writeAt(info, TREE_INFO.treeDepth, valueOf(depth)),
    writeAt(info, TREE_INFO.isDiverging, valueOf(isDiverging)),
  ];
  return { memories: memories.all, steps };
};
