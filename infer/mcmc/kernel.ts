/** Kernels: HMC and NUTS as pure functions from state to state, and the problem that they make of a model at its data. */
import { kindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { keyData, split, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { isTensor, toNDArray, type Precision } from '../../core/value.ts';
import { mapTree } from '../../core/tree.ts';
import type { InitFn } from '../../transforms/handlers/init.ts';
import { exactArgs, sameSignature, signatureOf, type Args, type Signature } from '../arguments.ts';
import { arraysOf } from '../compiledFunction.ts';
import { initToUniform } from '../initialization.ts';
import { makeChain, type Chain } from './chain.ts';
import { inverseMassOf, type InverseMass } from './inverseMass.ts';
import { makeProblem, sameNumbers, type DenseMass, type Problem } from './problem.ts';
import type { ChainSettings } from './settings.ts';
import { findStart } from './start.ts';
import { asState, type HMCState } from './state.ts';

/** What HMC and NUTS have in common. */
export interface KernelOptions {
  /** Of the first transition; 1. Without adaptation, of all. */
  readonly stepSize?: number | undefined;
  /** The average acceptance probability that the warmup aims at; 0.8. */
  readonly targetAcceptProb?: number | undefined;
  readonly adaptStepSize?: boolean | undefined;
  readonly adaptMassMatrix?: boolean | undefined;
  /** `false` for a variance of each unconstrained coordinate, `true` for a covariance of all, or lists of sites that have one together. */
  readonly denseMass?: DenseMass | undefined;
  /** The inverse mass matrix to start from: variances `[dim]`, a covariance `[dim, dim]`, or either by sites, as in `{ 'x,y': matrix }`. */
  readonly inverseMassMatrix?: InverseMass | undefined;
  /** Whether the first step size, and that after each change of the metric, is sought by doubling and halving; `false`. */
  readonly findHeuristicStepSize?: boolean | undefined;
  /** Whether estimated covariances are drawn towards 10⁻³ · identity; `true`. */
  readonly regularizeMassMatrix?: boolean | undefined;
  /**
   * `'float64'` by default. With `'float32'` the leapfrog keeps large data in single precision and multiplies them in it, as `jit` does: on
   * a regression of many rows a step takes two thirds of the time, and energies are off by about 1e-7 of their size.
   */
  readonly precision?: Precision | undefined;
  /** Where chains start; uniform in (−2, 2) on the unconstrained scale. */
  readonly initStrategy?: InitFn | undefined;
}

export interface NUTSOptions extends KernelOptions {
  /** The most doublings of a trajectory, which then has 2^depth − 1 steps; 10. Two numbers for the warmup and after it. */
  readonly maxTreeDepth?: number | readonly [warmup: number, sampling: number] | undefined;
  /** Also check whether one half of a trajectory and the nearest point of the other turn, as Stan does from 2.21 on; `false`. */
  readonly extraTurningChecks?: boolean | undefined;
}

export interface HMCOptions extends KernelOptions {
  /** How far a trajectory goes, in units of position over √mass; 2π. */
  readonly trajectoryLength?: number | undefined;
  /** So many steps in every trajectory, in place of a length. */
  readonly numSteps?: number | undefined;
}

/** A problem with a chain of this thread, and what starts others. */
export interface Prepared {
  readonly problem: Problem;
  readonly settings: ChainSettings;
  /** The one chain of this thread: whoever uses it loads a state first. */
  readonly chain: Chain;
  /** The state of a chain before its first transition. */
  readonly start: (key: Key, numWarmup: number) => HMCState;
}

/** A Markov kernel. */
export interface MCMCKernel<A extends readonly unknown[]> {
  readonly name: 'HMC' | 'NUTS';
  /** A state before the first transition; the first `numWarmup` transitions adapt. */
  readonly init: (key: Key, numWarmup: number, args: Args<A>) => HMCState;
  /** One transition. The state it is given stays as it is. */
  readonly sample: (state: HMCState, args: Args<A>) => HMCState;
  /** What MCMC runs chains of. */
  readonly prepare: (args: Args<A>) => Prepared;
}

const invalid = (message: string, given: unknown, expected: string): Error => kindlingError('InvalidArgument', { message, given: String(given), expected });

const checkPositive = (name: string, x: number): void => {
  if (typeof x !== 'number' || !(x > 0 && x < Infinity)) throw invalid(`${name} must be positive`, x, 'a finite number above 0');
};

const checkWhole = (name: string, x: number, most: number): void => {
  if (!Number.isInteger(x) || x < 1 || x > most) throw invalid(`${name} must be a whole number`, x, `1 to ${most}`);
};

const checkCommon = ({ stepSize = 1, targetAcceptProb = 0.8, initStrategy, denseMass = false, precision = 'float64' }: KernelOptions): void => {
  if (precision !== 'float64' && precision !== 'float32') throw invalid('a leapfrog computes in one of two precisions', precision, 'float64 or float32');
  if (initStrategy !== undefined && typeof initStrategy !== 'function') {
    throw invalid('initStrategy says where a site starts', initStrategy, 'a strategy such as initToMedian(), or a function of a site');
  }
  if (typeof denseMass !== 'boolean' && !(Array.isArray(denseMass) && denseMass.every(Array.isArray))) {
    throw invalid('denseMass says which sites have a covariance together', JSON.stringify(denseMass), "true, false, or lists of sites: [['a', 'b'], ['c']]");
  }
  checkPositive('stepSize', stepSize);
  if (!(targetAcceptProb > 0 && targetAcceptProb < 1)) throw invalid('targetAcceptProb is a probability', targetAcceptProb, 'a number between 0 and 1');
};

/** Problems for the last few arguments. */
const KEPT = 4;

interface Entry {
  readonly signature: Signature;
  readonly arrays: ReturnType<typeof arraysOf>;
  readonly prepared: Prepared;
}

/** Makes a kernel of settings that know the problem last. */
const makeKernel = <A extends readonly unknown[]>(
  name: 'HMC' | 'NUTS',
  model: Model<A>,
  options: KernelOptions,
  own: Pick<ChainSettings, 'maxTreeDepth' | 'extraTurningChecks' | 'trajectoryLength' | 'numSteps'>,
): MCMCKernel<A> => {
  if (typeof model !== 'function') {
    throw kindlingError('InvalidArgument', { message: `${name} takes a model`, given: typeof model, remedy: `For example ${name}(model)` });
  }
  checkCommon(options);
  const { stepSize = 1, targetAcceptProb = 0.8, adaptStepSize = true, adaptMassMatrix = true, denseMass = false } = options;
  const { findHeuristicStepSize = false, regularizeMassMatrix = true, initStrategy = initToUniform(), precision = 'float64' } = options;
  const anyModel = model as unknown as Model;
  let entries: readonly Entry[] = [];

  const make = (args: readonly unknown[]): Prepared => {
    const tree = name === 'NUTS' ? { depthLimit: Math.max(...own.maxTreeDepth), extraChecks: own.extraTurningChecks } : undefined;
    const problem = makeProblem(anyModel, args, denseMass, precision, tree);
    const settings: ChainSettings = {
      algorithm: name,
      metric: problem.metric,
      precision,
      stepSize,
      targetAcceptProb,
      adaptStepSize,
      adaptMassMatrix,
      findHeuristicStepSize,
      regularizeMassMatrix,
      ...own,
    };
    const inverseMass = options.inverseMassMatrix === undefined ? undefined : inverseMassOf(options.inverseMassMatrix, problem);
    const chain = makeChain(problem.step, settings);
    const start = (key: Key, numWarmup: number): HMCState => {
      const [initKey, chainKey] = split(key);
      const z = findStart(anyModel, args, problem.latents, initStrategy, initKey, chain.dynamics);
      chain.start(keyData(chainKey), numWarmup, z, inverseMass);
      return chain.save();
    };
    return { problem, settings, chain, start };
  };

  const prepare = (given: readonly unknown[]): Prepared => {
    if (!Array.isArray(given)) {
      throw kindlingError('InvalidArgument', {
        message: `${name} takes the arguments of the model as a list`,
        given: given === undefined ? 'nothing' : 'one value',
        remedy: 'Write [x, y], or [] for a model without arguments',
      });
    }
    // Tensors are read once: what is compiled holds their numbers.
    const args = exactArgs(given).map((arg) => mapTree((leaf) => (isTensor(leaf) ? toNDArray(leaf) : leaf), arg));
    const [signature, arrays] = [signatureOf(args), arraysOf(args)];
    const found = entries.find((entry) => sameSignature(entry.signature, signature) && sameNumbers(entry.arrays, arrays));
    const prepared = found?.prepared ?? make(args);
    entries = [{ signature, arrays, prepared }, ...entries.filter((entry) => entry !== found)].slice(0, KEPT);
    return prepared;
  };

  return {
    name,
    prepare: (args) => prepare(args),
    init: (key, numWarmup, args) => {
      if (!Number.isInteger(numWarmup) || numWarmup < 0) throw invalid('numWarmup counts transitions', numWarmup, 'a whole number from 0');
      return prepare(args).start(key, numWarmup);
    },
    sample: (state, args) => {
      const { chain, problem } = prepare(args);
      chain.load(asState(state, problem.metric));
      chain.step();
      return chain.save();
    },
  };
};

const COMMON: readonly (keyof KernelOptions)[] = [
  'stepSize',
  'targetAcceptProb',
  'adaptStepSize',
  'adaptMassMatrix',
  'denseMass',
  'inverseMassMatrix',
  'findHeuristicStepSize',
  'regularizeMassMatrix',
  'precision',
  'initStrategy',
];

/** A depth beyond this would be a trajectory of more than a million steps. */
const DEEPEST = 20;

/**
 * The No-U-Turn sampler: Hamiltonian Monte Carlo whose trajectories double until they turn back, with multinomial sampling from the trajectory.
 * Step size and mass matrix adapt during the warmup, in Stan's windows.
 *
 * @param model - a function of the data whose latent sites are all continuous
 * @throws InvalidArgument for an option that makes no sense; Unsupported for a discrete latent site, from `init` on
 * @see Hoffman, Gelman, "The No-U-Turn sampler" (2014); Betancourt, "A conceptual introduction to Hamiltonian Monte Carlo" (2017)
 * @example
 * const model = () => sample('x', dist.Normal(3, 1));
 * const kernel = NUTS(model, { targetAcceptProb: 0.9 });
 * const state = kernel.init(random.PRNGKey(0), 100, []);
 * kernel.sample(state, []).i; // 1
 */
export const NUTS = <A extends readonly unknown[]>(model: Model<A>, options: NUTSOptions = {}): MCMCKernel<A> => {
  checkOptions('NUTS', options, [...COMMON, 'maxTreeDepth', 'extraTurningChecks']);
  const { maxTreeDepth = 10, extraTurningChecks = false } = options;
  const depths = typeof maxTreeDepth === 'number' ? ([maxTreeDepth, maxTreeDepth] as const) : maxTreeDepth;
  if ((depths as unknown) === null || depths.length !== 2) throw invalid('maxTreeDepth is one number, or two', depths, '[warmup, sampling]');
  for (const depth of depths) checkWhole('maxTreeDepth', depth, DEEPEST);
  return makeKernel('NUTS', model, options, { maxTreeDepth: depths, extraTurningChecks, trajectoryLength: 2 * Math.PI, numSteps: undefined });
};

/**
 * Hamiltonian Monte Carlo with trajectories of a fixed length, or of a fixed number of steps.
 *
 * @param model - a function of the data whose latent sites are all continuous
 * @throws InvalidArgument for an option that makes no sense; Unsupported for a discrete latent site, from `init` on
 * @see Neal, "MCMC using Hamiltonian dynamics" (2011)
 * @example
 * const model = () => sample('x', dist.Normal(3, 1));
 * const kernel = HMC(model, { numSteps: 10, stepSize: 0.1, adaptStepSize: false });
 * kernel.sample(kernel.init(random.PRNGKey(0), 0, []), []).numSteps; // 10
 */
export const HMC = <A extends readonly unknown[]>(model: Model<A>, options: HMCOptions = {}): MCMCKernel<A> => {
  checkOptions('HMC', options, [...COMMON, 'trajectoryLength', 'numSteps']);
  const { trajectoryLength = 2 * Math.PI, numSteps } = options;
  checkPositive('trajectoryLength', trajectoryLength);
  if (numSteps !== undefined) {
    checkWhole('numSteps', numSteps, 2 ** 20);
    if (options.trajectoryLength !== undefined) {
      throw kindlingError('InvalidArgument', { message: 'numSteps and trajectoryLength both say how long a trajectory is', remedy: 'Pass one of them' });
    }
  }
  return makeKernel('HMC', model, options, { maxTreeDepth: [1, 1], extraTurningChecks: false, trajectoryLength, numSteps });
};
