/** A particle in a compiled potential: the module's memory under names, and one call for a leapfrog step. */
import { placeImage, type ModuleImage } from './image.ts';
import { makeMetric, type Metric, type MetricShape } from './metric.ts';
import { OWN, IN, OUT } from './stepPorts.ts';
import type { Proposal } from './transition.ts';
import { makeWelford, type Welford } from './welford.ts';
import { layerTables } from './ziggurat.ts';

/** What a transition may draw for: each has numbers of its own. */
export type Purpose = 'transition' | 'stepSize';

/** Views of the memory of a module. A step changes what they show. */
export interface Dynamics {
  readonly dim: number;
  readonly metric: Metric;
  readonly q: Float64Array;
  readonly p: Float64Array;
  readonly gradient: Float64Array;
  readonly momentumSum: Float64Array;
  /** M⁻¹ p after a step. */
  readonly velocity: Float64Array;
  /** One element each: the energy after a step, its potential, exp(reference − energy). */
  readonly energy: Float64Array;
  readonly potential: Float64Array;
  readonly weight: Float64Array;
  /** One element each, to be written: the signed step, the energy that weights refer to, the largest energy of a good step. */
  readonly stepSize: Float64Array;
  readonly reference: Float64Array;
  readonly limit: Float64Array;
  /** Takes steps up to the first whose energy is beyond the limit, or no number, at which the particle stays before it; gives how many were good. */
  readonly steps: (count: number) => number;
  /** The tree around the step, where the module has one. */
  readonly tree: (() => void) | undefined;
  /** The memories of what is around the step, by `OWN` and `TREE`. */
  readonly own: readonly Float64Array[];
  /** Starts the random numbers of a transition, which come from the chain's key, the purpose and the number of the transition, and from nothing else. */
  readonly seed: (key: ArrayLike<number>, purpose: Purpose, index: number) => void;
  /** Draws a momentum with the mass matrix as covariance and a number in (0, 1), and computes the velocity M⁻¹ p. */
  readonly draw: () => void;
  readonly momentum: Float64Array;
  readonly initialVelocity: Float64Array;
  readonly uniform: Float64Array;
  /** The state of a chain, which is nowhere until it is written. */
  readonly current: Proposal;
  /** The sums of the positions that it has gathered. */
  readonly welford: Welford;
  readonly setMetric: (inverseMass: Float64Array) => void;
  /** Puts U and its gradient at q in `potential` and `gradient`; whether all of them are finite. */
  readonly evaluate: (q: ArrayLike<number>) => boolean;
}

/** Instantiates the module of a step. */
export const makeDynamics = (step: ModuleImage, shape: MetricShape): Dynamics => {
  const { dim, blocks } = shape;
  const { inputs, outputs, own, write, iterate, seed, draw, gather, tree } = placeImage(step, dim * dim);
  const metric = makeMetric(shape);
  const [q, p, gradient] = [inputs[IN.q]!, inputs[IN.p]!, inputs[IN.gradient]!];
  const [stepSize, reference, limit] = [inputs[IN.stepSize]!, inputs[IN.reference]!, inputs[IN.limit]!];
  const at = (name: keyof typeof OWN): Float64Array => own[OWN[name]]!;
  const [origin, roots] = [at('origin'), at('roots')];
  at('layers').set(layerTables());
  // What blocks need comes last.
  const ofBlocks = own.slice(own.length - 2 * blocks.length);
  blocks.forEach((block, b) => ofBlocks[blocks.length + b]!.set(block));
  const setMetric = (inverseMass: Float64Array): void => {
    metric.set(inverseMass);
    write(IN.variance, metric.variance);
    roots.set(metric.roots);
    metric.blocks.forEach((block, b) => write(IN.blocks + b, block));
    metric.factors.forEach((factor, b) => ofBlocks[b]!.set(factor));
  };
  setMetric(Float64Array.from(metric.inverseMass));
  return {
    dim,
    metric,
    q,
    p,
    gradient,
    momentumSum: inputs[IN.momentumSum]!,
    velocity: outputs[OUT.velocity]!,
    energy: outputs[OUT.energy]!,
    potential: outputs[OUT.potential]!,
    weight: outputs[OUT.weight]!,
    stepSize,
    reference,
    limit,
    steps: iterate,
    tree,
    own,
    momentum: at('momentum'),
    initialVelocity: at('velocity'),
    uniform: at('uniform'),
    seed: (key, purpose, index) => {
      origin[0] = key[0]!;
      origin[1] = key[1]!;
      origin[2] = purpose === 'transition' ? 0 : 1;
      origin[3] = index;
      seed!();
    },
    draw: draw!,
    current: { q: at('q'), gradient: at('gradient'), energies: at('energies') },
    welford: makeWelford(shape, { count: at('count'), mean: at('mean'), m2: at('m2') }, gather!),
    setMetric,
    evaluate: (at) => {
      q.set(at);
      p.fill(0);
      gradient.fill(0);
      stepSize[0] = 0;
      reference[0] = 0;
      limit[0] = Infinity;
      // A step of length 0 moves nothing, and computes all there is at q. One that is not good leaves its gradient among the outputs only.
      const isGood = iterate(1) === 1 && Number.isFinite(outputs[OUT.potential]![0]);
      if (!isGood) gradient.set(outputs[IN.gradient]!);
      return isGood && gradient.every(Number.isFinite);
    },
  };
};
