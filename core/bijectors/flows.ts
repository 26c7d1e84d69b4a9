/** The bijectors whose shift and scale are networks of their argument: inverse autoregressive flow and affine coupling. */
import { realVector } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { showShape } from '../shape.ts';
import type { AnyArray, Input } from '../value.ts';
import { makeBijector, type Bijector } from './bijector.ts';
import { cutLast } from './layout.ts';

/** From vectors `[…, n]` to `[mean, logScale]`: the mean and the logarithm of the scale of what they condition, `[…, m]` each. */
export type Conditioner = (x: AnyArray) => readonly AnyArray[];

/** How a network's scales are bounded, and what it is made of. */
export interface AutoregressiveOptions {
  /** The least logarithm of a scale; −5, as in NumPyro. */
  readonly logScaleMinClip?: number | undefined;
  /** The largest logarithm of a scale; 3. */
  readonly logScaleMaxClip?: number | undefined;
  /** The arrays that the network is made of, so that what holds this bijector can see them. */
  readonly params?: unknown;
}

/** Clips the values and lets gradients pass as if it did not: a scale that has reached its bound can still return. */
const clipWithGradient = (x: AnyArray, low: number, high: number): AnyArray => ops.add(x, ops.stopGradient(ops.sub(ops.clipByValue(x, low, high), x)));

type Clipped = (x: AnyArray) => readonly [mean: AnyArray, logScale: AnyArray];

const clippedNet = (net: Conditioner, { logScaleMinClip = -5, logScaleMaxClip = 3 }: AutoregressiveOptions): Clipped => {
  if (!(logScaleMinClip <= logScaleMaxClip)) {
    throw kindlingError('InvalidArgument', {
      message: 'the bounds of the log-scale are in the wrong order',
      given: `${logScaleMinClip} and ${logScaleMaxClip}`,
    });
  }
  return (x) => {
    const [mean, logScale] = net(x);
    if (mean === undefined || logScale === undefined) {
      throw kindlingError('InvalidArgument', { message: 'the network of a flow gives two arrays, a mean and a log-scale', given: 'fewer' });
    }
    return [mean, clipWithGradient(logScale, logScaleMinClip, logScaleMaxClip)];
  };
};

/**
 * y = x · exp(s(x)) + m(x), where element i of m and s depends on x_0 … x_{i−1} alone: inverse autoregressive flow, Kingma et al.,
 * "Improving Variational Inference with Inverse Autoregressive Flow" (2016), eq. 14, with the scale as NumPyro's InverseAutoregressiveTransform.
 * The map and its log-determinant Σ s(x) take one pass through the network; the inverse takes one for each element.
 *
 * @param net - gives `[m, s]`; for `autoregressiveNN`, `(x) => network.apply(params, x)`
 * @throws InvalidArgument for bounds in the wrong order
 * @example
 * const network = bijectors.autoregressiveNN({ inputDim: 2, hiddenDims: [3] });
 * const params = network.init(random.PRNGKey(0));
 * const flow = bijectors.inverseAutoregressive((x) => network.apply(params, x), { params });
 * flow.inverse(flow.forward([1, 2])); // [1, 2]
 */
export const inverseAutoregressive = (net: Conditioner, options: AutoregressiveOptions = {}): Bijector => {
  const clipped = clippedNet(net, options);
  const pass = (x: AnyArray): readonly [AnyArray, AnyArray] => {
    const [mean, logScale] = clipped(x);
    return [ops.add(ops.mul(x, ops.exp(logScale)), mean), ops.sum(logScale, -1)];
  };
  return makeBijector('inverseAutoregressive', {
    params: { net, params: options.params },
    domainDim: 1,
    forward: (x) => pass(x)[0],
    inverse: (y) => {
      let x: AnyArray = ops.zerosLike(y);
      // After pass k the first k elements are those of the argument, whatever the others are.
      for (let known = 0; known < y.shape.at(-1)!; known++) {
        const [mean, logScale] = clipped(x);
        x = ops.mul(ops.sub(y, mean), ops.exp(ops.neg(logScale)));
      }
      return x;
    },
    logDet: (x) => ops.sum(clipped(x)[1], -1),
    forwardAndLogDet: pass,
    codomain: () => realVector,
    // What the network closes over can't be taken out of it.
    apart: () => undefined,
  });
};

/**
 * The first `splitDim` elements stay; the others become x · exp(s) + m, with m and s functions of the first. Dinh, Sohl-Dickstein and Bengio,
 * "Density estimation using Real NVP" (2017), eq. 4–5. Both directions take one pass.
 *
 * @param net - gives `[m, s]` of the others from the first `splitDim`
 * @throws InvalidShape for vectors of `splitDim` elements or fewer
 * @example
 * bijectors.affineCoupling(1, (x) => [x, ops.zeros([1])]).forward([2, 5]); // [2, 7]
 */
export const affineCoupling = (splitDim: number, net: Conditioner, options: AutoregressiveOptions = {}): Bijector => {
  const clipped = clippedNet(net, options);
  const cut = (x: AnyArray): readonly [AnyArray, AnyArray] => {
    if (x.shape.at(-1)! <= splitDim) {
      throw kindlingError('InvalidShape', { message: `affineCoupling keeps ${splitDim} elements of longer vectors`, given: `shape ${showShape(x.shape)}` });
    }
    return cutLast(x, splitDim);
  };
  const through = (value: AnyArray, map: (moved: AnyArray, mean: AnyArray, logScale: AnyArray) => Input): readonly [AnyArray, AnyArray] => {
    const [kept, moved] = cut(value);
    const [mean, logScale] = clipped(kept);
    return [ops.concat([kept, map(moved, mean, logScale)], -1), ops.sum(ops.broadcastTo(logScale, moved.shape), -1)];
  };
  const forwardBoth = (x: AnyArray): readonly [AnyArray, AnyArray] => through(x, (moved, mean, s) => ops.add(ops.mul(moved, ops.exp(s)), mean));
  const inverseBoth = (y: AnyArray): readonly [AnyArray, AnyArray] => through(y, (moved, mean, s) => ops.mul(ops.sub(moved, mean), ops.exp(ops.neg(s))));
  return makeBijector('affineCoupling', {
    params: { net, params: options.params },
    domainDim: 1,
    forward: (x) => forwardBoth(x)[0],
    inverse: (y) => inverseBoth(y)[0],
    logDet: (x) => forwardBoth(x)[1],
    forwardAndLogDet: forwardBoth,
    inverseAndLogDet: inverseBoth,
    codomain: () => realVector,
    // What the network closes over can't be taken out of it.
    apart: () => undefined,
  });
};
