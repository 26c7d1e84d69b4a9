/** Log-densities and their gradients under the compiler against independent values. */
import assert from 'node:assert/strict';
import type { NDArray } from '../../../../core/ndarray.ts';
import * as ops from '../../../../core/ops/index.ts';
import { showShape } from '../../../../core/shape.ts';
import { asArray, toNDArray, type AnyArray } from '../../../../core/value.ts';
import { valueAndGrad } from '../../../../transforms/grad.ts';
import { cancelling, distributionCases, makers, sizes, type Case, type Point } from '../../../core/distributionCases.ts';
import { laws } from '../../../laws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../../../laws/numeric.ts';
import { compiled, interpreted, recordAt, type Recorded } from '../../../laws/recorded.ts';

/** tr Σ · tr Σ⁻¹, above the condition of a covariance or precision matrix; 0 where a case has none. */
const conditionOf = ({ params }: Case): number => {
  const matrix = params['covariance_matrix'] ?? params['precision_matrix'];
  if (matrix === undefined) return 0;
  const trace = (x: AnyArray): number => toNDArray(ops.sum(ops.diagPart(x))).data[0]!;
  return trace(asArray(matrix)) * trace(ops.choleskySolve(ops.cholesky(matrix), ops.eye(asArray(matrix).shape.at(-1)!)));
};

/** To 10 digits; of the gradient in a matrix, whose reference is computed in double precision, to those that its condition leaves. */
const toleranceOf = (c: Case): Tolerance => ({ relative: 1e-10 + 2 ** -52 * conditionOf(c), absolute: 1e-13, scaled: true });

/** Σ log p and its gradients, in the value and in each parameter. */
const recordDensity = ({ dist, params }: Case, value: NDArray): Recorded => {
  const names = Object.keys(params).filter((name) => !sizes.includes(name));
  const density = (x: AnyArray, ...given: readonly AnyArray[]): AnyArray =>
    makers[dist]!({ ...params, ...Object.fromEntries(names.map((name, i) => [name, given[i]!])) }).logProb(x);
  const inputs = [value, ...names.map((name) => toNDArray(params[name]!))];
  return recordAt((...at) => {
    const [, grads] = valueAndGrad(
      (...xs: readonly AnyArray[]) => ops.sum(density(xs[0]!, ...xs.slice(1))),
      inputs.map((_, i) => i),
    )(...at);
    return [density(at[0]!, ...at.slice(1)), ...grads];
  }, inputs);
};

const meetsReference =
  (run: (recorded: Recorded) => readonly NDArray[]) =>
  (c: Case): void => {
    const names = Object.keys(c.params).filter((name) => !sizes.includes(name));
    // Points of one shape are numbers for one and the same program.
    const recorded = new Map<string, Recorded>();
    const tolerance = toleranceOf(c);
    forEachEntry(Object.fromEntries(c.points.map((point) => [JSON.stringify(point.value), point])), (point: Point) => {
      const value = toNDArray(asArray(point.value));
      const shape = showShape(value.shape);
      const program = recorded.get(shape) ?? recordDensity(c, value);
      recorded.set(shape, program);
      const [logProb, ofValue, ...ofParams] = run({ ...program, inputs: [value, ...program.inputs.slice(1)] });
      assertClose(logProb!, point.log_prob, { relative: 1e-10, absolute: 1e-13 + 1e-15 * cancelling(c) }, 'log p');
      if (point.d_value !== undefined) assertClose(ofValue!, point.d_value, tolerance, 'd log p / d value');
      names.forEach((name, i) => {
        const expected = point.d_params?.[name];
        if (expected !== undefined) assertClose(ofParams[i]!, expected, tolerance, `d log p / d ${name}`);
      });
    });
  };

if (distributionCases !== undefined) {
  const cases = distributionCases;
  laws('compiled distributions, reference', {
    'every kind of the reference is there': () => assert.ok(new Set(Object.values(cases).map((c) => c.dist)).size >= 15),
    'log-densities and gradients, interpreted, to 10 digits': () => forEachEntry(cases, meetsReference(interpreted)),
    'log-densities and gradients, compiled, to 10 digits': () => forEachEntry(cases, meetsReference(compiled)),
  });
}
