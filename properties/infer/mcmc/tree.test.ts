/** The tree of NUTS, leaf by leaf, against its definition written out over all leaves at once, and against the interpreter of procedures. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Memory } from '../../../core/loop/expression.ts';
import { runProcedure } from '../../../core/loop/interpret.ts';
import type { Dynamics } from '../../../infer/mcmc/dynamics.ts';
import { makeNUTS } from '../../../infer/mcmc/nuts.ts';
import { makeOwnMemories } from '../../../infer/mcmc/ownMemories.ts';
import { OWN, TREE, type StepMemories } from '../../../infer/mcmc/stepPorts.ts';
import type { Transition, TransitionInfo } from '../../../infer/mcmc/transition.ts';
import { makeTree, type TreeOptions } from '../../../infer/mcmc/tree.ts';
import { laws } from '../../laws.ts';
import { banana, chainOf, gaussian, numbers, problemOf, schools, velocityOf } from './gaussians.ts';
import { xoshiro, type Words } from './xoshiro.ts';

interface Leaf {
  readonly q: Float64Array;
  readonly p: Float64Array;
  readonly v: Float64Array;
  readonly energy: number;
}

const sumOf = (leaves: readonly Leaf[]): Float64Array => leaves.reduce((sum, { p }) => sum.map((x, i) => x + p[i]!), new Float64Array(leaves[0]!.p.length));

/** Whether the path over some leaves turns back at an end: Betancourt (2017), appendix A.4.2, with half of each end left out. */
const turns = (leaves: readonly Leaf[]): boolean => {
  const [first, last] = [leaves[0]!, leaves.at(-1)!];
  const inner = sumOf(leaves).map((x, i) => x - (first.p[i]! + last.p[i]!) / 2);
  const along = ({ v }: Leaf): number => v.reduce((sum, x, i) => sum + x * inner[i]!, 0);
  return along(first) <= 0 || along(last) <= 0;
};

const turnsWith = (leaves: readonly Leaf[], extra: boolean): boolean => {
  const half = leaves.length / 2;
  const parts = extra && half > 1 ? [leaves.slice(0, half + 1), leaves.slice(half - 1)] : [];
  return [leaves, ...parts].some(turns);
};

interface Drawn extends TransitionInfo {
  readonly q: Float64Array;
}

/** A transition by the definition, over a list of all leaves in order of time. */
const byDefinition = (dynamics: Dynamics, q0: Float64Array, p0: Float64Array, size: number, maxDepth: number, extra: boolean, stream: Words): Drawn => {
  dynamics.evaluate(q0);
  const v0 = velocityOf(dynamics.metric, p0);
  const start = dynamics.potential[0]! + 0.5 * p0.reduce((sum, x, i) => sum + x * v0[i]!, 0);
  const first: Leaf = { q: q0, p: p0, v: v0, energy: start };
  const from = (leaf: Leaf, direction: number): Leaf | undefined => {
    dynamics.evaluate(leaf.q);
    dynamics.p.set(leaf.p);
    dynamics.limit[0] = start + 1000;
    dynamics.stepSize[0] = direction * size;
    if (dynamics.steps(1) === 0) return undefined;
    return { q: dynamics.q.slice(), p: dynamics.p.slice(), v: dynamics.velocity.slice(), energy: dynamics.energy[0]! };
  };
  const weightOf = ({ energy }: Leaf): number => Math.exp(start - energy);
  let [leaves, chosen] = [[first] as readonly Leaf[], first];
  let [accepted, numSteps, treeDepth] = [0, 0, 0];
  const result = (isDiverging: boolean): Drawn => ({ q: chosen.q, acceptProb: accepted / numSteps, numSteps, treeDepth, isDiverging });
  while (treeDepth < maxDepth) {
    const direction = (stream.word() & 1) === 1 ? 1 : -1;
    const added: Leaf[] = [];
    let own: Leaf | undefined;
    const count = 2 ** treeDepth++;
    for (let n = 0; n < count; n++) {
      numSteps++;
      const leaf = from(added.at(-1) ?? (direction === 1 ? leaves.at(-1)! : leaves[0]!), direction);
      if (leaf === undefined) return result(true);
      added.push(leaf);
      accepted += Math.min(1, weightOf(leaf));
      const total = added.reduce((sum, one) => sum + weightOf(one), 0);
      if (n === 0 || stream.uniform() * total < weightOf(leaf)) own = leaf;
      // Every subtree that ends here: those whose size divides the number of leaves.
      for (let length = 2; length <= added.length && added.length % length === 0; length *= 2) if (turnsWith(added.slice(-length), extra)) return result(false);
    }
    const [old, fresh] = [leaves, added].map((part) => part.reduce((sum, one) => sum + weightOf(one), 0)) as [number, number];
    if (stream.uniform() * old < fresh) chosen = own!;
    leaves = direction === 1 ? [...leaves, ...added] : [...added.reverse(), ...leaves];
    if (turnsWith(leaves, extra)) break;
  }
  return result(false);
};

/** Puts a transition at a point. */
const putAt = ({ current }: Transition, dynamics: Dynamics, q: Float64Array, p: Float64Array): void => {
  dynamics.evaluate(q);
  current.q.set(q);
  current.gradient.set(dynamics.gradient);
  current.energies[0] = dynamics.potential[0]!;
  dynamics.momentum.set(p);
  dynamics.initialVelocity.set(velocityOf(dynamics.metric, p));
};

const STEP_MEMORIES = ['q', 'p', 'gradient', 'momentumSum', 'stepSize', 'reference', 'limit', 'energy', 'potential', 'weight', 'velocity'] as const;

/** The state and what the tree tells, its procedure run by the interpreter around the compiled step, from what they hold now. */
const interpreted = (dynamics: Dynamics, options: TreeOptions): readonly Float64Array[] => {
  const step = Object.fromEntries(STEP_MEMORIES.map((name): [string, Memory] => [name, { name, size: dynamics[name].length }])) as StepMemories;
  const memories = makeOwnMemories(dynamics.metric.shape);
  const tree = makeTree(step, memories, dynamics.dim, options);
  const own = new Map<Memory, Float64Array>();
  for (const name of Object.keys(OWN) as (keyof typeof OWN)[]) own.set(memories[name], dynamics.own[OWN[name]]!.slice());
  tree.memories.forEach((memory, i) => own.set(memory, dynamics.own[TREE.stepSize + i]!.slice()));
  for (const name of STEP_MEMORIES) own.set(step[name], dynamics[name]);
  runProcedure(tree.steps, own, () => dynamics.steps(1) === 1);
  return [memories.q, memories.gradient, memories.energies, tree.memories[TREE.info - TREE.stepSize]!].map((memory) => own.get(memory)!);
};

laws('infer/mcmc: the tree', {
  'a transition is what the definition says, with Stan’s extra checks too': () => {
    for (const model of [gaussian, banana, schools]) {
      const maxDepth = 7;
      const both = [false, true].map((extraChecks) => chainOf(problemOf(model, false, { depthLimit: maxDepth, extraChecks })).dynamics);
      const { dim } = both[0]!;
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0.02, max: 1.5, noNaN: true }), fc.boolean(), (seed, size, extra) => {
          const dynamics = both[Number(extra)]!;
          const [q, p] = [numbers(seed, dim), numbers(seed + 1, dim)];
          dynamics.seed([seed, 1], 'transition', 0);
          const expected = byDefinition(dynamics, q, p, size, maxDepth, extra, xoshiro(dynamics.own[OWN.state]!));
          const transition = makeNUTS(dynamics);
          putAt(transition, dynamics, q, p);
          const { acceptProb, numSteps, treeDepth, isDiverging } = transition.run(size, maxDepth);
          assert.deepEqual([numSteps, treeDepth, isDiverging], [expected.numSteps, expected.treeDepth, expected.isDiverging]);
          assert.ok(Math.abs(acceptProb - expected.acceptProb) < 1e-9);
          transition.current.q.forEach((x, i) => assert.ok(Math.abs(x - expected.q[i]!) < 1e-8));
        }),
      );
    }
  },

  'the compiled tree is the interpreted one, to the bit': () => {
    for (const model of [gaussian, banana, schools]) {
      for (const extraChecks of [false, true]) {
        const options = { depthLimit: 6, extraChecks };
        const { dynamics } = chainOf(problemOf(model, false, options));
        const transition = makeNUTS(dynamics);
        for (let seed = 0; seed < 20; seed++) {
          // Some start far out, where weights are rescaled.
          const q = numbers(seed, dynamics.dim).map((x) => x * (seed % 4 === 3 ? 40 : 1));
          putAt(transition, dynamics, q, numbers(seed + 100, dynamics.dim));
          dynamics.seed([seed, 2], 'transition', 0);
          const before = dynamics.own.map((memory) => memory.slice());
          transition.run(0.3, 6);
          const after = dynamics.own.map((memory) => memory.slice());
          // The transition has written its settings, from which the interpreter starts too.
          dynamics.own.forEach((memory, i) => memory.set(i === TREE.stepSize || i === TREE.maxDepth ? after[i]! : before[i]!));
          const own = interpreted(dynamics, options);
          [OWN.q, OWN.gradient, OWN.energies, TREE.info].forEach((place, i) => assert.deepEqual([...own[i]!], [...after[place]!]));
        }
      }
    }
  },

  'the depth is the number of doublings, within its limit': () => {
    const { dynamics } = chainOf(problemOf(gaussian));
    const transition = makeNUTS(dynamics);
    putAt(transition, dynamics, numbers(1, 3), numbers(2, 3));
    dynamics.seed([0, 0], 'transition', 0);
    const { numSteps, treeDepth } = transition.run(1e-4, 4);
    assert.deepEqual([numSteps, treeDepth], [15, 4]);
  },

  'weights that no double holds are no trouble: from far out the sampler comes home': () => {
    const chain = chainOf(problemOf(gaussian), { stepSize: 0.5 });
    chain.start([1, 2], 0, [1e4, -1e4, 1e4]);
    for (let i = 0; i < 100; i++) chain.step();
    assert.ok(
      chain.current.q.every((x) => Math.abs(x) < 20),
      [...chain.current.q].join(', '),
    );
    assert.ok(Number.isFinite(chain.progress.info.acceptProb));
  },
});
