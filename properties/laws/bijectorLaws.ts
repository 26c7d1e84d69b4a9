/** The laws of a bijector: two maps inverse to each other, the logarithm of the volume between them, shapes, and the image. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { compose, inverseOf, type Bijector } from '../../core/bijectors/index.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toNDArray, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import type { Draw } from './draw.ts';
import { assertClose, derivativeAtZero, nudged, numericGradient } from './numeric.ts';
import { compiled, recordAt } from './recorded.ts';
import { tapeGradients } from './tape.ts';

export interface BijectorEntry {
  readonly bijector: Bijector;
  /** Where arguments lie. */
  readonly domain: Constraint;
  /** An argument without batch axes. */
  readonly argument: (draw: Draw) => NDArray;
  /** The entries of a value that determine the others, as offsets into it; all of them, where not given. */
  readonly free?: (value: Shape) => readonly number[];
  /** The entries of an argument that determine the others, such as a triangle; all of them, where not given. */
  readonly moving?: (argument: Shape) => readonly number[];
  /** Whether the volume is that of the image as a surface, ½ log det JᵀJ, all entries of a value counting. */
  readonly isSurface?: boolean;
}

const tight = { relative: 1e-9, absolute: 1e-9, scaled: true };

const batchOf = (shape: Shape, dim: number): Shape => shape.slice(0, shape.length - dim);

/** A batch of arguments, from one draw for each. */
export const batched = ({ argument }: BijectorEntry, draw: Draw, batch: Shape): NDArray => {
  const items = Array.from({ length: sizeOf(batch) }, () => argument(draw));
  const { shape } = argument(draw);
  return makeNDArray(Float64Array.from(items.flatMap(({ data }) => [...data])), [...batch, ...shape]);
};

export const inversesUndo = ({ bijector }: BijectorEntry, x: NDArray): void => {
  const y = bijector.forward(x);
  assertClose(bijector.inverse(y), x, tight, 'inverse(forward(x))');
  assertClose(bijector.forward(bijector.inverse(y)), y, tight, 'forward(inverse(y))');
  const [again, logDet] = bijector.forwardAndLogDet(x);
  assertClose(again, y, { relative: 1e-14 }, 'forwardAndLogDet');
  assertClose(logDet, bijector.logAbsDetJacobian(x), { relative: 1e-14 }, 'forwardAndLogDet');
  const close = { relative: 1e-10, absolute: 1e-12 };
  assertClose(bijector.logAbsDetJacobian(x, y), logDet, close, 'logAbsDetJacobian with y');
  const [argument, ofInverse] = bijector.inverseAndLogDet(y);
  assertClose(argument, x, tight, 'inverseAndLogDet');
  assertClose(ofInverse, logDet, tight, 'log-determinant of inverseAndLogDet');
};

export const inverseLosesTheVolume = ({ bijector }: BijectorEntry, x: NDArray): void => {
  const y = bijector.forward(x);
  const back = inverseOf(bijector);
  assertClose(back.forward(y), x, tight);
  assertClose(back.inverse(x), y, { relative: 1e-14 });
  assertClose(back.logAbsDetJacobian(y), ops.neg(bijector.logAbsDetJacobian(x)), tight, 'log-determinant of the inverse');
};

/** log |det A| by elimination with pivots. */
const logAbsDet = (a: number[][]): number => {
  let total = 0;
  for (let j = 0; j < a.length; j++) {
    const pivot = a.slice(j).reduce((best, row, i) => (Math.abs(row[j]!) > Math.abs(a[best]![j]!) ? i + j : best), j);
    [a[j], a[pivot]] = [a[pivot]!, a[j]!];
    total += Math.log(Math.abs(a[j]![j]!));
    for (let i = j + 1; i < a.length; i++) {
      const factor = a[i]![j]! / a[j]![j]!;
      for (let k = j; k < a.length; k++) a[i]![k]! -= factor * a[j]![k]!;
    }
  }
  return total;
};

const allOf = (shape: Shape): readonly number[] => Array.from({ length: sizeOf(shape) }, (_, i) => i);

/** Jᵀ J of a Jacobian by rows. */
const gram = (jacobian: readonly (readonly number[])[], columns: number): number[][] =>
  Array.from({ length: columns }, (_, i) => Array.from({ length: columns }, (__, j) => jacobian.reduce((sum, row) => sum + row[i]! * row[j]!, 0)));

/** The log-determinant is that of the numerical Jacobian, of the entries that determine the others. */
export const volumeIsJacobian = ({ bijector, free = allOf, moving = allOf, isSurface = false }: BijectorEntry, x: NDArray): void => {
  const y = toNDArray(bijector.forward(x));
  const [rows, columns] = [free(y.shape), moving(x.shape)];
  const jacobian = rows.map((row) => columns.map((at) => derivativeAtZero((h) => toNDArray(bijector.forward(nudged(x, at, h))).data[row]!)));
  if (!isSurface) assert.equal(rows.length, columns.length, 'as many free entries as arguments');
  const numeric = isSurface ? 0.5 * logAbsDet(gram(jacobian, columns.length)) : logAbsDet(jacobian);
  assertClose(ops.sum(bijector.logAbsDetJacobian(x)), numeric, { relative: 1e-7, absolute: 1e-7 }, 'log-determinant');
};

export const shapesArePromised = ({ bijector }: BijectorEntry, x: NDArray): void => {
  const y = bijector.forward(x);
  assert.deepEqual([...y.shape], [...bijector.forwardShape(x.shape)], 'forwardShape');
  assert.deepEqual([...bijector.inverse(y).shape], [...bijector.inverseShape(y.shape)], 'inverseShape');
  assert.deepEqual([...bijector.logAbsDetJacobian(x).shape], [...batchOf(y.shape, bijector.codomainDim)], 'shape of the log-determinant');
};

export const imageIsCodomain = ({ bijector, domain }: BijectorEntry, x: NDArray): void => {
  const image = bijector.codomain(domain);
  assert.ok(image.eventDim === bijector.codomainDim, `event dim ${image.eventDim} of ${image.name}`);
  assert.ok(
    toNDArray(image.check(bijector.forward(x))).data.every((inside) => inside !== 0),
    `an image outside ${image.name}`,
  );
};

export const tensorsAgree = ({ bijector }: BijectorEntry, x: NDArray): void =>
  tf.tidy(() => {
    const single = toTensor(x);
    const rounded = toNDArray(single);
    const loose = { relative: 1e-5, absolute: 1e-5, scaled: true };
    assertClose(bijector.forward(single), bijector.forward(rounded), loose, 'forward');
    assertClose(bijector.logAbsDetJacobian(single), bijector.logAbsDetJacobian(rounded), loose, 'log-determinant');
    const ofVolume = (at: Value): AnyArray => ops.sum(bijector.logAbsDetJacobian(at));
    assert.ok(tapeGradients(ofVolume, [single])[0]!.dataSync().every(Number.isFinite), 'gradient of the log-determinant');
  });

/** A number that depends on all that a bijector gives, with weights so that nothing cancels. */
const summary = ({ bijector }: BijectorEntry, x: AnyArray): AnyArray => {
  const [y, logDet] = bijector.forwardAndLogDet(x);
  const weights = makeNDArray(
    Float64Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.cos(i + 1)),
    y.shape,
  );
  return ops.add(ops.sum(ops.mul(weights, y)), ops.mul(0.7, ops.sum(logDet)));
};

/** Differentiable by every argument, and as difference quotients say. */
export const gradientsAreSlopes = (entry: BijectorEntry, x: NDArray): void => {
  const slope = toNDArray(grad((at: AnyArray) => summary(entry, at))(x));
  const numeric = numericGradient((at) => toNDArray(summary(entry, at)).item(), x);
  assertClose(slope, numeric, { relative: 1e-6, absolute: 1e-6, scaled: true }, 'gradient');
  const ofInverse = (at: AnyArray): AnyArray => {
    const [argument, logDet] = entry.bijector.inverseAndLogDet(at);
    return ops.add(ops.sum(argument), ops.sum(logDet));
  };
  const backwards = toNDArray(grad(ofInverse)(toNDArray(entry.bijector.forward(x))));
  assert.ok(backwards.data.every(Number.isFinite), 'gradient of the inverse');
};

/** Recorded and compiled, in double precision: both maps, the volume both ways, and the gradient. */
export const compiledAgrees = (entry: BijectorEntry, x: NDArray): void => {
  const { bijector } = entry;
  const everything = (at: AnyArray, from: AnyArray): readonly AnyArray[] => [
    ...bijector.forwardAndLogDet(at),
    bijector.logAbsDetJacobian(at),
    ...bijector.inverseAndLogDet(from),
    grad((point: AnyArray) => summary(entry, point))(at),
  ];
  const inputs = [x, toNDArray(bijector.forward(x))] as const;
  const close = { relative: 1e-10, absolute: 1e-12, scaled: true };
  const eager = everything(...inputs);
  compiled(recordAt((at, from) => everything(at, from), inputs)).forEach((out, i) => assertClose(out, eager[i]!, close, `output ${i}`));
};

/** Mapped over a leading axis, each lane has what it has alone. */
export const lanesAgree = ({ bijector }: BijectorEntry, x: NDArray): void => {
  const everything = (at: AnyArray): readonly AnyArray[] => [...bijector.forwardAndLogDet(at), bijector.inverse(bijector.forward(at))];
  const lanes = vmap(everything)(x) as readonly AnyArray[];
  everything(x).forEach((expected, i) => assertClose(lanes[i]!, expected, { relative: 1e-10, absolute: 1e-12 }, `output ${i}`));
};

/** Made again of its arrays it is the same, and of arrays with a leading axis each lane is what it was. */
export const madeAgainIsTheSame = ({ bijector }: BijectorEntry, x: NDArray): void => {
  const parts = bijector.apart(x.shape.length);
  if (parts === undefined) return;
  const { arrays, rebuild } = parts;
  const again = rebuild(arrays);
  assert.deepEqual([again.name, again.sign, again.domainDim, again.codomainDim], [bijector.name, bijector.sign, bijector.domainDim, bijector.codomainDim]);
  const [expected, volume] = bijector.forwardAndLogDet(x);
  const twice = (at: AnyArray): AnyArray => ops.stack([at, at]);
  assertClose(again.forward(x), expected, tight, 'forward');
  const stacked = rebuild(arrays.map(twice));
  assertClose(stacked.forward(twice(x)), twice(expected), tight, 'forward of stacks');
  assertClose(stacked.inverse(twice(expected)), twice(x), tight, 'inverse of stacks');
  assertClose(stacked.logAbsDetJacobian(twice(x)), twice(volume), tight, 'log-determinant of stacks');
};

/** compose(f, compose(g, h)) = compose(compose(f, g), h), and each is g after f. */
export const composesAssociatively = (f: Bijector, g: Bijector, h: Bijector, x: NDArray): void => {
  const [left, right] = [compose(compose(f, g), h), compose(f, compose(g, h))];
  const y = h.forward(g.forward(f.forward(x)));
  for (const both of [left, right, compose(f, g, h)]) {
    assertClose(both.forward(x), y, tight);
    assertClose(both.inverse(y), x, { relative: 1e-7, absolute: 1e-7 });
    assertClose(both.logAbsDetJacobian(x), left.logAbsDetJacobian(x), tight);
    assert.deepEqual([both.domainDim, both.codomainDim, both.sign], [left.domainDim, left.codomainDim, left.sign]);
    assert.deepEqual([...both.forwardShape(x.shape)], [...y.shape]);
  }
};
