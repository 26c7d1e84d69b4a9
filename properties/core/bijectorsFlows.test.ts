/** Laws of flows: a masked network is autoregressive, its start is as promised, and a flow of it composes with distributions, jit, scan and grad. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bijectors from '../../core/bijectors/index.ts';
import type { AutoregressiveNNOptions } from '../../core/bijectors/index.ts';
import * as dist from '../../core/distributions/index.ts';
import { array, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import * as random from '../../core/random/index.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { scan } from '../../transforms/scan/scan.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import { laws } from '../laws.ts';
import { assertClose, nudged } from '../laws/numeric.ts';

const forms: fc.Arbitrary<AutoregressiveNNOptions> = fc.record({
  inputDim: fc.integer({ min: 1, max: 5 }),
  hiddenDims: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
  numOutputs: fc.integer({ min: 1, max: 3 }),
  skipConnections: fc.boolean(),
  nonlinearity: fc.constant(ops.tanh),
});

const point = (key: random.Key, n: number): NDArray => random.normal(key, [n]);

const network = bijectors.autoregressiveNN({ inputDim: 3, hiddenDims: [6, 6], nonlinearity: ops.elu });
const params = network.init(random.PRNGKey(1));
const flowOf = (given: bijectors.NetworkParams): bijectors.Bijector => bijectors.inverseAutoregressive((x) => network.apply(given, x), { params: given });

const close = { relative: 1e-10, absolute: 1e-12 };

laws('flows', {
  'output i depends on the inputs before i, on each of them, and on no other': () =>
    fc.assert(
      fc.property(forms, fc.nat(), (form, seed) => {
        const [first, second] = random.split(random.PRNGKey(seed));
        const net = bijectors.autoregressiveNN({ ...form, hiddenDims: form.hiddenDims.map((size) => Math.max(size, form.inputDim - 1)) });
        const weights = net.init(first);
        const x = point(second, form.inputDim);
        const before = net.apply(weights, x).map(toNDArray);
        assert.deepEqual(
          before.map(({ shape }) => [...shape]),
          Array.from({ length: form.numOutputs! }, () => [form.inputDim]),
        );
        for (let j = 0; j < form.inputDim; j++) {
          net.apply(weights, nudged(x, j, 0.3)).forEach((out, o) =>
            toNDArray(out).data.forEach((value, i) => {
              const moved = value !== before[o]!.data[i];
              assert.equal(moved, i > j, `output ${o}, element ${i}, by input ${j}`);
            }),
          );
        }
      }),
      { numRuns: 20 },
    ),

  'weights start with the variance of Glorot and Bengio': () => {
    const { weight1, bias1 } = bijectors.autoregressiveNN({ inputDim: 4, hiddenDims: [60, 80] }).init(random.PRNGKey(2)) as Record<string, NDArray>;
    const size = 60 * 80;
    const variance = 2 / (60 + 80);
    // The sample variance of n normal draws has standard error variance · √(2/n).
    assert.ok(Math.abs(toNDArray(ops.variance(weight1!)).item() - variance) < 4.5 * variance * Math.sqrt(2 / size));
    assert.ok(Math.abs(toNDArray(ops.mean(weight1!)).item()) < 4.5 * Math.sqrt(variance / size));
    assert.ok(Math.abs(toNDArray(ops.variance(bias1!)).item() - 1e-4) < 4.5 * 1e-4 * Math.sqrt(2 / 80));
  },

  'parameters may be batches': () => {
    const others = network.init(random.PRNGKey(5));
    const both = Object.fromEntries(Object.keys(params).map((name) => [name, ops.stack([params[name]!, others[name]!])]));
    const x = [0.3, -1, 2];
    network.apply(both, x).forEach((out, i) => assertClose(out, ops.stack([network.apply(params, x)[i]!, network.apply(others, x)[i]!]), close));
    const stacked = vmap((given: Record<string, AnyArray>) => flowOf(given).forwardAndLogDet(x))(both);
    [params, others].forEach((given, lane) =>
      flowOf(given)
        .forwardAndLogDet(x)
        .forEach((out, i) => assertClose(ops.unstack(stacked[i]!)[lane]!, out, close)),
    );
  },

  'scales are clipped, and their gradients pass': () => {
    const flow = bijectors.inverseAutoregressive((x) => [ops.mul(x, 0), ops.add(ops.mul(x, 0), [-100, 1, 100])]);
    assertClose(flow.forward([1, 1, 1]), [Math.exp(-5), Math.E, Math.exp(3)], close);
    assertClose(flow.logAbsDetJacobian([1, 1, 1]), -1, close);
    const slope = grad((s: AnyArray) =>
      ops.sum(bijectors.inverseAutoregressive((x) => [ops.zerosLike(x), ops.add(s, ops.zerosLike(x))]).logAbsDetJacobian([1, 1])),
    );
    assertClose(slope(array([50, 0])), [1, 1], close);
    const wide = bijectors.inverseAutoregressive((x) => [x, ops.fill(x.shape, 7)], { logScaleMaxClip: 9 });
    assertClose(wide.logAbsDetJacobian([1]), 7, close);
  },

  'a flow makes a normal into a distribution, compiled too': () => {
    const density = (given: bijectors.NetworkParams, y: AnyArray): AnyArray =>
      dist.TransformedDistribution(dist.Normal(0, 1).expand([3]).toEvent(1), [flowOf(given), bijectors.permute([2, 1, 0])]).logProb(y);
    const y = array([0.2, -0.4, 0.9]);
    const x = flowOf(params).inverse([0.9, -0.4, 0.2]);
    const expected = ops.sub(ops.sum(dist.Normal(0, 1).logProb(x)), flowOf(params).logAbsDetJacobian(x));
    assertClose(density(params, y), expected, close);
    assertClose(jit(density)(params, y), expected, close);
    const [eager, compiled] = [grad(density)(params, y), jit(grad(density))(params, y)] as readonly Record<string, AnyArray>[];
    for (const name of Object.keys(params)) assertClose(compiled![name]!, eager![name]!, { relative: 1e-9, absolute: 1e-11, scaled: true }, name);
  },

  'a flow runs in a scan': () => {
    const step = (carry: AnyArray): readonly [AnyArray, AnyArray] => flowOf(params).forwardAndLogDet(carry);
    const run = (start: AnyArray): unknown => scan((carry: AnyArray) => [...step(carry)] as [AnyArray, AnyArray], start, array([0, 1, 2]));
    const start = array([0.1, 0.2, 0.3]);
    const [once] = step(start);
    const [twice, second] = step(once);
    const [last, third] = step(twice);
    for (const result of [run(start), jit(run)(start)] as [AnyArray, AnyArray][]) {
      assertClose(result[0], last, close);
      assertClose(result[1], ops.stack([step(start)[1], second, third]), close);
    }
  },

  'what does not fit is refused': () => {
    for (const hiddenDims of [[0], [2.5], [-1]]) assert.throws(() => bijectors.autoregressiveNN({ inputDim: 2, hiddenDims }), { _tag: 'InvalidArgument' });
    assert.throws(() => network.apply({}, [1, 2, 3]), { _tag: 'InvalidArgument', message: /lack "weight0"/ });
    assert.throws(() => network.apply(params, [1, 2]), { _tag: 'InvalidShape' });
    assert.throws(() => bijectors.inverseAutoregressive((x) => [x]).forward([1]), { _tag: 'InvalidArgument', message: /two arrays/ });
  },
});
