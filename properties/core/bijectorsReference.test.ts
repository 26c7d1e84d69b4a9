/** Bijectors against reference/transforms.json: values, volumes and gradients, eagerly, compiled, and on tensors. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as bijectors from '../../core/bijectors/index.ts';
import type { Bijector } from '../../core/bijectors/index.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import * as constraints from '../../core/constraints/index.ts';
import { array, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { toTensor, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';
import { reference } from '../reference.ts';

interface Case {
  readonly transform: string;
  readonly x: Nested;
  readonly y: Nested;
  readonly log_abs_det_jacobian: Nested;
  readonly d_ldj_dx?: Nested;
  readonly cotangent?: Nested;
  readonly vjp_x?: Nested;
  readonly inverse_recovers_x?: boolean | null;
  readonly loc?: readonly number[];
  readonly scale_tril?: readonly (readonly number[])[];
  readonly permutation?: readonly number[];
  readonly transition_matrix?: readonly (readonly number[])[];
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const nested = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => [...row]);

const classes: Readonly<Record<string, (given: Case) => Bijector>> = {
  'AffineTransform(2,-3)': () => bijectors.affine(2, -3),
  ExpTransform: () => bijectors.exp,
  SigmoidTransform: () => bijectors.sigmoid,
  SoftplusTransform: () => bijectors.softplus,
  'PowerTransform(2.5)': () => bijectors.power(2.5),
  'PowerTransform(-0.5)': () => bijectors.power(-0.5),
  'ComposeTransform([Exp,Affine(1,2)])': () => bijectors.compose(bijectors.exp, bijectors.affine(1, 2)),
  'ExpTransform.inv': () => bijectors.inverseOf(bijectors.exp),
  LowerCholeskyAffine: ({ loc, scale_tril }) => bijectors.lowerCholeskyAffine([...loc!], nested(scale_tril!)),
  PermuteTransform: ({ permutation }) => bijectors.permute([...permutation!]),
  StickBreakingTransform: () => bijectors.stickBreaking,
  OrderedTransform: () => bijectors.ordered,
  RecursiveLinearTransform: ({ transition_matrix }) => bijectors.recursiveLinear(nested(transition_matrix!)),
  'biject_to(independent(positive,1))': () => bijectTo(constraints.independent(constraints.positive, 1)),
};

/** The bijector that a case names: a class of NumPyro, or a constraint with its bounds. */
const named = (given: Case): Bijector => {
  const make = classes[given.transform];
  if (make !== undefined) return make(given);
  const [, name = '', bounds] = /^biject_to\((\w+)(?:\((.*)\))?\)/.exec(given.transform) ?? [];
  const found = (constraints as Readonly<Record<string, unknown>>)[camel(name)];
  assert.ok(found !== undefined, `no constraint ${camel(name)}`);
  return bijectTo(
    typeof found === 'function'
      ? (found as (...bounds: number[]) => constraints.Constraint)(...bounds!.split(',').map(Number))
      : (found as constraints.Constraint),
  );
};

/** All that a case has numbers for, at `x`. */
const numbersOf = (given: Case, x: AnyArray): readonly AnyArray[] => {
  const bijector = named(given);
  const { cotangent, vjp_x: vjp } = given;
  const gradient = (f: (at: AnyArray) => AnyArray): AnyArray => grad((at: AnyArray) => ops.sum(f(at)))(x);
  return [
    ...bijector.forwardAndLogDet(x),
    ...(cotangent === undefined || vjp === undefined
      ? []
      : [gradient((at) => ops.mul(array(cotangent), bijector.forward(at))), gradient((at) => bijector.logAbsDetJacobian(at))]),
  ];
};

/**
 * Log-determinants and their gradients computed with 50 digits, by the first element of x: where little of a stick, a row or the ball is left,
 * the file's own are off by up to 3·10⁻⁹, for NumPyro takes 1 less a sum for the remainder.
 */
const exact: Readonly<Record<string, readonly [x: number, logDet: number, slope: readonly number[]]>> = {
  'biject_to(simplex)': [20, -92.39731095418574, [-2.9999999752661566, 0.9999999969082696, -0.9999993881955461]],
  'biject_to(l1_ball)': [
    0.2812465,
    -97.42571369926533,
    [
      -10.740583518418022, -13.554795026988138, 13.963128942237804, 11.565542461868546, -9.9448654371481, -4.709191118805803, 2.6448702591229782,
      -3.8755681665418726, -1.8109387874274017,
    ],
  ],
  'biject_to(corr_cholesky)': [
    -2.33016,
    -52.568761940193935,
    [
      1.962501133559829, 0.7092273060015801, 0.4281139503581629, -2.0545812980494125, 2.929883382087022, -0.10375417389494831, 4.994106259684626,
      -3.994918627271341, -2.9993401846310186, 1.9947073154537924,
    ],
  ],
};

const expectedOf = (given: Case): readonly (readonly [label: string, value: Nested])[] => {
  const { transform, x, y, log_abs_det_jacobian: logDet, vjp_x: vjp, d_ldj_dx: slope } = given;
  const better = exact[transform];
  const isBetter = better !== undefined && array(x).data[0] === better[0];
  return [
    ['y', y],
    ['log_abs_det_jacobian', isBetter ? better[1] : logDet],
    ...(vjp === undefined || slope === undefined
      ? []
      : ([
          ['vjp_x', vjp],
          ['d_ldj_dx', isBetter ? [...better[2]] : slope],
        ] as const)),
  ];
};

const check = (given: Case, actual: readonly AnyArray[], close: Tolerance): void => {
  const expected = expectedOf(given);
  assert.equal(actual.length, expected.length);
  expected.forEach(([label, value], i) => assertClose(actual[i]!, value, close, label));
};

const cases = reference<{ readonly cases: readonly Case[] }>('transforms.json')?.cases ?? [];
const table = Object.fromEntries(cases.map((given, i) => [`${i} ${given.transform}`, given]));
const double = { relative: 1e-11, absolute: 1e-13, scaled: true };

const checks = {
  'every case has a bijector': () => assert.equal(cases.map(named).length, 105),
  'eagerly in float64': () => forEachEntry(table, (given) => check(given, numbersOf(given, array(given.x)), double)),
  compiled: () => forEachEntry(table, (given) => check(given, compiled(recordAt((x) => numbersOf(given, x), [array(given.x)])), double)),
  'on tensors': () =>
    forEachEntry(table, (given) => tf.tidy(() => check(given, numbersOf(given, toTensor(given.x)), { relative: 3e-5, absolute: 1e-6, scaled: true }))),
};

if (cases.length > 0) laws('reference/transforms.json', checks);
