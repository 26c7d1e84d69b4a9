/** Variates of continuous distributions by key, differentiable in their parameters: gamma, those made of it, and von Mises. */
import { RandomLogGamma } from '../kernels/random.ts';
import { RandomVonMises } from '../kernels/vonMises.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { makeNDArray } from '../ndarray.ts';
import * as ops from '../ops/index.ts';
import { apply } from '../ops/apply.ts';
import { broadcastShapes, checkShape, type Shape } from '../shape.ts';
import { asArray, type AnyArray, type Input, type Out, type Out2 } from '../value.ts';
import { normal } from './draws.ts';
import { keyData, keyWords, oneKey, split, type Key } from './key.ts';
import { isRecording } from './traced.ts';

/** A key in the form in which kernels take it: its words, which tensors hold exactly as int32 alone. */
const kernelKey = (key: Key): AnyArray =>
  isRecording()
    ? keyWords(oneKey(key))
    : makeNDArray(
        Float64Array.from(keyData(key), (word) => word | 0),
        [2],
        'int32',
      );

/** A variate of a kernel for each element of `shape`, to which the parameters broadcast; by default the shape to which they broadcast together. */
export const drawVariates = (kernel: Kernel, key: Key, parameters: readonly Input[], shape?: Shape): AnyArray => {
  const arrays = parameters.map(asArray);
  const full = shape ?? broadcastShapes(...arrays.map((x) => x.shape));
  return apply(kernel, [kernelKey(key), ...arrays.map((x) => ops.broadcastTo(x, full))]);
};

/** The logarithm of Gamma(a, 1) variates, which does not underflow at small shapes. Differentiable in `a`. */
export const logGamma = <A extends Input>(key: Key, a: A, shape?: Shape): Out<A> => drawVariates(RandomLogGamma, key, [a], shape) as Out<A>;

/** Gamma(a, 1) variates of any shape a > 0, differentiable in `a`. */
export const gamma = <A extends Input>(key: Key, a: A, shape?: Shape): Out<A> => ops.exp(logGamma(key, a, shape)) as Out<A>;

/**
 * Chi-square variates of `df` > 0 degrees of freedom, 2 Gamma(df / 2): differentiable in `df`.
 *
 * @example
 * random.chisquare(random.PRNGKey(0), 4, [2]).shape; // [2]
 */
export const chisquare = <D extends Input>(key: Key, df: D, shape?: Shape): Out<D> => ops.mul(2, gamma(key, ops.mul(0.5, asArray(df)), shape)) as Out<D>;

/** log x and log(1 − x), x ~ Beta(a, b), from two gamma variates in logs. */
export const logBeta = (key: Key, a: Input, b: Input, shape?: Shape): readonly [logX: AnyArray, log1mX: AnyArray] => {
  const full = shape ?? broadcastShapes(asArray(a).shape, asArray(b).shape);
  const [forA, forB] = split(key);
  const [p, q] = [logGamma(forA, asArray(a), full), logGamma(forB, asArray(b), full)];
  const total = ops.logAddExp(p, q);
  return [ops.sub(p, total), ops.sub(q, total)];
};

/** Beta(a, b) variates, differentiable in both. */
export const beta = <A extends Input, B extends Input>(key: Key, a: A, b: B, shape?: Shape): Out2<A, B> => ops.exp(logBeta(key, a, b, shape)[0]) as Out2<A, B>;

/**
 * The logarithms of Dirichlet variates, which do not underflow at small concentrations: of gamma variates in logs, along the last axis.
 *
 * @param concentration - `[…batch, k]`, positive
 * @param shape - ends with the batch shape, which is the default; the result is `[…shape, k]`
 */
export const logDirichlet = <C extends Input>(key: Key, concentration: C, shape?: Shape): Out<C> => {
  const array = asArray(concentration);
  const lead = shape ?? array.shape.slice(0, -1);
  checkShape('the draws of dirichlet', lead);
  const full = [...lead, array.shape.at(-1)!];
  return ops.logSoftmax(logGamma(key, array, full), -1) as Out<C>;
};

/**
 * Dirichlet variates, differentiable in the concentration `[…batch, k]`; `shape` ends with the batch shape.
 *
 * @example
 * random.dirichlet(random.PRNGKey(0), [0.5, 1, 2], [4]).shape; // [4, 3]
 */
export const dirichlet = <C extends Input>(key: Key, concentration: C, shape?: Shape): Out<C> => ops.exp(logDirichlet(key, concentration, shape)) as Out<C>;

/**
 * Variates of Student’s t distribution of `df` > 0 degrees of freedom, a normal over the root of a chi-square over `df`: differentiable in `df`,
 * and normal at Infinity.
 *
 * @example
 * random.studentT(random.PRNGKey(0), [2, 30]).shape; // [2]
 */
export const studentT = <D extends Input>(key: Key, df: D, shape?: Shape): Out<D> => {
  const array = asArray(df);
  const full = shape ?? array.shape;
  const [forNormal, forGamma] = split(key);
  const isNormal = ops.equal(array, Infinity);
  const half = ops.mul(0.5, ops.where(isNormal, 1, array));
  // In logs: at a df near 0 the gamma variate underflows.
  const logScale = ops.mul(0.5, ops.sub(ops.log(half), logGamma(forGamma, half, full)));
  return ops.mul(normal(forNormal, full), ops.exp(ops.where(isNormal, 0, logScale))) as Out<D>;
};

/**
 * Variates of VonMises(0, κ) in (−π, π), differentiable in the concentration κ ≥ 0: uniform at 0, ever closer to Normal(0, κ^−½) above.
 *
 * Best and Fisher, "Efficient simulation of the von Mises distribution" (1979); derivative: Figurnov, Mohamed, Mnih (2018).
 *
 * @example
 * random.vonMises(random.PRNGKey(0), [0, 1e8]).shape; // [2]
 */
export const vonMises = <C extends Input>(key: Key, concentration: C, shape?: Shape): Out<C> =>
  drawVariates(RandomVonMises, key, [concentration], shape) as Out<C>;
