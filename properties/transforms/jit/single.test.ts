/** Single precision as code: data stored as singles, sums over tiles of rows in it, and results that stay as near as the data allow. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { dist, runCompiled } from '../../../infer/kindling.ts';
import type { Shape } from '../../../core/shape.ts';
import type { AnyArray, Input, Value } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { compileGraph, instantiate, type Compiled } from '../../../transforms/jit/compile.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { webAssembly } from '../../../transforms/jit/webassembly.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { arrayPrograms } from '../../arbitraries/functions.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { interpreted, recordAt, type Recorded } from '../../laws/recorded.ts';

const numbers = (shape: Shape, seed: number): NDArray => random.normal(random.PRNGKey(seed), shape);

/** Each number moved by a part of its size, up or down. */
const moved = (x: NDArray, part: number, seed: number): NDArray => {
  const signs = random.bernoulli(random.PRNGKey(seed), 0.5, x.shape).data;
  return makeNDArray(
    x.data.map((value, i) => value * (1 + part * (2 * signs[i]! - 1))),
    x.shape,
  );
};

const inSingle = ({ graph, inputs }: Recorded): readonly [readonly NDArray[], Compiled] => {
  const module = compileGraph(graph, undefined, 'float32');
  assert.ok(webAssembly.validate(module.bytes), 'the module validates');
  const instance = instantiate(module);
  instance.inputs.forEach((write, i) => write?.(inputs[i]!.data));
  instance.run();
  return [instance.outputs(), module];
};

const singlesAmong = ({ inputs, constants }: Compiled): number =>
  [...inputs, ...constants.map(({ slot }) => slot)].filter((slot) => slot?.isSingle === true).length;

const largestOf = (x: Float64Array): number => x.reduce<number>((most, value) => Math.max(most, Math.abs(value)), 0);

/** A unit in the last place of a single, by its size. */
const ULP = 2 ** -23;

/** Below it singles lose digits. */
const LEAST = 1.2e-38;

/** Holds the single-precision module against the interpreter in double: it may be off by what data moved by a few units would make of it. */
const agree = (recorded: Recorded, what: string): Compiled => {
  const expected = interpreted(recorded);
  const others = [101, 102, 103, 104].map((seed) => interpreted({ ...recorded, inputs: recorded.inputs.map((x) => moved(x, 4 * ULP, seed)) }));
  const [actual, module] = inSingle(recorded);
  actual.forEach((x, i) => {
    const y = expected[i]!;
    const sensitivity = Math.max(...others.map((other) => largestOf(y.data.map((value, k) => value - other[i]!.data[k]!))));
    assertClose(x, y, { relative: 0, absolute: 8 * sensitivity + 16 * ULP * largestOf(y.data) + LEAST }, `${what}, output ${i}`);
  });
  return module;
};

type Program = (x: AnyArray, v: AnyArray) => AnyArray;

/** Functions of a matrix and of a vector along its rows. */
const table: Readonly<Record<string, Program>> = {
  'a product and its transpose': (x, v) => ops.dot(ops.transpose(x), ops.tanh(ops.dot(x, v))),
  'a regression': (x, v) => ops.sum(ops.square(ops.sub(ops.dot(x, v), ops.sum(x, 1)))),
  'products with three factors': (x, v) => ops.sum(ops.mul(ops.mul(x, x), ops.mul(v, 0.3)), 1),
  'differences within a sum': (x, v) => ops.sum(ops.square(ops.sub(x, v)), 1),
  'sums of both kinds': (x, v) => ops.sum(ops.mul(ops.sub(ops.neg(x), v), ops.expandDims(ops.exp(ops.mul(0.1, ops.dot(x, v))), 1)), 0),
  'functions of all elements': (x, v) => ops.sum(ops.exp(ops.mul(0.1, ops.mul(x, v))), 0),
  transposed: (x, v) => ops.mul(ops.transpose(x), ops.expandDims(v, 1)),
  reversed: (x, v) => ops.add(ops.reverse(x), v),
  'a slice': (x, v) => ops.sum(ops.mul(ops.slice(x, [1, 0], [x.shape[0] - 1, x.shape[1]!]), v), 0),
  'every element twice': (x, v) => ops.concat([ops.mul(x, v), x]),
  'a column': (x, v) => ops.mul(ops.slice(x, [0, 1], [x.shape[0], 1]), ops.sum(v)),
  'a product of matrices': (x, v) => ops.dot(ops.matMul(x, x, true, false), v),
};

const shapes: readonly Shape[] = [
  [1024, 2],
  [257, 4],
  [203, 7],
  [1000, 3],
  [64, 54],
  [301, 300],
];

const gradientOf =
  (f: Program) =>
  (...[x, v]: readonly Value[]): readonly AnyArray[] => {
    const [value, grads] = valueAndGrad((a: Value, b: Value) => ops.sum(ops.square(f(a, b))), [0, 1])(x!, v!);
    return [value, ...grads];
  };

const logistic = (x: Input, y: Input) => (w: Value) => {
  const t = ops.dot(x, w);
  return ops.sum(ops.sub(ops.softplus(t), ops.mul(y, t)));
};

laws('single precision', {
  'values and gradients are those of double precision, for every layout of the data': () => {
    for (const [name, f] of Object.entries(table)) {
      for (const shape of shapes) {
        const inputs = [numbers(shape, 1), numbers([shape[1]!], 2)];
        const what = `${name} at ${shape.join(' × ')}`;
        const recorded = recordAt((x, v) => [f(x, v)], inputs);
        agree(recorded, what);
        if (shape[0]! * shape[1]! < 4096) agree(recordAt(gradientOf(f), inputs), `gradient of ${what}`);
      }
    }
  },
  'random programs agree with double precision within that of their data': () =>
    fc.assert(
      fc.property(arrayPrograms(4), fc.integer({ min: 17, max: 90 }), fc.integer({ min: 2, max: 70 }), (program, rows, columns) => {
        const height = Math.max(rows, Math.ceil(1024 / columns));
        const inputs = [numbers([height, columns], 3), numbers([columns], 4), numbers([], 5)];
        agree(
          recordAt((m, v, s) => [program.f(m, v, s)], inputs),
          program.text,
        );
      }),
    ),
  'data that are closed over, taken and mapped alike are stored as singles': () => {
    const [x, w] = [numbers([300, 7], 1), numbers([7], 2)];
    const closed = agree(
      recordAt((own) => [ops.tanh(ops.dot(x, own))], [w]),
      'closed over',
    );
    assert.equal(singlesAmong(closed), 1);
    const taken = agree(
      recordAt((m, own) => [ops.dot(m, own)], [x, w]),
      'taken',
    );
    assert.equal(singlesAmong(taken), 1);
    const f = (own: Input): AnyArray => ops.tanh(ops.dot(x, own));
    const ws = numbers([5, 7], 3);
    assertClose(jit(vmap(f), { precision: 'float32' })(ws), jit(vmap(f))(ws), { relative: 1e-6, absolute: 1e-6 });
    const step = (c: AnyArray, row: AnyArray): readonly [AnyArray, AnyArray] => [ops.add(ops.mul(0.5, c), row), ops.sum(c)];
    const g = (rows: Input): readonly [AnyArray, AnyArray] => scan(step as never, ops.zeros([7]), rows) as never;
    const [single, double] = [jit(g, { precision: 'float32' })(x), jit(g)(x)];
    single.forEach((value, i) => assertClose(value, double[i]!, { relative: 1e-6, absolute: 1e-6 }));
  },
  'small arrays, and whole numbers of any size, stay exact': () => {
    const few = agree(
      recordAt((x) => [ops.sum(x)], [numbers([1023], 1)]),
      'few numbers',
    );
    assert.equal(singlesAmong(few), 0);
    const large = makeNDArray(
      Float64Array.from({ length: 2000 }, (_, i) => 2 ** 25 + i),
      [2000],
      'int32',
    );
    const sum = jit((x: Input) => ops.sum(x), { precision: 'float32' });
    assert.equal(sum(large).item(), 2000 * 2 ** 25 + 1999 * 1000);
  },
  'a number at the end of its support is not rounded beyond it': () => {
    const f = (own: Input): AnyArray => ops.sum(dist.Uniform(0, 0.1).logProb(own));
    for (const shape of [[2000], [500, 4]]) {
      const x = makeNDArray(new Float64Array(2000).fill(0.1), shape);
      assert.ok(Math.fround(0.1) > 0.1);
      assertClose(jit(f, { precision: 'float32' })(x), jit(f)(x), { relative: 1e-7 });
      const counts = jit((own: Input) => ops.sum(ops.floor(ops.mul(10, own))), { precision: 'float32' });
      assert.equal(counts(makeNDArray(new Float64Array(2000).fill(0.3 - 1e-12), shape)).item(), 2000 * 2);
    }
  },
  'plain data run elsewhere to the same bits': () => {
    const f = jit((m: Input, v: Input) => ops.tanh(ops.dot(m, v)), { precision: 'float32' });
    const inputs = [numbers([300, 7], 1), numbers([7], 2)] as const;
    const module = structuredClone(f.compile(...inputs));
    const { data } = runCompiled(module, ...inputs);
    assert.deepEqual([...data], [...f(...inputs).data]);
  },
  'a sum of a million numbers is right to 1e-7': () => {
    const x = random.uniform(random.PRNGKey(7), [1_000_000]);
    const exact = x.data.reduce((sum, value) => sum + value, 0);
    assertClose(jit((own: Input) => ops.sum(own), { precision: 'float32' })(x), exact, { relative: 1e-7 });
    const rows = makeNDArray(x.data, [100_000, 10]);
    const ones = makeNDArray(new Float64Array(10).fill(1), [10]);
    const products = jit((m: Input, v: Input) => ops.sum(ops.dot(m, v)), { precision: 'float32' });
    assertClose(products(rows, ones), exact, { relative: 1e-7 });
    const along = jit((m: Input) => ops.sum(m, 0), { precision: 'float32' });
    const columns = Float64Array.from({ length: 10 }, (_, j) => x.data.reduce((sum, value, i) => (i % 10 === j ? sum + value : sum), 0));
    assertClose(along(rows), makeNDArray(columns, [10]), { relative: 1e-7 });
  },
  'the gradient of a logistic regression is right to 1e-7 of its norm, from half the memory': () => {
    const x = numbers([10_000, 54], 1);
    const y = random.bernoulli(random.PRNGKey(3), 0.5, [10_000]);
    const recorded = recordAt((w) => valueAndGrad(logistic(x, y))(w), [numbers([54], 2)]);
    const [single, module] = inSingle(recorded);
    const double = compileGraph(recorded.graph);
    const instance = instantiate(double);
    instance.inputs.forEach((write, i) => write?.(recorded.inputs[i]!.data));
    instance.run();
    const norm = (a: Float64Array): number => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
    instance.outputs().forEach(({ data }, i) => assert.ok(norm(data.map((value, k) => value - single[i]!.data[k]!)) < 1e-7 * norm(data)));
    assert.ok(module.pages < 0.55 * double.pages, `${module.pages} and ${double.pages} pages`);
    assert.ok(module.bytes.length < 2.5 * double.bytes.length, `${module.bytes.length} and ${double.bytes.length} bytes of code`);
  },
  'explain says what is stored in single precision': () => {
    const { log } = console;
    console.log = () => undefined;
    try {
      const text = jit((m: Input, v: Input) => ops.dot(m, v), { precision: 'float32' }).explain(numbers([300, 4], 1), numbers([4], 2));
      assert.match(text, /of these 4\.7 KiB of inputs/);
      assert.match(text, /stored in single precision: input0/);
    } finally {
      console.log = log;
    }
  },
});
