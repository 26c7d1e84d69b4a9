/** Linear algebra against reference/linalg.json: values and gradients, eagerly, compiled, and on tensors. */
import assert from 'node:assert/strict';
import { array, type NDArray, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toTensor, type AnyArray, type Value } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';
import { tapeGradients } from '../laws/tape.ts';
import { reference } from '../reference.ts';

interface LinalgCase {
  readonly op: string;
  readonly condition: number | null;
  readonly inputs: Readonly<Record<string, Nested>>;
  readonly outputs: Readonly<Record<string, Nested>>;
  readonly cotangent?: Nested;
  readonly vjp?: Readonly<Record<string, Nested>>;
  readonly lower: boolean;
  readonly transpose: boolean;
  /** `'nan'`: of a matrix that is not positive definite. */
  readonly expect?: string;
  readonly function_of_A?: { readonly F: Nested; readonly cotangent: Nested; readonly vjp_A: Nested };
}

type Outputs = (...inputs: readonly AnyArray[]) => readonly AnyArray[];

/** Eigenvectors with the signs of those expected. */
const signed = (v: AnyArray, expected: Nested): AnyArray => ops.mul(v, ops.sign(ops.sum(ops.mul(v, expected), -2, true)));

/** The function of a case, its outputs in the order of the file. */
const functionOf = ({ op, outputs, lower, transpose }: LinalgCase): Outputs => {
  const table: Readonly<Record<string, Outputs>> = {
    cholesky: (a) => [ops.cholesky(a)],
    triangular_solve: (a, b) => [ops.triangularSolve(a, b, { lower, transpose })],
    solve: (a, b) => [ops.solve(a, b)],
    inverse: (a) => [ops.inverse(a)],
    slogdet: (a) => ops.slogdet(a),
    qr: (a) => ops.qr(a),
    eigh: (a) => {
      const [w, v] = ops.eigh(a);
      return [w, signed(v, outputs['V']!)];
    },
  };
  return table[op]!;
};

/** The output that a cotangent is of. */
const differentiated = (op: string): number => (op === 'slogdet' ? 1 : 0);

const exponential = (a: AnyArray): AnyArray => {
  const [w, v] = ops.eigh(a);
  return ops.matMul(ops.mul(v, ops.expandDims(ops.exp(w), -2)), v, false, true);
};

/** What a case gives, and what it has to: the outputs, and the gradients by each input. */
const numbersOf = (
  given: LinalgCase,
  run: (f: Outputs, inputs: readonly NDArray[]) => readonly AnyArray[],
  derive: (f: (...inputs: readonly AnyArray[]) => AnyArray, inputs: readonly NDArray[]) => readonly AnyArray[],
): readonly (readonly [label: string, actual: AnyArray, expected: Nested, power: number])[] => {
  const f = functionOf(given);
  const inputs = Object.values(given.inputs).map((x) => array(x));
  const values = run(f, inputs).map((x, i) => [Object.keys(given.outputs)[i]!, x, Object.values(given.outputs)[i]!, 1] as const);
  const { cotangent, vjp, function_of_A: exp } = given;
  const gradients = vjp === undefined ? [] : derive((...xs) => ops.sum(ops.mul(array(cotangent!), f(...xs)[differentiated(given.op)]!)), inputs);
  const symmetric = (x: AnyArray): AnyArray => (given.op === 'eigh' ? ops.mul(0.5, ops.add(x, ops.transposeMatrix(x))) : x);
  const ofExponential =
    exp === undefined
      ? []
      : ([
          ['exp A', run((a) => [exponential(a)], inputs)[0]!, exp.F, 1],
          ['gradient of exp A', derive((a) => ops.sum(ops.mul(array(exp.cotangent), exponential(a))), inputs)[0]!, symmetric(array(exp.vjp_A)), 1.5],
        ] as const);
  return [
    ...values,
    ...gradients.map((g, i) => [`gradient of ${Object.keys(given.inputs)[i]!}`, g, symmetric(array(Object.values(vjp!)[i]!)), 1.5] as const),
    ...ofExponential,
  ] as readonly (readonly [string, AnyArray, Nested, number])[];
};

const checkCase = (given: LinalgCase, actual: ReturnType<typeof numbersOf>, unit: number): void => {
  for (const [label, value, expected, power] of actual) {
    const relative = Math.max(64 * unit * (given.condition ?? 100) ** power, 1e3 * unit);
    assertClose(value, expected, { relative, absolute: 16 * unit, scaled: true }, label);
  }
};

const cases = reference<{ readonly cases: readonly LinalgCase[] }>('linalg.json')?.cases ?? [];
const named = Object.fromEntries(cases.filter(({ expect }) => expect === undefined).map((c, i) => [`${c.op} ${i}, condition ${c.condition}`, c]));

const derivatives = (f: (...inputs: readonly AnyArray[]) => AnyArray, inputs: readonly AnyArray[]): readonly AnyArray[] =>
  grad(
    (...xs: AnyArray[]) => f(...xs),
    inputs.map((_, i) => i),
  )(...inputs);

laws('reference/linalg.json', {
  'eagerly in float64': () =>
    forEachEntry(named, (given) =>
      checkCase(
        given,
        numbersOf(given, (f, xs) => f(...xs), derivatives),
        2 ** -52,
      ),
    ),
  compiled: () =>
    forEachEntry(named, (given) => {
      const run = (f: Outputs, inputs: readonly NDArray[]): readonly NDArray[] => compiled(recordAt(f, inputs));
      checkCase(
        given,
        numbersOf(given, run, (f, inputs) => run((...xs) => derivatives(f, xs), inputs)),
        2 ** -52,
      );
    }),
  'on tensors': () =>
    forEachEntry(named, (given) => {
      if ((given.condition ?? 0) > 1e5) return;
      const tensors = (inputs: readonly NDArray[]): readonly Value[] => inputs.map((x) => toTensor(x));
      checkCase(
        given,
        numbersOf(
          given,
          (f, inputs) => f(...tensors(inputs)),
          (f, inputs) => tapeGradients(f, tensors(inputs)),
        ),
        2 ** -23,
      );
    }),
  'no Cholesky factor where there is none': () =>
    cases
      .filter(({ expect }) => expect === 'nan')
      .forEach(({ inputs }) => {
        const a = array(inputs['A']!);
        for (const l of [ops.cholesky(a), compiled(recordAt((x) => [ops.cholesky(x)], [a]))[0]!]) assert.ok(ops.diagPart(l).data.every(Number.isNaN));
      }),
});
