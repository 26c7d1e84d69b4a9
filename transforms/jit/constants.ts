/** Constant arrays of one compilation: where they lie, and arithmetic on them that is done once, while it compiles. */
import { defineFunction, operandsOf, type Affine, type Expr, type Memory } from '../../core/loop/expression.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';

export interface Constants {
  readonly all: ReadonlyMap<Memory, NDArray>;
  readonly add: (memory: Memory, value: NDArray) => void;
  /** The numbers 0, 1, 2 … below a size. */
  readonly counting: (size: number) => Memory;
  /** The load that stands for an operation on constant arrays, element by element; `undefined` for any other. */
  readonly folded: (e: Expr) => { readonly memory: Memory; readonly index: Affine } | undefined;
}

/** Beyond this the array would cost more to read than the arithmetic that it saves, or to compute while compiling. */
const FOLDED_SIZE = 4096;

const sameIndex = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset &&
  a.terms.length === b.terms.length &&
  a.terms.every(({ axis, stride }, i) => axis === b.terms[i]!.axis && stride === b.terms[i]!.stride);

export const makeConstants = (): Constants => {
  const all = new Map<Memory, NDArray>();
  const counts = new Map<number, Memory>();
  const add = (memory: Memory, value: NDArray): void => void all.set(memory, value);
  return {
    all,
    add,
    counting: (size) => {
      const known = counts.get(size);
      if (known !== undefined) return known;
      const memory: Memory = { name: `counting${size}`, size };
      counts.set(size, memory);
      const numbers = Float64Array.from({ length: size }, (_, i) => i);
      add(memory, makeNDArray(numbers, [size]));
      return memory;
    },
    folded: (e) => {
      const args = operandsOf(e);
      const loads = args.filter((arg) => arg.op === 'load');
      const [first] = loads;
      if (e.type !== 'f64' || first === undefined || loads.length + args.filter((arg) => arg.op === 'const').length < args.length) return undefined;
      const { size } = first.buffer;
      if (size > FOLDED_SIZE || !loads.every(({ buffer, index }) => buffer.size === size && sameIndex(index, first.index) && all.has(buffer))) return undefined;
      const f = functionOf(defineFunction('folded', args.length, (...params) => ({ ...e, args: params }) as Expr));
      const columns = args.map((arg) => (arg.op === 'load' ? all.get(arg.buffer)!.data : arg.op === 'const' ? arg.value : 0));
      const data = Float64Array.from({ length: size }, (_, i) => f(...columns.map((column) => (typeof column === 'number' ? column : column[i]!))));
      const memory: Memory = { name: `folded${all.size}`, size };
      add(memory, makeNDArray(data, [size]));
      return { memory, index: first.index };
    },
  };
};
