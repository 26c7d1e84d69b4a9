/** autoregressiveNN: a masked network whose outputs i depend on the inputs before i alone (MADE), as a pure function of its parameters. */
import { kindlingError } from '../errors.ts';
import { makeNDArray, type NDArray } from '../ndarray.ts';
import { describe, requireRecord } from '../options.ts';
import * as ops from '../ops/index.ts';
import { normal } from '../random/draws.ts';
import { split, type Key } from '../random/key.ts';
import { asArray, shapeOf, type AnyArray, type Input } from '../value.ts';

/** The weights and biases of a network by name: `weight0` `[inputDim, h]`, `bias0` `[h]` and so on, `skip` where inputs reach the outputs directly. */
export type NetworkParams = Readonly<Record<string, Input>>;

/** The form of a network. */
export interface AutoregressiveNNOptions {
  /** How many elements a vector has. */
  readonly inputDim: number;
  /** The sizes of the hidden layers. */
  readonly hiddenDims: readonly number[];
  /** How many numbers the network gives for each element; 2, a mean and a log-scale. */
  readonly numOutputs?: number | undefined;
  /** Whether inputs reach the outputs directly too; false. */
  readonly skipConnections?: boolean | undefined;
  /** Between layers; relu, as in NumPyro. */
  readonly nonlinearity?: ((x: AnyArray) => AnyArray) | undefined;
}

/** A network and its start. */
export interface AutoregressiveNN {
  /** Starts: weights as Glorot and Bengio (2010), normal with variance 2 / (inputs + outputs), biases normal with deviation 0.01. */
  readonly init: (key: Key) => Readonly<Record<string, NDArray>>;
  /** `numOutputs` arrays of the shape of `x`; element i of each depends on elements 0 … i − 1 of `x`. */
  readonly apply: (params: NetworkParams, x: Input) => readonly AnyArray[];
}

interface Layer {
  readonly weight: string;
  readonly bias?: string;
  /** 1 where an input may reach an output. */
  readonly mask: NDArray;
}

const maskOf = (from: readonly number[], to: readonly number[], reaches: (from: number, to: number) => boolean): NDArray =>
  makeNDArray(Float64Array.from(from.flatMap((a) => to.map((b) => Number(reaches(a, b))))), [from.length, to.length]);

/** Units may read those of their degree or less, an output those of less than its own. Hidden degrees run through 1 … inputDim − 1 in turn. */
const layersOf = (inputDim: number, hiddenDims: readonly number[], numOutputs: number, skipConnections: boolean): readonly Layer[] => {
  const inputs = Array.from({ length: inputDim }, (_, i) => i + 1);
  const hidden = hiddenDims.map((size) => Array.from({ length: size }, (_, k) => 1 + (k % Math.max(1, inputDim - 1))));
  const outputs = Array.from({ length: numOutputs }, () => inputs).flat();
  const below = [inputs, ...hidden];
  const layers = [...hidden, outputs].map((to, l): Layer => {
    const isLast = l === hidden.length;
    return { weight: `weight${l}`, bias: `bias${l}`, mask: maskOf(below[l]!, to, (a, b) => (isLast ? a < b : a <= b)) };
  });
  return skipConnections ? [...layers, { weight: 'skip', mask: maskOf(inputs, outputs, (a, b) => a < b) }] : layers;
};

const isSize = (n: number): boolean => Number.isInteger(n) && n >= 1;

/** Vectors by a matrix, or by a batch of matrices. */
const product = (x: AnyArray, weight: AnyArray): AnyArray =>
  weight.shape.length === 2 ? ops.dot(x, weight) : ops.squeeze(ops.matMul(ops.expandDims(x, -2), weight), -2);

/**
 * A masked autoregressive network: Germain et al., "MADE: Masked Autoencoder for Distribution Estimation" (2015), eq. 12–13, with the
 * degrees of the hidden units laid out in turn instead of drawn. Its parameters are ordinary arrays that a guide or an optimiser may hold.
 *
 * @throws InvalidArgument for sizes that are not whole numbers of at least 1, and for missing parameters
 * @example
 * const network = bijectors.autoregressiveNN({ inputDim: 3, hiddenDims: [4, 4] });
 * const [mean, logScale] = network.apply(network.init(random.PRNGKey(0)), [1, 2, 3]);
 * mean.shape; // [3]
 */
export const autoregressiveNN = (options: AutoregressiveNNOptions): AutoregressiveNN => {
  requireRecord('what autoregressiveNN is told', options, '{ inputDim, hiddenDims, … }');
  const { inputDim, hiddenDims, numOutputs = 2, skipConnections = false, nonlinearity = ops.relu } = options;
  const given: unknown = hiddenDims;
  if (!Array.isArray(given) || ![inputDim, numOutputs, ...hiddenDims].every(isSize)) {
    throw kindlingError('InvalidArgument', {
      message: 'autoregressiveNN needs whole numbers as sizes',
      given: `inputDim ${inputDim}, hiddenDims ${Array.isArray(given) ? `[${hiddenDims.join(', ')}]` : describe(given)}, numOutputs ${numOutputs}`,
      expected: 'at least 1 each',
    });
  }
  const layers = layersOf(inputDim, hiddenDims, numOutputs, skipConnections);
  const initLayer = ({ weight, bias, mask }: Layer, key: Key): readonly (readonly [string, NDArray])[] => {
    const [inputs, outputs] = mask.shape as [number, number];
    const [first, second] = split(key);
    const weights = ops.mul(Math.sqrt(2 / (inputs + outputs)), normal(first, [inputs, outputs]));
    return bias === undefined
      ? [[weight, weights]]
      : [
          [weight, weights],
          [bias, ops.mul(0.01, normal(second, [outputs]))],
        ];
  };
  const named = (params: NetworkParams, name: string): AnyArray => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) {
      throw kindlingError('InvalidArgument', { message: `the parameters of the network lack "${name}"`, given: Object.keys(params).join(', ') });
    }
    return asArray(value);
  };
  const run = (params: NetworkParams, { weight, bias, mask }: Layer, x: AnyArray): AnyArray => {
    const out = product(x, ops.mul(named(params, weight), mask));
    return bias === undefined ? out : ops.add(out, named(params, bias));
  };
  return Object.freeze({
    init: (key: Key) => {
      const keys = split(key, layers.length);
      return Object.fromEntries(layers.flatMap((layer, i) => initLayer(layer, keys[i]!)));
    },
    apply: (params: NetworkParams, x: Input) => {
      const input = asArray(x);
      if (shapeOf(input).at(-1) !== inputDim) {
        throw kindlingError('InvalidShape', { message: `the network takes vectors of ${inputDim} elements`, given: `shape [${input.shape.join(', ')}]` });
      }
      const depth = hiddenDims.length;
      const hidden = layers.slice(0, depth).reduce<AnyArray>((at, layer) => nonlinearity(run(params, layer, at)), input);
      const direct = run(params, layers[depth]!, hidden);
      const out = skipConnections ? ops.add(direct, run(params, layers[depth + 1]!, input)) : direct;
      return ops.split(out, numOutputs, -1);
    },
  });
};
