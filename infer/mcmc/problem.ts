/** A model at its data, made ready for chains: recorded and compiled as plain data, which any thread can run. */
import type { NDArrayDType } from '../../core/ndarray.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { sameShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Model } from '../../core/runtime.ts';
import { isLatent, type Site } from '../../core/site.ts';
import { avalOf, ndarrayDType, toTensor, type Precision, type Value } from '../../core/value.ts';
import { PRNGKey } from '../../core/random/key.ts';
import { compileGraph } from '../../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../../transforms/jit/graph.ts';
import { prune } from '../../transforms/jit/prune.ts';
import type { InitFn } from '../../transforms/handlers/init.ts';
import { positionOf, record, valueOf } from '../../transforms/jit/record.ts';
import { kindlingError } from '../../core/errors.ts';
import { agree } from '../compiledFunction.ts';
import { initToUniform } from '../initialization.ts';
import { tensorArgs } from '../arguments.ts';
import { makeDynamics } from './dynamics.ts';
import type { ModuleImage } from './image.ts';
import { compileStep, recordStep } from './integrator.ts';
import { findLatents, inScope, partOf, potentialOf, runUnconstrained, type Latents } from './latents.ts';
import type { MetricShape } from './metric.ts';
import { OUT } from './stepPorts.ts';
import { toImage } from './toImage.ts';
import type { TreeOptions } from './tree.ts';

/** One array of a draw. */
export interface DrawSite {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: NDArrayDType;
  readonly size: number;
  readonly isDeterministic: boolean;
}

/** The modules of a problem. Plain data. */
export interface CompiledProblem {
  readonly step: ModuleImage;
  /** From a position to the constrained sites and the deterministic ones, in the order of `sites`. */
  readonly draw: ModuleImage;
  readonly sites: readonly DrawSite[];
}

export interface Problem extends CompiledProblem {
  readonly model: Model;
  /** In the form of `exactArgs`. */
  readonly args: readonly unknown[];
  readonly latents: Latents;
  readonly metric: MetricShape;
}

/** Numbers that the interpreter computes in a few milliseconds: a check that takes longer would be felt. */
const CHECKED_WORK = 1e5;

const workOf = ({ nodes }: Graph): number =>
  nodes.reduce((sum, node) => sum + (node.kind === 'loop' ? node.length * workOf(node.body) : sizeOf(node.aval.shape)), 0);

/** Where a step may be checked: at the first of these at which the density is finite. */
const POINTS: readonly ((i: number) => number)[] = [(i) => 0.1 * ((i % 5) - 2), () => 0, () => 1, () => -1, (i) => 0.7 * ((i % 3) - 1), (i) => 2 * (i % 2) - 1];

/** @internal Holds the compiled step against the interpreter at one point, so that a fault of the compiler can't pass for a posterior. */
export const checkStep = (graph: Graph, image: ModuleImage, shape: MetricShape, precision: Precision): void => {
  if (workOf(graph) > CHECKED_WORK) return;
  const { dim, blocks } = shape;
  const dynamics = makeDynamics(image, shape);
  const point = POINTS.map((at) => Float64Array.from({ length: dim }, (_, i) => at(i))).find((z) => dynamics.evaluate(z));
  if (point === undefined) return;
  const vector = (data: Float64Array): ReturnType<typeof makeNDArray> => makeNDArray(data, [data.length]);
  const scalar = (x: number): ReturnType<typeof makeNDArray> => makeNDArray(Float64Array.of(x), []);
  const identity = (n: number): ReturnType<typeof makeNDArray> =>
    makeNDArray(
      Float64Array.from({ length: n * n }, (_, k) => Number(k % (n + 1) === 0)),
      [n, n],
    );
  const zeros = new Float64Array(dim);
  const inputs = [point, zeros, zeros, zeros].map(vector);
  const rest = [scalar(0), scalar(0), scalar(Infinity), vector(zeros.slice().fill(1)), ...blocks.map((block) => identity(block.length))];
  const outputs = [graph.outputs[OUT.potential]!, graph.outputs[OUT.gradient]!];
  const expected = evaluateGraph({ ...graph, outputs }, [...inputs, ...rest]);
  if (agree([scalar(dynamics.potential[0]!), vector(dynamics.gradient.slice())], expected, precision)) return;
  throw kindlingError('Unsupported', {
    message: 'the compiled density of this model is not what the interpreter computes: a fault of the compiler',
    given: `${dynamics.potential[0]} against ${expected[0]!.item()}`,
    remedy: 'Please report the model',
  });
};

/** Whether a draw tells of a site. */
const isReported = (site: Site): boolean => isLatent(site) || site.type === 'deterministic';

const drawSiteOf = ({ name, type, value }: Site): DrawSite => {
  const { shape, dtype } = avalOf(value);
  return { name, shape: [...shape], dtype: ndarrayDType(dtype), size: sizeOf(shape), isDeterministic: type === 'deterministic' };
};

/** The step of a potential, and from a position to the sites of a draw: both are found in one recording of the model. */
const recordBoth = (
  runAt: (q: Value) => ReturnType<typeof runUnconstrained>,
  metric: MetricShape,
): { readonly step: Graph; readonly draw: Graph; readonly sites: readonly DrawSite[] } => {
  let [point, outputs]: [number, readonly number[]] = [0, []];
  let sites: readonly DrawSite[] = [];
  const step = recordStep((q) => {
    const run = runAt(q);
    const potential = potentialOf(run);
    const reported = [...run.trace.sites.values()].filter(isReported);
    sites = reported.map(drawSiteOf);
    point = positionOf(q);
    outputs = reported.map(({ value }) => positionOf(toTensor(value)));
    return potential;
  }, metric);
  const nodes = step.nodes.map((node, id) => (id === point ? ({ kind: 'input', aval: node.aval, index: 0 } as const) : node));
  return { step, draw: prune({ nodes, inputCount: 1, outputs }), sites };
};

/** The coordinates of dense blocks of sites. */
export type DenseMass = boolean | readonly (readonly string[])[];

export const metricOf = ({ dim, slots }: Latents, dense: DenseMass): MetricShape => {
  if (dense === false) return { dim, blocks: [] };
  if (dense === true) return { dim, blocks: [Array.from({ length: dim }, (_, i) => i)] };
  const seen = new Set<string>();
  const blocks = dense.map((names) => {
    for (const name of names) {
      if (slots.every((slot) => slot.name !== name) || seen.has(name)) {
        throw kindlingError('InvalidArgument', {
          site: name,
          message: seen.has(name) ? 'a site can be in one block of denseMass only' : 'denseMass names a site that is not latent in the model',
          expected: `lists of ${slots.map((slot) => slot.name).join(', ')}`,
        });
      }
      seen.add(name);
    }
    return slots.filter(({ name }) => names.includes(name)).flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i));
  });
  return { dim, blocks: blocks.filter((block) => block.length > 0) };
};

/** Starts continuous sites at values that are inputs of a recording, which have shapes but no numbers. */
const initToUnknown = (): InitFn => {
  let index = 0;
  return ({ fn, sampleShape }) => {
    if (fn.isDiscrete) return undefined;
    const bijector = bijectTo(fn.support);
    const shape = bijector.inverseShape([...sampleShape, ...fn.batchShape, ...fn.eventShape]);
    return bijector.forward(valueOf({ kind: 'input', aval: { shape, dtype: 'float' }, index: index++ }));
  };
};

/** The latent sites by a run that computes nothing; by one with numbers where a model, or a message on what is wrong with it, wants to see some. */
const latentsOf = (model: Model, args: readonly unknown[]): Latents => {
  const find = (initFn: InitFn): Latents => findLatents(model, tensorArgs(args), initFn, PRNGKey(0));
  try {
    let found: Latents | undefined;
    record(() => {
      found = find(initToUnknown());
      return [];
    }, []);
    return found!;
  } catch {
    return inScope(() => find(initToUniform()));
  }
};

/** Makes a problem of a model and its arguments, in the form of `exactArgs`: they become constants of its modules. Of these the step has the `precision`; draws are computed in double. */
export const makeProblem = (model: Model, args: readonly unknown[], dense: DenseMass, precision: Precision = 'float64', tree?: TreeOptions): Problem => {
  const latents = latentsOf(model, args);
  const slotOf = new Map(latents.slots.map((slot) => [slot.name, slot]));
  const supports = new Map(latents.slots.map(({ name, support }) => [name, support]));
  const metric = metricOf(latents, dense);
  const runAt = (q: Value): ReturnType<typeof runUnconstrained> =>
    runUnconstrained(
      model,
      tensorArgs(args),
      (name) => {
        const slot = slotOf.get(name);
        return slot === undefined ? undefined : partOf(q, slot);
      },
      supports,
    );
  const { step: graph, draw, sites } = recordBoth(runAt, metric);
  const step = compileStep(graph, metric, precision, tree);
  checkStep(graph, step, metric, precision);
  return { model, args, latents, metric, step, draw: toImage(compileGraph(draw)), sites };
};

/** Whether two lists of exact arrays hold the same numbers. */
export const sameNumbers = (a: readonly { readonly data: Float64Array; readonly shape: Shape }[], b: typeof a): boolean =>
  a.length === b.length &&
  a.every(({ data, shape }, i) => {
    const other = b[i]!;
    return data === other.data || (sameShape(shape, other.shape) && data.every((x, k) => Object.is(x, other.data[k])));
  });
