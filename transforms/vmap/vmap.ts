/** vmap: a function of one case as a function of many, by batching rules over what it does to one. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { isKey, keyWords, makeKey, tracedKeyBatch } from '../../core/random/key.ts';
import { isHandled, withWatch } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { showShape, type Shape } from '../../core/shape.ts';
import type { Message } from '../../core/site.ts';
import { tensorsWithin } from '../../core/tree.ts';
import { asArray, avalOf, isConcrete, isTensor, toNDArray, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { liftJit } from '../jit/jitted.ts';
import { recordBody } from '../jit/record.ts';
import { flattenResult } from '../jit/result.ts';
import { matches, refill, specOf, type Spec } from '../jit/signature.ts';
import type { JitArgs, JitResult } from '../jit/types.ts';
import { axesOfLeaves, type Axes, type LeafAxis } from './axes.ts';
import { batchGraph } from './batchGraph.ts';
import { batchLoop } from './batchLoop.ts';
import { loopOverLanes } from './eachLane.ts';
import { moveAxis, spread, type Operand } from './lanes.ts';

export interface VmapOptions {
  /** Where the lanes lie in the results: an axis, `null` for results that are the same in all, or a tree of them. The first axis by default. */
  readonly outAxes?: Axes | undefined;
}

/** A function of many cases: arguments in any form, results with an axis more. */
export type Vmapped<A extends readonly unknown[], R> = <B extends JitArgs<A>>(...args: B) => JitResult<R, B>;

/** A statement in one lane would be answered once, for all of them. */
const reached = (message: Message): KindlingError => {
  const draws = message.type === 'prngKey' || (message.type === 'sample' && message.key === undefined);
  const site = message.name === '' ? undefined : message.name;
  return message.value === undefined && draws
    ? kindlingError('MissingKey', {
        site,
        message: 'vmap over a function seeded outside would give every lane the same draw',
        remedy: 'Map the keys: vmap((key, x) => seed(key)(f)(x))(random.split(key, n), xs)',
      })
    : kindlingError('Unsupported', {
        site,
        message: 'a statement of a function under vmap reaches the handlers around it, which would see one lane of it',
        remedy: 'Keep it inside, as in vmap((x) => pipe(f, substitute(data), trace, block())(x)), or state it outside and pass its value',
      });
};

/** Runs `f` as one lane: handlers within it are its own, those around are out of reach. */
const inOneLane = <A>(f: () => A): A => {
  const onReach = (message: Message): void => {
    if (isHandled()) throw reached(message);
  };
  return withWatch(onReach, f);
};

/** A mapped leaf with its lanes along the first axis; the words of a key stay last. */
const lanesFirst = (leaf: unknown, axis: number): AnyArray => moveAxis(isKey(leaf) ? keyWords(leaf) : asArray(leaf as Input), axis, 0);

/** The number of lanes, on which all mapped leaves agree. */
const lanesOf = (mapped: readonly LeafAxis[]): number => {
  const [first] = mapped;
  if (first === undefined) {
    throw kindlingError('InvalidArgument', {
      message: 'vmap has nothing to map: no array among the arguments has an axis',
      expected: 'an array or a batch of keys, with an axis in inAxes',
    });
  }
  const extent = ({ shape, axis }: LeafAxis): number => shape[axis!]!;
  const other = mapped.find((leaf) => extent(leaf) !== extent(first));
  if (other === undefined) return extent(first);
  const show = (leaf: LeafAxis): string => `${leaf.path} has ${extent(leaf)} along axis ${leaf.axis} of ${showShape(leaf.shape)}`;
  throw kindlingError('InvalidShape', {
    message: 'the mapped axes differ in size',
    given: `${show(first)}, ${show(other)}`,
    remedy: 'Pass null in inAxes for what is the same in every lane',
  });
};

const withoutAxis = (shape: Shape, axis: number): Shape => shape.filter((_, i) => i !== axis);

/** A result with its lanes where they are asked for. */
const placed = (output: Operand, { axis, path }: LeafAxis, size: number): AnyArray => {
  if (axis !== null) return moveAxis(spread(output, size), 0, axis);
  if (!output.isBatched) return output.x;
  throw kindlingError('InvalidArgument', { message: `${path} differs between lanes, but outAxes gives it no axis`, expected: 'an axis in place of null' });
};

/** Keys that can be looked at have words, others an array of them. */
const keysFrom = (words: AnyArray): unknown => {
  const shape = words.shape.slice(0, -1);
  return isTensor(words) && !isConcrete(words) ? tracedKeyBatch(words, shape) : makeKey(Uint32Array.from(toNDArray(words).data), shape);
};

const callMapped = (f: (...args: never) => unknown, args: readonly unknown[], inAxes: Axes, outAxes: Axes): unknown => {
  const spec: Spec = { kind: 'list', items: args.map((arg) => specOf(arg, false)) };
  const leaves: unknown[] = [];
  matches(spec, args, leaves, false);
  const axes = axesOfLeaves(spec, inAxes, 'inAxes', (i) => (i === undefined ? `the ${args.length} arguments` : `argument ${i}`), 0);
  const size = lanesOf(axes.filter(({ axis }) => axis !== null));
  const arrays = axes.flatMap(({ axis }, i) => (axis === null ? [] : [lanesFirst(leaves[i], axis)]));

  let result: unknown;
  let resultSpec: Spec = { kind: 'ignored' };
  const { graph, captured } = recordBody(
    (values) => {
      let next = 0;
      let lane = 0;
      // Leaves that are not mapped are passed as they are.
      const own = refill(spec, args, (leaf) => {
        const { axis, shape } = axes[next++]!;
        if (axis === null) return leaves[next - 1];
        const value = values[lane++]!;
        return leaf.kind === 'key' ? tracedKeyBatch(value, withoutAxis(shape, axis)) : value;
      });
      result = inOneLane(() => f(...(own as never)));
      const [outputs, outputSpec] = flattenResult(result);
      resultSpec = outputSpec;
      return outputs;
    },
    arrays.map((x) => ({ ...avalOf(x), shape: x.shape.slice(1) })),
  );

  const inTensors = leaves.some(isTensor);
  // What the function takes from outside is as exact as its arguments are.
  const outside = captured.map((x: Value): AnyArray => (!inTensors && isConcrete(x) ? toNDArray(x) : x));
  const operands: readonly Operand[] = [...outside.map((x) => ({ x, isBatched: false })), ...arrays.map((x) => ({ x, isBatched: true }))];
  const outputs = loopOverLanes(graph, operands, size) ?? batchGraph(graph, operands, size, batchLoop);
  const resultAxes = axesOfLeaves(resultSpec, outAxes, 'outAxes', (i) => (i === undefined ? 'the result' : `the result[${i}]`), 1);
  let at = 0;
  return refill(resultSpec, result, (leaf) => {
    const x = placed(outputs[at]!, resultAxes[at]!, size);
    at++;
    if (leaf.kind === 'key') return keysFrom(x);
    return inTensors ? toTensor(x) : x;
  });
};

/**
 * A function of one case as a function of many: each mapped argument has one axis more, and so have the results. The function is recorded
 * once, and every kernel runs for all lanes at once, so that it does to each lane what it does alone: it chooses between values with
 * `ops.where`, not with `if`. A batch of keys is one mapped argument, of which each lane has its own.
 *
 * @param inAxes - the axis to map along, `null` for arguments that are the same in every lane, or a list with one of these, or a tree of
 *   them, for each argument
 * @returns tensors where a tensor is among the arguments, else NDArrays, computed in double precision. Of a compiled function, the result
 *   is compiled
 * @throws InvalidShape where mapped axes differ in size; MissingKey where the function draws by a key from outside
 * @example
 * const distance = (a, b) => ops.norm(ops.sub(a, b));
 * vmap(distance, [0, null])([[0, 0], [3, 4]], [0, 0]); // [0, 5]
 * vmap((key) => random.normal(key))(random.split(random.PRNGKey(0), 3)).shape; // [3]
 */
export const vmap = <A extends readonly unknown[], R>(given: (...args: A) => R, inAxes: Axes = 0, options: VmapOptions = {}): Vmapped<A, R> => {
  checkOptions('vmap', options, ['outAxes']);
  const { outAxes = 0 } = options;
  if (typeof given !== 'function') {
    throw kindlingError('InvalidArgument', { message: 'vmap takes a function', given: given === null ? 'null' : typeof given });
  }
  const name = `vmap ${JSON.stringify([inAxes, outAxes])}`;
  return liftJit(
    given as (...args: never) => unknown,
    name,
    (f) =>
      (...args: readonly unknown[]): unknown =>
        scoped(() => callMapped(f, args, inAxes, outAxes), tensorsWithin),
  ) as unknown as Vmapped<A, R>;
};
