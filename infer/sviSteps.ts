/** The steps of SVI: compiled whole where that can be done, else in part or run by tfjs; and what becomes of one that is not finite. */
import { kindlingError } from '../core/errors.ts';
import type { NDArray } from '../core/ndarray.ts';
import { split, type Key } from '../core/random/key.ts';
import { scoped } from '../core/scope.ts';
import { flatten, mapTree } from '../core/tree.ts';
import { toNumber, toTensor, type Precision } from '../core/value.ts';
import { valueAndGrad } from '../transforms/grad.ts';
import { makeShapeCache, sameArgs, signatureOf, tensorArgs, type Signature } from './arguments.ts';
import { nonFiniteGradient, nonFiniteLoss } from './objectives/nonFinite.ts';
import type { Objective } from './objectives/objective.ts';
import { applyUpdates, type Optimizer } from './optimizers/optimizer.ts';
import { compileStep, notFinite, type CompiledStep, type StepResult } from './sviCompiled.ts';
import { compileLoss, type CompiledLoss } from './sviLoss.ts';
import type { ProblemAt, Unconstrained } from './sviRecorded.ts';
import { exactTree, type SVIState } from './sviState.ts';

type Params = SVIState['params'];

/** Steps from plain states, of arguments in the form of `exactArgs`. */
export interface Steps {
  /** One step; where it is not finite, an error, or one that leaves the parameters as they are. */
  readonly step: (state: SVIState, args: readonly unknown[], isStable: boolean) => readonly [SVIState, number];
  /** One step or more, at most `count`: their losses and the state after them, to the bits of as many steps one by one. */
  readonly advance: (state: SVIState, args: readonly unknown[], count: number, isStable: boolean) => readonly [SVIState, Float64Array];
  /** The loss of the next step. */
  readonly evaluate: (state: SVIState, args: readonly unknown[]) => number;
}

const requireParams = ({ params }: SVIState): void => {
  if (flatten(params)[0].length > 0) return;
  throw kindlingError('MissingSite', {
    message: 'neither the model nor the guide has a parameter to fit',
    remedy: 'State one with param(name, init), or use an Auto… guide',
  });
};

/** A compiled step with the state it was taken at or has led to, and the arguments: the next call is most often of these. */
interface Recent {
  readonly compiled: CompiledStep;
  readonly state: SVIState;
  readonly args: readonly unknown[];
}

const continues = (recent: Recent, { params, optState, constraints }: SVIState, args: readonly unknown[]): boolean =>
  recent.state.params === params && recent.state.optState === optState && recent.state.constraints === constraints && sameArgs(recent.args, args);

const wholeSignature = ({ params, constraints, optState }: SVIState, args: readonly unknown[]): Signature =>
  signatureOf([params, constraints, optState, ...args]);

const lossSignature = ({ params, constraints }: SVIState, args: readonly unknown[]): Signature => signatureOf([params, constraints, ...args]);

/** Makes the steps of one inference problem. They keep what was compiled for the last few shapes. */
export const makeSteps = (
  objective: Objective,
  optimizer: Optimizer,
  problemsOf: (state: SVIState, args: readonly unknown[]) => ProblemAt,
  precision: Precision = 'float64',
): Steps => {
  const wholes = makeShapeCache<CompiledStep | undefined>();
  const losses = makeShapeCache<CompiledLoss | undefined>();
  let recent: Recent | undefined;

  const compiledAt = (state: SVIState, args: readonly unknown[]): CompiledStep | undefined => {
    if (recent !== undefined && continues(recent, state, args)) return recent.compiled;
    const compiled = wholes.get(wholeSignature(state, args), () =>
      scoped(
        () => compileStep(objective, optimizer, problemsOf(state, args), state, args, precision),
        () => [],
      ),
    );
    if (compiled !== undefined) recent = { compiled, state, args };
    return compiled;
  };

  const lossAndGrad = (state: SVIState, key: Key, args: readonly unknown[]): readonly [number, Params] => {
    const compiled = losses.get(lossSignature(state, args), () => compileLoss(objective, problemsOf(state, args), state, args, precision));
    if (compiled !== undefined) return compiled(key, state.params, args);
    const problemAt = problemsOf(state, args);
    const tensors = tensorArgs(args);
    // In tensors, so that tfjs runs it: what can't be compiled may be long.
    const start = mapTree((x) => toTensor(x as NDArray), state.params) as Params;
    const [value, grads] = valueAndGrad((params: Params) => objective.loss(key, problemAt(params, tensors)))(start);
    return [toNumber(value), exactTree(grads) as Params];
  };

  /** A step of which something can't be compiled. */
  const plain = (state: SVIState, args: readonly unknown[]): StepResult => {
    const [key, stepKey] = split(state.key);
    const [loss, grads] = lossAndGrad(state, stepKey, args);
    const next = { ...state, step: state.step + 1, key };
    const wrong = notFinite(grads);
    if (!Number.isFinite(loss) || wrong.length > 0) return { loss, isGood: false, wrong, state: next };
    const [updates, optState] = optimizer.update(grads, state.optState, state.params);
    const params = exactTree(applyUpdates(state.params, updates)) as Params;
    return { loss, isGood: true, wrong, state: { ...next, params, optState: exactTree(optState) } };
  };

  const run = (state: SVIState, args: readonly unknown[], compiled: CompiledStep | undefined): StepResult => {
    if (compiled !== undefined) return compiled.run(state, args);
    try {
      return scoped(
        () => plain(state, args),
        () => [],
      );
    } catch (error) {
      // The model failed, not the compiler: it may be compiled once it is mended.
      wholes.forget(wholeSignature(state, args));
      losses.forget(lossSignature(state, args));
      throw error;
    }
  };

  const refuse = (state: SVIState, args: readonly unknown[], { loss, wrong }: StepResult): never => {
    if (Number.isFinite(loss)) throw nonFiniteGradient(wrong);
    return scoped(
      () => {
        const problemAt = problemsOf(state, args);
        const tensors = tensorArgs(args);
        throw nonFiniteLoss(loss, split(state.key)[1], objective, (params: Unconstrained) => problemAt(params, tensors), state.params);
      },
      () => [],
    );
  };

  const step: Steps['step'] = (state, args, isStable) => {
    requireParams(state);
    const compiled = compiledAt(state, args);
    const result = run(state, args, compiled);
    if (compiled !== undefined) recent = { compiled, state: result.state, args };
    return result.isGood || isStable ? [result.state, result.loss] : refuse(state, args, result);
  };

  return {
    step,
    advance: (state, args, count, isStable) => {
      requireParams(state);
      const compiled = compiledAt(state, args);
      const done = compiled?.iterate(state, args, count);
      if (compiled !== undefined && done !== undefined && done.losses.length > 0) {
        recent = { compiled, state: done.state, args };
        return [done.state, done.losses];
      }
      const [next, loss] = step(state, args, isStable);
      return [next, Float64Array.of(loss)];
    },
    evaluate: (state, args) => run(state, args, compiledAt(state, args)).loss,
  };
};
