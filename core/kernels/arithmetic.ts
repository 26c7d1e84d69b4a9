/** The arithmetic kernels: addition to powers, rounding, comparison, logic and selection. */
import { atan2 } from '../loop/functions/inverseTrigonometric.ts';
import { pow } from '../loop/functions/pow.ts';
import { nearestEven } from '../loop/operations.ts';
import { broadcastShapes } from '../shape.ts';
import { binary, code, eachBroadcast, unary, unbroadcast } from './elementwise.ts';
import type { AnyArray } from '../value.ts';
import { defineKernel, type Kernel } from './kernel.ts';

export const Add: Kernel = binary(
  'Add',
  (a, b) => a + b,
  (_, dy) => [() => dy, () => dy],
);
export const Sub: Kernel = binary(
  'Sub',
  (a, b) => a - b,
  (ops, dy) => [() => dy, () => ops.neg(dy)],
);
export const Multiply: Kernel = binary(
  'Multiply',
  (a, b) => a * b,
  (ops, dy, a, b) => [() => ops.mul(dy, b), () => ops.mul(dy, a)],
);

/**
 * a·b, but 0 where a is 0, whatever b is: TensorFlow's `MulNoNan` with the arguments the other way round.
 * Gradients use it for dy·f′(x): in a branch that `where` did not take dy is 0, and f′ may be infinite.
 */
export const MulNoNan: Kernel = binary(
  'MulNoNan',
  (a, b) => (a === 0 ? 0 : a * b),
  (ops, dy, a, b) => [() => ops.gradientProduct(dy, b), () => ops.gradientProduct(a, dy)],
  'float',
);

export const RealDiv: Kernel = binary(
  'RealDiv',
  (a, b) => a / b,
  (ops, dy, a, b) => {
    const da = (): AnyArray => ops.gradientProduct(dy, ops.reciprocal(b));
    return [da, () => ops.neg(ops.gradientProduct(da(), ops.div(a, b)))];
  },
  'float',
);

export const FloorDiv: Kernel = binary('FloorDiv', (a, b) => Math.floor(a / b), 'zero');
export const Mod: Kernel = binary(
  'Mod',
  (a, b) => a - b * Math.floor(a / b),
  (ops, dy, a, b) => [() => dy, () => ops.neg(ops.mul(dy, ops.floor(ops.div(a, b))))],
);

export const Pow: Kernel = binary(
  'Pow',
  code(pow),
  (ops, dy, a, b, y) => [
    // At b = 0 the derivative is 0 even where a = 0; and log a is not asked for where a ≤ 0, as in JAX.
    () => ops.gradientProduct(dy, ops.where(ops.equal(b, 0), 0, ops.mul(b, ops.pow(a, ops.sub(b, 1))))),
    () => ops.gradientProduct(dy, ops.gradientProduct(y, ops.log(ops.where(ops.greater(a, 0), a, 1)))),
  ],
  'float',
  true,
);

export const SquaredDifference: Kernel = binary(
  'SquaredDifference',
  (a, b) => (a - b) * (a - b),
  (ops, dy, a, b) => {
    const da = (): AnyArray => ops.mul(ops.mul(dy, 2), ops.sub(a, b));
    return [da, () => ops.neg(da())];
  },
);

/** The share of each side's gradient: all to the larger, halves on a tie, as in JAX. */
export const Maximum: Kernel = binary('Maximum', Math.max, (ops, dy, a, b) => {
  const toA = (): AnyArray => ops.div(ops.add(ops.cast(ops.greater(a, b), 'float32'), ops.cast(ops.greaterEqual(a, b), 'float32')), 2);
  return [() => ops.mul(dy, toA()), () => ops.mul(dy, ops.sub(1, toA()))];
});
export const Minimum: Kernel = binary('Minimum', Math.min, (ops, dy, a, b) => {
  const toA = (): AnyArray => ops.div(ops.add(ops.cast(ops.less(a, b), 'float32'), ops.cast(ops.lessEqual(a, b), 'float32')), 2);
  return [() => ops.mul(dy, toA()), () => ops.mul(dy, ops.sub(1, toA()))];
});

export const Atan2: Kernel = binary(
  'Atan2',
  code(atan2),
  (ops, dy, a, b) => {
    const scale = (): AnyArray => ops.reciprocal(ops.add(ops.square(a), ops.square(b)));
    return [() => ops.gradientProduct(dy, ops.mul(b, scale())), () => ops.neg(ops.gradientProduct(dy, ops.mul(a, scale())))];
  },
  'float',
);

export const Neg: Kernel = unary('Neg', (x) => -x, { dy: (ops, dy) => ops.neg(dy) }, 'numeric');
export const Abs: Kernel = unary('Abs', Math.abs, { x: (ops, dy, x) => ops.mul(dy, ops.sign(x)) }, 'numeric');
export const Sign: Kernel = unary('Sign', Math.sign, 'zero', 'numeric');
export const Square: Kernel = unary('Square', (x) => x * x, { x: (ops, dy, x) => ops.mul(dy, ops.mul(x, 2)) }, 'numeric');
export const Floor: Kernel = unary('Floor', Math.floor, 'zero');
export const Ceil: Kernel = unary('Ceil', Math.ceil, 'zero');

/** To the nearest integer, halves to the even one, as NumPy and tfjs do. */
export const Round: Kernel = unary('Round', nearestEven, 'zero');

export const ClipByValue: Kernel = unary(
  'ClipByValue',
  (x, { clipValueMin, clipValueMax }) => Math.min(Math.max(x, clipValueMin as number), clipValueMax as number),
  {
    x: (ops, dy, x, _, { clipValueMin, clipValueMax }) =>
      ops.where(ops.logicalAnd(ops.greaterEqual(x, clipValueMin as number), ops.lessEqual(x, clipValueMax as number)), dy, 0),
  },
);

export const Equal: Kernel = binary('Equal', (a, b) => Number(a === b), 'zero', 'compare');
export const NotEqual: Kernel = binary('NotEqual', (a, b) => Number(a !== b), 'zero', 'compare');
export const Less: Kernel = binary('Less', (a, b) => Number(a < b), 'zero', 'compare');
export const LessEqual: Kernel = binary('LessEqual', (a, b) => Number(a <= b), 'zero', 'compare');
export const Greater: Kernel = binary('Greater', (a, b) => Number(a > b), 'zero', 'compare');
export const GreaterEqual: Kernel = binary('GreaterEqual', (a, b) => Number(a >= b), 'zero', 'compare');
export const LogicalAnd: Kernel = binary('LogicalAnd', (a, b) => Number(a !== 0 && b !== 0), 'zero', 'logical');
export const LogicalOr: Kernel = binary('LogicalOr', (a, b) => Number(a !== 0 || b !== 0), 'zero', 'logical');
export const LogicalXor: Kernel = binary('LogicalXor', (a, b) => Number((a !== 0) !== (b !== 0)), 'zero', 'logical');
export const LogicalNot: Kernel = unary('LogicalNot', (x) => Number(x === 0), 'zero', 'logical');
export const IsNan: Kernel = unary('IsNan', (x) => Number(Number.isNaN(x)), 'zero', 'test');
export const IsInf: Kernel = unary('IsInf', (x) => Number(Math.abs(x) === Infinity), 'zero', 'test');
export const IsFinite: Kernel = unary('IsFinite', (x) => Number(Number.isFinite(x)), 'zero', 'test');

/** condition ? t : e, all three broadcast. The side not taken gets a gradient of exactly 0. */
export const Select: Kernel = defineKernel({
  name: 'Select',
  inputs: ['condition', 't', 'e'],
  shape: ([condition, t, e]) => ({
    shape: broadcastShapes(condition!.shape, t!.shape, e!.shape),
    dtype: t!.dtype === 'float' || e!.dtype === 'float' ? 'float' : t!.dtype === 'bool' && e!.dtype === 'bool' ? 'bool' : 'int32',
  }),
  cast: (_, output) => ['bool', output.dtype, output.dtype],
  // It writes four bytes for each boolean, over whatever follows.
  tfjsFails: ([, t]) => t!.dtype === 'bool',
  run: (out, inputs) => {
    const [condition, t, e] = [inputs[0]!, inputs[1]!, inputs[2]!];
    eachBroadcast(out.shape, [condition.shape, t.shape, e.shape], (at, [c, i, j]) => {
      out.data[at] = condition.data[c!] !== 0 ? t.data[i!]! : e.data[j!]!;
    });
  },
  saves: { inputs: true, output: false },
  vjp: (ops, { dy, inputs }) => {
    const [condition, t, e] = [inputs[0]!, inputs[1]!, inputs[2]!];
    return [undefined, () => unbroadcast(ops, ops.where(condition, dy, 0), t.shape), () => unbroadcast(ops, ops.where(condition, 0, dy), e.shape)];
  },
});

/** To another dtype: bool means "not 0", int32 truncates. */
export const Cast: Kernel = defineKernel({
  name: 'Cast',
  inputs: ['x'],
  shape: ([x], { dtype }) => ({ shape: x!.shape, dtype: dtype === 'float32' ? 'float' : (dtype as 'int32' | 'bool') }),
  run: (out, [x], { dtype }) => {
    const to = dtype === 'bool' ? (v: number): number => Number(v !== 0) : dtype === 'int32' ? Math.trunc : (v: number): number => v;
    for (let i = 0; i < out.data.length; i++) out.data[i] = to(x!.data[i]!);
  },
  // It takes the low byte of a truncated number for its truth.
  tfjsFails: (_, { dtype }) => dtype === 'bool',
  saves: { inputs: false, output: false },
  vjp: (_, { dy, attrs }) => [attrs['dtype'] === 'float32' ? () => dy : undefined],
});

export const Identity: Kernel = defineKernel({
  name: 'Identity',
  inputs: ['x'],
  shape: ([x]) => x!,
  run: (out, [x]) => out.data.set(x!.data),
  saves: { inputs: false, output: false },
  vjp: (_, { dy }) => [() => dy],
});

/** The same value, of which nothing is differentiated: JAX's `stop_gradient`. */
export const StopGradient: Kernel = defineKernel({
  name: 'StopGradient',
  inputs: ['x'],
  shape: ([x]) => x!,
  run: (out, [x]) => out.data.set(x!.data),
  saves: { inputs: false, output: false },
  vjp: 'zero',
});
