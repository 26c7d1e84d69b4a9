/** SVI: stochastic variational inference as pure functions on a state, and `run`, which takes many steps. */
import { kindlingError } from '../core/errors.ts';
import { checkOptions, requireArgs } from '../core/options.ts';
import type { NDArray } from '../core/ndarray.ts';
import { split, type Key } from '../core/random/key.ts';
import type { Model } from '../core/runtime.ts';
import { scoped } from '../core/scope.ts';
import { toNDArray, type Precision } from '../core/value.ts';
import { seed } from '../transforms/handlers/seed.ts';
import { trace } from '../transforms/handlers/trace.ts';
import { replay, type Values } from '../transforms/handlers/values.ts';
import { exactArgs, makeShapeCache, signatureOf, tensorArgs, type Args } from './arguments.ts';
import { isAutoGuide, type Guide } from './autoguides/autoGuide.ts';
import type { Objective } from './objectives/objective.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import type { ProblemAt } from './sviRecorded.ts';
import { asState, constrainParams, exactTree, paramSites, startParams, type SVIState } from './sviState.ts';
import { runSteps, type RunOptions, type RunSteps } from './sviRun.ts';
import { makeSteps } from './sviSteps.ts';

/** Values by parameter name. */
export type Params = Readonly<Record<string, NDArray>>;

/** What a run gives. */
export interface SVIResult<A extends readonly unknown[], G> {
  /** The parameters in their constraints. */
  readonly params: Params;
  readonly state: SVIState;
  /** The loss of each step of this run. */
  readonly losses: Float64Array;
  /** The guide, bound to the model's latents where it was made from a model. */
  readonly guide: G extends Guide<A> ? Guide<A> : G;
}

/** The functions of one inference problem. None changes the state it is given. */
export interface SVI<A extends readonly unknown[], G> {
  readonly init: (key: Key, ...args: Args<A>) => SVIState;
  /** One step; the loss is −ELBO (or what the objective is), before the step. Throws NonFinite where it is no number. */
  readonly update: (state: SVIState, ...args: Args<A>) => readonly [state: SVIState, loss: number];
  /** As `update`, but a step that is not finite leaves the parameters as they are. */
  readonly stableUpdate: (state: SVIState, ...args: Args<A>) => readonly [state: SVIState, loss: number];
  /** The loss that the next `update` would report. */
  readonly evaluate: (state: SVIState, ...args: Args<A>) => number;
  readonly getParams: (state: SVIState) => Params;
  readonly run: (key: Key, numSteps: number, args: Args<A>, options?: RunOptions) => Promise<SVIResult<A, G>>;
}

export interface SVIOptions {
  /**
   * `'float64'` by default. With `'float32'` a compiled step keeps large data in single precision and multiplies matrices, and large data by
   * vectors, in it, as `jit` does; draws, parameters and the optimizer's state stay in double.
   */
  readonly precision?: Precision | undefined;
}

const checkPrecision = (precision: Precision): void => {
  if (precision === 'float64' || precision === 'float32') return;
  throw kindlingError('InvalidArgument', { message: 'a step computes in one of two precisions', given: String(precision), expected: 'float64 or float32' });
};

const checkParts = (model: unknown, guide: unknown, optimizer: Optimizer, loss: Objective): void => {
  const parts = {
    model: typeof model === 'function',
    guide: typeof guide === 'function',
    optimizer: typeof optimizer?.update === 'function',
    loss: typeof loss?.loss === 'function',
  };
  const wrong = Object.entries(parts).find(([, isGiven]) => !isGiven);
  if (wrong !== undefined) {
    throw kindlingError('InvalidArgument', {
      message: `SVI takes a model, a guide, an optimizer and a loss; the ${wrong[0]} is none`,
      remedy: 'For example SVI(model, AutoDiagonalNormal(model), adam(1e-2), TraceELBO())',
    });
  }
};

/**
 * Stochastic variational inference: fits the parameters of a guide, and those of the model, by gradients of an objective.
 *
 * @param model - a function of the data; latent sites have no `obs`
 * @param guide - a function of the same arguments that samples the latent sites, made by an Auto… or by hand with `param`
 * @param optimizer - an Optax pair, such as `adam(1e-2)`
 * @param loss - such as `TraceELBO()`
 * @param options - `precision`: in which a compiled step keeps and multiplies large data
 * @see Hoffman, Blei, Wang, Paisley, "Stochastic variational inference" (2013); Ranganath, Gerrish, Blei (2014)
 * @example
 * const model = () => sample('x', dist.Normal(3, 1));
 * const svi = SVI(model, AutoDiagonalNormal(model), adam(0.05), TraceELBO());
 * const { params, losses } = await svi.run(random.PRNGKey(0), 200, []);
 * [losses.length, params.auto_loc.shape]; // [200, [1]]
 */
export const SVI = <A extends readonly unknown[], G extends Model<A>>(
  model: Model<A>,
  guide: G & Model<A>,
  optimizer: Optimizer,
  loss: Objective,
  options: SVIOptions = {},
): SVI<A, G> => {
  checkParts(model, guide, optimizer, loss);
  checkOptions('SVI', options, ['precision']);
  const { precision = 'float64' } = options;
  checkPrecision(precision);
  // From here on arguments are tensors, of whatever type the caller's were.
  const anyModel = model as unknown as Model;
  const anyGuide = guide as unknown as Model;
  // What is made once for arguments of the same shapes: a loop sees them again and again.
  const guides = makeShapeCache<Model>();

  const guideFor = (args: readonly unknown[]): Model =>
    !isAutoGuide(anyGuide) || anyGuide.isBound ? anyGuide : guides.get(signatureOf(args), () => anyGuide.bind(...tensorArgs(args)));

  /** The problem at unconstrained parameters. The guide is bound here, not under a gradient, where values can't be looked at. */
  const problemsOf = ({ constraints }: SVIState, args: readonly unknown[]): ProblemAt => {
    const guideHere = guideFor(args);
    return (params, given) => ({ model: anyModel, guide: guideHere, args: given, params: constrainParams(params, constraints) });
  };

  const start = (key: Key, args: readonly unknown[], initParams: Values): SVIState =>
    scoped(
      () => {
        const exact = exactArgs(args);
        const tensors = tensorArgs(exact);
        const [stateKey, guideKey, modelKey] = [...split(key, 3)] as [Key, Key, Key];
        const guideTrace = trace(seed(guideKey)(guideFor(exact)))(...tensors);
        const modelTrace = trace(seed(modelKey)(replay(guideTrace)(anyModel)))(...tensors);
        const { params, constraints } = startParams(paramSites(guideTrace.sites, modelTrace.sites), initParams);
        return { step: 0, key: stateKey, params, constraints, optState: exactTree(optimizer.init(params)) };
      },
      () => [],
    );

  const { step, advance, evaluate } = makeSteps(loss, optimizer, problemsOf, precision);

  const getParams = (given: SVIState): Params => {
    const state = asState(given);
    return Object.fromEntries(Object.entries(constrainParams(state.params, state.constraints)).map(([name, value]) => [name, toNDArray(value)]));
  };

  const steps: RunSteps = {
    start: (key, args, { initState, initParams }) => {
      if (initState === undefined) return start(key, args, initParams ?? {});
      if (initParams === undefined) return asState(initState);
      throw kindlingError('InvalidArgument', { message: 'initState and initParams both say where to start', remedy: 'Pass one of them' });
    },
    advance,
  };

  return {
    init: (key, ...args) => start(key, args, {}),
    update: (state, ...args) => step(asState(state), exactArgs(args), false),
    stableUpdate: (state, ...args) => step(asState(state), exactArgs(args), true),
    evaluate: (state, ...args) => evaluate(asState(state), exactArgs(args)),
    getParams,
    run: async (key, numSteps, args, options = {}) => {
      requireArgs('svi.run', args);
      const { state, losses } = await runSteps(steps, key, numSteps, args, options);
      const result = scoped(
        () => guideFor(exactArgs(args)),
        () => [],
      );
      return { params: getParams(state), state, losses, guide: result as unknown as SVIResult<A, G>['guide'] };
    },
  };
};
