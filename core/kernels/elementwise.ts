/** What elementwise kernels share: broadcasting, dtype rules, running over buffers, and gradients summed back to the inputs' shapes. */
import { broadcastShapes, broadcastStrides, sameShape, sizeOf, type Shape } from '../shape.ts';
import type { AnyArray, Aval, DType } from '../value.ts';
import { runOver } from '../loop/columnFunctions.ts';
import type { ScalarFunction } from '../loop/expression.ts';
import { defineKernel, type Attrs, type Buffer, type Kernel } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

/** float: to float; numeric: the common dtype, bool counted as int32; compare: numeric in, bool out; logical: bool in and out. */
type DTypeRule = 'float' | 'numeric' | 'compare' | 'test' | 'logical';

const promote = (inputs: readonly Aval[]): DType => (inputs.some((x) => x.dtype === 'float') ? 'float' : 'int32');

const outputDType = (rule: DTypeRule, inputs: readonly Aval[]): DType => (rule === 'float' ? 'float' : rule === 'numeric' ? promote(inputs) : 'bool');

const inputDType = (rule: DTypeRule, inputs: readonly Aval[]): DType =>
  rule === 'float' || rule === 'test' ? 'float' : rule === 'logical' ? 'bool' : promote(inputs);

/** What a kernel computes, as code, which may depend on its settings: eagerly it has the bits of compiled code. */
export interface Code {
  readonly code: (attrs: Attrs) => ScalarFunction;
}

export const code = (fn: ScalarFunction): Code => ({ code: () => fn });
export const codeOf = (of: (attrs: Attrs) => ScalarFunction): Code => ({ code: of });

type Real = (x: number, attrs: Attrs) => number;
type RealOfTwo = (a: number, b: number) => number;

const runUnary = (f: Real, out: Buffer, x: Buffer, attrs: Attrs): void => {
  for (let i = 0; i < out.data.length; i++) out.data[i] = f(x.data[i]!, attrs);
};

/** Calls `visit(i, j…)` for each element of `shape` with the offset of each broadcast input. */
export const eachBroadcast = (shape: Shape, inputs: readonly Shape[], visit: (at: number, offsets: readonly number[]) => void): void => {
  const strides = inputs.map((input) => broadcastStrides(input, shape));
  const index = new Array<number>(shape.length).fill(0);
  const offsets = inputs.map(() => 0);
  const size = sizeOf(shape);
  for (let at = 0; at < size; at++) {
    visit(at, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const wrapped = ++index[axis]! === shape[axis];
      for (let k = 0; k < strides.length; k++) offsets[k]! += wrapped ? -strides[k]![axis]! * (shape[axis]! - 1) : strides[k]![axis]!;
      if (!wrapped) break;
      index[axis] = 0;
    }
  }
};

/** Copies what an input has for each element of `shape`, unless it has one number for all, or one for each. */
const alongside = (shape: Shape, input: Buffer): Buffer['data'] => {
  if (input.data.length === 1 || sameShape(input.shape, shape)) return input.data;
  const copy = new Float64Array(sizeOf(shape));
  eachBroadcast(shape, [input.shape], (at, [i]) => (copy[at] = input.data[i!]!));
  return copy;
};

/** Runs a function of as many numbers as there are inputs, which broadcast. */
export const runCode = (fn: ScalarFunction, out: Buffer, inputs: readonly Buffer[]): void => {
  const numbers = inputs.map((input) => alongside(out.shape, input));
  runOver(fn, out.data, (params, begin, count) => {
    for (let p = 0; p < numbers.length; p++) {
      const [{ f: to }, from] = [params[p]!, numbers[p]!];
      if (from.length === 1) to.fill(from[0]!, 0, count);
      else for (let i = 0; i < count; i++) to[i] = from[begin + i]!;
    }
  });
};

const runBinary = (f: RealOfTwo, out: Buffer, a: Buffer, b: Buffer): void => {
  const { data } = out;
  const [x, y] = [a.data, b.data];
  if (x.length === data.length && y.length === data.length) for (let i = 0; i < data.length; i++) data[i] = f(x[i]!, y[i]!);
  else if (y.length === 1) for (let i = 0; i < data.length; i++) data[i] = f(x[i]!, y[0]!);
  else if (x.length === 1) for (let i = 0; i < data.length; i++) data[i] = f(x[0]!, y[i]!);
  else eachBroadcast(out.shape, [a.shape, b.shape], (at, [i, j]) => (data[at] = f(x[i!]!, y[j!]!)));
};

/** Sums a gradient over the axes along which an input of `shape` was broadcast. */
export const unbroadcast = (ops: typeof Ops, gradient: AnyArray, shape: Shape): AnyArray => {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((extent, i) => (i < lead || (shape[i - lead] === 1 && extent !== 1) ? [i] : []));
  const summed = axes.length === 0 ? gradient : ops.sum(gradient, axes);
  return sameShape(summed.shape, shape) ? summed : ops.reshape(summed, shape);
};

export type UnaryVjp = (ops: typeof Ops, dy: AnyArray, x: AnyArray, y: AnyArray, attrs: Attrs) => AnyArray;

/** How a gradient is given: `'zero'`, a rule in x, one in y alone (so that x need not be saved), or one in both. */
type UnaryGradient = 'zero' | { readonly x: UnaryVjp } | { readonly y: UnaryVjp } | { readonly dy: UnaryVjp };

/** Defines a kernel of one input, computed element by element: by code, or by operations that are exact or rounded once on every machine. */
export const unary = (
  name: string,
  f: Code | Real,
  gradient: UnaryGradient,
  rule: DTypeRule = 'float',
  input = 'x',
  tfjsFails: Kernel['tfjsFails'] = () => false,
): Kernel => {
  const vjp = gradient === 'zero' ? undefined : 'x' in gradient ? gradient.x : 'y' in gradient ? gradient.y : gradient.dy;
  return defineKernel({
    name,
    inputs: [input],
    shape: ([x]) => ({ shape: x!.shape, dtype: outputDType(rule, [x!]) }),
    cast: (inputs) => [inputDType(rule, inputs)],
    run: (out, [x], attrs) => (typeof f === 'function' ? runUnary(f, out, x!, attrs) : runCode(f.code(attrs), out, [x!])),
    tfjsFails,
    saves: { inputs: gradient !== 'zero' && 'x' in gradient, output: gradient !== 'zero' && 'y' in gradient },
    vjp: vjp === undefined ? 'zero' : (ops, { dy, inputs, output, attrs }) => [() => vjp(ops, dy, inputs[0]!, output, attrs)],
  });
};

/** The contribution to each of the two inputs, before it is summed back to that input's shape. */
type BinaryVjp = (ops: typeof Ops, dy: AnyArray, a: AnyArray, b: AnyArray, y: AnyArray) => readonly [() => AnyArray, () => AnyArray];

/** Defines a kernel of two inputs that broadcast, likewise. */
export const binary = (name: string, f: Code | RealOfTwo, vjp: 'zero' | BinaryVjp, rule: DTypeRule = 'numeric', savesOutput = false): Kernel =>
  defineKernel({
    name,
    inputs: ['a', 'b'],
    shape: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: outputDType(rule, [a!, b!]) }),
    cast: (inputs) => [inputDType(rule, inputs), inputDType(rule, inputs)],
    run: (out, [a, b], attrs) => (typeof f === 'function' ? runBinary(f, out, a!, b!) : runCode(f.code(attrs), out, [a!, b!])),
    saves: { inputs: vjp !== 'zero', output: savesOutput },
    vjp:
      vjp === 'zero'
        ? 'zero'
        : (ops, { dy, inputs, output }) => {
            const [a, b] = [inputs[0]!, inputs[1]!];
            const [da, db] = vjp(ops, dy, a, b, output);
            return [() => unbroadcast(ops, da(), a.shape), () => unbroadcast(ops, db(), b.shape)];
          },
  });
