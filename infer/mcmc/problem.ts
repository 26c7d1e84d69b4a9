/** A model at its data, made ready for chains: recorded and compiled as plain data, which any thread can run. */
import type { NDArrayDType } from '../../core/ndarray.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { sameShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Model } from '../../core/runtime.ts';
import { avalOf, ndarrayDType, toTensor, type Precision, type Value } from '../../core/value.ts';
import { PRNGKey } from '../../core/random/key.ts';
import { compileGraph } from '../../transforms/jit/compile.ts';
import { evaluateGraph, type Graph } from '../../transforms/jit/graph.ts';
import { record } from '../../transforms/jit/record.ts';
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

/** Holds the compiled step against the interpreter at one point, so that a fault of the compiler can't pass for a posterior. */
const checkStep = (graph: Graph, image: ModuleImage, shape: MetricShape, precision: Precision): void => {
  if (workOf(graph) > CHECKED_WORK) return;
  const { dim, blocks } = shape;
  const dynamics = makeDynamics(image, shape);
  const point = Float64Array.from({ length: dim }, (_, i) => 0.1 * ((i % 5) - 2));
  if (!dynamics.evaluate(point)) return;
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

/** Records from a position to the sites of a draw. */
const recordDraw = (runAt: (q: Value) => ReturnType<typeof runUnconstrained>, { dim }: Latents): readonly [Graph, readonly DrawSite[]] => {
  let sites: readonly DrawSite[] = [];
  const graph = record(
    ([q]) => {
      const reported = [...runAt(q!).trace.sites.values()].filter((site) => (site.type === 'sample' && !site.isObserved) || site.type === 'deterministic');
      sites = reported.map((site) => {
        const { shape, dtype } = avalOf(site.value);
        return { name: site.name, shape: [...shape], dtype: ndarrayDType(dtype), size: sizeOf(shape), isDeterministic: site.type === 'deterministic' };
      });
      return reported.map((site) => toTensor(site.value));
    },
    [{ shape: [dim], dtype: 'float' }],
  );
  return [graph, sites];
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

/** The latent sites by a run that computes nothing; by one with numbers where a model, or a message on what is wrong with it, wants to see some. */
const latentsOf = (model: Model, args: readonly unknown[]): Latents => {
  const find = (): Latents => findLatents(model, tensorArgs(args), initToUniform(), PRNGKey(0));
  try {
    let found: Latents | undefined;
    record(() => {
      found = find();
      return [];
    }, []);
    return found!;
  } catch {
    return inScope(find);
  }
};

/** Makes a problem of a model and its arguments, in the form of `exactArgs`: they become constants of its modules. Of these the step has the `precision`; draws are computed in double. */
export const makeProblem = (model: Model, args: readonly unknown[], dense: DenseMass, precision: Precision = 'float64'): Problem => {
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
  const graph = recordStep((q) => potentialOf(runAt(q)), metric);
  const step = compileStep(graph, precision);
  checkStep(graph, step, metric, precision);
  const [drawGraph, sites] = recordDraw(runAt, latents);
  return { model, args, latents, metric, step, draw: toImage(compileGraph(drawGraph)), sites };
};

/** Whether two lists of exact arrays hold the same numbers. */
export const sameNumbers = (a: readonly { readonly data: Float64Array; readonly shape: Shape }[], b: typeof a): boolean =>
  a.length === b.length &&
  a.every(({ data, shape }, i) => {
    const other = b[i]!;
    return data === other.data || (sameShape(shape, other.shape) && data.every((x, k) => Object.is(x, other.data[k])));
  });
