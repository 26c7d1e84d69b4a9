/** From a graph to a program: which sums get a pass of their own, which passes run together, and in which order. */
import { kindlingError } from '../../core/errors.ts';
import { operandsOf, partsOf, walk, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Loop, Program, Statement } from '../../core/loop/program.ts';
import { sizeOf, stridesOf } from '../../core/shape.ts';
import { UNROLL } from './emit.ts';
import { guardedProducts } from './guards.ts';
import type { Graph } from './graph.ts';
import { makeBuilder, type Builder } from './intern.ts';
import { fullIndex, makeAxisPool, makeLowering, piecesOf } from './lower.ts';

/** A statement with the axis of its pass, and how many passes must come before it. */
interface Planned {
  readonly statement: Statement;
  readonly axis: Axis | undefined;
  readonly level: number;
}

/** A program, and where its inputs, constants and outputs are found. */
export interface Plan {
  readonly program: Program;
  /** By position of the input; an unused one has none. */
  readonly inputs: ReadonlyMap<number, Memory>;
  /** By position of the node. */
  readonly constants: ReadonlyMap<number, Memory>;
  readonly outputs: readonly Memory[];
  /** Memories read only as matrices by rows: the length of their rows. They may be stored in tiles. */
  readonly tileable: ReadonlyMap<Memory, number>;
}

const longest = (axes: readonly Axis[]): Axis => axes.reduce((best, axis) => (axis.extent > best.extent ? axis : best));

const unsupported = (what: string): never => {
  throw kindlingError('Unsupported', { message: `the compiler has no loop for ${what}` });
};

/** Rewrites expressions until every sum is either a pass of its own or done within the row of another. */
interface Resolver {
  readonly resolve: (e: Expr) => Expr;
  /** How many passes must have run before an expression can be computed. */
  readonly levelOf: (e: Expr) => number;
  /** A body in which what varies along another axis than the pass's own is read from memory: an inner loop should not compute it for every row. */
  readonly withStoredVectors: (body: Expr, main: Axis | undefined) => Expr;
  /** Says after how many passes a memory is filled. */
  readonly filledAfter: (memory: Memory, level: number) => void;
}

const makeResolver = (b: Builder, planned: Planned[]): Resolver => {
  const done = new Map<Expr, Expr>();
  const levels = new Map<Expr | Memory, number>();
  let names = 0;

  const levelOf = (root: Expr): number => {
    let level = 0;
    walk([root], (e) => {
      if (e.op === 'ref') level = Math.max(level, levels.get(e)!);
      else if (e.op === 'load') level = Math.max(level, levels.get(e.buffer) ?? 0);
      return partsOf(e);
    });
    return level;
  };

  const stored = new Map<Expr, Expr>();
  /** A vector along one axis that takes arithmetic to compute, stored by a pass of its own. */
  const storeVector = (e: Expr, axis: Axis): Expr => {
    const known = stored.get(e);
    if (known !== undefined) return known;
    const memory: Memory = { name: `vector${names++}`, size: axis.extent };
    const index = { offset: 0, terms: [{ axis, stride: 1 }] };
    const level = levelOf(e) + 1;
    planned.push({ statement: { kind: 'store', memory, index, body: e }, axis, level });
    levels.set(memory, level);
    const load = b.load(memory, index);
    stored.set(e, load);
    return load;
  };

  const withStoredVectors = (body: Expr, main: Axis | undefined): Expr => {
    const rewritten = new Map<Expr, Expr>();
    const visit = (e: Expr): Expr => {
      const known = rewritten.get(e);
      if (known !== undefined) return known;
      const axes = [...b.axesOf(e)];
      const [only] = axes;
      let result: Expr;
      if (axes.length === 1 && only !== main && e.op !== 'load') result = storeVector(e, only!);
      else if (e.op === 'sum') result = b.sum(e.axis, visit(e.body));
      else {
        const args = operandsOf(e).map(visit);
        result = args.every((arg, i) => arg === operandsOf(e)[i]) ? e : e.op === 'call' ? b.call(e.fn, ...args) : b.node(e.op, e.type, ...args);
      }
      rewritten.set(e, result);
      return result;
    };
    return visit(body);
  };

  const total = (axes: readonly Axis[], unstored: Expr): Expr => {
    const main = longest(axes);
    const inner = withStoredVectors(
      axes.filter((axis) => axis !== main).reduce((sum, axis) => b.sum(axis, sum), unstored),
      main,
    );
    const id = names++;
    const level = levelOf(inner) + 1;
    planned.push({ statement: { kind: 'sum', id, body: inner }, axis: main, level });
    const result = b.ref(id);
    levels.set(result, level);
    return result;
  };

  const totalAlong = (free: Axis, axis: Axis, unstored: Expr): Expr => {
    const body = withStoredVectors(unstored, axis);
    const memory: Memory = { name: `sums${names++}`, size: 2 * free.extent };
    const level = levelOf(body) + 1;
    planned.push({ statement: { kind: 'sumAlong', free, memory, index: { offset: 0, terms: [] }, body }, axis, level });
    levels.set(memory, level);
    return b.load(memory, { offset: 0, terms: [{ axis: free, stride: 1 }] });
  };

  const resolveSum = (e: Expr & { op: 'sum' }, body: Expr): Expr => {
    const free = [...b.axesOf(b.sum(e.axis, body))];
    if (free.length === 0) {
      const axes = [e.axis];
      let core = body;
      while (core.op === 'sum') {
        axes.push(core.axis);
        core = core.body;
      }
      return total(axes, core);
    }
    if (free.length > 1) return unsupported(`a sum that varies along ${free.length} axes`);
    return free[0]!.extent >= e.axis.extent ? b.sum(e.axis, body) : totalAlong(free[0]!, e.axis, body);
  };

  const rebuild = (e: Expr): Expr => {
    if (e.op === 'sum') return resolveSum(e, done.get(e.body)!);
    const args = operandsOf(e).map((arg) => done.get(arg)!);
    if (args.every((arg, i) => arg === operandsOf(e)[i])) return e;
    return e.op === 'call' ? b.call(e.fn, ...args) : b.node(e.op, e.type, ...args);
  };

  const resolve = (root: Expr): Expr => {
    const stack = [root];
    while (stack.length > 0) {
      const e = stack.at(-1)!;
      const waiting = done.has(e) ? [] : partsOf(e).filter((part) => !done.has(part));
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (!done.has(e)) done.set(e, rebuild(e));
    }
    return done.get(root)!;
  };
  return { resolve, levelOf, withStoredVectors, filledAfter: (memory, level) => levels.set(memory, level) };
};

/** Statements of one level and one axis share a pass; scalar code of a level comes last. */
const loopsOf = (planned: readonly Planned[]): readonly Loop[] => {
  const levels = [...new Set(planned.map(({ level }) => level))].sort((x, y) => x - y);
  return levels.flatMap((level) => {
    const here = planned.filter((one) => one.level === level);
    const axes = [...new Set(here.map(({ axis }) => axis))].sort((x, y) => (y?.extent ?? 0) - (x?.extent ?? 0));
    return axes.map((axis) => ({ axis, statements: here.filter((one) => one.axis === axis).map(({ statement }) => statement) }));
  });
};

/** All loads in some statements. */
const loadsIn = (loops: readonly Loop[]): readonly (Expr & { op: 'load' })[] => {
  const loads: (Expr & { op: 'load' })[] = [];
  walk(
    loops.flatMap(({ statements }) => statements.map(({ body }) => body)),
    (e) => {
      if (e.op === 'load') loads.push(e);
      return partsOf(e);
    },
  );
  return loads;
};

/** The memories of which every load is of whole rows: [row stride P, column stride 1] of a matrix longer than wide. */
const tileableAmong = (loops: readonly Loop[], shapes: ReadonlyMap<Memory, readonly [number, number]>): ReadonlyMap<Memory, number> => {
  const loads = loadsIn(loops);
  return new Map(
    [...shapes].flatMap(([memory, [rows, columns]]) => {
      const own = loads.filter((e) => e.buffer === memory);
      const byRows = own.every(({ index: { offset, terms } }) => {
        const [row, column] = [terms.find(({ stride }) => stride === columns), terms.find(({ stride }) => stride === 1)];
        return offset === 0 && terms.length === 2 && row?.axis.extent === rows && column?.axis.extent === columns;
      });
      return own.length > 0 && byRows && columns > 1 && rows > columns && rows > UNROLL ? [[memory, columns] as const] : [];
    }),
  );
};

/** Plans the passes of a graph. The inputs at `rowMajor` are never stored in tiles. */
export const planGraph = (graph: Graph, rowMajor: ReadonlySet<number> = new Set()): Plan => {
  const b = makeBuilder();
  const pool = makeAxisPool();
  const byNode = new Map<number, Memory>();
  const shapes = new Map<Memory, readonly [number, number]>();
  const of = (id: number): Memory => {
    const known = byNode.get(id);
    if (known !== undefined) return known;
    const node = graph.nodes[id]!;
    const { shape } = node.aval;
    const memory: Memory = { name: `n${id}`, size: sizeOf(shape) };
    byNode.set(id, memory);
    if (shape.length === 2 && !(node.kind === 'input' && rowMajor.has(node.index))) shapes.set(memory, [shape[0]!, shape[1]!]);
    return memory;
  };
  const planned: Planned[] = [];
  const { resolve, levelOf, withStoredVectors, filledAfter } = makeResolver(b, planned);

  /** Plans to store a value, from element `offset` on with these strides. Gives the pass after which it is there. */
  const store = (id: number, memory: Memory, strides: readonly number[], offset: number): number => {
    const { shape } = graph.nodes[id]!.aval;
    const index = fullIndex(shape, pool);
    const terms = index.flatMap(({ axis }, i) => (axis === undefined ? [] : [{ axis, stride: strides[i]! }]));
    if (terms.length > 2) return unsupported('a stored array of more than two axes');
    const axis = terms.length === 0 ? undefined : longest(terms.map((term) => term.axis));
    const body = withStoredVectors(resolve(lower(id, index)), axis);
    const level = levelOf(body) + 1;
    planned.push({ statement: { kind: 'store', memory, index: { offset, terms }, body }, axis, level });
    return level;
  };

  const kept = new Map<number, Memory>();
  const keeping = new Set<number>();
  /** The memory of a whole value: of an input or constant its own, of anything else one filled by a pass. */
  const keep = (id: number): Memory => {
    const node = graph.nodes[id]!;
    if (node.kind !== 'apply') return of(id);
    const known = kept.get(id);
    if (known !== undefined) return known;
    const memory: Memory = { name: `kept${id}`, size: sizeOf(node.aval.shape) };
    kept.set(id, memory);
    const strides = stridesOf(node.aval.shape);
    const pieces = piecesOf(node, graph);
    keeping.add(id);
    const levels = pieces === undefined ? [store(id, memory, strides, 0)] : pieces.map(({ operand, own, offset }) => store(operand, memory, own, offset));
    keeping.delete(id);
    filledAfter(memory, Math.max(...levels));
    return memory;
  };

  const lower = makeLowering(graph, b, pool, { of, keep, isBeingKept: (id) => keeping.has(id) }, guardedProducts(graph));
  const outputs = graph.outputs.map((id, i) => {
    const { shape } = graph.nodes[id]!.aval;
    const memory: Memory = { name: `out${i}`, size: sizeOf(shape) };
    store(id, memory, stridesOf(shape), 0);
    return memory;
  });
  const loops = loopsOf(planned);
  const used = new Set(loadsIn(loops).map((e) => e.buffer));
  const inputs = new Map<number, Memory>();
  const constants = new Map<number, Memory>();
  for (const [id, memory] of byNode) {
    const node = graph.nodes[id]!;
    if (!used.has(memory)) continue;
    if (node.kind === 'input') inputs.set(node.index, memory);
    else if (node.kind === 'constant') constants.set(id, memory);
  }
  const filled = planned.flatMap(({ statement }) => (statement.kind === 'sumAlong' || statement.kind === 'store' ? [statement.memory] : []));
  const memories = [...new Set([...inputs.values(), ...constants.values(), ...filled])];
  return { program: { memories, loops }, inputs, constants, outputs, tileable: tileableAmong(loops, shapes) };
};
