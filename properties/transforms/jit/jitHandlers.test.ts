/** jit and handlers: whichever is inside the other, a compiled model gives what the model gives; and what a failing one leaves behind. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as dist from '../../../core/distributions/index.ts';
import { isKindlingError } from '../../../core/errors.ts';
import { defineKernel } from '../../../core/kernels/kernel.ts';
import { apply } from '../../../core/ops/apply.ts';
import * as ops from '../../../core/ops/index.ts';
import { plate } from '../../../core/plate.ts';
import { deterministic, param, prngKey, sample, subsample } from '../../../core/primitives.ts';
import * as random from '../../../core/random/index.ts';
import { stackDepth } from '../../../core/runtime.ts';
import { toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { block } from '../../../transforms/handlers/block.ts';
import { seed } from '../../../transforms/handlers/seed.ts';
import { trace } from '../../../transforms/handlers/trace.ts';
import { condition, substitute } from '../../../transforms/handlers/values.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { logDensity } from '../../../transforms/logDensity.ts';
import { arbitraryProgram, modelOf } from '../../arbitraries/models.ts';
import { laws } from '../../laws.ts';
import { numberOf, plainSites } from '../../laws/traces.ts';

/** Of a kind that no compiler knows. */
const unheardOf = defineKernel({
  name: 'Unheard',
  inputs: ['x'],
  shape: ([x]) => x!,
  run: (out, [x]) => out.data.set(x!.data),
  vjp: 'zero',
  saves: { inputs: false, output: false },
});

const line = (x: Input): Value => {
  const slope = sample('slope', dist.Normal(0, 1));
  return sample('y', dist.Normal(ops.mul(slope, x), 1));
};

const near = (actual: AnyArray, expected: AnyArray): void => {
  const [a, b] = [toNDArray(actual), toNDArray(expected)];
  assert.equal(a.data.length, b.data.length);
  // The expected ones are tfjs's, in single precision.
  a.data.forEach((x, i) => assert.ok(Math.abs(x - b.data[i]!) <= 1e-5 * (1 + Math.abs(x)), `${x} and ${b.data[i]}`));
};

const failure = (f: () => unknown): Error & { readonly _tag?: string } => {
  try {
    f();
  } catch (error) {
    return error as Error;
  }
  assert.fail('nothing was thrown');
};

const key = random.PRNGKey(4);

const warningsOf = (f: () => void): readonly string[] => {
  const { warn } = console;
  const said: string[] = [];
  console.warn = (text: unknown): void => void said.push(String(text));
  try {
    f();
  } finally {
    console.warn = warn;
  }
  return said;
};

laws('jit and handlers', {
  'a compiled model under handlers is the model: the same sites, to the bit': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(1000), (program, n) => {
        const model = modelOf(program);
        const compiled = jit(model);
        const at = random.PRNGKey(n);
        tf.tidy(() => {
          for (let call = 0; call < 2; call++) assert.deepEqual(plainSites(trace(seed(at)(compiled))()), plainSites(trace(seed(at)(model))()));
        });
      }),
    ),

  'the draws of a model by a key that is an argument are those by that key, for models of any kind': () =>
    fc.assert(
      fc.property(arbitraryProgram, fc.nat(1000), (program, n) => {
        const model = modelOf(program);
        const values = (k: random.Key): Readonly<Record<string, AnyArray>> =>
          Object.fromEntries([...trace(seed(k)(model))().sites].map(([name, { value }]) => [name, value]));
        const compiled = jit(values)(random.PRNGKey(n));
        tf.tidy(() => {
          const expected = values(random.PRNGKey(n));
          assert.deepEqual(Object.keys(compiled), Object.keys(expected));
          for (const [name, value] of Object.entries(compiled)) near(value, expected[name]!);
        });
      }),
      { numRuns: 15 },
    ),

  'handlers within a compiled function: seed, trace, substitute and logDensity': () => {
    near(jit(seed(key)(line))([1, 2]), seed(key)(line)([1, 2]));
    const slope = (k: random.Key): Value => trace(seed(k)(line))(1).sites.get('slope')!.value;
    const compiled = jit(slope);
    for (const k of [key, random.PRNGKey(5)]) near(compiled(k), slope(k));
    const density = (w: Input, y: Input): Value => logDensity(condition({ y })(line), [[1, 2]], { slope: w }).logDensity;
    near(jit(density)(0.5, [1, 3]), density(0.5, [1, 3]));
    near(jit(grad(density))(0.5, [1, 3]), grad(density)(0.5, [1, 3]));
    near(jit(substitute({ slope: 2, y: 3 })(line))(1), toTensor(3));
  },

  'a compiled model called both with and without handlers': () => {
    const model = jit((x: Input) => ops.mul(param('scale', 2), x));
    const by = (scale: number): number => numberOf(substitute({ scale })(model)(5));
    assert.deepEqual([numberOf(model(5)), by(3), numberOf(model(6)), by(4)], [10, 15, 12, 20]);
    const other = jit((x: Input) => ops.mul(param('scale', 2), x));
    assert.deepEqual([numberOf(substitute({ scale: 3 })(other)(5) as AnyArray), numberOf(other(5))], [15, 10]);
  },

  'a compiled function without statements is compiled under handlers too': () => {
    let runs = 0;
    const square = jit((x: Input) => {
      runs++;
      return ops.square(x);
    });
    const model = (): Value => sample('x', dist.Normal(square(square(2)), 1));
    assert.equal(trace(seed(key)(model))().sites.size, 1);
    seed(key)(model)();
    assert.equal(runs, 1);
  },

  'what asks for the plates around, or for a key, is seen by them': () => {
    const data = [1, 2, 3, 4];
    const part = jit((x: Input) => subsample(x, 0));
    const model = (): readonly [Value, Value] => plate('n', 4, { subsampleSize: 2 })((indices) => [part(data) as unknown as Value, indices]);
    for (const n of [1, 2, 3]) {
      const [own, indices] = seed(random.PRNGKey(n))(model)();
      assert.deepEqual(
        [...own.dataSync()],
        [...indices.dataSync()].map((i) => data[i]),
      );
    }
    assert.deepEqual([...part(data).data], data);
    const draw = jit(() => random.uniform(prngKey()));
    const drawn = [1, 2].map((n) => numberOf(seed(random.PRNGKey(n))(draw)()));
    assert.notEqual(drawn[0], drawn[1]);
    assert.equal(failure(() => draw())._tag, 'MissingKey');
  },

  'a statement whose failure is caught within is heard by the handlers all the same': () => {
    const model = jit((): Input => {
      try {
        return sample('x', dist.Normal(0, 1));
      } catch {
        return 7;
      }
    });
    assert.equal(trace(seed(key)(model))().sites.size, 1);
    assert.equal(toNDArray(model()).item(), 7);
  },

  'a hidden site is no business of those around': () => {
    const hidden = jit(block()(seed(key)(line)));
    assert.equal(trace(() => deterministic('y', hidden(1)))().sites.size, 1);
  },

  'a function that throws: its own error, the state as before, no tensors left': () => {
    const held = toTensor([1, 2]);
    const before = tf.memory().numTensors;
    const mistake = new Error('a mistake of the user');
    const failing = jit((x: Value) => {
      grad((y: Input) => {
        ops.exp(ops.mul(y, held));
        if (x.shape.length === 0) throw mistake;
        return ops.sum(y);
      })(x);
    });
    for (let i = 0; i < 2; i++)
      assert.equal(
        failure(() => failing(1)),
        mistake,
      );
    assert.equal(
      failure(() => seed(key)(failing)(1)),
      mistake,
    );
    assert.deepEqual([tf.memory().numTensors, stackDepth(), tf.getBackend(), tf.engine().state.gradientDepth], [before, 0, 'wasm', 0]);
    failing([1, 2]);
    held.dispose();
  },

  'reading what is recorded, sizes that are traced, promises and what is no tree are errors that say so': () => {
    const cases: readonly (readonly [(x: Value) => unknown, RegExp])[] = [
      [(x): unknown => x.dataSync(), /are not there yet.*ops\.where or cond/],
      [(x): unknown => (x as unknown as number) > 0, /are not there yet/],
      [(x): unknown => (x as unknown as number) + 1, /are not there yet/],
      [(x): unknown => `${String(x)}`, /are not there yet/],
      [(x): unknown => plate('n', x as unknown as number)(() => 1), /plate "n" is traced.*static: \[i\]/],
      [(x): unknown => Promise.resolve(x), /asynchronous/],
      [(x): unknown => new Map([['x', x]]), /a Map/],
      [(x): unknown => dist.Normal(x, 1), /a distribution \(Normal\)/],
      [(): unknown => tf.randomNormal([2]), /would stay the same for ever/],
    ];
    for (const [f, message] of cases) assert.match(failure(() => jit(f)(1)).message, message);
    assert.equal(failure(() => jit(3 as never))._tag, 'InvalidArgument');
    assert.equal(failure(() => jit((x: Input) => x, { precision: 'float16' as never }))._tag, 'InvalidArgument');
    assert.equal(failure(() => jit((x: Input) => x, { static: 1 as never }))._tag, 'InvalidArgument');
    assert.match(failure(() => jit((x: Input) => x, { statics: [1] } as never)).message, /no option statics/);
  },

  'a kernel that can’t be compiled is named, with the line that called it': () => {
    const f = jit((x: Input) => ops.add(1, apply(unheardOf, [ops.exp(x)])));
    const error = failure(() => f(2));
    assert.ok(isKindlingError(error) && error._tag === 'Unsupported');
    assert.match(error.message, /kernel Unheard can't be compiled.*properties\/transforms\/jit\/jitHandlers\.test\.[jt]s:\d+:\d+/);
  },

  'a constant that tfjs has rounded is told once, and not one that ops keeps': () => {
    const told = jit((x: Value) => tf.add(tf.mul(x, 0.1), tf.mul(x, 0.7)));
    const warnings = warningsOf(() => {
      for (let i = 0; i < 3; i++) told(i);
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /0\.1 .*ops\.mul\(x, 0\.1\)/);
    const exact = jit((x: Value) => ops.add(ops.mul(x, 0.1), tf.add(tf.mul(x, 0.5), tf.mul(x, 3))));
    assert.deepEqual(
      warningsOf(() => exact(1)),
      [],
    );
    assert.equal(exact(1).item(), 0.1 + 3.5);
  },
});
