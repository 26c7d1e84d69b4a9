/** From a graph to a program: which values are kept in memory, filled by which passes and calls, in which order. */
import { kindlingError } from '../../core/errors.ts';
import type { Axis, Expr, Memory } from '../../core/loop/expression.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { sizeOf, stridesOf } from '../../core/shape.ts';
import type { Aval, Precision } from '../../core/value.ts';
import { fullIndex, makeAxisPool, type AxisPool } from './axes.ts';
import { makeConstants, type Constants } from './constants.ts';
import { formsOf } from './forms.ts';
import type { Graph, GraphNode, LoopNode } from './graph.ts';
import { guardsOf } from './guards.ts';
import { combine, piecesOf, sourceOf } from './indexMaps.ts';
import { makeBuilder, type Builder } from './intern.ts';
import { makeLowering } from './lower.ts';
import { procedureRules } from './procedures/index.ts';
import { productOf, scratchDoubles } from './product.ts';
import type { Program, Transfer } from './program.ts';
import { loopsOf, makeResolver, type Planned } from './resolve.ts';

/** A program, and where its inputs, constants and outputs are found. */
export interface Plan {
  readonly program: Program;
  /** By position of the input; an unused one has none. */
  readonly inputs: ReadonlyMap<number, Memory>;
  readonly constants: ReadonlyMap<Memory, NDArray>;
  readonly outputs: readonly Memory[];
  /** Memories that keep what no statement writes: zeros. */
  readonly padded: ReadonlySet<Memory>;
  /** The extents of the memories of inputs and constants that are matrices. */
  readonly matrices: ReadonlyMap<Memory, readonly [rows: number, columns: number]>;
  /** The memories of inputs and constants that may be stored in single precision. */
  readonly data: ReadonlySet<Memory>;
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
}

/** What a graph and the bodies of its loops share. */
interface Session {
  readonly b: Builder;
  readonly pool: AxisPool;
  readonly precision: Precision;
  readonly constants: Constants;
  readonly matrices: Map<Memory, readonly [number, number]>;
  readonly data: Set<Memory>;
  readonly padded: Set<Memory>;
  readonly name: () => number;
}

const makeSession = (precision: Precision): Session => {
  const constants = makeConstants();
  let names = 0;
  return {
    b: makeBuilder(constants),
    pool: makeAxisPool(),
    precision,
    constants,
    matrices: new Map(),
    data: new Set(),
    padded: new Set(),
    name: () => names++,
  };
};

/** Fewer numbers than this are parameters rather than data: they take no time to read. */
const LEAST_DATA = 1024;

/** Whether an input or a constant is stored in single precision where that is asked for. Whole numbers are indices, keys or counts: they stay exact. */
const isData = ({ precision }: Session, { shape, dtype }: Aval): boolean => precision === 'float32' && dtype === 'float' && sizeOf(shape) >= LEAST_DATA;

/** Plans one graph, whose inputs lie where `inputAt` says; those for which `isSelected` holds come from a selection. */
const planWithin = (
  session: Session,
  graph: Graph,
  inputAt: (node: GraphNode & { readonly kind: 'input' }) => Memory,
  isSelected: (input: number) => boolean,
  body?: { readonly takesInput: (output: number) => boolean },
): { readonly program: Program; readonly outputs: readonly Memory[] } => {
  const { b, pool, precision, name } = session;
  const forms = formsOf(graph, body !== undefined);
  const guards = guardsOf(graph, isSelected);
  const planned: Planned[] = [];
  const resolver = makeResolver(b, planned, name);
  const kept = new Map<number, Memory>();
  const waiting: number[] = [];
  const sizeAt = (id: number): number => sizeOf(graph.nodes[id]!.aval.shape);

  const keep = (id: number): Memory => {
    const own = sourceOf(graph, id);
    const known = kept.get(own);
    if (known !== undefined) return known;
    const node = graph.nodes[own]!;
    if (node.kind === 'input') return inputAt(node);
    const memory: Memory = { name: `${node.kind}${name()}`, size: sizeAt(own) };
    kept.set(own, memory);
    if (node.kind === 'constant') {
      session.constants.add(memory, node.value);
      if (isData(session, node.aval)) session.data.add(memory);
      if (node.value.shape.length === 2) session.matrices.set(memory, node.value.shape as readonly [number, number]);
    } else waiting.push(own);
    return memory;
  };
  const of = (id: number): Memory | undefined => {
    const { kind } = graph.nodes[id]!;
    return (kind !== 'apply' && kind !== 'loop') || forms[id] !== 'inline' ? keep(id) : kept.get(id);
  };
  const lower = makeLowering(graph, b, pool, { of, keep, counting: session.constants.counting }, guards.products);

  /** What is to be planned of a value once all expressions are there. */
  const fills = new Map<number, () => void>();
  const store = (id: number, memory: Memory, strides: readonly number[], offset: number, isOwn: boolean): (() => void) => {
    if (sizeAt(id) === 0) return () => undefined;
    const index = fullIndex(graph.nodes[id]!.aval.shape, pool);
    const place = combine(
      index.map((part, i) => [part, strides[i]!] as const),
      offset,
    );
    const body = lower(id, index, isOwn);
    return () => resolver.store(body, memory, place);
  };

  const planLoop = (id: number, node: LoopNode): (() => void) => {
    const { body, length, reverse, condition, operands, fixedCount, carryCount } = node;
    const sources = operands.map(keep);
    const own = new Map<number, Memory>();
    const transfer = (from: Memory, to: Memory): Transfer => ({ from, to, doubles: Math.min(from.size, to.size) });
    const innerAt = ({ index, aval }: { readonly index: number; readonly aval: Aval }): Memory => {
      const known = index < fixedCount ? sources[index] : own.get(index);
      if (known !== undefined) return known;
      const memory: Memory = { name: `inner${name()}`, size: sizeOf(aval.shape) };
      own.set(index, memory);
      return memory;
    };
    const isCarried = (input: number): boolean => input >= fixedCount && input < fixedCount + carryCount;
    const isFromSelection = (input: number): boolean => isCarried(input) || guards.selected.has(operands[input]!);
    // What is stacked may lie where what is carried in does: it is stacked before that moves on.
    const inner = planWithin(session, body, innerAt, isFromSelection, { takesInput: (output) => output >= carryCount && output !== condition });
    const parts = graph.nodes.flatMap((part, at) => (part.kind === 'part' && part.loop === id ? [[part.index, keep(at)] as const] : []));
    const result = new Map(parts);
    const carried = Array.from({ length: carryCount }, (_, k) => {
      const at = fixedCount + k;
      const known = own.get(at);
      if (known !== undefined) return known;
      const memory: Memory = { name: `inner${name()}`, size: sources[at]!.size };
      own.set(at, memory);
      return memory;
    });
    const slices = [...own].filter(([index]) => index >= fixedCount + carryCount).map(([index, memory]) => transfer(sources[index]!, memory));
    const stacks = [...result].filter(([index]) => index >= carryCount).map(([index, memory]) => transfer(inner.outputs[index]!, memory));
    const ends = [...result].filter(([index]) => index < carryCount).map(([index, memory]) => transfer(carried[index]!, memory));
    return () =>
      resolver.call({
        kind: 'call',
        routine: {
          kind: 'loop',
          length,
          reverse,
          body: inner.program,
          condition: condition === undefined ? undefined : inner.outputs[condition],
          starts: carried.map((memory, k) => transfer(sources[fixedCount + k]!, memory)),
          slices,
          turns: carried.map((memory, k) => transfer(inner.outputs[k]!, memory)),
          stacks,
          ends,
        },
        reads: sources,
        writes: [...result.values()],
      });
  };

  const fillOf = (id: number): void => {
    const node = graph.nodes[id]!;
    const memory = kept.get(id)!;
    const { shape } = node.aval;
    if (node.kind === 'part') {
      if (!fills.has(node.loop)) {
        fills.set(node.loop, () => undefined);
        fills.set(node.loop, planLoop(node.loop, graph.nodes[node.loop] as LoopNode));
      }
      return;
    }
    if (node.kind !== 'apply') throw kindlingError('Unsupported', { message: `a value of kind ${node.kind} can't be filled` });
    const form = forms[id];
    if (form === 'pieces') {
      const pieces = piecesOf(node, graph)!.map(({ operand, strides, offset }) => store(operand, memory, strides, offset, false));
      if (node.kernel.name === 'PadV2') session.padded.add(memory);
      fills.set(id, () => pieces.forEach((fill) => fill()));
    } else if (form === 'procedure') {
      const reads = node.operands.map(keep);
      const scratches: Memory[] = [];
      const scratch = (size: number): Memory => {
        const made: Memory = { name: `scratch${name()}`, size };
        scratches.push(made);
        return made;
      };
      const info = { inputs: node.operands.map((operand) => graph.nodes[operand]!.aval), output: node.aval, attrs: node.attrs };
      const steps = procedureRules[node.kernel.name]!(info, { inputs: reads, output: memory, scratch });
      fills.set(id, () => resolver.call({ kind: 'call', routine: { kind: 'procedure', steps }, reads, writes: [memory, ...scratches] }));
    } else if (form === 'product') {
      const [a, c] = node.operands.map(keep) as [Memory, Memory];
      const avals = node.operands.map((operand) => graph.nodes[operand]!.aval);
      const product = productOf(avals, node.aval, node.attrs, precision);
      const scratch: Memory = { name: `scratch${name()}`, size: scratchDoubles(product) };
      fills.set(id, () =>
        resolver.call({ kind: 'call', routine: { kind: 'product', product, a, b: c, out: memory, scratch }, reads: [a, c], writes: [memory, scratch] }),
      );
    } else fills.set(id, store(id, memory, stridesOf(shape), 0, true));
  };

  const taken = new Set<Memory>();
  const results = graph.outputs.map((id, i) => {
    const { shape } = graph.nodes[id]!.aval;
    const source = graph.nodes[sourceOf(graph, id)]!;
    if (source.kind === 'input' && body?.takesInput(i) === true) return { memory: inputAt(source), fill: (): void => undefined };
    const whole = forms[id] === 'inline' ? undefined : keep(id);
    if (whole !== undefined && !taken.has(whole)) {
      taken.add(whole);
      return { memory: whole, fill: (): void => undefined };
    }
    const memory: Memory = { name: `out${i}_${name()}`, size: sizeOf(shape) };
    return { memory, fill: store(id, memory, stridesOf(shape), 0, false) };
  });
  while (waiting.length > 0) fillOf(waiting.pop()!);
  // What a value is made of stands before it in the graph.
  for (const id of [...fills.keys()].sort((x, y) => x - y)) fills.get(id)!();
  for (const { fill } of results) fill();
  return { program: { loops: loopsOf(planned, b.axesOf) }, outputs: results.map(({ memory }) => memory) };
};

/** Plans the passes of a graph. The inputs at `plain` are never stored in tiles or in single precision. */
export const planGraph = (graph: Graph, plain: ReadonlySet<number> = new Set(), precision: Precision = 'float64'): Plan => {
  const session = makeSession(precision);
  const inputs = new Map<number, Memory>();
  const inputAt = ({ index, aval }: GraphNode & { readonly kind: 'input' }): Memory => {
    const known = inputs.get(index);
    if (known !== undefined) return known;
    const memory: Memory = { name: `input${index}`, size: sizeOf(aval.shape) };
    inputs.set(index, memory);
    if (plain.has(index)) return memory;
    if (isData(session, aval)) session.data.add(memory);
    if (aval.shape.length === 2) session.matrices.set(memory, aval.shape as readonly [number, number]);
    return memory;
  };
  const { program, outputs } = planWithin(session, graph, inputAt, () => false);
  const { constants, padded, matrices, data, b } = session;
  return { program, inputs, constants: constants.all, outputs, padded, matrices, data, axesOf: b.axesOf };
};
