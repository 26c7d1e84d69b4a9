/** What the templates of procedures share: loops over index spaces, and sums of products side by side. */
import { mul, ne, sub, type Expr, type Memory } from '../../../core/loop/expression.ts';
import { makeVariable, plus, repeat, setTo, times, truncated, valueOf, writeAt, type Integer, type Step } from '../../../core/loop/procedure.ts';
import type { Attrs } from '../../../core/kernels/kernel.ts';
import { sizeOf, type Shape } from '../../../core/shape.ts';
import type { Aval } from '../../../core/value.ts';

/** How a kernel is computed: the steps that fill the output's memory, whatever it held before. Arrays are contiguous, row-major. */
export type ProcedureRule = (
  node: { readonly inputs: readonly Aval[]; readonly output: Aval; readonly attrs: Attrs },
  memories: { readonly inputs: readonly Memory[]; readonly output: Memory; readonly scratch: (doubles: number) => Memory },
) => readonly Step[];

/** A loop of `nest`: its extent, and the stride of each array along it. */
interface Level {
  readonly extent: number;
  readonly strides: readonly number[];
}

/** The axes of a shape as loops, one for each run of axes along which all arrays lie as if they were one axis. */
const levelsOf = (shape: Shape, strides: readonly (readonly number[])[]): readonly Level[] =>
  shape.reduce<readonly Level[]>((levels, extent, axis) => {
    if (extent === 1) return levels;
    const own: Level = { extent, strides: strides.map((array) => array[axis]!) };
    const outer = levels.at(-1);
    const isOne = outer?.strides.every((stride, k) => stride === extent * own.strides[k]!);
    return isOne === true ? [...levels.slice(0, -1), { extent: extent * outer!.extent, strides: own.strides }] : [...levels, own];
  }, []);

/** The body for every index of a shape, in order, given where it is in each of some arrays of these strides. */
export const nest = (shape: Shape, strides: readonly (readonly number[])[], body: (offsets: readonly Integer[]) => readonly Step[]): readonly Step[] => {
  const levels = levelsOf(shape, strides);
  const loop = (depth: number, offsets: readonly Integer[]): readonly Step[] => {
    const level = levels[depth];
    if (level === undefined) return body(offsets);
    return [
      repeat(`i${depth}`, 0, level.extent, (i) =>
        loop(
          depth + 1,
          offsets.map((offset, k) => plus(offset, times(i, level.strides[k]!))),
        ),
      ),
    ];
  };
  return loop(
    0,
    strides.map((): Integer => ({ kind: 'whole', value: 0 })),
  );
};

/** One number, everywhere in an array. */
export const fill = (memory: Memory, { shape }: Aval, value: number): Step => repeat('i', 0, sizeOf(shape), (i) => [writeAt(memory, i, value)]);

/** The body with an index that a double gives: cut to a whole number once, it can be used in the addresses of inner loops. */
export const withIndex = (name: string, of: Expr, body: (index: Integer) => readonly Step[]): Step => {
  const index = truncated(of);
  return repeat(name, index, plus(index, 1), body);
};

/** Whether a double is not a number. */
export const isNaN = (x: Expr): Expr => ne(x, x);

/**
 * For each of `width` elements side by side: start − Σ_k factor(k) · other(k), in order of k, then `finish`.
 * Side by side, so that no subtraction waits for the one before it, and the shared factor is read once.
 */
export const subtractProducts = (
  width: number,
  count: Integer | number,
  start: (lane: number) => Expr,
  factor: (k: Integer) => Expr,
  other: (k: Integer, lane: number) => Expr,
  finish: (rest: Expr, lane: number) => Step,
): readonly Step[] => {
  const rests = Array.from({ length: width }, (_, lane) => makeVariable(`rest${lane}`));
  const shared = makeVariable('factor');
  return [
    ...rests.map((rest, lane) => setTo(rest, start(lane))),
    repeat('k', 0, count, (k) => [
      setTo(shared, factor(k)),
      ...rests.map((rest, lane) => setTo(rest, sub(valueOf(rest), mul(valueOf(shared), other(k, lane))))),
    ]),
    ...rests.map((rest, lane) => finish(valueOf(rest), lane)),
  ];
};
