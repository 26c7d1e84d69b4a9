/** From a graph to expressions of index spaces: every value becomes a function of its index, and layouts become index maps. */
import { kindlingError } from '../../core/errors.ts';
import type { Axis, Expr, Memory, ScalarFunction } from '../../core/loop/expression.ts';
import { threefryHigh, threefryLow, threefryUnit, threefryXor } from '../../core/loop/functions/threefry.ts';
import { variates } from '../../core/loop/functions/variates.ts';
import { parseEquation } from '../../core/kernels/linalg.ts';
import { axesOf } from '../../core/kernels/reduce.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { taker, type AxisPool } from './axes.ts';
import type { Graph, GraphNode } from './graph.ts';
import { along, at, broadcastIndex, flatIndex, isLayout, sourceIndex, type Index } from './indexMaps.ts';
import type { Builder } from './intern.ts';
import { elementwiseRules, ofDType } from './rules.ts';
import { sumOver } from './sums.ts';

/** Where arrays lie that are loaded rather than computed. */
export interface Memories {
  /** The memory of a value that is kept whole; `undefined` for one that is computed where it is read. */
  readonly of: (node: number) => Memory | undefined;
  /** The memory of a value that has to be kept, whatever its form. */
  readonly keep: (node: number) => Memory;
  /** The numbers 0, 1, 2 … below a size. */
  readonly counting: (size: number) => Memory;
}

type Apply = GraphNode & { readonly kind: 'apply' };
type Wanted = readonly [node: number, index: Index];

/** A value at an index: which values it takes, and what is made of them. */
interface Recipe {
  readonly needs: readonly Wanted[];
  readonly make: (parts: readonly Expr[]) => Expr;
}

/** What the kernel of random bits makes of a block, by its attribute. */
const threefryNumbers: Readonly<Record<string, ScalarFunction>> = { 0: threefryHigh, 1: threefryLow, xor: threefryXor, unit: threefryUnit };

/** Gives the expression of a value at an index; `isOwn` for one whose memory this is to fill, and which is not to be loaded from there. */
export type Lower = (node: number, index: Index, isOwn?: boolean) => Expr;

/** Makes the function that gives the expression of a value at an index. */
export const makeLowering = (graph: Graph, b: Builder, pool: AxisPool, memories: Memories, guards: ReadonlySet<number>): Lower => {
  const known = new Map<string, Expr>();
  const indexKeys = new Map<Index, string>();
  const keyOf = ([node, index]: Wanted): string => {
    const own =
      indexKeys.get(index) ?? index.map(({ offset, terms }) => `${offset}${terms.map(({ axis, stride }) => `+${axis.name}*${stride}`).join('')}`).join();
    indexKeys.set(index, own);
    return `${node}@${own}`;
  };
  const shapeAt = (node: number): Shape => graph.nodes[node]!.aval.shape;
  const loadFrom = (memory: Memory, shape: Shape, index: Index): Recipe => ({ needs: [], make: () => b.load(memory, flatIndex(shape, index)) });

  /** A sum over nothing. */
  const zero = (value: number): Recipe => ({ needs: [], make: () => b.constant(value) });

  const sums = (node: Apply, index: Index): Recipe => {
    const [x] = node.operands as [number];
    const shape = shapeAt(x);
    const axes = axesOf(node.attrs, shape.length);
    const take = taker(pool, index);
    const summed: Axis[] = [];
    let next = 0;
    const full = shape.map((extent, i) => {
      if (!axes.includes(i)) return index[node.attrs['keepDims'] === true ? i : next++]!;
      if (extent === 1) return at(0);
      const axis = take(extent);
      summed.push(axis);
      return along(axis);
    });
    const count = axes.reduce((n, i) => n * shape[i]!, 1);
    if (count === 0) return zero(node.kernel.name === 'Mean' ? NaN : 0);
    return {
      needs: [[x, full]],
      make: ([body]) => {
        const total = summed.reduceRight<Expr>((sum, axis) => sumOver(b, axis, sum), body!);
        return node.kernel.name === 'Mean' ? b.div(total, b.constant(count)) : total;
      },
    };
  };

  /** The largest or the least of a few values, one after another. */
  const extreme = ({ kernel, operands, attrs }: Apply, index: Index): Recipe => {
    const [x] = operands as [number];
    const shape = shapeAt(x);
    const axes = axesOf(attrs, shape.length);
    let next = 0;
    const own = shape.map((_, i) => (axes.includes(i) && attrs['keepDims'] !== true ? at(0) : index[next++]!));
    const places = axes.reduce<readonly Index[]>(
      (all, axis) => all.flatMap((place) => Array.from({ length: shape[axis]! }, (_, i) => place.map((part, d) => (d === axis ? at(i) : part)))),
      [own],
    );
    const op = kernel.name === 'Max' ? 'max' : 'min';
    return { needs: places.map((place) => [x, place] as const), make: (parts) => parts.reduce((best, part) => b.node(op, 'f64', best, part)) };
  };

  const matrixProduct = ({ operands, attrs }: Apply, index: Index): Recipe => {
    const [left, right] = operands as [number, number];
    const [ta, tb] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
    const inner = shapeAt(left).at(ta ? -2 : -1)!;
    if (inner === 0) return zero(0);
    const axis = inner === 1 ? undefined : taker(pool, index)(inner);
    const k = axis === undefined ? at(0) : along(axis);
    const [row, column] = index.slice(-2) as [Index[number], Index[number]];
    const batch = index.slice(0, -2);
    const matrix = (node: number, pair: Index): Wanted => {
      const own = shapeAt(node);
      return [node, [...broadcastIndex(batch, own.slice(0, -2)), ...pair.map((part, i) => (own.at(i - 2) === 1 ? at(0) : part))]];
    };
    return {
      needs: [matrix(left, ta ? [k, row] : [row, k]), matrix(right, tb ? [column, k] : [k, column])],
      make: ([a, c]) => (axis === undefined ? b.mul(a!, c!) : sumOver(b, axis, b.mul(a!, c!))),
    };
  };

  const einsum = ({ operands, attrs }: Apply, index: Index): Recipe => {
    const { inputs, output } = parseEquation(attrs['equation'] as string);
    if (operands.some((operand) => sizeOf(shapeAt(operand)) === 0)) return zero(0);
    const take = taker(pool, index);
    const places = new Map([...output].map((label, i) => [label, index[i]!]));
    const summed: Axis[] = [];
    inputs.forEach((labels, k) =>
      [...labels].forEach((label, i) => {
        if (places.has(label)) return;
        const extent = shapeAt(operands[k]!)[i]!;
        if (extent === 1) places.set(label, at(0));
        else {
          const axis = take(extent);
          summed.push(axis);
          places.set(label, along(axis));
        }
      }),
    );
    return {
      needs: operands.map((operand, k) => [operand, [...inputs[k]!].map((label) => places.get(label)!)] as const),
      make: (parts) => {
        const product = parts.reduce((all, part) => b.mul(all, part));
        return summed.reduceRight<Expr>((sum, axis) => sumOver(b, axis, sum), product);
      },
    };
  };

  /** Both words of the key at an index of a batch of keys. */
  const keyAt = (keys: number, batch: Index): readonly Wanted[] => [0, 1].map((word) => [keys, [...batch, at(word)]] as const);

  const recipeOf = (id: number, node: Apply, index: Index): Recipe => {
    const { kernel, operands, attrs } = node;
    const [x] = operands as [number];
    const elementwise = elementwiseRules[kernel.name];
    if (elementwise !== undefined) {
      return {
        needs: operands.map((operand) => [operand, broadcastIndex(index, shapeAt(operand))] as const),
        make: (parts) => ofDType(b, kernel.name, node.aval.dtype, elementwise(b, parts, attrs, guards.has(id))),
      };
    }
    if (isLayout(kernel.name)) {
      const source = sourceIndex(kernel.name, attrs, shapeAt(x), node.aval.shape, index);
      // The elements of a contiguous array stay where they are when it is reshaped.
      return source === undefined ? loadFrom(memories.keep(x), node.aval.shape, index) : { needs: [[x, source]], make: ([part]) => part! };
    }
    const variate = variates[kernel.name];
    if (variate !== undefined) {
      // The elements are counted for each key by itself.
      const batch = shapeAt(x).length - 1;
      const own = node.aval.shape.slice(batch);
      const place = b.load(memories.counting(sizeOf(own)), flatIndex(own, index.slice(batch)));
      return {
        needs: [...keyAt(x, index.slice(0, batch)), ...operands.slice(1).map((operand) => [operand, index] as const)],
        make: ([high, low, ...parameters]) => b.call(variate, high!, low!, place, ...parameters),
      };
    }
    switch (kernel.name) {
      case 'Sum':
      case 'Mean':
        return sums(node, index);
      case 'Max':
      case 'Min':
        return extreme(node, index);
      case 'BatchMatMul':
        return matrixProduct(node, index);
      case 'Einsum':
        return einsum(node, index);
      case 'ThreefryWord': {
        const counters = operands.slice(1).map((operand) => [operand, broadcastIndex(index, shapeAt(operand))] as const);
        return {
          needs: [...keyAt(x, broadcastIndex(index, shapeAt(x).slice(0, -1))), ...counters],
          make: (parts) => b.call(threefryNumbers[String(attrs['word'])]!, ...parts),
        };
      }
      default:
        throw kindlingError('Unsupported', { message: `kernel ${kernel.name} has no rule for the compiler` });
    }
  };

  const recipeAt = ([id, index]: Wanted, isOwn: boolean): Recipe => {
    const node = graph.nodes[id]!;
    const { shape } = node.aval;
    if (sizeOf(shape) === 0) return zero(0);
    if (node.kind === 'constant' && node.value.data.every((x) => Object.is(x, node.value.data[0]))) {
      return { needs: [], make: () => b.constant(node.value.data[0]!) };
    }
    const memory = isOwn ? undefined : memories.of(id);
    if (memory !== undefined) return loadFrom(memory, shape, index);
    if (node.kind !== 'apply') return loadFrom(memories.keep(id), shape, index);
    return recipeOf(id, node, index);
  };

  // A loop over a stack: graphs may be deeper than that of the engine.
  return (root, rootIndex, isOwn = false) => {
    const stack: { readonly wanted: Wanted; readonly key: string; recipe: Recipe | undefined; keys: readonly string[] }[] = [];
    const push = (wanted: Wanted, key: string): void => void stack.push({ wanted, key, recipe: undefined, keys: [] });
    const rootKey = `${isOwn ? 'own ' : ''}${keyOf([root, rootIndex])}`;
    push([root, rootIndex], rootKey);
    while (stack.length > 0) {
      const task = stack.at(-1)!;
      if (known.has(task.key)) {
        stack.pop();
        continue;
      }
      if (task.recipe === undefined) {
        task.recipe = recipeAt(task.wanted, isOwn && task.key === rootKey);
        task.keys = task.recipe.needs.map(keyOf);
      }
      const { keys } = task;
      const before = stack.length;
      for (let i = keys.length - 1; i >= 0; i--) if (!known.has(keys[i]!)) push(task.recipe.needs[i]!, keys[i]!);
      if (stack.length > before) continue;
      stack.pop();
      known.set(task.key, task.recipe.make(keys.map((key) => known.get(key)!)));
    }
    return known.get(rootKey)!;
  };
};
