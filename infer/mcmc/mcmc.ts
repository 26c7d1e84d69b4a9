/** MCMC: chains of a kernel, one after another or in workers, with progress, abort, and states from which a run goes on. */
import { isKindlingError, kindlingError, type KindlingError } from '../../core/errors.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import { asKey, split, type Key, type KeyBatch } from '../../core/random/key.ts';
import type { Args } from '../arguments.ts';
import { makeCollector, type Collector, type DrawInfo } from './collect.ts';
import { columnsOf, layoutOf, statFields } from './fields.ts';
import type { MCMCKernel, Prepared } from './kernel.ts';
import type { ChainFailure, Posterior } from './posterior.ts';
import type { MCMCProgress } from './progress.ts';
import { makeReporter, type ChainReporter } from './reporter.ts';
import { checkMCMCOptions, checkRunOptions } from './runOptions.ts';
import { asState, type HMCState } from './state.ts';
import { beginWork, draws, makeDrawWriter, transitionsOf, type DrawLayout, type Task } from './task.ts';
import { runInWorkers, type WorkerPool } from './workers/pool.ts';

export interface MCMCOptions {
  /** Transitions that adapt, and are thrown away. */
  readonly numWarmup: number;
  /** Transitions after the warmup. */
  readonly numSamples: number;
  /** 1. */
  readonly numChains?: number | undefined;
  /** Of so many transitions after the warmup one is kept; 1. */
  readonly thinning?: number | undefined;
  /** `'sequential'`, in this thread, by default; `'parallel'` in worker threads, to the same draws, and by default where `numWorkers` or `workers` is given. */
  readonly chainMethod?: 'sequential' | 'parallel' | undefined;
  /** How many workers; as many as there are processors, at most one for each chain. */
  readonly numWorkers?: number | undefined;
  /** Workers that are kept from run to run, made by `workerPool`. */
  readonly workers?: WorkerPool | undefined;
}

export interface MCMCRunOptions {
  /** A function told how far the chains are, `true` for a line on the terminal; `false` by default. */
  readonly progress?: boolean | ((info: MCMCProgress) => void) | undefined;
  /** Ends the run with an AbortError that carries the `state` of each chain and the `posterior` so far. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on from here: a posterior's `state`, its JSON parsed, or that of `warmup`. The key is then not used. The arguments may be others of the same shapes. */
  readonly initState?: readonly HMCState[] | HMCState | undefined;
  /** Told of each draw that is kept. */
  readonly onDraw?: ((draw: DrawInfo) => void) | undefined;
  /** More of each draw: 'z' (the unconstrained position), 'z.site', 'zGrad', 'meanAcceptProb', 'i', 'adaptState.inverseMassMatrix', or one of posterior.stats; '~site' leaves a site out of the samples. */
  readonly extraFields?: readonly string[] | undefined;
}

export interface MCMC<A extends readonly unknown[]> {
  readonly run: (key: Key, args: Args<A>, options?: MCMCRunOptions) => Promise<Posterior>;
  /** The warmup alone: its `state` starts runs that need no more of it. */
  readonly warmup: (key: Key, args: Args<A>, options?: Omit<MCMCRunOptions, 'extraFields' | 'onDraw'>) => Promise<Posterior>;
}

/** How long chains may keep the event loop waiting, in milliseconds. */
const SLICE_MS = 40;

/** Lets the event loop go round once. */
const turn = (): Promise<void> => new Promise((resolve) => (typeof setImmediate === 'function' ? void setImmediate(resolve) : void setTimeout(resolve, 0)));

/** What a run works on, chain by chain. */
export interface Run {
  readonly prepared: Prepared;
  readonly layout: DrawLayout;
  readonly tasks: readonly (Task | undefined)[];
  readonly signal: AbortSignal | undefined;
  readonly onBatch: (chain: number, batch: Float64Array<ArrayBuffer>, count: number) => void;
  readonly reporter: ChainReporter;
}

/** How a chain ended: its state, or why it failed. One that was aborted has a state too. */
export type Outcome = { readonly state: HMCState } | { readonly error: KindlingError };

const asFailure = (cause: unknown): KindlingError =>
  cause instanceof Error && isKindlingError(cause)
    ? cause
    : kindlingError('Unsupported', { message: `a chain failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause });

const runHere = async ({ prepared, layout, tasks, signal, onBatch, reporter }: Run): Promise<readonly (Outcome | undefined)[]> => {
  const outcomes: (Outcome | undefined)[] = [];
  const write = makeDrawWriter(layout, prepared.chain);
  let sliceEnd = performance.now() + SLICE_MS;
  for (const [chain, task] of tasks.entries()) {
    if (task === undefined) {
      outcomes.push(undefined);
      continue;
    }
    const work = beginWork(prepared.chain, layout, write, task);
    for (;;) {
      if (signal?.aborted === true) break;
      const { numbers, count, isDone, progress } = work.advance(Math.max(1, sliceEnd - performance.now()));
      onBatch(chain, numbers, count);
      reporter.note(chain, progress, isDone);
      if (performance.now() >= sliceEnd) {
        // Another run may use the chain while this one waits.
        const state = work.save();
        await turn();
        prepared.chain.load(state);
        sliceEnd = performance.now() + SLICE_MS;
      }
      if (isDone) break;
    }
    outcomes.push({ state: work.save() });
  }
  return outcomes;
};

/** The states to start from, one for each chain, or why there is none. */
const startChains = (prepared: Prepared, key: Key, numChains: number, numWarmup: number): readonly Outcome[] => {
  const given = asKey(key);
  const keys = given.shape.length === 1 && given.shape[0] === numChains ? (given as KeyBatch) : split(given, numChains);
  return keys.map((own): Outcome => {
    try {
      return { state: prepared.start(own, numWarmup) };
    } catch (error) {
      return { error: asFailure(error) };
    }
  });
};

/** A state whose energy is that of these data: with the energy of others, a chain might never move again. */
const atData = ({ chain }: Prepared, state: HMCState): HMCState => {
  const { dynamics } = chain;
  if (!dynamics.evaluate(state.z.data)) {
    throw kindlingError('NonFinite', {
      message: 'the log-density or its gradient is not finite where initState stands',
      given: `log-density ${-dynamics.potential[0]!}`,
      remedy: 'Pass the arguments of the run that gave the state, or start anew',
    });
  }
  const [potentialEnergy, gradient] = [dynamics.potential[0]!, dynamics.gradient];
  const isSame = potentialEnergy === state.potentialEnergy && gradient.every((x, i) => x === state.zGrad.data[i]);
  return isSame ? state : { ...state, potentialEnergy, zGrad: makeNDArray(gradient.slice(), state.zGrad.shape) };
};

const givenStates = (prepared: Prepared, given: readonly HMCState[] | HMCState, numChains: number): readonly Outcome[] => {
  const states = Array.isArray(given) ? (given as readonly HMCState[]) : [given as HMCState];
  if (states.length !== numChains) {
    throw kindlingError('InvalidArgument', {
      message: 'initState has a state for each chain',
      given: `${states.length} state${states.length === 1 ? '' : 's'} for ${numChains} chain${numChains === 1 ? '' : 's'}`,
      remedy: 'Pass posterior.state of a run of as many chains',
    });
  }
  return states.map((state) => ({ state: atData(prepared, asState(state, prepared.problem.metric)) }));
};

const posteriorOf = (prepared: Prepared, outcomes: readonly (Outcome | undefined)[], collector: Collector, extraFields: readonly string[]): Posterior => {
  const kept = outcomes.flatMap((outcome, chain) => (outcome !== undefined && 'state' in outcome ? [chain] : []));
  const state = kept.map((chain) => (outcomes[chain] as { readonly state: HMCState }).state);
  const { algorithm, maxTreeDepth } = prepared.settings;
  const collected = collector.collected(kept);
  return {
    ...collected,
    extraFields: { ...collected.extraFields, ...statFields(extraFields, collected.stats) },
    deterministicSites: prepared.problem.sites.filter(({ name, isDeterministic }) => isDeterministic && name in collected.samples).map(({ name }) => name),
    adaptation: state.map(({ adaptState, numStepsWarmup }) => ({
      stepSize: adaptState.stepSize,
      inverseMassMatrix: adaptState.inverseMassMatrix,
      numSteps: numStepsWarmup,
    })),
    state,
    failures: outcomes.flatMap((outcome, chain): readonly ChainFailure[] =>
      outcome !== undefined && 'error' in outcome ? [{ chain, error: outcome.error }] : [],
    ),
    maxTreeDepth: algorithm === 'NUTS' ? maxTreeDepth[1] : 0,
  };
};

const aborted = (signal: AbortSignal, posterior: Posterior): never => {
  const error = kindlingError('Aborted', {
    message: `the run was aborted after ${posterior.state.map(({ i }) => i).join(', ')} transitions`,
    cause: signal.reason,
    remedy: 'The states of its chains are in error.state: pass them as initState to go on',
  });
  throw Object.assign(error, { state: posterior.state, posterior });
};

/**
 * Chains of a kernel. Chain c draws by key `split(key, numChains)[c]`, so that the draws depend neither on the number of chains before it,
 * nor on where and in which order chains run. A batch of as many keys as chains is taken as it is.
 *
 * @param kernel - `NUTS(model)` or `HMC(model)`
 * @throws InvalidArgument for an option that makes no sense; NonFinite where no chain finds a start
 * @see Gelman et al., Bayesian Data Analysis, 3rd edition, chapters 11 and 12
 * @example
 * const model = (y) => {
 *   const mu = sample('mu', dist.Normal(0, 10));
 *   sample('y', dist.Normal(mu, 1), { obs: y });
 * };
 * const mcmc = MCMC(NUTS(model), { numWarmup: 200, numSamples: 300, numChains: 2 });
 * const { samples } = await mcmc.run(random.PRNGKey(0), [[1, 2, 3]]);
 * samples.mu.shape; // [2, 300]
 */
export const MCMC = <A extends readonly unknown[]>(kernel: MCMCKernel<A>, options: MCMCOptions): MCMC<A> => {
  if (typeof kernel?.prepare !== 'function') {
    throw kindlingError('InvalidArgument', {
      message: 'MCMC takes a kernel and its options',
      given: typeof kernel,
      remedy: 'For example MCMC(NUTS(model), { numWarmup: 1000, numSamples: 1000 })',
    });
  }
  checkMCMCOptions(options);
  const { numWarmup, numSamples, numChains = 1, thinning = 1, numWorkers, workers } = options;
  const { chainMethod = workers === undefined && numWorkers === undefined ? 'sequential' : 'parallel' } = options;

  const execute = async (
    key: Key,
    args: Args<A>,
    count: number,
    { progress, signal, initState, onDraw, extraFields = [] }: MCMCRunOptions,
  ): Promise<Posterior> => {
    const prepared = kernel.prepare(args);
    const columns = columnsOf(prepared.problem, extraFields);
    const layout = layoutOf(prepared.problem, columns);
    const starts = initState === undefined ? startChains(prepared, key, numChains, numWarmup) : givenStates(prepared, initState, numChains);
    const tasks = starts.map((start): Task | undefined => ('state' in start ? { state: start.state, numSamples: count, thinning } : undefined));
    const firstError = starts.find((start) => 'error' in start);
    if (firstError !== undefined && tasks.every((task) => task === undefined)) throw firstError.error;
    const most = tasks.reduce((max, task) => (task === undefined ? max : Math.max(max, draws(task))), 0);
    const collector = makeCollector(columns, numChains, most);
    const reporter = await makeReporter(
      progress,
      tasks.map((task) => (task === undefined ? 0 : transitionsOf(task))),
    );
    const onBatch: Run['onBatch'] = (chain, batch, count) => {
      const before = collector.counts[chain]!;
      collector.add(chain, batch, count);
      if (onDraw !== undefined) for (let i = 0; i < count; i++) onDraw(collector.drawAt(chain, before + i));
    };
    const run: Run = { prepared, layout, tasks, signal, onBatch, reporter };
    const ended = chainMethod === 'parallel' ? await runInWorkers(run, numWorkers, workers) : await runHere(run);
    const outcomes = starts.map((start, chain) => ('error' in start ? start : ended[chain]));
    if (ended.every((outcome) => outcome === undefined || 'error' in outcome)) {
      throw (ended.find((outcome) => outcome !== undefined) as { readonly error: KindlingError }).error;
    }
    const posterior = posteriorOf(prepared, outcomes, collector, extraFields);
    const isWhole = tasks.every((task, chain) => {
      const outcome = ended[chain];
      return task === undefined || outcome === undefined || 'error' in outcome || outcome.state.i === task.state.i + transitionsOf(task);
    });
    if (signal !== undefined && !isWhole) aborted(signal, posterior);
    return posterior;
  };

  return {
    run: (key, args, runOptions = {}) => {
      checkRunOptions('run', runOptions);
      return execute(key, args, numSamples, runOptions);
    },
    warmup: (key, args, runOptions = {}) => {
      checkRunOptions('warmup', runOptions);
      return execute(key, args, 0, runOptions);
    },
  };
};
