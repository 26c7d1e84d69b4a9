/** The plain interpreter of scalar expressions, in float64: the oracle of what the compiler emits. */
import { kindlingError } from '../errors.ts';
import { schedule, type Expr, type ScalarFunction } from './expression.ts';

const nearestEven = (x: number): number => {
  const down = Math.floor(x);
  const rest = x - down;
  const rounded = rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  // The sign of a zero is that of what was rounded.
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Number.isFinite(x) ? rounded : x;
};

const unary: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  nearest: nearestEven,
};

const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};

const compare: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const integer: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  iadd: (a, b) => a + b,
  isub: (a, b) => a - b,
  iand: (a, b) => a & b,
  ior: (a, b) => a | b,
  ixor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shrU: (a, b) => BigInt.asUintN(64, a) >> b,
  shrS: (a, b) => a >> b,
  ieq: (a, b) => (a === b ? -1n : 0n),
  ilt: (a, b) => (a < b ? -1n : 0n),
  igt: (a, b) => (a > b ? -1n : 0n),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/** One step: reads and writes numbered slots, seen as doubles and as integers at once. */
type Step = (doubles: Float64Array, integers: BigInt64Array, args: readonly number[]) => void;

const stepOf = (e: Expr, slot: number, at: readonly number[]): Step => {
  const [i, j, k] = at as [number, number, number];
  switch (e.op) {
    case 'const':
      return (f) => (f[slot] = e.value);
    case 'bits':
      return (_, n) => (n[slot] = e.value);
    case 'param':
      return (f, _, args) => (f[slot] = args[e.index]!);
    case 'toBits':
    case 'fromBits':
      return (_, n) => (n[slot] = n[i]!);
    case 'not':
      return (_, n) => (n[slot] = ~n[i]!);
    case 'select':
      return (_, n) => (n[slot] = n[i] === 0n ? n[k]! : n[j]!);
    case 'call': {
      const inner = functionOf(e.fn);
      return (f) => (f[slot] = inner(...at.map((from) => f[from]!)));
    }
    default: {
      const { op } = e;
      const one = unary[op];
      if (one !== undefined) return (f) => (f[slot] = one(f[i]!));
      const two = binary[op];
      if (two !== undefined) return (f) => (f[slot] = two(f[i]!, f[j]!));
      const test = compare[op];
      if (test !== undefined) return (f, n) => (n[slot] = test(f[i]!, f[j]!) ? -1n : 0n);
      const whole = integer[op];
      if (whole !== undefined) return (_, n) => (n[slot] = whole(n[i]!, n[j]!));
      throw kindlingError('Unsupported', { message: `the interpreter has no rule for ${op}` });
    }
  }
};

const compiled = new WeakMap<ScalarFunction, (...args: readonly number[]) => number>();

/** A scalar function as one of JavaScript, computed step by step as its expression says. */
export const functionOf = (fn: ScalarFunction): ((...args: readonly number[]) => number) => {
  const known = compiled.get(fn);
  if (known !== undefined) return known;
  const order = schedule([fn.body]);
  const slots = new Map(order.map((e, i) => [e, i]));
  const steps = order.map((e, slot) => stepOf(e, slot, 'args' in e ? e.args.map((arg) => slots.get(arg)!) : []));
  const buffer = new ArrayBuffer(8 * order.length);
  const [doubles, integers] = [new Float64Array(buffer), new BigInt64Array(buffer)];
  const run = (...args: readonly number[]): number => {
    for (const step of steps) step(doubles, integers, args);
    return doubles[order.length - 1]!;
  };
  compiled.set(fn, run);
  return run;
};
