/** The kernels of random variates by key: log-gamma, with its derivative in the shape, and what all of them share. */
import { kindlingError } from '../errors.ts';
import { threefry } from '../random/threefry.ts';
import { digamma } from '../special/gamma.ts';
import { randomGammaGrad } from '../special/gammainc.ts';
import { erfinv } from '../special/erf.ts';
import { sameShape, showShape, sizeOf } from '../shape.ts';
import { binary } from './elementwise.ts';
import { defineKernel, type Kernel, type Vjp } from './kernel.ts';

/** The random numbers of one element: each attempt takes the next block, which gives a uniform number of 44 bits and one of 18, both within (0, 1). */
export interface Attempts {
  /** Takes the block of this number. */
  readonly take: (attempt: number) => void;
  readonly uniform: () => number;
  readonly coarse: () => number;
}

/** The attempts of elements in turn. The block of attempt t of element i is threefry(key, [t, i]). */
const makeAttempts = (): { readonly attempts: Attempts; readonly start: (key0: number, key1: number, element: number) => void } => {
  const words = new Uint32Array(2);
  const of = { key0: 0, key1: 0, element: 0 };
  const take = (attempt: number): void => threefry(of.key0, of.key1, attempt, of.element, words);
  const uniform = (): number => ((words[0]! & 0xfff) * 2 ** 32 + words[1]! + 0.5) * 2 ** -44;
  const coarse = (): number => (((words[0]! >>> 12) & 0x3ffff) + 0.5) * 2 ** -18;
  return { attempts: { take, uniform, coarse }, start: (key0, key1, element) => void Object.assign(of, { key0, key1, element }) };
};

/**
 * A kernel of variates, one for each element of its parameters, which have the shape of the result. `key` is two words in int32, or those of
 * a batch of keys `[…batch, 2]`, whose axes are the first ones of the result: each key draws its part of it as if it were all.
 */
export const variateKernel = (
  name: string,
  parameters: readonly string[],
  variate: (attempts: Attempts, a: number, b: number) => number,
  vjp: Vjp | 'zero',
): Kernel =>
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
    run: (out, [key, a, b = a]) => {
      const { attempts, start } = makeAttempts();
      const perKey = sizeOf(out.shape.slice(key!.shape.length - 1));
      for (let i = 0; i < out.data.length; i++) {
        const own = 2 * Math.floor(i / perKey);
        start(key!.data[own]!, key!.data[own + 1]!, i % perKey);
        out.data[i] = variate(attempts, a!.data[i]!, b!.data[i]!);
      }
    },
    saves: { inputs: vjp !== 'zero', output: vjp !== 'zero' },
    vjp,
  });

/**
 * The logarithm of a Gamma(a, 1) variate: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), in logs. Block 0
 * gives the boost of shapes below 1; each block after it the normal and the uniform number of an attempt.
 */
const logGammaVariate = ({ take, uniform, coarse }: Attempts, a: number): number => {
  if (!(a > 0)) return a === 0 ? -Infinity : NaN;
  if (a === Infinity) return Infinity;
  // A variate of shape a is one of shape a + 1 times U^(1/a).
  if (a < 1) take(0);
  const boost = a < 1 ? Math.log(uniform()) / a : 0;
  const d = (a < 1 ? a + 1 : a) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let attempt = 1; ; attempt++) {
    take(attempt);
    const x = Math.SQRT2 * erfinv(2 * uniform() - 1);
    const v = 1 + c * x;
    if (v <= 0) continue;
    const cube = v * v * v;
    const square = x * x;
    if (coarse() < 1 - 0.0331 * square * square || Math.log(coarse()) < 0.5 * square + d * (1 - cube + Math.log(cube))) return Math.log(d * cube) + boost;
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

/** log x, x ~ Gamma(a, 1), for each element of `a`. */
export const RandomLogGamma: Kernel = variateKernel('RandomLogGamma', ['a'], logGammaVariate, (ops, { dy, inputs, output }) => [
  undefined,
  () => ops.mul(dy, ops.randomGammaGrad(inputs[1]!, output)),
]);
