/** The states of a linear process with Gaussian innovations. */
import { realMatrix, realVector } from '../../constraints/index.ts';
import { recursiveLinear } from '../../bijectors/linear.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import type { AnyArray } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { namedParts } from '../combinators/parts.ts';
import type { Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor } from '../family.ts';
import { arraysOf, byFactor, byInverse, byMatrix, checkFit, exactlyOne, logDiagonal, sizePart, timesVector, type CovarianceForm } from './forms.ts';

const { add, cumsum, expandDims, matMul, mul, pad, shift, square, stack, sub, sum, transposeMatrix, triangularSolve } = ops;

type Form = 'covarianceMatrix' | 'precisionMatrix' | 'scaleTril';
const forms: Readonly<Record<Form, CovarianceForm>> = { covarianceMatrix: byMatrix, precisionMatrix: byInverse, scaleTril: byFactor };

type Params = Readonly<Record<string, AnyArray>>;

const stateSize = (params: Params): number => params['transitionMatrix']!.shape.at(-1)!;

const row = (numSteps: number, form: Form): Constructor<string> => {
  const factor = (params: Params): AnyArray => forms[form].factor(params[form]!);
  /** A z₀ in the first of the steps, 0 in the others. */
  const start = (params: Params): AnyArray => {
    const n = stateSize(params);
    const { initialValue, transitionMatrix } = params as { readonly initialValue: AnyArray; readonly transitionMatrix: AnyArray };
    const z = ops.broadcastTo(initialValue, [...initialValue.shape.slice(0, -1), n]);
    const first = expandDims(timesVector(transitionMatrix, z), -2);
    return pad(
      first,
      first.shape.map((_, axis) => (axis === first.shape.length - 2 ? ([0, numSteps - 1] as const) : ([0, 0] as const))),
    );
  };
  const states = (params: Params, innovations: AnyArray): AnyArray => recursiveLinear(params['transitionMatrix']!).forward(innovations);
  return defineDistribution<string>({
    name: 'GaussianStateSpace',
    params: {
      transitionMatrix: { constraint: realMatrix },
      [form]: { constraint: forms[form].constraint },
      initialValue: { constraint: realVector, default: ops.zeros([1]) },
    },
    support: realMatrix,
    eventShape: (params) => {
      const n = stateSize(params);
      const fits = params['transitionMatrix']!.shape.at(-2) === n && params[form]!.shape.at(-1) === n && [1, n].includes(params['initialValue']!.shape.at(-1)!);
      checkFit('GaussianStateSpace', fits, params);
      return [numSteps, n];
    },
    isReparameterized: true,
    sample: (params, key, shape) => {
      const innovations = matMul(normal(key, [...shape, numSteps, stateSize(params)]), factor(params), false, true);
      return states(params, add(innovations, start(params)));
    },
    logProb: (params, x) => {
      const innovations = sub(sub(x, matMul(shift(x, -2, 1), params['transitionMatrix']!, false, true)), start(params));
      const l = factor(params);
      const standard = triangularSolve(l, transposeMatrix(innovations));
      return sub(mul(-0.5, sum(square(standard), [-2, -1])), mul(numSteps, add(logDiagonal(l), stateSize(params) * HALF_LOG_2PI)));
    },
    mean: (params) => states(params, start(params)),
    variance: (params) => {
      // After t steps Σ_k A^k Q (A^k)ᵀ over k < t.
      const spread = [factor(params)];
      for (let k = 1; k < numSteps; k++) spread.push(matMul(params['transitionMatrix']!, spread[k - 1]!));
      const shape = spread.at(-1)!.shape;
      const rows = spread.map((s) => sum(square(ops.broadcastTo(s, shape)), -1));
      return cumsum(stack(rows, -2), -2);
    },
    entropy: (params) => mul(numSteps, add(logDiagonal(factor(params)), stateSize(params) * (HALF_LOG_2PI + 0.5))),
  });
};

const names = ['numSteps', 'transitionMatrix', 'covarianceMatrix', 'precisionMatrix', 'scaleTril', 'initialValue'] as const;

/**
 * GaussianStateSpace(numSteps, transitionMatrix, covarianceMatrix): z_t = A z_{t−1} + ε_t for t = 1 … numSteps, ε_t ~ Normal(0, Q):
 * f(z) = ∏ Normal(z_t; A z_{t−1}, Q).
 *
 * @param numSteps - how many states, a whole number
 * @param transitionMatrix - A, `[…, n, n]`
 * @param covarianceMatrix - Q, `[…, n, n]`, symmetric positive definite; or
 * @param precisionMatrix - Q⁻¹; or
 * @param scaleTril - the lower Cholesky factor of Q; exactly one of the three
 * @param initialValue - z_0, `[…, n]`; 0 by default
 * @throws InvalidShape where the matrices do not fit; InvalidArgument for a number of steps that is none
 * @see Durbin, Koopman, Time Series Analysis by State Space Methods, ch. 3
 * @example
 * dist.GaussianStateSpace({ numSteps: 2, transitionMatrix: [[0.5]], scaleTril: [[1]] }).variance; // [[1], [1.25]]
 */
export const GaussianStateSpace: Constructor<(typeof names)[number]> = (...args: readonly unknown[]): Distribution => {
  const { numSteps, ...given } = namedParts('GaussianStateSpace', names, args);
  const form = exactlyOne('GaussianStateSpace', Object.keys(forms) as Form[], given);
  return row(sizePart('GaussianStateSpace', 'numSteps', numSteps, 1), form)(arraysOf(given));
};
