/** Resolving sums: each becomes a pass of its own, whose result is then named or stored, or stays within the rows of another. */
import { operandsOf, partsOf, schedule, walk, type Affine, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Builder } from './intern.ts';
import { bodiesOf, type Loop, type Statement } from './program.ts';
import { gathered } from './sums.ts';

/** A statement with the axes of its pass, and how many passes must come before it. */
export interface Planned {
  readonly statement: Statement;
  readonly axis: Axis | undefined;
  readonly outer: readonly Axis[];
  readonly level: number;
}

export interface Resolver {
  /** Plans to store the value of an expression. */
  readonly store: (body: Expr, memory: Memory, index: Affine) => void;
  /** Plans a call. */
  readonly call: (statement: Statement & { readonly kind: 'call' }) => void;
}

/** Expressions of more nodes than this are cut into parts that go through memory: a function or loop of any length would choke the engine. */
const LONGEST = 600;

export const longest = (axes: readonly Axis[]): Axis => axes.reduce((best, axis) => (axis.extent > best.extent ? axis : best));

/** Of axes of one length, the one along which numbers lie closest comes first. */
const byStride = (terms: Affine['terms']): Affine['terms'] => [...terms].sort((x, y) => Math.abs(x.stride) - Math.abs(y.stride));

/** Contiguous axes no shorter than this are best for the lanes of a store. */
const CONTIGUOUS = 4;

const hasSum = (e: Expr): boolean => schedule([e]).some((part) => part.op === 'sum');

/** Rewrites an expression from the leaves up, as a loop; `visit` gives the new form of a node, whose parts it can ask for. */
const rewrite = (root: Expr, done: Map<Expr, Expr>, stop: (e: Expr) => Expr | undefined, visit: (e: Expr, part: (e: Expr) => Expr) => Expr): Expr => {
  const stack = [root];
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    if (done.has(e)) {
      stack.pop();
      continue;
    }
    const leaf = stop(e);
    const before = stack.length;
    if (leaf === undefined) for (const part of partsOf(e)) if (!done.has(part)) stack.push(part);
    if (stack.length > before) continue;
    stack.pop();
    done.set(e, leaf ?? visit(e, (part) => done.get(part)!));
  }
  return done.get(root)!;
};

/** `planned` grows with each statement; `name` numbers scalars and memories. */
export const makeResolver = (b: Builder, planned: Planned[], name: () => number): Resolver => {
  const memoryLevels = new Map<Memory, number>();
  const levels = new Map<Expr, number>();

  const levelOf = (root: Expr): number => {
    const stack = [root];
    while (stack.length > 0) {
      const e = stack.at(-1)!;
      const before = stack.length;
      if (!levels.has(e)) for (const part of partsOf(e)) if (!levels.has(part)) stack.push(part);
      if (stack.length > before) continue;
      stack.pop();
      if (!levels.has(e)) levels.set(e, e.op === 'load' ? (memoryLevels.get(e.buffer) ?? 0) : Math.max(0, ...partsOf(e).map((part) => levels.get(part)!)));
    }
    return levels.get(root)!;
  };
  const fill = (memory: Memory, level: number): void => void memoryLevels.set(memory, Math.max(level, memoryLevels.get(memory) ?? 0));

  const rebuilt = (e: Expr, part: (e: Expr) => Expr): Expr => {
    if (e.op === 'sum') return b.sum(e.axis, part(e.body));
    const args = operandsOf(e).map(part);
    if (args.every((arg, i) => arg === operandsOf(e)[i])) return e;
    return e.op === 'call' ? b.call(e.fn, ...args) : b.node(e.op, e.type, ...args);
  };

  const stored = new Map<Expr, Expr>();
  /** An array along the axes of an expression, stored by a pass of its own, in place of the expression. */
  const inMemory = (e: Expr): Expr => {
    const known = stored.get(e);
    if (known !== undefined) return known;
    const axes = [...b.axesOf(e)];
    const memory: Memory = { name: `array${name()}`, size: axes.reduce((n, axis) => n * axis.extent, 1) };
    const strides = axes.map((_, i) => axes.slice(i + 1).reduce((n, axis) => n * axis.extent, 1));
    const index = { offset: 0, terms: axes.map((axis, i) => ({ axis, stride: strides[i]! })) };
    planStore(e, memory, index);
    const load = b.load(memory, index);
    stored.set(e, load);
    return load;
  };

  /** The body with what does not vary along the pass's own axis read from memory: a loop within it should not compute that for every row. */
  const withStoredArrays = (body: Expr, axis: Axis | undefined): Expr => {
    if (axis === undefined) return body;
    return rewrite(
      body,
      new Map(),
      (e) => {
        const axes = b.axesOf(e);
        if (axes.size === 0) return e;
        return !axes.has(axis) && e.op !== 'load' && e.type === 'f64' ? inMemory(e) : undefined;
      },
      rebuilt,
    );
  };

  /** Names parts of long scalar code on the way, between which a function can end and another begin. */
  const nameParts = (order: readonly Expr[]): void => {
    for (let i = LONGEST / 2; i < order.length - 1; i += LONGEST / 2) {
      const body = order[i]!;
      planned.push({ statement: { kind: 'let', body }, axis: undefined, outer: [], level: levelOf(body) + 1 });
    }
  };

  /** The body with parts on the way, where it is too long for one loop, read from memory. */
  const shortened = (body: Expr): Expr => {
    if (b.mostNodes(body) <= LONGEST / 2) return body;
    const varies = (e: Expr): boolean => b.axesOf(e).size > 0;
    const whole = schedule([body]);
    nameParts(whole.filter((e) => !varies(e)));
    const order = whole.filter(varies);
    if (order.length <= LONGEST) return body;
    const segments = new Map(order.map((e, i) => [e, Math.floor(i / (LONGEST / 2))]));
    const crossing = new Set(order.flatMap((e) => operandsOf(e).filter((part) => varies(part) && segments.get(part)! < segments.get(e)!)));
    const done = new Map<Expr, Expr>();
    for (const e of order) {
      const own = e.op === 'sum' ? e : rebuilt(e, (part) => done.get(part) ?? part);
      done.set(e, crossing.has(e) && e.type === 'f64' && e.op !== 'load' ? inMemory(own) : own);
    }
    return done.get(body)!;
  };

  const total = (axes: readonly Axis[], core: Expr): Expr => {
    const main = longest(axes);
    const summed = axes.filter((axis) => axis !== main).reduce((sum, axis) => b.sum(axis, sum), core);
    const body = shortened(withStoredArrays(summed, main));
    const id = name();
    const level = levelOf(body) + 1;
    planned.push({ statement: { kind: 'sum', id, body }, axis: main, outer: [], level });
    const result = b.ref(id);
    levels.set(result, level);
    return result;
  };

  const totalAlong = (free: Axis, axis: Axis, core: Expr): Expr => {
    const body = shortened(withStoredArrays(gathered(b, free, core), axis));
    const memory: Memory = { name: `sums${name()}`, size: 2 * free.extent };
    const level = levelOf(body) + 1;
    planned.push({ statement: { kind: 'sumAlong', free, memory, index: { offset: 0, terms: [] }, body }, axis, outer: [], level });
    fill(memory, level);
    return b.load(memory, { offset: 0, terms: [{ axis: free, stride: 1 }] });
  };

  const resolveSum = (axis: Axis, body: Expr): Expr => {
    const sum = b.sum(axis, body);
    const free = [...b.axesOf(sum)];
    if (free.length === 0) {
      const axes = [axis];
      let core = body;
      while (core.op === 'sum') {
        axes.push(core.axis);
        core = core.body;
      }
      return total(axes, core);
    }
    return free.length > 1 || free[0]!.extent >= axis.extent ? sum : totalAlong(free[0]!, axis, body);
  };

  const resolved = new Map<Expr, Expr>();
  const resolve = (root: Expr): Expr =>
    rewrite(
      root,
      resolved,
      () => undefined,
      (e, part) => (e.op === 'sum' ? resolveSum(e.axis, part(e.body)) : rebuilt(e, part)),
    );

  const planStore: Resolver['store'] = (value, memory, index) => {
    const { terms } = index;
    const lane = terms.find(({ stride, axis }) => stride === 1 && axis.extent >= CONTIGUOUS)?.axis;
    const unstored = resolve(value);
    const isSimple = terms.length > 1 && lane !== undefined && !hasSum(unstored);
    const axis = terms.length === 0 ? undefined : isSimple ? lane : longest(byStride(terms).map((term) => term.axis));
    const body = shortened(isSimple ? unstored : withStoredArrays(unstored, axis));
    const level = levelOf(body) + 1;
    const outer = isSimple ? terms.map((term) => term.axis).filter((own) => own !== lane) : [];
    planned.push({ statement: { kind: 'store', memory, index, body }, axis, outer, level });
    fill(memory, level);
  };

  return {
    store: planStore,
    call: (statement) => {
      const level = Math.max(0, ...statement.reads.map((memory) => memoryLevels.get(memory) ?? 0)) + 1;
      planned.push({ statement, axis: undefined, outer: [], level });
      for (const memory of statement.writes) fill(memory, level);
    },
  };
};

/** The nodes of some expressions that a loop computes for every row. */
const workOf = (roots: readonly Expr[], axesOf: Builder['axesOf']): number => {
  let count = 0;
  walk(roots, (e) => {
    if (axesOf(e).size === 0 && e.op !== 'sum') return [];
    count++;
    return partsOf(e);
  });
  return count;
};

interface OpenLoop {
  readonly axis: Axis | undefined;
  readonly outer: readonly Axis[];
  readonly statements: Statement[];
  work: number;
}

/** Statements of one level and the same axes share a pass, unless it gets too long; scalar code and calls of a level come last. */
export const loopsOf = (planned: readonly Planned[], axesOf: Builder['axesOf']): readonly Loop[] => {
  const byLevel = new Map<number, Planned[]>();
  for (const one of planned) {
    const others = byLevel.get(one.level);
    if (others === undefined) byLevel.set(one.level, [one]);
    else others.push(one);
  }
  return [...byLevel.keys()]
    .sort((x, y) => x - y)
    .flatMap((level) => {
      const loops: OpenLoop[] = [];
      const open = new Map<string, OpenLoop>();
      for (const { axis, outer, statement } of byLevel.get(level)!) {
        const key = [axis, ...outer].map((own) => own?.name).join();
        const work = axis === undefined ? 0 : workOf(bodiesOf([statement]), axesOf);
        const found = open.get(key);
        const loop = found !== undefined && found.work + work <= 2 * LONGEST ? found : { axis, outer, statements: [], work: 0 };
        if (loop !== found) {
          loops.push(loop);
          open.set(key, loop);
        }
        loop.statements.push(statement);
        loop.work += work;
      }
      return loops.sort((x, y) => (y.axis?.extent ?? 0) - (x.axis?.extent ?? 0));
    });
};
