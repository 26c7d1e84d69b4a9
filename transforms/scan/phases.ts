/** When each value of a loop's body can be had: before the loop for all times at once, time by time within it, or after it. */
import { sizeOf } from '../../core/shape.ts';
import { operandsOfNode, type Graph, type GraphNode, type LoopNode } from '../jit/graph.ts';
import { isLayout } from '../jit/indexMaps.ts';
import { batchRules } from '../vmap/batchRules.ts';

export type Phase = 'before' | 'core' | 'after';

export interface Phases {
  readonly of: readonly Phase[];
  /** The carries that are sums and nothing else, and the value that each time adds to them. */
  readonly addends: ReadonlyMap<number, number>;
}

/** Values of no more numbers than this, over all times, are kept from one part to the next. */
const MOST_KEPT = 2 ** 18;

const canBatch = (node: GraphNode): boolean => node.kind === 'constant' || (node.kind === 'apply' && node.kernel.name in batchRules);

/** Whether an input of a loop's body is carried. */
export const isCarried = ({ fixedCount, carryCount }: LoopNode, input: number): boolean => input >= fixedCount && input < fixedCount + carryCount;

/** How many values and outputs read each value. */
const countReaders = ({ nodes, outputs }: Graph): readonly number[] => {
  const counts = new Array<number>(nodes.length).fill(0);
  for (const node of nodes) for (const operand of operandsOfNode(node)) counts[operand]!++;
  for (const output of outputs) counts[output]!++;
  return counts;
};

/** What is added each time to a carry that is read for nothing else. */
const addendOf = ({ body, fixedCount }: LoopNode, readers: readonly number[], k: number): number | undefined => {
  const id = body.outputs[k]!;
  const sum = body.nodes[id]!;
  // Whole numbers stay whole: only sums of floating ones are taken out.
  if (sum.kind !== 'apply' || sum.kernel.name !== 'Add' || sum.aval.dtype !== 'float' || readers[id] !== 1) return undefined;
  const isOwn = (operand: number): boolean => {
    const node = body.nodes[operand]!;
    return node.kind === 'input' && node.index === fixedCount + k && readers[operand] === 1;
  };
  const [a, b] = sum.operands as [number, number];
  const addend = isOwn(a) ? b : isOwn(b) ? a : undefined;
  return addend !== undefined && sizeOf(body.nodes[addend]!.aval.shape) === sizeOf(sum.aval.shape) ? addend : undefined;
};

/** The phases of a body's values. What must be had time by time is what the carries need, and what has no batching rule or would be too large. */
export const phasesOf = (node: LoopNode): Phases => {
  const { body, length, carryCount } = node;
  const { nodes, outputs } = body;
  const readers = countReaders(body);
  const isSmall = (id: number): boolean => length * sizeOf(nodes[id]!.aval.shape) <= MOST_KEPT;
  const mustBeWithin = nodes.map((own, id) => own.kind !== 'input' && !(canBatch(own) && isSmall(id)));
  const addends = new Map(
    outputs.slice(0, carryCount).flatMap((_, k) => {
      const addend = addendOf(node, readers, k);
      return addend === undefined || mustBeWithin[addend]! ? [] : [[k, addend] as const];
    }),
  );
  // What varies with what is carried, or can't be had for all times at once.
  const isBound: boolean[] = [];
  nodes.forEach((own, id) => {
    const isOwn = own.kind === 'input' ? isCarried(node, own.index) : mustBeWithin[id]!;
    isBound.push(isOwn || operandsOfNode(own).some((operand) => isBound[operand]!));
  });
  const inCore = new Set(outputs.slice(0, carryCount).filter((_, k) => !addends.has(k)));
  const sums = new Set([...addends.keys()].map((k) => outputs[k]!));
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (sums.has(id)) continue;
    if (mustBeWithin[id]!) inCore.add(id);
    if (inCore.has(id)) for (const operand of operandsOfNode(nodes[id]!)) inCore.add(operand);
  }
  return { of: nodes.map((_, id) => (!isBound[id]! ? 'before' : inCore.has(id) ? 'core' : 'after')), addends };
};

/** The values had before the loop that it reads, and those that cost nothing, layouts and constants, which it has a copy of instead. */
export const takenBy = (
  { nodes }: Graph,
  phases: readonly Phase[],
  read: readonly number[],
): { readonly taken: ReadonlySet<number>; readonly copied: ReadonlySet<number> } => {
  const [taken, copied] = [new Set<number>(), new Set<number>()];
  const stack = read.filter((id) => phases[id] === 'before');
  while (stack.length > 0) {
    const id = stack.pop()!;
    const node = nodes[id]!;
    if (node.kind === 'constant' || (node.kind === 'apply' && isLayout(node.kernel.name))) {
      if (!copied.has(id)) stack.push(...operandsOfNode(node));
      copied.add(id);
    } else taken.add(id);
  }
  return { taken, copied };
};

/** Kernels so cheap that they are rather done again after the loop than their results kept from it. */
const CHEAP: ReadonlySet<string> = new Set(['Add', 'Sub', 'Multiply', 'Neg', 'MulNoNan', 'Select', 'Cast']);

/** The values of the core that are kept for what comes after, and those that are rather computed again there, of fewer numbers that are kept. */
export const keptFor = (
  { nodes }: Graph,
  phases: readonly Phase[],
  read: readonly number[],
): { readonly kept: ReadonlySet<number>; readonly again: ReadonlySet<number> } => {
  const isOfCore = (id: number): boolean => phases[id] === 'core' || (phases[id] === 'after' && nodes[id]!.kind === 'input');
  const isCheap = (id: number): boolean => {
    const node = nodes[id]!;
    return node.kind === 'apply' && (CHEAP.has(node.kernel.name) || isLayout(node.kernel.name));
  };
  const coreOperands = (id: number): readonly number[] => operandsOfNode(nodes[id]!).filter(isOfCore);
  const sizeAt = (id: number): number => sizeOf(nodes[id]!.aval.shape);
  /** The numbers of the core that a value is made of by cheap steps. */
  const madeOf = (id: number): number => {
    const seen = new Set<number>();
    let count = 0;
    const stack = [...coreOperands(id)];
    while (stack.length > 0) {
      const next = stack.pop()!;
      if (seen.has(next)) continue;
      seen.add(next);
      if (isCheap(next)) stack.push(...coreOperands(next));
      else count += sizeAt(next);
    }
    return count;
  };
  const [kept, again] = [new Set<number>(), new Set<number>()];
  const stack = read.filter(isOfCore);
  while (stack.length > 0) {
    const id = stack.pop()!;
    if (kept.has(id) || again.has(id)) continue;
    if (isCheap(id) && madeOf(id) < sizeAt(id)) {
      again.add(id);
      stack.push(...coreOperands(id));
    } else kept.add(id);
  }
  return { kept, again };
};
