/** Loops with a body in a recording: the body is recorded once, and noted as one value with several parts. */
import { avalOf, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import type { LoopNode } from './graph.ts';
import { positionOf, recordBody, valueOf } from './record.ts';

/** What a loop gives: what is carried at its end, and what its times have stacked. */
export interface LoopResult {
  readonly carry: readonly Value[];
  readonly stacked: readonly Value[];
}

/** The operands of a loop: what every time reads, what the first time is given, and what each time has a slice of. */
export interface LoopOperands {
  readonly fixed: readonly AnyArray[];
  readonly init: readonly AnyArray[];
  readonly xs: readonly AnyArray[];
}

/** A loop without its operands. */
export type LoopOf = Pick<LoopNode, 'body' | 'length' | 'condition'> & { readonly reverse?: boolean | undefined };

/** Notes a loop in the recording that is under way. */
export const appendLoop = ({ body, length, reverse = false, condition }: LoopOf, { fixed, init, xs }: LoopOperands): LoopResult => {
  const operands = [...fixed, ...init, ...xs].map((x) => positionOf(toTensor(x)));
  const counts = { fixedCount: fixed.length, carryCount: init.length };
  const loop = positionOf(valueOf({ kind: 'loop', aval: { shape: [0], dtype: 'float' }, length, reverse, condition, body, operands, ...counts }));
  const results = condition === undefined ? body.outputs : body.outputs.slice(0, init.length);
  const parts = results.map((id, index) => {
    const { shape, dtype } = body.nodes[id]!.aval;
    return valueOf({ kind: 'part', aval: { shape: index < init.length ? shape : [length, ...shape], dtype }, loop, index });
  });
  return { carry: parts.slice(0, init.length), stacked: parts.slice(init.length) };
};

/**
 * Records a body that is to run `length` times, within a recording that is under way.
 *
 * @param body - from what is carried and a slice of each of `xs`, to what is carried on and what is stacked
 * @param init - what is carried into the first time
 * @param xs - arrays with a leading axis of `length`
 */
export const recordLoop = (
  body: (carry: readonly Value[], slices: readonly Value[]) => { readonly carry: readonly AnyArray[]; readonly stacked: readonly AnyArray[] },
  init: readonly AnyArray[],
  xs: readonly AnyArray[],
  length: number,
): LoopResult => {
  const [starts, arrays] = [init, xs].map((values) => values.map((x) => toTensor(x))) as [Value[], Value[]];
  const slices = arrays.map((x) => ({ ...avalOf(x), shape: x.shape.slice(1) }));
  const { graph, captured } = recordBody(
    (values) => {
      const { carry, stacked } = body(values.slice(0, starts.length), values.slice(starts.length));
      return [...carry, ...stacked];
    },
    [...starts.map(avalOf), ...slices],
  );
  return appendLoop({ body: graph, length }, { fixed: captured, init: starts, xs: arrays });
};
