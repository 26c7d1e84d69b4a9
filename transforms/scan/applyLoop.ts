/** Applying a recorded loop to arrays: as one value of the recording that is under way, else as a loop now; with a gradient. */
import * as tf from '#tfjs';
import { kindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import { dtypeOf, isTensor, toNDArray, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { evaluateLoop, operandsOfNode, type LoopNode } from '../jit/graph.ts';
import { constantOf, isRecording } from '../jit/record.ts';
import { appendLoop } from '../jit/recordLoop.ts';
import { backwardLoop } from './backwardLoop.ts';
import { applyApart, type Apply } from './fission.ts';
import { withResiduals } from './residuals.ts';
import { withBackward } from './taped.ts';

type Arrays = readonly AnyArray[];

/** For each part of a loop, whether it varies with an operand for which `isVarying` holds. */
const varyingParts = ({ body, fixedCount, carryCount }: LoopNode, isVarying: (operand: number) => boolean): readonly boolean[] => {
  const isCarried = (index: number): boolean => index >= fixedCount && index < fixedCount + carryCount;
  const carried = Array.from({ length: carryCount }, (_, k) => isVarying(fixedCount + k));
  for (;;) {
    const varying = new Set<number>();
    body.nodes.forEach((node, id) => {
      const fromOutside = node.kind === 'input' && (isCarried(node.index) ? carried[node.index - fixedCount]! : isVarying(node.index));
      if (fromOutside || operandsOfNode(node).some((operand) => varying.has(operand))) varying.add(id);
    });
    const parts = body.outputs.map((id) => varying.has(id));
    const next = carried.map((known, k) => known || parts[k]!);
    if (next.every((known, k) => known === carried[k])) return parts.map((own, k) => own || carried[k] === true);
    next.forEach((own, k) => (carried[k] = own));
  }
};

/** Runs a loop whose operands hold a tensor. The parts that vary with none stay exact arrays, and so do those that are `exact`: words of keys. */
const run = (node: LoopNode, operands: Arrays, exact: ReadonlySet<number>): Arrays => {
  const { fixedCount, carryCount } = node;
  if (isRecording()) {
    const ends = fixedCount + carryCount;
    const { carry, stacked } = appendLoop(node, { fixed: operands.slice(0, fixedCount), init: operands.slice(fixedCount, ends), xs: operands.slice(ends) });
    return [...carry, ...stacked];
  }
  const varying = varyingParts(node, (operand) => isTensor(operands[operand]!));
  return evaluateLoop(node, operands.map(toNDArray)).map((x, part) => (varying[part]! && !exact.has(part) ? toTensor(x) : x));
};

/** The arrays of a list in which some were tensors, which come anew. */
const withTensors = (arrays: Arrays, tensors: readonly Value[]): Arrays => {
  let at = 0;
  return arrays.map((x) => (isTensor(x) ? tensors[at++]! : x));
};

/** Whether it is seen that an array is zero throughout: tfjs makes such cotangents of results that nothing reads. */
const isKnownZero = (x: AnyArray): boolean => {
  const known = isTensor(x) ? (isRecording() ? constantOf(x) : undefined) : x;
  return known?.data.every((value) => value === 0) === true;
};

/** The gradient by each operand; nothing for those by which there is none. */
const gradientsOf = (node: LoopNode, operands: Arrays, results: Arrays, cotangents: Arrays): readonly (AnyArray | undefined)[] => {
  if (node.condition !== undefined) {
    throw kindlingError('Unsupported', {
      message: 'whileLoop has no gradient: how often it runs is known only when it has run',
      remedy: 'Use scan or foriLoop with a number of times that is known, and ops.where within',
    });
  }
  const backward = backwardLoop(
    node,
    (operand) => isTensor(operands[operand]!) && dtypeOf(operands[operand]) === 'float',
    (part) => isKnownZero(cotangents[part]!),
    applyLoop,
  );
  return backward.gradients(applyLoop(backward.loop, backward.operands(operands, results, cotangents)));
};

const runTaped = (plain: LoopNode, operands: Arrays, exact: ReadonlySet<number>): Arrays => {
  const node = withResiduals(plain);
  let all: Arrays = [];
  const forward = (): readonly Value[] => {
    all = run(node, operands, exact);
    return all.filter(isTensor);
  };
  const tensors = withBackward(operands.filter(isTensor), forward, ({ dys, inputs, results }) => {
    // What does not vary with a tensor has no cotangent.
    const zeros = all.map((x) => (isTensor(x) ? x : ops.zeros(x.shape)));
    const found = gradientsOf(node, withTensors(operands, inputs), withTensors(all, results), withTensors(zeros, dys));
    return operands.flatMap((x, i) => (isTensor(x) ? [found[i] === undefined ? undefined : toTensor(found[i])] : []));
  });
  return withTensors(all, tensors).slice(0, plain.body.outputs.length);
};

const none: ReadonlySet<number> = new Set();

/**
 * All parts of a loop for its operands: what is carried at the end, then what is stacked. NDArrays where all operands are; in eager code
 * the parts that are `exact` always are NDArrays, computed in double.
 */
export const applyLoop = (node: LoopNode, operands: Arrays, exact: ReadonlySet<number> = none): Arrays => {
  if (!operands.some(isTensor)) return evaluateLoop(node, operands.map(toNDArray));
  const { gradientDepth, kernelDepth } = tf.engine().state;
  const now: Apply = (own, given) => (gradientDepth > 0 && kernelDepth === 0 ? runTaped(own, given, exact) : run(own, given, exact));
  if (!isRecording()) return now(node, operands);
  return applyApart(
    node,
    operands.map((x) => toTensor(x)),
    (own, given) =>
      now(
        own,
        given.map((x) => toTensor(x)),
      ),
  );
};
