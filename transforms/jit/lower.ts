/** From a graph to expressions of index spaces: every value becomes a function of its index, and layouts become index maps. */
import { kindlingError } from '../../core/errors.ts';
import type { Axis, Expr, Memory } from '../../core/loop/expression.ts';
import { normalizeAxes, normalizeAxis, stridesOf, type Shape } from '../../core/shape.ts';
import type { Attrs } from '../../core/kernels/kernel.ts';
import type { Graph, GraphNode } from './graph.ts';
import type { Builder } from './intern.ts';
import { elementwiseRules } from './rules.ts';
import { threefryHigh, threefryLow } from './threefry.ts';
import { sumOver } from './sums.ts';

/** One coordinate of an index: offset + scale · axis. */
export interface Coordinate {
  readonly axis: Axis | undefined;
  readonly scale: number;
  readonly offset: number;
}
export type Index = readonly Coordinate[];

const at = (offset: number): Coordinate => ({ axis: undefined, scale: 0, offset });
export const along = (axis: Axis): Coordinate => ({ axis, scale: 1, offset: 0 });

/** Axes by extent and rank among those of that extent in use: equal sums get equal axes, and become one node. */
export interface AxisPool {
  readonly take: (extent: number, used: ReadonlySet<Axis>) => Axis;
}

export const makeAxisPool = (): AxisPool => {
  const pools = new Map<number, Axis[]>();
  return {
    take: (extent, used) => {
      const pool = pools.get(extent) ?? [];
      pools.set(extent, pool);
      const free = pool.find((axis) => !used.has(axis));
      if (free !== undefined) return free;
      const made: Axis = { name: `n${extent}_${pool.length}`, extent };
      pool.push(made);
      return made;
    },
  };
};

/** An index of a whole array: a new axis for each extent above 1. */
export const fullIndex = (shape: Shape, pool: AxisPool, used: ReadonlySet<Axis> = new Set()): Index => {
  const taken = new Set(used);
  return shape.map((extent) => {
    if (extent === 1) return at(0);
    const axis = pool.take(extent, taken);
    taken.add(axis);
    return along(axis);
  });
};

const usedIn = (index: Index): ReadonlySet<Axis> => new Set(index.flatMap(({ axis }) => (axis === undefined ? [] : [axis])));

const keyOf = (index: Index): string =>
  index.map(({ axis, scale, offset }) => (axis === undefined ? String(offset) : `${axis.name}*${scale}+${offset}`)).join(',');

/** Kernels so dear that their values are stored rather than computed wherever they are read. */
const KEPT: ReadonlySet<string> = new Set(['ThreefryWord', 'Erfinv']);

/** Where the arrays of inputs, constants and stored values lie. */
export interface Memories {
  /** Whether the pass that fills a value's memory is just being planned. */
  readonly isBeingKept: (node: number) => boolean;
  readonly of: (node: number) => Memory;
  /** The memory in which a value is kept whole, where it must be. */
  readonly keep: (node: number) => Memory;
}

const broadcastIndex = (index: Index, shape: Shape): Index => {
  const lead = index.length - shape.length;
  return shape.map((extent, i) => (extent === 1 ? at(0) : index[lead + i]!));
};

/** The source index of a reshape that only adds or drops axes of extent 1; `undefined` for any other. */
const unitReshape = (from: Shape, to: Shape, index: Index): Index | undefined => {
  const real = (shape: Shape): number[] => shape.flatMap((extent, i) => (extent === 1 ? [] : [i]));
  const [source, target] = [real(from), real(to)];
  if (source.length !== target.length || source.some((i, k) => from[i] !== to[target[k]!])) return undefined;
  return from.map((extent, i) => (extent === 1 ? at(0) : index[target[source.indexOf(i)]!]!));
};

/** A part of a joined or padded array: which operand fills it, from which element on, with which strides. */
export interface Piece {
  readonly operand: number;
  readonly own: readonly number[];
  readonly offset: number;
}

/** The parts of an array that is put together of others; what no part fills stays 0. `undefined` for any other array. */
export const piecesOf = ({ kernel, operands, attrs, aval }: GraphNode & { kind: 'apply' }, graph: Graph): readonly Piece[] | undefined => {
  const strides = stridesOf(aval.shape);
  if (kernel.name === 'PadV2' && (attrs['constantValue'] ?? 0) === 0) {
    const before = (attrs['paddings'] as readonly (readonly [number, number])[]).map(([first]) => first);
    return [{ operand: operands[0]!, own: strides, offset: before.reduce((sum, first, i) => sum + first * strides[i]!, 0) }];
  }
  if (kernel.name !== 'Concat' && kernel.name !== 'Pack') return undefined;
  const axis = normalizeAxis(attrs['axis'] as number, aval.shape.length);
  const own = kernel.name === 'Pack' ? strides.filter((_, i) => i !== axis) : strides;
  let from = 0;
  return operands.map((operand) => {
    const offset = from * strides[axis]!;
    from += kernel.name === 'Pack' ? 1 : graph.nodes[operand]!.aval.shape[axis]!;
    return { operand, own, offset };
  });
};

/** Makes the function that gives the expression of a node at an index. */
export const makeLowering = (
  graph: Graph,
  b: Builder,
  pool: AxisPool,
  memories: Memories,
  guards: ReadonlySet<number>,
): ((node: number, index: Index) => Expr) => {
  const known = new Map<string, Expr>();

  const loadFrom = (memory: Memory, shape: Shape, index: Index): Expr => {
    const strides = stridesOf(shape);
    const terms = index.flatMap(({ axis, scale }, i) => (axis === undefined || scale === 0 ? [] : [{ axis, stride: scale * strides[i]! }]));
    return b.load(memory, { offset: index.reduce((sum, { offset }, i) => sum + offset * strides[i]!, 0), terms });
  };

  const shapeAt = (node: number): Shape => graph.nodes[node]!.aval.shape;

  const lowerApply = (id: number, node: GraphNode & { kind: 'apply' }, index: Index): Expr => {
    const { kernel, operands, attrs } = node;
    if (KEPT.has(kernel.name) && !memories.isBeingKept(id)) return loadFrom(memories.keep(id), node.aval.shape, index);
    const elementwise = elementwiseRules[kernel.name];
    if (elementwise !== undefined) {
      const args = operands.map((operand) => lower(operand, broadcastIndex(index, shapeAt(operand))));
      return elementwise(b, args, attrs, guards.has(id));
    }
    const [x] = operands as [number];
    const shape = shapeAt(x);
    switch (kernel.name) {
      case 'Identity':
      case 'StopGradient':
        return lower(x, index);
      case 'Reshape':
      case 'ExpandDims': {
        const source = unitReshape(shape, node.aval.shape, index);
        return source === undefined ? loadFrom(memories.keep(x), node.aval.shape, index) : lower(x, source);
      }
      case 'Transpose': {
        const perm = attrs['perm'] as Shape;
        return lower(
          x,
          shape.map((_, i) => index[perm.indexOf(i)]!),
        );
      }
      case 'Slice': {
        const begin = attrs['begin'] as Shape;
        return lower(
          x,
          index.map((c, i) => ({ ...c, offset: c.offset + begin[i]! })),
        );
      }
      case 'Reverse': {
        const dims = attrs['dims'] as Shape;
        return lower(
          x,
          index.map((c, i) => (dims.includes(i) ? { ...c, scale: -c.scale, offset: shape[i]! - 1 - c.offset } : c)),
        );
      }
      case 'Tile':
        if (shape.every((extent, i) => extent === 1 || (attrs['reps'] as Shape)[i] === 1)) return lower(x, broadcastIndex(index, shape));
        break;
      case 'Sum':
      case 'Mean':
        return lowerSum(x, node, attrs, index);
      case 'BatchMatMul':
        return lowerMatMul(operands, attrs, index);
      case 'PadV2':
      case 'Concat':
      case 'Pack':
        if (piecesOf(node, graph) !== undefined) return loadFrom(memories.keep(id), node.aval.shape, index);
        break;
      case 'ThreefryWord': {
        const [key, high, low] = operands as [number, number, number];
        const counter = (operand: number): Expr => lower(operand, broadcastIndex(index, shapeAt(operand)));
        return b.call(attrs['word'] === 0 ? threefryHigh : threefryLow, lower(key, [at(0)]), lower(key, [at(1)]), counter(high), counter(low));
      }
      default:
    }
    throw kindlingError('Unsupported', { message: `kernel ${kernel.name} has no rule for the compiler` });
  };

  const lowerSum = (x: number, { kernel }: GraphNode & { kind: 'apply' }, attrs: Attrs, index: Index): Expr => {
    const shape = shapeAt(x);
    const axes = normalizeAxes(attrs['axis'] as number[] | number | undefined, shape.length);
    const used = new Set(usedIn(index));
    const summed: Axis[] = [];
    let next = 0;
    const full = shape.map((extent, i) => {
      if (!axes.includes(i)) return index[attrs['keepDims'] === true ? i : next++]!;
      if (extent === 1) return at(0);
      const axis = pool.take(extent, used);
      used.add(axis);
      summed.push(axis);
      return along(axis);
    });
    const total = summed.reduceRight<Expr>((body, axis) => sumOver(b, axis, body), lower(x, full));
    const count = axes.reduce((n, i) => n * shape[i]!, 1);
    return kernel.name === 'Mean' ? b.div(total, b.constant(count)) : total;
  };

  const lowerMatMul = (operands: readonly number[], attrs: Attrs, index: Index): Expr => {
    const [left, right] = operands as [number, number];
    const [ta, tb] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
    const inner = shapeAt(left).at(ta ? -2 : -1)!;
    const axis = inner === 1 ? undefined : pool.take(inner, usedIn(index));
    const k = axis === undefined ? at(0) : along(axis);
    const [row, column] = index.slice(-2) as [Coordinate, Coordinate];
    const batch = index.slice(0, -2);
    const matrix = (node: number, pair: readonly [Coordinate, Coordinate]): Expr =>
      lower(node, [...broadcastIndex(batch, shapeAt(node).slice(0, -2)), ...pair]);
    const one = (c: Coordinate, extent: number): Coordinate => (extent === 1 ? at(0) : c);
    const [rows, columns] = [shapeAt(left).at(ta ? -1 : -2)!, shapeAt(right).at(tb ? -2 : -1)!];
    const a = matrix(left, ta ? [k, one(row, rows)] : [one(row, rows), k]);
    const c = matrix(right, tb ? [one(column, columns), k] : [k, one(column, columns)]);
    const body = b.mul(a, c);
    return axis === undefined ? body : sumOver(b, axis, body);
  };

  const lower = (id: number, index: Index): Expr => {
    const key = `${id}@${keyOf(index)}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const node = graph.nodes[id]!;
    let result: Expr;
    if (node.kind === 'constant') {
      const { data } = node.value;
      result = data.every((x) => Object.is(x, data[0])) ? b.constant(data[0]!) : loadFrom(memories.of(id), node.aval.shape, index);
    } else if (node.kind === 'input') result = loadFrom(memories.of(id), node.aval.shape, index);
    else result = lowerApply(id, node, index);
    known.set(key, result);
    return result;
  };
  return lower;
};
