/** One transition of NUTS: a trajectory that doubles until it turns back, and a point of it drawn by its density. */
import { makePhasePoint, type Dynamics, type PhasePoint } from './dynamics.ts';
import { exp } from './elementary.ts';
import type { Stream } from './stream.ts';

/** An energy this far above the start is a divergence: Stan's figure, and NumPyro's. */
export const MAX_DELTA_ENERGY = 1000;

/** Weights are kept relative to an energy; where one exceeds e^this, that energy is moved. */
const LARGE_LOG_WEIGHT = 300;

/** A point that may be the next state. In place. */
export interface Proposal {
  readonly q: Float64Array;
  readonly gradient: Float64Array;
  /** Potential and energy. */
  readonly energies: Float64Array;
}

export const makeProposal = (dim: number): Proposal => ({ q: new Float64Array(dim), gradient: new Float64Array(dim), energies: new Float64Array(2) });

/** What a transition tells of itself. */
export interface TransitionInfo {
  acceptProb: number;
  numSteps: number;
  treeDepth: number;
  isDiverging: boolean;
}

/** From the state in `proposal`, with the momentum in `momentum`, to the next, in `proposal`. The depth is that of a tree. */
export type Transition = (proposal: Proposal, momentum: Float64Array, stepSize: number, stream: Stream, maxDepth: number) => TransitionInfo;

const copy = (from: Float64Array, to: Float64Array, dim: number): void => {
  for (let i = 0; i < dim; i++) to[i] = from[i]!;
};

const copyTo = (from: Float64Array, to: Float64Array, at: number, dim: number): void => {
  for (let i = 0; i < dim; i++) to[at + i] = from[i]!;
};

const bitCount = (n: number): number => {
  let count = 0;
  for (let rest = n; rest !== 0; rest &= rest - 1) count++;
  return count;
};

const trailingOnes = (n: number): number => {
  let count = 0;
  for (let rest = n; (rest & 1) === 1; rest >>= 1) count++;
  return count;
};

/**
 * Makes the transition of NUTS with multinomial sampling, the tree built leaf by leaf: of each subtree that is not complete yet, only the
 * first leaf is kept.
 *
 * A subtree turns where v · (ρ − (p₋ + p₊)/2) ≤ 0 at either of its ends, ρ being the sum of its momenta and v = M⁻¹ p; with `extraChecks`,
 * also where that holds for one half of it and the nearest leaf of the other, as in Stan from 2.21 on.
 *
 * @param depthLimit - the largest `maxDepth` that a transition will be given
 * @see Hoffman, Gelman, "The No-U-Turn sampler" (2014); Betancourt, "A conceptual introduction to Hamiltonian Monte Carlo" (2017), appendix A;
 *   Phan, Pradhan, Jankowiak, "Composable effects for flexible and accelerated probabilistic programming in NumPyro" (2019), algorithm 2
 */
export const makeTree = (dynamics: Dynamics, depthLimit: number, extraChecks: boolean): Transition => {
  const { dim, q, p, gradient, momentumSum, velocity, energy, potential, weight, stepSize, reference, limit, steps, metric } = dynamics;
  const left = makePhasePoint(dim);
  const right = makePhasePoint(dim);
  const total = new Float64Array(dim);
  const subtree = makeProposal(dim);
  /** The first leaves of the subtrees that are being built: momentum, velocity, sum of momenta up to and with it; and the leaf before it. */
  const rows = Math.max(1, depthLimit) * dim;
  const [firstP, firstV, firstSum, beforeP, beforeV] = Array.from({ length: 5 }, () => new Float64Array(rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [lastP, lastV] = [new Float64Array(dim), new Float64Array(dim)];
  const info: TransitionInfo = { acceptProb: 0, numSteps: 0, treeDepth: 0, isDiverging: false };

  /** Whether the leaves from the checkpoint at `at` to the current one turn. */
  const turnsSince = (at: number): boolean => {
    let first = 0;
    let last = 0;
    for (let i = 0; i < dim; i++) {
      const k = at + i;
      const inner = momentumSum[i]! - firstSum[k]! + 0.5 * (firstP[k]! - p[i]!);
      first += firstV[k]! * inner;
      last += velocity[i]! * inner;
    }
    return !(first > 0 && last > 0);
  };

  /** Whether one half of the leaves since `at`, the second half of which begins at `middle`, turns together with the nearest leaf of the other. */
  const halvesTurn = (at: number, middle: number): boolean => {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < dim; i++) {
      const [k, m] = [at + i, middle + i];
      // The sum up to the end of the first half, and that of the second.
      const upTo = firstSum[m]! - firstP[m]!;
      const left = upTo - firstSum[k]! + firstP[k]!;
      const right = momentumSum[i]! - upTo;
      const leftInner = left + 0.5 * (firstP[m]! - firstP[k]!);
      const rightInner = right + 0.5 * (beforeP[m]! - p[i]!);
      a += firstV[k]! * leftInner;
      b += firstV[m]! * leftInner;
      c += beforeV[m]! * rightInner;
      d += velocity[i]! * rightInner;
    }
    return !(a > 0 && b > 0 && c > 0 && d > 0);
  };

  /** Whether a subtree that leaf n completes turns. */
  const isTurning = (n: number): boolean => {
    const most = bitCount(n >> 1);
    const least = most - trailingOnes(n) + 1;
    for (let c = most; c >= least; c--) {
      if (turnsSince(c * dim)) return true;
      if (extraChecks && c < most && halvesTurn(c * dim, (c + 1) * dim)) return true;
    }
    return false;
  };

  const keepFirst = (n: number): void => {
    const at = bitCount(n >> 1) * dim;
    copyTo(p, firstP, at, dim);
    copyTo(velocity, firstV, at, dim);
    copyTo(momentumSum, firstSum, at, dim);
    if (extraChecks) {
      copyTo(lastP, beforeP, at, dim);
      copyTo(lastV, beforeV, at, dim);
    }
  };

  const keepProposal = (to: Proposal): void => {
    copy(q, to.q, dim);
    copy(gradient, to.gradient, dim);
    to.energies[0] = potential[0]!;
    to.energies[1] = energy[0]!;
  };

  const load = (end: PhasePoint): void => {
    copy(end.q, q, dim);
    copy(end.p, p, dim);
    copy(end.gradient, gradient, dim);
    momentumSum.fill(0);
  };

  const save = (end: PhasePoint): void => {
    copy(q, end.q, dim);
    copy(p, end.p, dim);
    copy(velocity, end.v, dim);
    copy(gradient, end.gradient, dim);
  };

  const wholeTurns = (): boolean => {
    const { p: leftP, v: leftV } = left;
    const { p: rightP, v: rightV } = right;
    let first = 0;
    let last = 0;
    for (let i = 0; i < dim; i++) {
      const inner = total[i]! - 0.5 * (leftP[i]! + rightP[i]!);
      first += leftV[i]! * inner;
      last += rightV[i]! * inner;
    }
    return !(first > 0 && last > 0);
  };

  /** The extra checks of the last doubling: the sum of the old part, and the leaves of the old and the new part where the two meet. */
  const [oldTotal, oldP, oldV, newP, newV] = Array.from({ length: 5 }, () => new Float64Array(dim)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const partsTurn = (isRight: boolean): boolean => {
    const outerOld = isRight ? left : right;
    const outerNew = isRight ? right : left;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < dim; i++) {
      const oldInner = oldTotal[i]! + 0.5 * (newP[i]! - outerOld.p[i]!);
      const newInner = total[i]! - oldTotal[i]! + 0.5 * (oldP[i]! - outerNew.p[i]!);
      a += outerOld.v[i]! * oldInner;
      b += newV[i]! * oldInner;
      c += oldV[i]! * newInner;
      d += outerNew.v[i]! * newInner;
    }
    return !(a > 0 && b > 0 && c > 0 && d > 0);
  };

  return (proposal, momentum, size, stream, maxDepth) => {
    copy(proposal.q, left.q, dim);
    copy(momentum, left.p, dim);
    copy(proposal.gradient, left.gradient, dim);
    metric.velocity(left.p, left.v);
    copy(left.q, right.q, dim);
    copy(left.p, right.p, dim);
    copy(left.gradient, right.gradient, dim);
    copy(left.v, right.v, dim);
    copy(left.p, total, dim);
    let kinetic = 0;
    for (let i = 0; i < dim; i++) kinetic += left.p[i]! * left.v[i]!;
    const start = proposal.energies[0]! + 0.5 * kinetic;
    proposal.energies[1] = start;
    reference[0] = start;
    limit[0] = start + MAX_DELTA_ENERGY;
    /** Of all points of the tree, and of those of the subtree that is being built. */
    let treeWeight = 1;
    let accepted = 0;
    let numSteps = 0;
    let depth = 0;
    let isTurned = false;
    let isDiverging = false;
    let isShifted = false;
    while (depth < maxDepth && !isTurned && !isDiverging) {
      const isRight = (stream.word() & 1) === 1;
      const end = isRight ? right : left;
      load(end);
      stepSize[0] = isRight ? size : -size;
      const leaves = 2 ** depth;
      let weights = 0;
      depth++;
      if (extraChecks) {
        copy(total, oldTotal, dim);
        copy(end.p, oldP, dim);
        copy(end.v, oldV, dim);
      }
      for (let n = 0; n < leaves; n++) {
        numSteps++;
        if (steps(1) === 0) {
          isDiverging = true;
          break;
        }
        let own = weight[0]!;
        if (reference[0] - energy[0]! > LARGE_LOG_WEIGHT) {
          const shrink = exp(energy[0]! - reference[0]);
          weights *= shrink;
          treeWeight *= shrink;
          reference[0] = energy[0]!;
          isShifted = true;
          own = 1;
        }
        accepted += isShifted ? exp(Math.min(0, start - energy[0]!)) : Math.min(1, own);
        weights += own;
        if (n === 0 || stream.uniform() * weights < own) keepProposal(subtree);
        if ((n & 1) === 0) {
          if (extraChecks && n === 0) {
            copy(p, newP, dim);
            copy(velocity, newV, dim);
          }
          keepFirst(n);
        } else if (isTurning(n)) {
          isTurned = true;
          break;
        }
        if (extraChecks) {
          copy(p, lastP, dim);
          copy(velocity, lastV, dim);
        }
      }
      if (isTurned || isDiverging) break;
      // The new half is preferred where it weighs more: biased progressive sampling.
      if (stream.uniform() * treeWeight < weights) {
        copy(subtree.q, proposal.q, dim);
        copy(subtree.gradient, proposal.gradient, dim);
        proposal.energies.set(subtree.energies);
      }
      treeWeight += weights;
      for (let i = 0; i < dim; i++) total[i] = total[i]! + momentumSum[i]!;
      save(end);
      isTurned = wholeTurns() || (extraChecks && partsTurn(isRight));
    }
    info.acceptProb = accepted / numSteps;
    info.numSteps = numSteps;
    info.treeDepth = depth;
    info.isDiverging = isDiverging;
    return info;
  };
};
