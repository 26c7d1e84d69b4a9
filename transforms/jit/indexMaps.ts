/** Index maps: layouts such as reshape, transpose and slice as functions from an index of the result to one of the operand. */
import type { Affine, Axis } from '../../core/loop/expression.ts';
import type { Attrs } from '../../core/kernels/kernel.ts';
import { normalizeAxes, normalizeAxis, stridesOf, type Shape } from '../../core/shape.ts';
import { operandsOfNode, type Graph, type GraphNode } from './graph.ts';

/** An index of an array: for each dimension an offset and multiples of axes. */
export type Index = readonly Affine[];

export const at = (offset: number): Affine => ({ offset, terms: [] });
export const along = (axis: Axis): Affine => ({ offset: 0, terms: [{ axis, stride: 1 }] });

/** Σ factor · part, terms of one axis joined. */
export const combine = (parts: readonly (readonly [part: Affine, factor: number])[], offset: number = 0): Affine => {
  const strides = new Map<Axis, number>();
  let total = offset;
  for (const [part, factor] of parts) {
    total += part.offset * factor;
    for (const { axis, stride } of part.terms) strides.set(axis, (strides.get(axis) ?? 0) + stride * factor);
  }
  return { offset: total, terms: [...strides].filter(([, stride]) => stride !== 0).map(([axis, stride]) => ({ axis, stride })) };
};

/** The element of a contiguous array at an index. */
export const flatIndex = (shape: Shape, index: Index): Affine => {
  const strides = stridesOf(shape);
  return combine(index.map((part, i) => [part, strides[i]!] as const));
};

/** The index, in an operand that broadcasts, of an element of the result. */
export const broadcastIndex = (index: Index, shape: Shape): Index => {
  const lead = index.length - shape.length;
  // The same index again where nothing is broadcast: who knows it need not look into it.
  if (lead === 0 && !shape.includes(1)) return index;
  return shape.map((extent, i) => (extent === 1 ? at(0) : index[lead + i]!));
};

/** The digits of a flat index in dimensions of these extents; `undefined` where they can't be had without division. */
const digitsOf = (flat: Affine, extents: Shape): Index | undefined => {
  const sizes = stridesOf(extents);
  const digits = extents.map(() => ({ offset: 0, terms: [] as { axis: Axis; stride: number }[], most: 0 }));
  let rest = flat.offset;
  if (rest < 0) return undefined;
  for (const [d, size] of sizes.entries()) {
    digits[d]!.offset = Math.floor(rest / size);
    rest -= digits[d]!.offset * size;
  }
  for (const { axis, stride } of flat.terms) {
    const d = sizes.findIndex((size) => size <= stride);
    if (d < 0 || stride % sizes[d]! !== 0) return undefined;
    const scaled = stride / sizes[d]!;
    digits[d]!.terms.push({ axis, stride: scaled });
    digits[d]!.most += scaled * (axis.extent - 1);
  }
  return digits.every(({ offset, most }, d) => offset + most < extents[d]!) ? digits.map(({ offset, terms }) => ({ offset, terms })) : undefined;
};

/** The index of a reshape's operand, or `undefined` where it is no multiple of axes. */
const reshapeIndex = (from: Shape, to: Shape, index: Index): Index | undefined => {
  const source: Affine[] = from.map(() => at(0));
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    if (from[i] === 1) i++;
    else if (to[j] === 1) j++;
    else {
      // The shortest runs of dimensions that hold the same number of elements.
      let [iEnd, jEnd, a, b] = [i + 1, j + 1, from[i]!, to[j]!];
      while (a !== b) {
        if (a < b) a *= from[iEnd++]!;
        else b *= to[jEnd++]!;
      }
      const digits = digitsOf(flatIndex(to.slice(j, jEnd), index.slice(j, jEnd)), from.slice(i, iEnd));
      if (digits === undefined) return undefined;
      digits.forEach((digit, d) => (source[i + d] = digit));
      [i, j] = [iEnd, jEnd];
    }
  }
  return source;
};

/** The kernels that this file can express, some of them only at some indices. */
const LAYOUTS: ReadonlySet<string> = new Set(['Identity', 'StopGradient', 'CustomGradient', 'Reshape', 'ExpandDims', 'Transpose', 'Slice', 'Reverse', 'Tile']);

/** Kernels whose result is the same run of numbers as their operand. */
const RENAMINGS: ReadonlySet<string> = new Set(['Identity', 'StopGradient', 'CustomGradient', 'Reshape', 'ExpandDims']);

/** The value whose numbers, in the same order, are those of a value. */
export const sourceOf = (graph: Graph, id: number): number => {
  let source = id;
  for (;;) {
    const node = graph.nodes[source]!;
    if (node.kind !== 'apply' || !RENAMINGS.has(node.kernel.name)) return source;
    source = node.operands[0]!;
  }
};

export const isLayout = (kernel: string): boolean => LAYOUTS.has(kernel);

/** The index of a layout's operand at an index of its result; `undefined` where there is none of this form. */
export const sourceIndex = (kernel: string, attrs: Attrs, from: Shape, to: Shape, index: Index): Index | undefined => {
  switch (kernel) {
    case 'Identity':
    case 'StopGradient':
    case 'CustomGradient':
      return index;
    case 'Reshape':
    case 'ExpandDims':
      return reshapeIndex(from, to, index);
    case 'Transpose': {
      const perm = attrs['perm'] as Shape;
      return from.map((_, i) => index[perm.indexOf(i)]!);
    }
    case 'Slice': {
      const begin = attrs['begin'] as Shape;
      return index.map((part, i) => ({ ...part, offset: part.offset + begin[i]! }));
    }
    case 'Reverse': {
      const dims = normalizeAxes(attrs['dims'] as number | readonly number[] | undefined, from.length);
      return index.map((part, i) => (dims.includes(i) ? combine([[part, -1]], from[i]! - 1) : part));
    }
    case 'Tile':
      return from.every((extent, i) => extent === 1 || (attrs['reps'] as Shape)[i] === 1) ? broadcastIndex(index, from) : undefined;
    default:
      return undefined;
  }
};

/** A part of a joined or padded array: which operand fills it, from which element on, with which strides. */
export interface Piece {
  readonly operand: number;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The parts of an array that is put together of others; what no part fills stays 0. `undefined` for any other array. */
export const piecesOf = (node: GraphNode, graph: Graph): readonly Piece[] | undefined => {
  if (node.kind !== 'apply') return undefined;
  const { kernel, attrs, aval } = node;
  const operands = operandsOfNode(node);
  const strides = stridesOf(aval.shape);
  if (kernel.name === 'PadV2' && (attrs['constantValue'] ?? 0) === 0) {
    const before = (attrs['paddings'] as readonly (readonly [number, number])[]).map(([first]) => first);
    return [{ operand: operands[0]!, strides, offset: before.reduce((sum, first, i) => sum + first * strides[i]!, 0) }];
  }
  if (kernel.name !== 'Concat' && kernel.name !== 'Pack') return undefined;
  const axis = normalizeAxis(attrs['axis'] as number, aval.shape.length);
  const own = kernel.name === 'Pack' ? strides.filter((_, i) => i !== axis) : strides;
  let from = 0;
  return operands.map((operand) => {
    const offset = from * strides[axis]!;
    from += kernel.name === 'Pack' ? 1 : graph.nodes[operand]!.aval.shape[axis]!;
    return { operand, strides: own, offset };
  });
};
