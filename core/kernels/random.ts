/** The kernels of random draws whose gradient with respect to a parameter is defined: log-gamma variates. */
import { kindlingError } from '../errors.ts';
import { threefry, unit52 } from '../random/threefry.ts';
import { digamma } from '../special/gamma.ts';
import { randomGammaGrad } from '../special/gammainc.ts';
import { ndtri } from '../special/erf.ts';
import { sameShape, showShape, sizeOf } from '../shape.ts';
import { binary } from './elementwise.ts';
import { defineKernel, type Kernel } from './kernel.ts';

/**
 * The logarithm of a Gamma(a, 1) variate: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), in logs.
 * Each block of the stream of one element's key gives one number: block 0 the boost of shapes below 1, then a normal and a uniform for each try.
 */
const logGammaVariate = (key0: number, key1: number, a: number): number => {
  if (!(a > 0)) return a === 0 ? -Infinity : NaN;
  if (a === Infinity) return Infinity;
  const block = new Uint32Array(2);
  const uniform = (counter: number): number => {
    threefry(key0, key1, 0, counter, block);
    return unit52(block[0]!, block[1]!) + 2 ** -53;
  };
  // A variate of shape a is one of shape a + 1 times U^(1/a).
  const boost = a < 1 ? Math.log(uniform(0)) / a : 0;
  const d = (a < 1 ? a + 1 : a) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let counter = 1; ; counter += 2) {
    const x = ndtri(uniform(counter));
    const v = 1 + c * x;
    if (v <= 0) continue;
    const logV = 3 * Math.log(v);
    if (Math.log(uniform(counter + 1)) < 0.5 * x * x + d * (1 - v * v * v + logV)) return Math.log(d) + logV + boost;
  }
};

/** Below this the incomplete gamma function is its leading term to double precision. */
const LEADING_TERM_BELOW = -40;

/** d log x / d a at a fixed quantile, for x ~ Gamma(a, 1): implicit differentiation, Figurnov, Mohamed, Mnih (2018), eq. 5. */
export const logGammaVariateGrad = (a: number, logX: number): number => {
  // P(a, x) ≈ x^a / Γ(a + 1), so that log x = (log P + log Γ(a + 1)) / a.
  if (logX < LEADING_TERM_BELOW) return (digamma(a + 1) - logX) / a;
  const x = Math.exp(logX);
  return randomGammaGrad(a, x) / x;
};

/** `logGammaVariateGrad` of broadcast arrays. It has no derivative of its own, as in JAX. */
export const RandomGammaGrad: Kernel = binary(
  'RandomGammaGrad',
  logGammaVariateGrad,
  () => {
    throw kindlingError('Unsupported', { message: 'gamma variates can be differentiated once, not twice' });
  },
  'float',
);

/**
 * log x, x ~ Gamma(a, 1), for each element of `a`, which has the shape of the result. `key` is two words in int32, or those of a batch of
 * keys `[…batch, 2]`, whose axes are the first ones of `a`: each key draws its part of `a` as if it were all.
 */
export const RandomLogGamma: Kernel = defineKernel({
  name: 'RandomLogGamma',
  inputs: ['key', 'a'],
  shape: ([key, a]) => {
    const batch = key!.shape.slice(0, -1);
    if (!sameShape(batch, a!.shape.slice(0, batch.length))) {
      throw kindlingError('InvalidShape', {
        message: 'a batch of keys draws for arrays whose first axes are those of the batch',
        given: `keys ${showShape(batch)} for ${showShape(a!.shape)}`,
      });
    }
    return { shape: a!.shape, dtype: 'float' };
  },
  cast: () => ['int32', 'float'],
  run: (out, [key, a]) => {
    const words = new Uint32Array(2);
    const perKey = sizeOf(out.shape.slice(key!.shape.length - 1));
    for (let i = 0; i < out.data.length; i++) {
      const own = 2 * Math.floor(i / perKey);
      threefry(key!.data[own]!, key!.data[own + 1]!, 0, i % perKey, words);
      out.data[i] = logGammaVariate(words[0]!, words[1]!, a!.data[i]!);
    }
  },
  saves: { inputs: true, output: true },
  vjp: (ops, { dy, inputs, output }) => [undefined, () => ops.mul(dy, ops.randomGammaGrad(inputs[1]!, output))],
});
