/** Laws of bijectors and of the table of constraints, with the independent values of reference/transforms.json. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as bijectors from '../../core/bijectors/index.ts';
import type { Bijector } from '../../core/bijectors/index.ts';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import * as constraints from '../../core/constraints/index.ts';
import { array, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import type { Shape } from '../../core/shape.ts';
import { toNDArray, toTensor } from '../../core/value.ts';
import { laws } from '../laws.ts';
import * as law from '../laws/bijectorLaws.ts';
import type { BijectorEntry } from '../laws/bijectorLaws.ts';
import { drawFrom, type Draw } from '../laws/draw.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { tapeGradients } from '../laws/tape.ts';
import { reference } from '../reference.ts';

const { affine, compose, exp, identity, independent, inverseOf, lowerCholesky, lowerCholeskyAffine, power, sigmoid, softplus, stickBreaking, choleskyProduct } =
  bijectors;
const { real, positive, unitInterval, interval } = constraints;

const lower = (shape: Shape): readonly number[] => {
  const n = shape.at(-1)!;
  return Array.from({ length: n * n }, (_, i) => i).filter((i) => i % n <= Math.floor(i / n));
};
const allButLast = (shape: Shape): readonly number[] => Array.from({ length: shape.at(-1)! - 1 }, (_, i) => i);

const numbers = (bijector: Bijector, domain: constraints.Constraint = real, low = -3, high = 3): BijectorEntry => ({
  bijector,
  domain,
  argument: (d) => d.uniform([], low, high),
});
const vectors = (bijector: Bijector, length: number, free?: BijectorEntry['free']): BijectorEntry => ({
  bijector,
  domain: constraints.realVector,
  argument: (d) => d.uniform([length], -2, 2),
  ...(free === undefined ? {} : { free }),
});
const factor = (d: Draw): ReturnType<Draw['uniform']> => toNDArray(ops.tril(d.triangular([], 3)));

const table: Readonly<Record<string, BijectorEntry>> = {
  identity: numbers(identity),
  exp: numbers(exp),
  sigmoid: numbers(sigmoid),
  softplus: numbers(softplus),
  affine: numbers(affine(2, -3)),
  'affine on an interval': numbers(affine(1, 2), interval(-1, 4), -1, 4),
  power: numbers(power(2.5), positive, 0.2, 3),
  'negative power': numbers(power(-0.5), positive, 0.2, 3),
  'inverse exp': numbers(inverseOf(exp), positive, 0.2, 3),
  'inverse sigmoid': numbers(inverseOf(sigmoid), unitInterval, 0.1, 0.9),
  'compose to numbers': numbers(compose(exp, affine(1, -2))),
  'compose of nothing': numbers(compose()),
  independent: vectors(independent(exp, 1), 3),
  stickBreaking: vectors(stickBreaking, 3, allButLast),
  lowerCholesky: vectors(lowerCholesky, 6, lower),
  lowerCholeskyAffine: vectors(
    lowerCholeskyAffine(
      [1, 2, 3],
      [
        [1, 0, 0],
        [0.5, 2, 0],
        [-1, 0.3, 0.7],
      ],
    ),
    3,
  ),
  choleskyProduct: { bijector: choleskyProduct, domain: constraints.lowerCholesky, argument: factor, free: lower },
  'compose to matrices': vectors(compose(lowerCholesky, choleskyProduct), 6, lower),
  'numbers, then vectors': vectors(compose(affine(0.2, 0.5), stickBreaking), 3, allButLast),
};

const domains: Readonly<Record<string, constraints.Constraint>> = {
  real,
  positive,
  softplusPositive: constraints.softplusPositive,
  nonnegative: constraints.nonnegative,
  unitInterval,
  interval: interval(-2, 5),
  openInterval: constraints.openInterval(1, 4),
  greaterThan: constraints.greaterThan(-100),
  greaterThanEq: constraints.greaterThanEq(0.5),
  lessThan: constraints.lessThan(2),
  lessThanEq: constraints.lessThanEq(2),
  realVector: constraints.realVector,
  simplex: constraints.simplex,
  lowerCholesky: constraints.lowerCholesky,
  positiveDefinite: constraints.positiveDefinite,
  'independent positive': constraints.independent(positive, 1),
  'independent simplex': constraints.independent(constraints.simplex, 1),
};

const sharedShape = (c: constraints.Constraint): Shape => (c.base?.eventDim === 1 ? [2, 3] : c.eventDim === 2 ? [3, 3] : c.eventDim === 1 ? [3] : []);

const onSeeds = (check: (entry: BijectorEntry, seed: number) => void, numRuns = 10): void =>
  fc.assert(
    fc.property(fc.nat(), (seed) => forEachEntry(table, (entry) => check(entry, seed))),
    { numRuns, endOnFailure: true },
  );

const onBatches = (check: (entry: BijectorEntry, x: ReturnType<typeof law.batched>) => void): void =>
  onSeeds((entry, seed) => {
    for (const batch of [[], [2], [2, 3], [0]]) check(entry, law.batched(entry, drawFrom(seed), batch));
  });

interface Case {
  readonly transform: string;
  readonly x: Nested;
  readonly y: Nested;
  readonly log_abs_det_jacobian: Nested;
  readonly d_ldj_dx?: Nested;
  readonly cotangent?: Nested;
  readonly vjp_x?: Nested;
  readonly inverse_recovers_x?: boolean;
  readonly loc?: readonly number[];
  readonly scale_tril?: readonly (readonly number[])[];
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

/** The bijector that a case of the reference names; `undefined` for one that is not here yet. */
const named = ({ transform, loc, scale_tril }: Case): Bijector | undefined => {
  const others: Readonly<Record<string, () => Bijector>> = {
    'AffineTransform(2,-3)': () => affine(2, -3),
    ExpTransform: () => exp,
    SigmoidTransform: () => sigmoid,
    SoftplusTransform: () => softplus,
    'PowerTransform(2.5)': () => power(2.5),
    'PowerTransform(-0.5)': () => power(-0.5),
    'ComposeTransform([Exp,Affine(1,2)])': () => compose(exp, affine(1, 2)),
    'ExpTransform.inv': () => inverseOf(exp),
    LowerCholeskyAffine: () =>
      lowerCholeskyAffine(
        [...loc!],
        scale_tril!.map((row) => [...row]),
      ),
    StickBreakingTransform: () => stickBreaking,
    'biject_to(independent(positive,1))': () => bijectTo(constraints.independent(positive, 1)),
  };
  if (others[transform] !== undefined) return others[transform]();
  const [, name = '', given] = /^biject_to\((\w+)(?:\((.*)\))?\)/.exec(transform) ?? [];
  const found = (constraints as Readonly<Record<string, unknown>>)[camel(name)];
  if (found === undefined) return undefined;
  return bijectTo(
    typeof found === 'function'
      ? (found as (...bounds: number[]) => constraints.Constraint)(...given!.split(',').map(Number))
      : (found as constraints.Constraint),
  );
};

const checkCase = (bijector: Bijector, c: Case): void => {
  assertClose(bijector.forward(c.x), c.y, { relative: 1e-13, absolute: 1e-15 }, 'y');
  // Where NumPyro's inverse is saturated its log-determinant has lost digits too.
  const digits = c.inverse_recovers_x === false ? 1e-9 : 1e-12;
  assertClose(bijector.logAbsDetJacobian(c.x), c.log_abs_det_jacobian, { relative: digits, absolute: 1e-13 }, 'log_abs_det_jacobian');
  const { cotangent, vjp_x, d_ldj_dx } = c;
  if (cotangent === undefined || vjp_x === undefined || d_ldj_dx === undefined) return;
  tf.tidy(() => {
    const x = toTensor(c.x);
    assertClose(bijector.forward(x), c.y, { relative: 2e-5, absolute: 1e-6 }, 'y of a tensor');
    const [dx] = tapeGradients((at) => ops.sum(ops.mul(cotangent, bijector.forward(at))), [x]);
    assertClose(dx!, vjp_x, { relative: 2e-5, absolute: 1e-6 }, 'vjp_x');
    const [dLogDet] = tapeGradients((at) => ops.sum(bijector.logAbsDetJacobian(at)), [x]);
    assertClose(dLogDet!, d_ldj_dx, { relative: 2e-5, absolute: 1e-6 }, 'd_ldj_dx');
  });
};

const cases = reference<{ readonly cases: readonly Case[] }>('transforms.json')?.cases.flatMap((c) => {
  const bijector = named(c);
  return bijector === undefined ? [] : [[bijector, c] as const];
});

laws('bijectors', {
  'the inverse undoes the map': () => onBatches(law.inversesUndo),
  'the inverse loses the volume that the map adds': () => onBatches(law.inverseLosesTheVolume),
  'the log-determinant is that of the numerical Jacobian': () => onSeeds((entry, seed) => law.volumeIsJacobian(entry, entry.argument(drawFrom(seed)))),
  'shapes are as promised': () => onBatches(law.shapesArePromised),
  'the image lies in the codomain': () => onBatches(law.imageIsCodomain),
  'on tensors the numbers are the same': () => onSeeds((entry, seed) => law.tensorsAgree(entry, law.batched(entry, drawFrom(seed), [2])), 3),

  'composition is associative': () =>
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const d = drawFrom(seed);
        law.composesAssociatively(affine(0.3, 0.5), softplus, power(1.5), d.uniform([4], -2, 2));
        law.composesAssociatively(affine(0.1, -0.8), stickBreaking, independent(inverseOf(exp), 1), d.uniform([2, 3], -2, 2));
        law.composesAssociatively(affine(0.1, 0.4), lowerCholesky, choleskyProduct, d.uniform([2, 6], -1, 1));
      }),
      { numRuns: 10 },
    ),

  'bijectTo maps all real numbers into the constraint, and its feasible point back': () =>
    forEachEntry(domains, (constraint) => {
      const onto = bijectTo(constraint);
      const feasible = constraint.feasible([2, ...sharedShape(constraint)]);
      assert.ok(
        toNDArray(constraint.check(feasible)).data.every((ok) => ok !== 0),
        'its feasible point is not in it',
      );
      assert.deepEqual([...constraint.check(feasible).shape], [2]);
      const x = onto.inverse(feasible);
      assertClose(onto.forward(x), feasible, { relative: 1e-9, absolute: 1e-9 });
      const image = onto.forward(drawFrom(1).uniform([5, ...x.shape], -4, 4));
      assert.ok(
        toNDArray(constraint.check(image)).data.every((ok) => ok !== 0),
        'an image is not in it',
      );
      assert.equal(onto.codomainDim, constraint.eventDim);
    }),

  'no constraint contains NaN': () =>
    forEachEntry(domains, (constraint) => assert.equal(toNDArray(constraint.check(ops.fill(sharedShape(constraint), NaN))).item(), 0)),

  'discrete constraints have no bijection, and say so': () => {
    for (const discrete of [
      constraints.boolean,
      constraints.nonnegativeInteger,
      constraints.integerInterval(0, 3),
      constraints.independent(constraints.boolean, 1),
    ]) {
      assert.throws(() => bijectTo(discrete), { _tag: 'Unsupported', message: new RegExp(discrete.name.replace(/[()]/g, '\\$&')) });
    }
  },

  'arrays of too few axes are refused': () => {
    assert.throws(() => stickBreaking.forward(0), { _tag: 'InvalidShape' });
    assert.throws(() => choleskyProduct.forward([1]), { _tag: 'InvalidShape' });
  },

  'bounds may be batches': () => {
    const onto = bijectTo(interval([0, 10], [1, 20]));
    assertClose(onto.forward([0, 0]), [0.5, 15], { relative: 1e-12 });
    assert.deepEqual([...onto.forward(array([[0], [1], [2]])).shape], [3, 2]);
    assert.deepEqual([...onto.logAbsDetJacobian(0).shape], [2]);
  },

  ...(cases === undefined
    ? {}
    : {
        'the values of reference/transforms.json': () => {
          assert.ok(cases.length >= 40, `${cases.length} cases`);
          forEachEntry(Object.fromEntries(cases.map(([bijector, c], i) => [`${i} ${c.transform}`, [bijector, c] as const])), ([bijector, c]) =>
            checkCase(bijector, c),
          );
        },
      }),
});
