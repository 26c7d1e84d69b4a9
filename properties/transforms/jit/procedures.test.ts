/** Procedures as code: steps compute what they say, and the template of every kernel gives what the kernel's `run` gives. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as kernels from '../../../core/kernels/index.ts';
import { evaluate as run, type Attrs, type Kernel } from '../../../core/kernels/kernel.ts';
import { add, and, call, defineFunction, div, eq, floor, gt, lt, mul, ne, select, sub, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { runProcedure } from '../../../core/loop/interpret.ts';
import {
  assign,
  copyTo,
  defineRoutine,
  makeVariable,
  minus,
  numberOf,
  plus,
  readAt,
  repeat,
  repeatWhile,
  setTo,
  times,
  truncated,
  valueOf,
  when,
  writeAt,
  type Integer,
  type Step,
} from '../../../core/loop/procedure.ts';
import { makeNDArray, type NDArray, type NDArrayDType } from '../../../core/ndarray.ts';
import { sizeOf, type Shape } from '../../../core/shape.ts';
import { avalOf } from '../../../core/value.ts';
import { assemble, simd, type FunctionCode } from '../../../transforms/jit/assembler.ts';
import { get, i32, makeCode, memarg, set, vector } from '../../../transforms/jit/code.ts';
import { emitProcedure, makeFunctionTable } from '../../../transforms/jit/procedureCode.ts';
import { procedureRules } from '../../../transforms/jit/procedures/index.ts';
import { evaluate } from '../../../transforms/jit/scalarCode.ts';
import { webAssembly } from '../../../transforms/jit/webassembly.ts';
import { laws } from '../../laws.ts';

const PAGE = 65536;

/** Runs a module made of some functions, of which the last is `run`, on memory that holds `numbers` from the start. */
const runModule = (functions: readonly FunctionCode[], numbers: Float64Array): void => {
  const pages = Math.ceil((numbers.byteLength + 16) / PAGE);
  const bytes = assemble(functions, pages);
  assert.ok(webAssembly.validate(bytes), 'the module validates');
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const view = new Float64Array(memory.buffer, 0, numbers.length);
  view.set(numbers);
  const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } });
  (exports['run'] as () => void)();
  numbers.set(view);
};

/** Numbers that no rule would leave standing. */
const GARBAGE = 1234.5;

/** Runs steps on memories that hold some numbers, and gives what they hold then. What lies between them must stay as it is. */
const runSteps = (steps: readonly Step[], memories: ReadonlyMap<Memory, readonly number[] | Float64Array>): ReadonlyMap<Memory, number[]> => {
  const begins = new Map<Memory, number>();
  let end = 1;
  for (const memory of memories.keys()) {
    begins.set(memory, end);
    end += memory.size + 1;
  }
  const numbers = new Float64Array(end).fill(GARBAGE);
  for (const [memory, values] of memories) numbers.set(values, begins.get(memory));
  const functions = makeFunctionTable();
  const code = emitProcedure(steps, { functions, placeOf: (memory) => ({ begin: 8 * begins.get(memory)!, isTiled: false }) });
  runModule([...functions.codes, { ...code, export: 'run' }], numbers);
  for (const begin of [...begins.values(), end]) assert.equal(numbers[begin - 1], GARBAGE, 'nothing is written outside the memories');
  const held = new Map([...begins].map(([memory, begin]) => [memory, [...numbers.subarray(begin, begin + memory.size)]]));
  const interpreted = new Map([...memories].map(([memory, values]) => [memory, Float64Array.from(values)]));
  runProcedure(steps, interpreted);
  for (const [memory, data] of interpreted) assert.deepEqual(held.get(memory), [...data], `${memory.name}: emitted and interpreted`);
  return held;
};

const memoryOf = (name: string, size: number): Memory => ({ name, size });

/** The output of a kernel's template. */
const compiled = (kernel: Kernel, inputs: readonly NDArray[], attrs: Attrs): NDArray => {
  const output = kernel.shape(inputs.map(avalOf), attrs);
  const memories = inputs.map((x, k) => memoryOf(`x${k}`, x.data.length));
  const result = memoryOf('result', sizeOf(output.shape));
  const scratch: Memory[] = [];
  const steps = procedureRules[kernel.name]!(
    { inputs: inputs.map(avalOf), output, attrs },
    {
      inputs: memories,
      output: result,
      scratch: (doubles) => {
        scratch.push(memoryOf(`scratch${scratch.length}`, doubles));
        return scratch.at(-1)!;
      },
    },
  );
  const garbage = (memory: Memory): [Memory, number[]] => [memory, new Array<number>(memory.size).fill(GARBAGE)];
  const held = runSteps(
    steps,
    new Map<Memory, readonly number[] | Float64Array>([...memories.map((m, k) => [m, inputs[k]!.data] as const), garbage(result), ...scratch.map(garbage)]),
  );
  memories.forEach((memory, k) => assert.deepEqual(held.get(memory), [...inputs[k]!.data], 'inputs stay as they are'));
  return makeNDArray(Float64Array.from(held.get(result)!), output.shape);
};

/** The template gives what the kernel gives: the same doubles, or, where order may matter, within `tolerance` of the largest. */
const agrees = (kernel: Kernel, inputs: readonly NDArray[], attrs: Attrs, tolerance: number = 0): void => {
  const expected = run(kernel, inputs, attrs);
  const actual = compiled(kernel, inputs, attrs);
  const scale = expected.data.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
  assert.equal(actual.data.length, expected.data.length);
  actual.data.forEach((x, i) => {
    const y = expected.data[i]!;
    assert.ok(
      Object.is(x, y) || Math.abs(x - y) <= tolerance * scale,
      `${kernel.name} of ${inputs.map(({ shape }) => `[${shape.join()}]`).join(' and ')} ${JSON.stringify(attrs)}: ${x} is not ${y} at ${i}`,
    );
  });
};

const special = fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e308);
const finite = fc.double({ min: -10, max: 10, noNaN: true });
const anyNumber = fc.oneof({ weight: 3, arbitrary: finite }, { weight: 1, arbitrary: special }, { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) });

const arrayOf = (shape: Shape, numbers: fc.Arbitrary<number>, dtype: NDArrayDType = 'float64'): fc.Arbitrary<NDArray> =>
  fc.array(numbers, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => makeNDArray(Float64Array.from(data), shape, dtype));

const shapesOf = (minRank: number, maxRank: number, minExtent: number = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof({ weight: 1, arbitrary: fc.integer({ min: minExtent, max: 1 }) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }), {
    minLength: minRank,
    maxLength: maxRank,
  });

/** Axes of a rank, some counted from the end; `undefined` for all. */
const axesIn = (rank: number): fc.Arbitrary<number[] | undefined> =>
  fc.option(
    fc.subarray(Array.from({ length: rank }, (_, i) => i)).chain((axes) => fc.boolean().map((fromEnd) => (fromEnd ? axes.map((i) => i - rank) : axes))),
    { nil: undefined },
  );

const reduces = (names: readonly ('Max' | 'Min' | 'Prod' | 'All' | 'Any')[], minExtent: number, dtype: NDArrayDType, numbers: fc.Arbitrary<number>): void =>
  fc.assert(
    fc.property(
      shapesOf(0, 4, minExtent).chain((shape) => fc.tuple(arrayOf(shape, numbers, dtype), axesIn(shape.length))),
      fc.constantFrom(...names),
      fc.boolean(),
      ([x, axis], name, keepDims) => agrees(kernels[name], [x], { axis, keepDims }),
    ),
  );

/** A shape with an axis of it, perhaps counted from the end. */
const shapeAndAxis = (minExtent: number = 0): fc.Arbitrary<readonly [number[], number]> =>
  shapesOf(1, 4, minExtent).chain((shape) => fc.integer({ min: -shape.length, max: shape.length - 1 }).map((axis) => [shape, axis] as const));

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const truth = fc.constantFrom(0, 1);

/** Matrices (I + ε G Gᵀ), so that sums in another order could not change what succeeds. */
const positiveDefinite = (batch: Shape, n: number): fc.Arbitrary<NDArray> =>
  arrayOf([...batch, n, n], finite).map((g) => {
    const product = run(kernels.BatchMatMul, [g, g], { transposeB: true });
    return makeNDArray(
      product.data.map((x, i) => x / 10 + ((i % (n * n)) % (n + 1) === 0 ? 1 : 0)),
      product.shape,
    );
  });

/** How many steps the Collatz sequence takes to 1: a loop and a branch that differ from number to number. */
const collatz = defineRoutine('collatz', 1, (start) => {
  const [x, count] = [makeVariable('x'), makeVariable('count')];
  const half = mul(valueOf(x), 0.5);
  return {
    steps: [
      setTo(x, start),
      setTo(count, 0),
      repeatWhile(gt(valueOf(x), 1), [
        when(eq(floor(half), half), [setTo(x, half)], [setTo(x, add(mul(valueOf(x), 3), 1))]),
        setTo(count, add(valueOf(count), 1)),
      ]),
    ],
    result: valueOf(count),
  };
});
/** Routines and plain functions call each other. */
const twoCollatz = defineRoutine('twoCollatz', 2, (a, b) => {
  const first = makeVariable('first');
  return { steps: [setTo(first, call(collatz, a))], result: add(valueOf(first), mul(1000, call(collatz, b))) };
});
const collatzPlusHalf = defineFunction('collatzPlusHalf', 1, (x) => add(call(collatz, x), 0.5));

const collatzOf = (start: number): number => {
  let count = 0;
  for (let x = start; x > 1; x = x % 2 === 0 ? x / 2 : 3 * x + 1) count++;
  return count;
};

/** The value of an expression of two vectors, at the beginning of memory and after it, in both lanes. */
const ofVectors = (expression: (a: Expr, b: Expr) => Expr, numbers: readonly [number, number, number, number]): readonly number[] => {
  const code = makeCode(0);
  const functions = makeFunctionTable();
  const [a, b] = [0, 1].map((index): Expr => ({ op: 'param', type: 'f64', index })) as [Expr, Expr];
  const locals = [0, 16].map((offset) => {
    const local = code.local(0x7b);
    i32(code, 0);
    vector(code, simd.load);
    memarg(code, offset);
    set(code, local);
    return local;
  });
  const result = evaluate({ code, functions }, expression(a, b), new Map(), (e) => (e.op === 'param' ? locals[e.index] : undefined));
  i32(code, 0);
  get(code, result);
  vector(code, simd.store);
  memarg(code, 32);
  const memory = Float64Array.from([...numbers, 0, 0]);
  runModule([...functions.codes, { params: [], results: [], locals: code.locals, body: code.bytes.result(), export: 'run' }], memory);
  return [...memory.subarray(4)];
};

laws('jit procedures', {
  'variables that are set at once see each other as they were': () => {
    const [a, b, c] = [makeVariable('a'), makeVariable('b'), makeVariable('c')];
    const out = memoryOf('out', 3);
    const sum = add(valueOf(a), valueOf(b));
    const steps = [
      setTo(a, 2),
      setTo(b, 3),
      assign([a, valueOf(b)], [b, valueOf(a)], [c, mul(sum, sum)]),
      ...[a, b, c].map((variable, i) => writeAt(out, i, valueOf(variable))),
    ];
    assert.deepEqual(runSteps(steps, new Map([[out, [0, 0, 0]]])).get(out), [3, 2, 25]);
  },

  'runs of doubles are copied from and to anywhere': () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        (count, from, to, isComputed) => {
          const [source, target] = [memoryOf('source', count + 6), memoryOf('target', count + 6)];
          const place = makeVariable('place');
          const at = (k: number): Integer | number => (isComputed ? plus(truncated(valueOf(place)), k) : k);
          const numbers = Array.from({ length: count + 6 }, (_, i) => i + 0.5);
          const steps = [setTo(place, 0), copyTo(source, at(from), target, at(to), count)];
          const held = runSteps(steps, new Map([[source, numbers] as const, [target, numbers.map(() => GARBAGE)] as const]));
          held.get(target)!.forEach((x, i) => assert.equal(x, i >= to && i < to + count ? i - to + from + 0.5 : GARBAGE));
        },
      ),
    );
  },

  'a routine gives each lane its own result': () =>
    fc.assert(
      fc.property(fc.tuple(whole(1, 300), whole(1, 300), whole(1, 300), whole(1, 300)), (starts) => {
        const [a, b, c, d] = starts.map(collatzOf) as [number, number, number, number];
        assert.deepEqual(
          ofVectors((x) => call(collatz, x), starts),
          [a, b],
        );
        assert.deepEqual(
          ofVectors((x, y) => call(twoCollatz, y, x), starts),
          [c + 1000 * a, d + 1000 * b],
        );
        assert.deepEqual(
          ofVectors((x, y) => sub(call(collatzPlusHalf, y), call(collatz, x)), starts),
          [c - a + 0.5, d - b + 0.5],
        );
      }),
    ),
  'a routine called by a procedure': () => {
    const out = memoryOf('out', 30);
    const held = runSteps(
      [repeat('i', 0, 30, (i) => [writeAt(out, i, call(twoCollatz, numberOf(i), call(collatzPlusHalf, numberOf(plus(i, 1)))))])],
      new Map([[out, new Array<number>(30).fill(0)]]),
    );
    assert.deepEqual(
      held.get(out)!.map((x) => x % 1000),
      Array.from({ length: 30 }, (_, i) => collatzOf(i)),
    );
  },
  'a routine that touches memory is refused': () => {
    const memory = memoryOf('m', 1);
    const reads = defineRoutine('reads', 0, () => ({ steps: [], result: readAt(memory, 0) }));
    assert.throws(() => ofVectors(() => call(reads), [0, 0, 0, 0]), /routine reads touches the memory m/);
  },
  'counters, bounds and indices are whole numbers of 32 bits, wherever they are computed': () =>
    fc.assert(
      fc.property(whole(-3, 6), whole(-3, 6), whole(-2, 5), fc.double({ min: -3, max: 9, noNaN: true }), (from, to, factor, real) => {
        const out = memoryOf('out', 1);
        const [inputs, sum] = [memoryOf('in', 1), makeVariable('sum')];
        const steps = [
          setTo(sum, 0),
          repeat('i', from, truncated(readAt(inputs, 0)), (i) => [
            setTo(sum, add(mul(valueOf(sum), 3), numberOf(minus(7, i)))),
            repeat('j', minus(i, 2), to, (j) => [
              when(lt(numberOf(times(i, j)), 4), [
                setTo(sum, add(valueOf(sum), numberOf(times(plus(i, times(j, factor)), minus(j, truncated(valueOf(sum))))))),
              ]),
              repeat('k', i, times(j, i), (k) => [setTo(sum, sub(valueOf(sum), numberOf(plus(times(plus(i, k), minus(j, 5)), minus(k, k)))))]),
            ]),
          ]),
          writeAt(out, 0, valueOf(sum)),
        ];
        let expected = 0;
        const wrap = (x: number): number => Number(BigInt.asIntN(32, BigInt(x)));
        const cut = (x: number): number => Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1);
        for (let i = from; i < Math.trunc(real); i++) {
          expected = expected * 3 + 7 - i;
          for (let j = i - 2; j < to; j++) {
            if (i * j < 4) expected += wrap((i + j * factor) * (j - cut(expected)));
            for (let k = i; k < j * i; k++) expected -= (i + k) * (j - 5);
          }
        }
        const held = runSteps(
          steps,
          new Map([
            [out, [0]],
            [inputs, [real]],
          ]),
        );
        assert.equal(held.get(out)![0], expected);
      }),
    ),
  'branches, and loops as long as a condition holds': () =>
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 12 }), (numbers) => {
        // Bubble sort, which goes on as long as something was out of order.
        const x = memoryOf('x', numbers.length);
        const [swaps, low] = [makeVariable('swaps'), makeVariable('low')];
        const steps = [
          setTo(swaps, 1),
          repeatWhile(and(ne(valueOf(swaps), 0), lt(valueOf(swaps), 1e9)), [
            setTo(swaps, 0),
            repeat('i', 1, numbers.length, (i) => [
              when(
                lt(readAt(x, i), readAt(x, minus(i, 1))),
                [
                  setTo(low, readAt(x, i)),
                  writeAt(x, i, readAt(x, minus(i, 1))),
                  writeAt(x, truncated(sub(numberOf(i), 1)), valueOf(low)),
                  setTo(swaps, add(valueOf(swaps), 1)),
                ],
                [setTo(swaps, select(eq(valueOf(swaps), 0), 0, div(valueOf(swaps), 1)))],
              ),
            ]),
          ]),
        ];
        const sorted = [...numbers].sort((a, b) => a - b);
        runSteps(steps, new Map([[x, numbers]]))
          .get(x)!
          .forEach((value, i) => assert.ok(value === sorted[i]));
      }),
    ),
  'a cut double is 0 for NaN, and the nearest bound for what is too large': () => {
    const [x, out] = [memoryOf('x', 5), memoryOf('out', 5)];
    const held = runSteps(
      [repeat('i', 0, 5, (i) => [writeAt(out, i, numberOf(truncated(readAt(x, i))))])],
      new Map([
        [x, [NaN, 1e300, -Infinity, -2.9, 2.9]],
        [out, [0, 0, 0, 0, 0]],
      ]),
    );
    assert.deepEqual(held.get(out), [0, 2 ** 31 - 1, -(2 ** 31), -2, 2]);
  },
  'the code of a procedure does not grow with the data': () => {
    const size = (n: number): number => {
      const [a, l] = [memoryOf('a', n * n), memoryOf('l', n * n)];
      const steps = procedureRules['Cholesky']!(
        { inputs: [{ shape: [n, n], dtype: 'float' }], output: { shape: [n, n], dtype: 'float' }, attrs: {} },
        { inputs: [a], output: l, scratch: (doubles) => memoryOf('scratch', doubles) },
      );
      return emitProcedure(steps, { functions: makeFunctionTable(), placeOf: () => ({ begin: 0, isTiled: false }) }).body.length;
    };
    assert.ok(size(1000) <= size(30) + 100);
  },
  'Max and Min': () => reduces(['Max', 'Min'], 1, 'float64', anyNumber),
  'extremes of long rows': () =>
    fc.assert(
      fc.property(
        fc
          .tuple(whole(1, 3), whole(1, 3), whole(6, 40))
          .chain((shape) => fc.tuple(arrayOf(shape, fc.oneof({ weight: 50, arbitrary: finite }, special)), axesIn(3))),
        fc.constantFrom('Max' as const, 'Min' as const),
        ([x, axis], name) => agrees(kernels[name], [x], { axis }),
      ),
    ),
  'Prod, also of nothing': () => reduces(['Prod'], 0, 'float64', anyNumber),
  'Prod of integers has no −0': () => reduces(['Prod'], 0, 'int32', whole(-3, 3)),
  'All and Any, also of nothing': () => reduces(['All', 'Any'], 0, 'bool', truth),
  'ArgMax and ArgMin: the first of equals, NaN before all': () =>
    fc.assert(
      fc.property(
        shapeAndAxis().chain(([shape, axis]) => fc.tuple(arrayOf(shape, anyNumber), fc.constant(axis))),
        fc.constantFrom('ArgMax' as const, 'ArgMin' as const),
        ([x, axis], name) => agrees(kernels[name], [x], { axis }),
      ),
    ),
  'Cumsum and Cumprod': () =>
    fc.assert(
      fc.property(
        shapeAndAxis().chain(([shape, axis]) =>
          fc.tuple(fc.oneof(arrayOf(shape, anyNumber), arrayOf(shape, whole(-3, 3), 'int32'), arrayOf(shape, truth, 'bool')), fc.constant(axis)),
        ),
        fc.constantFrom('Cumsum' as const, 'Cumprod' as const),
        fc.boolean(),
        fc.boolean(),
        ([x, axis], name, exclusive, reverse) => agrees(kernels[name], [x], { axis, exclusive, reverse }),
      ),
    ),
  LinearRecurrence: () =>
    fc.assert(
      fc.property(
        shapeAndAxis().chain(([shape, axis]) => fc.tuple(arrayOf(shape, anyNumber), arrayOf(shape, anyNumber), fc.constant(axis))),
        fc.boolean(),
        ([a, b, axis], reverse) => agrees(kernels.LinearRecurrence, [a, b], { axis, reverse }),
      ),
    ),
  'GatherV2, out of range NaN': () =>
    fc.assert(
      fc.property(
        shapeAndAxis().chain(([shape, axis]) => {
          const from = axis < 0 ? axis + shape.length : axis;
          const index = whole(-1, shape[from]!);
          return fc
            .integer({ min: 0, max: from })
            .chain((batchDims) =>
              shapesOf(0, 2).chain((rest) =>
                fc.tuple(
                  arrayOf(shape, anyNumber),
                  arrayOf(
                    [...shape.slice(0, batchDims), ...rest],
                    fc.oneof({ weight: 9, arbitrary: index }, { weight: 1, arbitrary: fc.constantFrom(1e9, -1e9) }),
                    'int32',
                  ),
                  fc.constant({ axis, batchDims }),
                ),
              ),
            );
        }),
        ([x, indices, attrs]) => agrees(kernels.GatherV2, [x, indices], attrs),
      ),
    ),
  'UnsortedSegmentSum, ids out of range left out': () =>
    fc.assert(
      fc.property(
        shapesOf(1, 3).chain((shape) => fc.tuple(arrayOf(shape, anyNumber), arrayOf([shape[0]!], whole(-1, 5), 'int32'))),
        whole(0, 5),
        ([x, ids], numSegments) => agrees(kernels.UnsortedSegmentSum, [x, ids], { numSegments }),
      ),
    ),
  OneHot: () =>
    fc.assert(
      fc.property(
        shapesOf(0, 3).chain((shape) => arrayOf(shape, whole(-1, 6), 'int32')),
        whole(0, 6),
        finite,
        finite,
        (indices, depth, onValue, offValue) => agrees(kernels.OneHot, [indices], { depth, onValue, offValue, dtype: 'float32' }),
      ),
    ),
  Tile: () =>
    fc.assert(
      fc.property(
        shapesOf(0, 3).chain((shape) => fc.tuple(arrayOf(shape, anyNumber), fc.tuple(...shape.map(() => whole(0, 3))))),
        ([x, reps]) => agrees(kernels.Tile, [x], { reps }),
      ),
    ),
  'PadV2 with any constant': () =>
    fc.assert(
      fc.property(
        shapesOf(0, 3).chain((shape) => fc.tuple(arrayOf(shape, anyNumber), fc.tuple(...shape.map(() => fc.tuple(whole(0, 3), whole(0, 3)))))),
        anyNumber,
        ([x, paddings], constantValue) => agrees(kernels.PadV2, [x], { paddings, constantValue }),
      ),
    ),
  'Einsum of any labels': () => {
    const labels = fc.array(fc.constantFrom(...'ijkl'), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc
          .tuple(fc.array(labels, { minLength: 1, maxLength: 3 }), fc.tuple(whole(0, 3), whole(1, 4), whole(1, 5), whole(1, 3)), labels, fc.boolean())
          .chain(([inputs, [i, j, k, l], output, isImplied]) => {
            const extents: Readonly<Record<string, number>> = { i, j, k, l };
            const equation = `${inputs.map((own) => own.join('')).join(',')}${isImplied ? '' : `->${output.join('')}`}`;
            return fc.tuple(
              fc.tuple(
                ...inputs.map((own) =>
                  arrayOf(
                    own.map((label) => extents[label]!),
                    anyNumber,
                  ),
                ),
              ),
              // Labels of the output alone have their extents from the attributes.
              fc.constant(isImplied ? { equation } : { equation, sizes: Object.fromEntries(output.map((label) => [label, extents[label]!])) }),
            );
          }),
        ([inputs, attrs]) => agrees(kernels.Einsum, inputs, attrs),
      ),
    );
  },
  'Cholesky factors, and NaN where there is none': () => {
    const hasFactor = (a: NDArray): boolean => run(kernels.Cholesky, [a]).data.every((x) => !Number.isNaN(x));
    const sizes = fc.tuple(shapesOf(0, 2), whole(0, 14));
    fc.assert(
      fc.property(
        sizes.chain(([batch, n]) => fc.tuple(positiveDefinite(batch, n), arrayOf([...batch, n, n], anyNumber))),
        ([definite, any]) => {
          const negative = makeNDArray(
            definite.data.map((x) => -x),
            definite.shape,
          );
          for (const a of [definite, negative, any]) agrees(kernels.Cholesky, [a], {});
          assert.ok(hasFactor(definite));
          if (negative.data.length > 0) assert.ok(!hasFactor(negative));
        },
      ),
    );
    // A pivot of exactly 0 is none.
    for (const data of [[0], [1, 1, 1, 1], [4, 2, 2, 1]])
      agrees(kernels.Cholesky, [makeNDArray(Float64Array.from(data), [data.length ** 0.5, data.length ** 0.5])], {});
  },
  'TriangularSolve, of either triangle and its transpose, batches broadcast': () =>
    fc.assert(
      fc.property(
        fc
          .tuple(
            shapesOf(0, 2),
            fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
            fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
            whole(0, 9),
            whole(0, 9),
          )
          .chain(([batch, ones, others, n, columns]) => {
            const part = (isOne: readonly boolean[]): number[] => batch.map((extent, i) => (isOne[i] === true ? 1 : extent));
            return fc.tuple(arrayOf([...part(ones), n, n], anyNumber), arrayOf([...part(others), n, columns], anyNumber));
          }),
        fc.boolean(),
        fc.boolean(),
        (inputs, lower, transpose) => agrees(kernels.TriangularSolve, inputs, { lower, transpose }),
      ),
    ),
});
