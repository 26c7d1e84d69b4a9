/** The laws of a bijector: two maps inverse to each other, the logarithm of the volume between them, shapes, and the image. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { compose, inverseOf, type Bijector } from '../../core/bijectors/index.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { toNDArray, toTensor, type AnyArray, type Value } from '../../core/value.ts';
import type { Draw } from './draw.ts';
import { assertClose, derivativeAtZero, nudged } from './numeric.ts';
import { tapeGradients } from './tape.ts';

export interface BijectorEntry {
  readonly bijector: Bijector;
  /** Where arguments lie. */
  readonly domain: Constraint;
  /** An argument without batch axes. */
  readonly argument: (draw: Draw) => NDArray;
  /** The entries of a value that determine the others, as offsets into it; all of them, where not given. */
  readonly free?: (value: Shape) => readonly number[];
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
  assertClose(bijector.logAbsDetJacobian(x, y), logDet, { relative: 1e-10, absolute: 1e-12 }, 'logAbsDetJacobian with y');
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

/** The log-determinant is that of the numerical Jacobian, of the entries that determine the others. */
export const volumeIsJacobian = ({ bijector, free }: BijectorEntry, x: NDArray): void => {
  const y = toNDArray(bijector.forward(x));
  const rows = free?.(y.shape) ?? Array.from(y.data, (_, i) => i);
  // An argument that is itself determined by some entries, such as a triangle, moves in those alone.
  const columns = Array.from(x.data, (_, i) => i).filter((i) => x.shape.length < 2 || i % x.shape.at(-1)! <= Math.floor(i / x.shape.at(-1)!));
  assert.equal(rows.length, columns.length, 'as many free entries as arguments');
  const jacobian = rows.map((row) => columns.map((at) => derivativeAtZero((h) => toNDArray(bijector.forward(nudged(x, at, h))).data[row]!)));
  assertClose(ops.sum(bijector.logAbsDetJacobian(x)), logAbsDet(jacobian), { relative: 1e-7, absolute: 1e-7 }, 'log-determinant');
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
