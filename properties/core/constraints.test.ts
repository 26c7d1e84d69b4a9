/** Laws of constraints: what lies inside and what does not, the point inside, the bijection onto it, and plain data and back. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import * as constraints from '../../core/constraints/index.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { constraintFromJSON, constraintToJSON } from '../../core/constraints/json.ts';
import { array, type Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import type { Shape } from '../../core/shape.ts';
import { toNDArray, toTensor, type AnyArray } from '../../core/value.ts';
import { laws } from '../laws.ts';
import { drawFrom } from '../laws/draw.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';

interface Entry {
  readonly set: Constraint;
  /** The shape of one member. */
  readonly shape: Shape;
  readonly members: readonly Nested[];
  readonly outsiders: readonly Nested[];
  /** Whether a bijection leads onto it. */
  readonly hasBijection: boolean;
}

const entry = (set: Constraint, members: readonly Nested[], outsiders: readonly Nested[], hasBijection = true): Entry => ({
  set,
  shape: array(members[0]!).shape,
  members,
  outsiders,
  hasBijection,
});
const discrete = (set: Constraint, members: readonly Nested[], outsiders: readonly Nested[]): Entry => entry(set, members, outsiders, false);

const identity = [
  [1, 0],
  [0, 1],
];
const factor = [
  [2, 0],
  [-3, 0.5],
];
const notFactors = [
  [
    [1, 0.1],
    [0, 1],
  ],
  [
    [1, 0],
    [0, -1],
  ],
  [
    [1, 0],
    [2, 0],
  ],
];
const asymmetric = [
  [1, 0.5],
  [0.4, 1],
];
const indefinite = [
  [1, 2],
  [2, 1],
];
const singular = [
  [1, 1],
  [1, 1],
];
const correlation = [
  [1, -0.4],
  [-0.4, 1],
];
const covariance = [
  [2, -0.4],
  [-0.4, 1],
];

const entries: Readonly<Record<string, Entry>> = {
  real: entry(constraints.real, [0, -1e300, Infinity], []),
  positive: entry(constraints.positive, [1e-300, 5], [0, -1]),
  softplusPositive: entry(constraints.softplusPositive, [1e-300, 5], [0, -1]),
  nonnegative: entry(constraints.nonnegative, [0, 5], [-1e-300]),
  unitInterval: entry(constraints.unitInterval, [0, 0.3, 1], [-0.1, 1.1]),
  circular: entry(constraints.circular, [-Math.PI, 0, Math.PI], [-3.2, 3.2]),
  interval: entry(constraints.interval(-2, 5), [-2, 5], [-2.1, 5.1]),
  openInterval: entry(constraints.openInterval(1, 4), [1.1, 3.9], [1, 4, 0]),
  greaterThan: entry(constraints.greaterThan(-100), [-99, 1], [-100, -101]),
  greaterThanEq: entry(constraints.greaterThanEq(0.5), [0.5, 1], [0.4]),
  lessThan: entry(constraints.lessThan(2), [1, -5], [2, 3]),
  lessThanEq: entry(constraints.lessThanEq(2), [2, -5], [2.1]),
  boolean: discrete(constraints.boolean, [0, 1], [0.5, 2, -1]),
  nonnegativeInteger: discrete(constraints.nonnegativeInteger, [0, 7], [-1, 0.5, Infinity]),
  positiveInteger: discrete(constraints.positiveInteger, [1, 7], [0, 1.5, Infinity]),
  integerInterval: discrete(constraints.integerInterval(-1, 3), [-1, 3], [-2, 4, 0.5]),
  integerGreaterThan: discrete(constraints.integerGreaterThan(2), [2, 9], [1, 2.5, Infinity]),
  multinomial: discrete(
    constraints.multinomial(4),
    [
      [1, 3, 0],
      [4, 0, 0],
    ],
    [
      [1, 2, 0],
      [-1, 5, 0],
      [0.5, 3.5, 0],
    ],
  ),
  oneHot: discrete(
    constraints.oneHot,
    [
      [0, 1, 0],
      [0, 0, 1],
    ],
    [
      [0, 0, 0],
      [1, 1, 0],
      [0.5, 0.5, 0],
      [2, -1, 0],
    ],
  ),
  realVector: entry(constraints.realVector, [[1, -2]], []),
  realMatrix: entry(constraints.realMatrix, [[[1, -2]]], []),
  simplex: entry(
    constraints.simplex,
    [
      [0.2, 0.8],
      [0, 1],
    ],
    [
      [0.2, 0.7],
      [-0.1, 1.1],
    ],
  ),
  orderedVector: entry(
    constraints.orderedVector,
    [[-1, 0, 2]],
    [
      [0, 0, 1],
      [2, 1, 3],
      [0, 2, 1],
    ],
  ),
  'orderedVector of one element': entry(constraints.orderedVector, [[-3]], []),
  positiveOrderedVector: entry(
    constraints.positiveOrderedVector,
    [[0.1, 0.2, 3]],
    [
      [0, 1, 2],
      [-1, 1, 2],
      [1, 3, 2],
    ],
  ),
  sphere: entry(
    constraints.sphere,
    [
      [0.6, -0.8],
      [0, 1],
    ],
    [
      [1, 1],
      [0, 0],
    ],
    false,
  ),
  l1Ball: entry(
    constraints.l1Ball,
    [
      [0.2, -0.8],
      [0, 0],
    ],
    [
      [0.6, 0.6],
      [-1.1, 0],
    ],
  ),
  'zeroSum(1)': entry(
    constraints.zeroSum(1),
    [
      [1, -3, 2],
      [0, 0, 0],
    ],
    [
      [1, -1, 1e-3],
      [1, 1, 1],
    ],
  ),
  'zeroSum(2)': entry(
    constraints.zeroSum(2),
    [
      [
        [1, -1],
        [-1, 1],
      ],
    ],
    [
      [
        [1, -1],
        [1, -1],
      ],
      [
        [1, 1],
        [-1, -1],
      ],
    ],
  ),
  lowerCholesky: entry(constraints.lowerCholesky, [factor, identity], notFactors),
  softplusLowerCholesky: entry(constraints.softplusLowerCholesky, [factor, identity], notFactors),
  scaledUnitLowerCholesky: entry(constraints.scaledUnitLowerCholesky, [factor, identity], notFactors),
  corrCholesky: entry(
    constraints.corrCholesky,
    [
      [
        [1, 0],
        [-0.6, 0.8],
      ],
      identity,
    ],
    [
      factor,
      ...notFactors,
      [
        [1, 0],
        [0.6, -0.8],
      ],
    ],
  ),
  positiveDefinite: entry(constraints.positiveDefinite, [covariance, identity], [asymmetric, indefinite]),
  positiveSemidefinite: entry(
    constraints.positiveSemidefinite,
    [
      covariance,
      singular,
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [asymmetric, indefinite],
  ),
  corrMatrix: entry(constraints.corrMatrix, [correlation, identity], [asymmetric, indefinite, covariance]),
  positiveDefiniteCirculantVector: entry(
    constraints.positiveDefiniteCirculantVector,
    [
      [1, 0, 0, 0],
      [2, 0.5, 0.1, 0.5],
    ],
    [
      [1, 0.5, 0, 0],
      [1, 2, 0, 2],
      [-1, 0, 0, 0],
    ],
    false,
  ),
  'independent positive': entry(constraints.independent(constraints.positive, 1), [[1, 2]], [[1, 0]]),
  'independent simplex': entry(constraints.independent(constraints.simplex, 1), [[[0.2, 0.8]]], [[[0.2, 0.7]]]),
  'independent boolean': discrete(constraints.independent(constraints.boolean, 1), [[1, 0]], [[1, 2]]),
  'independent interval with bounds for each': entry(constraints.independent(constraints.interval([0, 1], [1, 2]), 1), [[0.5, 1.5]], [[1.5, 0.5]]),
};

const holds = (inside: AnyArray): readonly boolean[] => Array.from(toNDArray(inside).data, (ok) => ok !== 0);

/** The checks of all members and all outsiders of an entry, each against its answer. */
const onEach = (table: Readonly<Record<string, Entry>>, check: (set: Constraint, value: Nested) => AnyArray): void =>
  forEachEntry(table, ({ set, members, outsiders }) => {
    const answer = (value: Nested): boolean => {
      const inside = check(set, value);
      assert.deepEqual([...inside.shape], [], JSON.stringify(value));
      return holds(inside)[0]!;
    };
    for (const value of members) assert.ok(answer(value), `${JSON.stringify(value)} is a member`);
    for (const value of outsiders) assert.ok(!answer(value), `${JSON.stringify(value)} is none`);
  });

/** What float32 can hold. */
const isSingle = (value: Nested): boolean => array(value).data.every((x) => Number.isNaN(x) || !Number.isFinite(x) || Math.fround(x) !== 0 || x === 0);
const single: Readonly<Record<string, Entry>> = Object.fromEntries(
  Object.entries(entries).map(([name, e]) => [
    name,
    { ...e, members: e.members.filter(isSingle).filter((x) => x !== Math.PI && x !== -Math.PI), outsiders: e.outsiders.filter(isSingle) },
  ]),
);

laws('constraints', {
  'members are inside, others are not': () => onEach(entries, (set, value) => set.check(value)),
  'tensors are told alike': () => tf.tidy(() => onEach(single, (set, value) => set.check(toTensor(value)))),
  'compiled the answers are the same': () =>
    onEach(entries, (set, value) => compiled(recordAt((x) => [ops.cast(set.check(x), 'float32')], [array(value)]))[0]!),

  'a batch is told one by one': () =>
    forEachEntry(entries, ({ set, members, outsiders }) => {
      const values = [...members, ...outsiders].map((value) => array(value));
      const inside = set.check(ops.stack(values));
      assert.deepEqual(
        holds(inside),
        values.map((_, i) => i < members.length),
      );
    }),

  'none contains NaN': () =>
    forEachEntry(entries, ({ set, shape }) => {
      assert.deepEqual(holds(set.check(ops.fill(shape, NaN))), [false]);
      const partly = Float64Array.from(toNDArray(set.feasible(shape)).data);
      partly[partly.length - 1] = NaN;
      assert.deepEqual(holds(set.check(array(partly, shape))), [false]);
    }),

  'the feasible point is a member': () =>
    forEachEntry(entries, ({ set, shape }) => {
      for (const batch of [[], [2], [3, 2]]) {
        const point = set.feasible([...batch, ...shape]);
        assert.deepEqual([...point.shape], [...batch, ...shape]);
        assert.ok(holds(set.check(point)).every(Boolean));
        assert.deepEqual([...set.check(point).shape], batch);
      }
    }),

  'bijectTo maps all real numbers into it, and its feasible point back': () =>
    forEachEntry(entries, ({ set, shape, hasBijection }) => {
      if (!hasBijection) return;
      const onto = bijectTo(set);
      const feasible = set.feasible([2, ...shape]);
      const x = onto.inverse(feasible);
      assert.ok(toNDArray(x).data.every(Number.isFinite), 'the argument of its feasible point');
      assertClose(onto.forward(x), feasible, { relative: 1e-9, absolute: 1e-9 });
      const image = onto.forward(drawFrom(1).uniform([5, ...x.shape], -4, 4));
      assert.ok(holds(set.check(image)).every(Boolean), 'an image is not in it');
      assert.equal(onto.codomainDim, set.eventDim);
    }),

  'sets without a bijection say so': () =>
    forEachEntry(entries, ({ set, hasBijection }) => {
      if (hasBijection) return;
      const name = new RegExp(set.name.replace(/[()]/g, '\\$&'));
      assert.throws(
        () => bijectTo(set),
        (error: Error & { readonly _tag?: string }) =>
          error._tag === 'Unsupported' && name.test(error.message) && (!set.isDiscrete || /Discrete/.test(error.message)),
      );
    }),

  'as plain data and back it is the same': () =>
    forEachEntry(entries, (e) => {
      const json = JSON.parse(JSON.stringify(constraintToJSON(e.set))) as ReturnType<typeof constraintToJSON>;
      const again = constraintFromJSON(json);
      assert.deepEqual(
        [again.kind, again.eventDim, again.isDiscrete, Object.keys(again.params)],
        [e.set.kind, e.set.eventDim, e.set.isDiscrete, Object.keys(e.set.params)],
      );
      onEach({ again: { ...e, set: again } }, (set, value) => set.check(value));
    }),

  'plain data that is not of a constraint is refused': () => {
    for (const kind of ['nonsense', 'toString', 'interval', 'multinomial', 'zeroSum'])
      assert.throws(() => constraintFromJSON({ kind }), { _tag: 'InvalidArgument' });
  },

  'bounds may be batches': () => {
    assert.deepEqual(holds(constraints.multinomial([1, 2]).check([1, 1])), [false, true]);
    assert.deepEqual(toNDArray(constraints.multinomial([3, 2]).feasible([2, 2])).data, Float64Array.of(3, 0, 2, 0));
    assert.deepEqual(holds(constraints.integerGreaterThan([1, 3]).check(2)), [true, false]);
  },

  'dependent has nothing to say, and says so': () => {
    assert.throws(() => constraints.dependent.check(1), { _tag: 'Unsupported', message: /depends on other values/ });
    assert.throws(() => constraints.dependent.feasible([]), { _tag: 'Unsupported' });
    assert.throws(() => bijectTo(constraints.dependent), { _tag: 'Unsupported' });
  },

  'zeroSum takes whole numbers of axes': () => {
    for (const dims of [0, -1, 1.5, NaN]) assert.throws(() => constraints.zeroSum(dims), { _tag: 'InvalidArgument' });
  },
});
