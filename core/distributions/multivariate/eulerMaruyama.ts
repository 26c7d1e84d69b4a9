/** The path of a stochastic differential equation by the method of Euler and Maruyama. */
import { independent, orderedVector, real } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { normal } from '../../random/draws.ts';
import { split } from '../../random/key.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { HALF_LOG_2PI } from '../constants.ts';
import { addAxes } from '../axes.ts';
import { commonBatch, distributionPart, namedParts } from '../combinators/parts.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { checkParam } from '../family.ts';

const { add, concat, div, expandDims, log, mul, slice, sqrt, square, sub, sum } = ops;

/**
 * The drift and the diffusion at states `[…, steps, ...event]` and at times that broadcast against them: of many states at once, whose
 * components are taken from the last axes (`ops.unstack(x, -1)`). Coefficients of a batch have an axis of extent 1 for the steps.
 */
export type SdeFn = (state: AnyArray, time: AnyArray) => readonly [drift: Input, diffusion: Input];

/** How `EulerMaruyama` is called. */
export interface EulerMaruyamaConstructor {
  (params: { readonly t: Input; readonly sdeFn: SdeFn; readonly initDist: Distribution }): Distribution;
  (t: Input, sdeFn: SdeFn, initDist: Distribution): Distribution;
}

/** `count` places of an axis from `start`. */
const part = (x: AnyArray, axis: number, start: number, count: number): AnyArray =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? start : 0)),
    x.shape.map((extent, i) => (i === axis ? count : extent)),
  );

const unknownMoment = (): AnyArray => ops.fill([], NaN);

/**
 * EulerMaruyama(t, sdeFn, initDist): x_0 from initDist, and x_{k+1} ~ Normal(x_k + f Δt, g √Δt) with [f, g] = sdeFn(x_k, t_k), the
 * discretised path of dx = f dt + g dW. Its mean and variance are NaN: they have no closed form.
 *
 * @param t - times that increase, `[…, T]`
 * @param sdeFn - gives drift and diffusion (positive) for states and times; it is called with many states at once
 * @param initDist - the distribution of the first state
 * @throws InvalidParameter for times that do not increase
 * @see Kloeden, Platen, Numerical Solution of Stochastic Differential Equations, sec. 9.1
 * @example
 * const ou = dist.EulerMaruyama([0, 0.5, 1], (x) => [ops.neg(x), 1], dist.Normal(0, 1));
 * ou.logProb([0, 0, 0]); // -2.06366841905407
 */
export const EulerMaruyama: EulerMaruyamaConstructor = (...args: readonly unknown[]): Distribution => {
  const given = namedParts('EulerMaruyama', ['t', 'sdeFn', 'initDist'], args);
  const init = distributionPart('EulerMaruyama', 'initDist', given['initDist']);
  const { t, sdeFn } = given as { readonly t?: Input; readonly sdeFn?: SdeFn };
  if (t === undefined || typeof sdeFn !== 'function') {
    throw kindlingError('InvalidArgument', { message: 'EulerMaruyama needs times t and a function sdeFn', remedy: 'For example (x, t) => [ops.neg(x), 1]' });
  }
  const times = asArray(t);
  checkParam('EulerMaruyama', 't', times, orderedVector);
  const count = times.shape.at(-1)!;
  const batchShape = commonBatch('EulerMaruyama', { t: times.shape.slice(0, -1), initDist: init.batchShape });
  const eventShape = [count, ...init.eventShape];
  const rank = init.eventShape.length;
  /** Where the states of `steps` successive times, the first of index k, go from there. */
  const transition = (state: AnyArray, k: number, steps: number): { readonly mean: AnyArray; readonly scale: AnyArray } => {
    const time = part(times, times.shape.length - 1, k, steps);
    const gap = addAxes(sub(part(times, times.shape.length - 1, k + 1, steps), time), rank);
    const [drift, diffusion] = sdeFn(state, addAxes(time, rank));
    return { mean: add(state, mul(gap, drift)), scale: mul(sqrt(gap), diffusion) };
  };
  return makeDistribution({
    name: 'EulerMaruyama',
    params: { t: times, sdeFn, initDist: init },
    batchShape,
    eventShape,
    support: independent(real, eventShape.length),
    isReparameterized: init.isReparameterized,
    draw: (key, shape) => {
      const [forNoise, forInit] = split(key);
      const noise = normal(forNoise, [...shape, count - 1, ...init.eventShape]);
      const states = [expandDims(init.expand(shape).sample(forInit), shape.length)];
      for (let k = 0; k < count - 1; k++) {
        const { mean, scale } = transition(states[k]!, k, 1);
        states.push(add(mean, mul(scale, part(noise, shape.length, k, 1))));
      }
      return concat(states, shape.length);
    },
    logProb: (x) => {
      const axis = x.shape.length - eventShape.length;
      const { mean, scale } = transition(part(x, axis, 0, count - 1), 0, count - 1);
      const next = part(x, axis, 1, count - 1);
      const density = sub(mul(-0.5, square(div(sub(next, mean), scale))), add(log(scale), HALF_LOG_2PI));
      const axes = eventShape.map((_, i) => i - eventShape.length);
      return add(init.logProb(ops.squeeze(part(x, axis, 0, 1), axis)), sum(density, axes));
    },
    mean: unknownMoment,
    variance: unknownMoment,
  });
};
