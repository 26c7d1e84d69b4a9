/** Explaining a compiled function: its graph after each pass, its loops, and what they take. */
import { sizeOf, showShape } from '../../core/shape.ts';
import type { Precision } from '../../core/value.ts';
import { compileGraph } from './compile.ts';
import { formsOf, type Form } from './forms.ts';
import { neededBy, showGraph, type Graph } from './graph.ts';
import { placeMemories } from './placement.ts';
import { planGraph } from './plan.ts';
import { prune } from './prune.ts';
import { shareValues } from './sharing.ts';
import { showLoops } from './showProgram.ts';
import type { Spec } from './signature.ts';

/** What fills the memory of a value that is kept, by its form. */
const REASONS: Readonly<Record<Exclude<Form, 'inline'>, string>> = {
  stored: 'stored: dear, or read more than once',
  pieces: 'put together of other values',
  procedure: 'a procedure',
  product: 'a product of matrices',
  part: 'a result of a loop',
};

/** The inputs by name, in the order in which the graph numbers them. */
export const inputsOf = (spec: Spec, name: string): readonly string[] => {
  switch (spec.kind) {
    case 'array':
      return [`${name}: ${spec.dtype}${showShape(spec.shape)}`];
    case 'key':
      return [`${name}: key${showShape(spec.shape)}`];
    case 'list':
      return spec.items.flatMap((item, i) => inputsOf(item, `${name}[${i}]`));
    case 'record':
      return spec.names.flatMap((own, i) => inputsOf(spec.items[i]!, `${name}.${own}`));
    default:
      return [];
  }
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

const bytes = (count: number): string => (count < 1024 ? `${count} bytes` : `${(count / 1024).toFixed(1)} KiB`);

const keptValues = (graph: Graph): readonly string[] => {
  const forms = formsOf(graph);
  return graph.nodes.flatMap((node, id) => {
    const form = forms[id]!;
    if (form === 'inline' || node.kind === 'input' || node.kind === 'constant') return [];
    return [`%${id}: ${node.aval.dtype}${showShape(node.aval.shape)}, ${node.kind === 'apply' ? `${node.kernel.name}, ` : ''}${REASONS[form]}`];
  });
};

/**
 * What becomes of a recorded function, as text.
 *
 * @param name - what it is called
 * @param spec - the signature of its arguments
 */
export const explainGraph = (name: string, graph: Graph, spec: Spec, precision: Precision): string => {
  const shared = shareValues(graph);
  const kept = keptValues(shared);
  const plan = planGraph(prune(shared), new Set(), precision);
  const { places, columns, end } = placeMemories(plan);
  const loops = showLoops(plan.program);
  const { bytes: code, pages, constants } = compileGraph(graph, undefined, precision);
  const args = spec.kind === 'list' ? spec.items.flatMap((item, i) => inputsOf(item, `argument ${i}`)) : [];
  const needed = neededBy(graph).size;
  const inMemory = (size: number): string => bytes(8 * size);
  const bytesEach = (isSingle: boolean | undefined): number => (isSingle === true ? 4 : 8);
  const constantBytes = constants.reduce((sum, { slot, data }) => sum + bytesEach(slot.isSingle) * data.length, 0);
  const inputBytes = [...plan.inputs.values()].reduce((sum, memory) => sum + bytesEach(places.get(memory)!.isSingle) * memory.size, 0);
  const singles = [...places].flatMap(([memory, { isSingle }]) => (isSingle === true ? [memory.name] : []));
  const outputSize = shared.outputs.reduce((sum, id) => sum + sizeOf(shared.nodes[id]!.aval.shape), 0);
  const sections: readonly (readonly [title: string, text: readonly string[]])[] = [
    [`${name}, compiled in ${precision}. Its inputs`, args.length === 0 ? ['none'] : args.map((arg, i) => `input ${i}: ${arg}`)],
    [`1. Recorded: ${plural(graph.nodes.length, 'value')}`, [showGraph(graph)]],
    [
      `2. Without dead code: ${plural(needed, 'value')}. Equal ones shared: ${plural(shared.nodes.length, 'value')}`,
      showGraph(shared) === showGraph(graph) ? ['nothing to drop'] : [showGraph(shared)],
    ],
    [
      `3. Kept in memory: ${plural(kept.length, 'value')}; each other one is computed in the loops that read it`,
      kept.length === 0 ? ['none: everything is fused'] : kept,
    ],
    [`4. Loops, of ${plural(plan.program.loops.flatMap(({ statements }) => statements).length, 'statement')}`, loops.length === 0 ? ['none'] : loops],
    [
      '5. The module',
      [
        `code: ${bytes(code.length)}`,
        `memory: ${inMemory(end / 8)} used, of ${plural(pages, 'page')} of 64 KiB`,
        `of these ${bytes(inputBytes)} of inputs, ${bytes(constantBytes)} of constants, ${inMemory(outputSize)} of results`,
        ...(singles.length === 0 ? [] : [`stored in single precision: ${singles.join(', ')}`]),
        ...(columns.size === 0 ? [] : [`stored in tiles of rows: ${[...columns.keys()].map((memory) => memory.name).join(', ')}`]),
      ],
    ],
  ];
  return sections.map(([title, text]) => `${title}\n${text.map(indented).join('\n')}`).join('\n\n');
};
