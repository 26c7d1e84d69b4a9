/** The kernels of random variates by key: log-gamma, with its derivative in the shape, and what all of them share. */
import { kindlingError } from '../errors.ts';
import { runOver } from '../loop/columnFunctions.ts';
import type { ScalarFunction } from '../loop/expression.ts';
import { logGammaVariateGrad } from '../loop/functions/gammaincSlope.ts';
import { logGammaVariate } from '../loop/functions/logGammaVariate.ts';
import { sameShape, showShape, sizeOf } from '../shape.ts';
import { binary, code } from './elementwise.ts';
import { defineKernel, type Kernel, type Vjp } from './kernel.ts';

/**
 * A kernel of variates, which are a function of the words of a key, the place of an element and its parameters: one for each element of its parameters, which have the shape of the result. `key` is two words in int32, or those of
 * a batch of keys `[…batch, 2]`, whose axes are the first ones of the result: each key draws its part of it as if it were all.
 */
export const variateKernel = (name: string, parameters: readonly string[], variate: ScalarFunction, vjp: Vjp | 'zero'): Kernel =>
  defineKernel({
    name,
    inputs: ['key', ...parameters],
    shape: ([key, ...rest]) => {
      const { shape } = rest[0]!;
      const batch = key!.shape.slice(0, -1);
      if (!sameShape(batch, shape.slice(0, batch.length)) || rest.some((parameter) => !sameShape(parameter.shape, shape))) {
        throw kindlingError('InvalidShape', {
          message: 'a batch of keys draws for parameters of one shape whose first axes are those of the batch',
          given: `keys ${showShape(batch)} for ${rest.map((parameter) => showShape(parameter.shape)).join(' and ')}`,
        });
      }
      return { shape, dtype: 'float' };
    },
    cast: () => ['int32', ...parameters.map(() => 'float' as const)],
    run: (out, [key, ...given]) => {
      const perKey = sizeOf(out.shape.slice(key!.shape.length - 1));
      runOver(variate, out.data, ([key0, key1, index, ...own], begin, count) => {
        for (let i = 0; i < count; i++) {
          const at = 2 * Math.floor((begin + i) / perKey);
          key0!.f[i] = key!.data[at]!;
          key1!.f[i] = key!.data[at + 1]!;
          index!.f[i] = (begin + i) % perKey;
          for (let p = 0; p < given.length; p++) own[p]!.f[i] = given[p]!.data[begin + i]!;
        }
      });
    },
    saves: { inputs: vjp !== 'zero', output: vjp !== 'zero' },
    vjp,
  });

/** d log x / d a at a fixed quantile, for log x ~ log Gamma(a, 1), from a and log x. It has no derivative of its own, as in JAX. */
export const RandomGammaGrad: Kernel = binary(
  'RandomGammaGrad',
  code(logGammaVariateGrad),
  () => {
    throw kindlingError('Unsupported', { message: 'gamma variates can be differentiated once, not twice' });
  },
  'float',
);

/** log x, x ~ Gamma(a, 1), for each element of `a`. */
export const RandomLogGamma: Kernel = variateKernel('RandomLogGamma', ['a'], logGammaVariate, (ops, { dy, inputs, output }) => [
  undefined,
  () => ops.mul(dy, ops.randomGammaGrad(inputs[1]!, output)),
]);
