/** A particle in a compiled potential: the module's memory under names, and one call for a leapfrog step. */
import { placeImage, type ModuleImage } from './image.ts';
import { makeMetric, type Metric, type MetricShape } from './metric.ts';
import { IN, OUT } from './stepPorts.ts';

/** A point of phase space, as arrays of their own. */
export interface PhasePoint {
  readonly q: Float64Array;
  readonly p: Float64Array;
  readonly v: Float64Array;
  readonly gradient: Float64Array;
}

export const makePhasePoint = (dim: number): PhasePoint => ({
  q: new Float64Array(dim),
  p: new Float64Array(dim),
  v: new Float64Array(dim),
  gradient: new Float64Array(dim),
});

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
  readonly setMetric: (inverseMass: Float64Array) => void;
  /** Puts U and its gradient at q in `potential` and `gradient`; whether all of them are finite. */
  readonly evaluate: (q: ArrayLike<number>) => boolean;
}

/** Instantiates the module of a step. */
export const makeDynamics = (step: ModuleImage, shape: MetricShape): Dynamics => {
  const { dim, blocks } = shape;
  const { inputs, outputs, write, iterate } = placeImage(step, dim * dim);
  const metric = makeMetric(shape);
  const [q, p, gradient] = [inputs[IN.q]!, inputs[IN.p]!, inputs[IN.gradient]!];
  const [stepSize, reference, limit] = [inputs[IN.stepSize]!, inputs[IN.reference]!, inputs[IN.limit]!];
  const setMetric = (inverseMass: Float64Array): void => {
    metric.set(inverseMass);
    if (blocks.length === 0) write(IN.variance, inverseMass);
    else {
      write(
        IN.variance,
        Float64Array.from({ length: dim }, (_, i) => inverseMass[i * dim + i]!),
      );
      blocks.forEach((block, b) => write(IN.blocks + b, Float64Array.from(block.flatMap((i) => block.map((j) => inverseMass[i * dim + j]!)))));
    }
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
