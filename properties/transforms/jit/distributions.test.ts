/** The distributions under the compiler: draws by traced keys, log-densities and their gradients against independent values. */
import assert from 'node:assert/strict';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { keyData, tracedKey } from '../../../core/random/key.ts';
import { showShape } from '../../../core/shape.ts';
import { asArray, toNDArray, type AnyArray } from '../../../core/value.ts';
import { valueAndGrad } from '../../../transforms/grad.ts';
import { cancelling, distributionCases, makers, type Case, type Point } from '../../core/distributionCases.ts';
import { shelf, type Params, type ShelfEntry } from '../../core/shelf.ts';
import { key } from '../../laws/distributionLaws.ts';
import { laws } from '../../laws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../../laws/numeric.ts';
import { compiled, interpreted, recordAt, recordOfKey, type Recorded } from '../../laws/recorded.ts';

type Run = (recorded: Recorded) => readonly NDArray[];

interface Sampled {
  readonly entry: ShelfEntry;
  readonly set: Params;
}

const sampled: Readonly<Record<string, Sampled>> = Object.fromEntries(
  Object.entries(shelf).flatMap(([name, entry]) => entry.params.map((set) => [`${name} ${JSON.stringify(set)}`, { entry, set }] as const)),
);

const words = makeNDArray(Float64Array.from(keyData(key)), [2]);

/** Draws by a traced key, the parameters known or arguments too, are those by the key. */
const samplesAreThoseOfTheKey =
  (run: Run) =>
  ({ entry, set }: Sampled): void => {
    const d = entry.make(set);
    const expected = d.sample(key, [7]);
    const tolerance: Tolerance = d.isDiscrete ? { relative: 0 } : { relative: 1e-12, absolute: 1e-14 };
    const names = Object.keys(set);
    const known = recordOfKey((traced) => [entry.make(set).sample(traced, [7])], key);
    const given = recordAt(
      (at, ...params) => [entry.make(Object.fromEntries(names.map((name, i) => [name, params[i]!]))).sample(tracedKey(at), [7])],
      [words, ...names.map((name) => toNDArray(set[name]!))],
    );
    assertClose(run(known)[0]!, expected, tolerance, 'parameters known');
    assertClose(run(given)[0]!, expected, tolerance, 'parameters as arguments');
  };

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
  const names = Object.keys(params);
  const density = (x: AnyArray, ...given: readonly AnyArray[]): AnyArray =>
    makers[dist]!(Object.fromEntries(names.map((name, i) => [name, given[i]!]))).logProb(x);
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
  (run: Run) =>
  (c: Case): void => {
    const names = Object.keys(c.params);
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

const ofReference = (cases: Readonly<Record<string, Case>>): Readonly<Record<string, () => void>> => ({
  'every kind of the reference is there': () => assert.ok(new Set(Object.values(cases).map((c) => c.dist)).size >= 15),
  'log-densities and gradients, interpreted, to 10 digits': () => forEachEntry(cases, meetsReference(interpreted)),
  'log-densities and gradients, compiled, to 10 digits': () => forEachEntry(cases, meetsReference(compiled)),
});

laws('compiled distributions', {
  'draws by a traced key, interpreted, are those of the key': () => forEachEntry(sampled, samplesAreThoseOfTheKey(interpreted)),
  'draws by a traced key, compiled, are those of the key': () => forEachEntry(sampled, samplesAreThoseOfTheKey(compiled)),
  ...(distributionCases === undefined ? {} : ofReference(distributionCases)),
});
