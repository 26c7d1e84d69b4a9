/** Constant arrays of one compilation: where they lie, and arithmetic on them that is done once, while it compiles. */
import { defineFunction, operandsOf, type Affine, type Expr, type Memory } from '../../core/loop/expression.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';

export interface Constants {
  readonly all: ReadonlyMap<Memory, NDArray>;
  readonly add: (memory: Memory, value: NDArray) => void;
  /** The numbers 0, 1, 2 … below a size. */
  readonly counting: (size: number) => Memory;
  /** What stands for an operation on constant arrays, element by element: a load, or a number where all elements are the same; `undefined` for any other. */
  readonly folded: (e: Expr) => { readonly memory: Memory; readonly index: Affine } | number | undefined;
}

/** Beyond this the array would cost more to read than the arithmetic that it saves, or to compute while compiling. */
const FOLDED_SIZE = 16_384;

const sameIndex = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset &&
  a.terms.length === b.terms.length &&
  a.terms.every(({ axis, stride }, i) => axis === b.terms[i]!.axis && stride === b.terms[i]!.stride);

type Leaf = Expr & { readonly op: 'load' | 'const' };

/** The loads and numbers that an operation is of, through truth values; `undefined` where it is of anything else. */
const leavesOf = (e: Expr): readonly Leaf[] | undefined => {
  const leaves = new Set<Leaf>();
  const stack = [...operandsOf(e)];
  while (stack.length > 0) {
    const part = stack.pop()!;
    if (part.op === 'load' || part.op === 'const') leaves.add(part);
    else if (part.type === 'mask') stack.push(...operandsOf(part));
    else return undefined;
  }
  return [...leaves];
};

/** An operation with other leaves. */
const withLeaves = (e: Expr, leaves: ReadonlyMap<Expr, Expr>): Expr => {
  const known = leaves.get(e);
  if (known !== undefined) return known;
  return operandsOf(e).length === 0 ? e : ({ ...e, args: operandsOf(e).map((part) => withLeaves(part, leaves)) } as Expr);
};

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
      const leaves = e.type === 'f64' ? leavesOf(e) : undefined;
      const loads = leaves?.filter((leaf) => leaf.op === 'load') ?? [];
      const [first] = loads;
      if (leaves === undefined || first === undefined) return undefined;
      const { size } = first.buffer;
      if (size > FOLDED_SIZE || !loads.every(({ buffer, index }) => buffer.size === size && sameIndex(index, first.index) && all.has(buffer))) return undefined;
      const params = new Map<Expr, Expr>();
      const f = functionOf(
        defineFunction('folded', loads.length, (...own) => {
          loads.forEach((load, i) => params.set(load, own[i]!));
          return withLeaves(e, params);
        }),
      );
      const columns = loads.map(({ buffer }) => all.get(buffer)!.data);
      const data = Float64Array.from({ length: size }, (_, i) => f(...columns.map((column) => column[i]!)));
      if (data.every((x) => Object.is(x, data[0]))) return data[0];
      const memory: Memory = { name: `folded${all.size}`, size };
      add(memory, makeNDArray(data, [size]));
      return { memory, index: first.index };
    },
  };
};
