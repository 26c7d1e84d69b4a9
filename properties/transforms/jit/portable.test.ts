/** Compiled functions as plain data: a copy gives the same bits here, in a worker thread without the code, and where no code may be made from strings. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { isKindlingError, type ErrorTag } from '../../../core/errors.ts';
import { array, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { runCompiled, type Compiled } from '../../../transforms/jit/portable.ts';
import { arrayPrograms } from '../../arbitraries/functions.ts';
import { builtUrl } from '../../docExamples.ts';
import { laws } from '../../laws.ts';

const bitsOf = (x: NDArray): readonly string[] => [...x.data].map((v) => new BigUint64Array(Float64Array.of(v).buffer)[0]!.toString(16));

const numbers = (shape: readonly number[], seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);

/** A regression: what is fitted, data, a name, a function and a key. */
const loss = (
  params: { readonly w: Input; readonly b: Input },
  x: Input,
  options: { readonly power: string; readonly f: (r: Value) => Value },
  key: random.Key,
): AnyArray => {
  const noise = random.normal(key, [3]);
  const residual = ops.sub(ops.add(ops.dot(x, params.w), params.b), noise);
  return ops.sum(options.power === 'square' ? ops.square(residual) : options.f(residual as Value));
};

const params = { w: [0.5, -0.25], b: 0.1 };
const x = numbers([3, 2], 1);
const key = random.PRNGKey(9);
const options = { power: 'square', f: (r: Value): Value => r };

const tagOf = (f: () => unknown): ErrorTag | undefined => {
  try {
    f();
  } catch (error) {
    if (isKindlingError(error)) return error._tag;
    throw error;
  }
  return undefined;
};

/** The worker knows the library, and of the function only what is posted to it. */
const workerSource = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { array, random, runCompiled } from ${JSON.stringify(builtUrl('infer/kindling.ts'))};
  parentPort.on('message', ({ compiled, params, x, options, seed }) => {
    const [value, grads] = runCompiled(compiled, params, array(x), options, random.PRNGKey(seed));
    parentPort.postMessage([value.data, grads.w.data, grads.b.data]);
    parentPort.close();
  });`;

const inWorker = (message: object): Promise<readonly Float64Array[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(workerSource)}`));
    worker.on('error', reject);
    worker.on('message', resolve);
    worker.postMessage(message);
  });

laws('compiled functions as data', {
  'a clone of a compiled program gives the same bits': () =>
    fc.assert(
      fc.property(arrayPrograms(4), fc.nat(1000), (program, seed) => {
        const f = jit((m: Input, rest: { readonly v: Input; readonly s: Input }) => program.f(m as Value, rest.v as Value, rest.s as Value));
        const args = [numbers([5, 3], seed), { v: numbers([3], seed + 1), s: 0.3 }] as const;
        const compiled = f.compile(...args);
        const again = structuredClone(compiled);
        for (const copy of [compiled, again]) assert.deepEqual(bitsOf(runCompiled(copy, ...args)), bitsOf(f(...args)));
      }),
      { numRuns: 20 },
    ),

  'in a worker thread without the code: the same bits': async () => {
    const f = jit(valueAndGrad(loss));
    const compiled = f.compile(params, x, options, key);
    const [value, grads] = f(params, x, options, random.PRNGKey(77));
    const message = { compiled: structuredClone(compiled), params, x: x.toArray(), options: { power: 'square', f: null }, seed: 77 };
    const [own, ...others] = await inWorker(message);
    assert.deepEqual(
      [own!, ...others].map((data) => bitsOf(array(data))),
      [value, grads.w, grads.b].map((a) => bitsOf(array(a.data))),
    );
  },

  'where no code may be made from strings, functions are compiled all the same': () => {
    const source = `
      import { jit, grad, ops, ready, runCompiled } from ${JSON.stringify(builtUrl('infer/kindling.ts'))};
      await ready();
      try { new Function('return 1')(); console.log('evaluates strings'); } catch { console.log('refuses strings'); }
      const f = jit((x) => ops.sum(ops.exp(x)));
      console.log(grad(f)([0, 1]).toArray().map((v) => v.toFixed(6)).join(' '), runCompiled(f.compile([0, 1]), [0, 0]).item());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', source], {
      encoding: 'utf8',
    });
    assert.deepEqual([stdout.trim().split('\n'), stderr], [['refuses strings', '1.000000 2.718282 2'], '']);
  },

  'results of any kind: keys, names, tensors for a tensor': () => {
    const f = jit((k: random.Key, y: Input, label: string) => ({ k: random.split(k)[1], y: ops.neg(y), label, none: null }));
    const compiled = structuredClone(f.compile(key, 1, 'a'));
    const result = runCompiled(compiled, key, 5, 'a');
    assert.deepEqual([random.keyData(result.k), result.y.item(), result.label, result.none], [random.keyData(random.split(key)[1]), -5, 'a', null]);
    const tensor = toTensor(2);
    const negative = runCompiled(compiled, key, tensor, 'a').y;
    assert.equal(negative.dataSync()[0], -2);
    [tensor, negative].forEach((t) => t.dispose());
  },

  'names of a record in any order; arguments of another structure, shape or static value are refused': () => {
    const compiled = jit((a: { readonly p: Input; readonly q: Input }, b: Input, c: string) => ops.add(ops.mul(a.p, a.q), c === 'a' ? b : 0)).compile(
      { p: [1, 2], q: 3 },
      4,
      'a',
    ) as Compiled;
    const run = (...args: readonly unknown[]): unknown => runCompiled(compiled, ...args);
    assert.deepEqual((run({ q: 2, p: [5, 6] }, 1, 'a') as NDArray).toArray(), [11, 13]);
    const cases: readonly (readonly [readonly unknown[], ErrorTag, RegExp])[] = [
      [[{ p: [1, 2, 3], q: 3 }, 4, 'a'], 'InvalidShape', /argument 0\.p .*Given: float\[3\].*Expected: float\[2\]/],
      [[{ p: [1, 2] }, 4, 'a'], 'InvalidArgument', /argument 0 .*Given: \{ p: float\[2\] \}.*Expected: \{ p: float\[2\], q: number \}/],
      [[{ p: [1, 2], q: 3 }, 4, 'b'], 'InvalidArgument', /argument 2 .*Given: "b".*Expected: "a"/],
      [[{ p: [1, 2], q: 3 }, 4], 'InvalidArgument', /other arguments/],
      [[{ p: [1, 2], q: 3 }, 'x', 'a'], 'InvalidArgument', /argument 1 .*Given: "x".*Expected: number/],
    ];
    for (const [args, tag, message] of cases) {
      assert.equal(
        tagOf(() => run(...args)),
        tag,
      );
      assert.throws(() => run(...args), message);
    }
    for (const wrong of [{ ...compiled, version: 2 }, {}, undefined, 3]) {
      assert.equal(
        tagOf(() => runCompiled(wrong as never)),
        'InvalidArgument',
      );
    }
    const square = jit((y: Input) => ops.square(y)).compile(1);
    assert.equal(
      tagOf(() => grad((y: Input) => runCompiled(square, y))(1)),
      'Unsupported',
    );
    assert.equal(
      tagOf(() => jit((y: Input) => [y, (): number => 1]).compile(1)),
      'Unsupported',
    );
  },
});
