/** What holds of single distributions of vectors and matrices: far tails, equal forms, the two ways to draw, errors. */
import assert from 'node:assert/strict';
import * as dist from '../../../core/distributions/index.ts';
import type { Distribution } from '../../../core/distributions/index.ts';
import type { Nested } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { toNDArray, type AnyArray } from '../../../core/value.ts';
import { vmap } from '../../../transforms/vmap/vmap.ts';
import { laws } from '../../laws.ts';
import { key } from '../../laws/distributionLaws.ts';
import { assertClose, forEachEntry, type Tolerance } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';
import { assertMean, assertSameMean } from '../../laws/statistics.ts';
import { multivariate } from '../shelf/multivariate.ts';

const exact: Tolerance = { relative: 1e-11, absolute: 1e-12 };

/** log f at the top, from the series Σ C(2i, i) (ρ²/4κ₁κ₂)^i I_i(κ₁) I_i(κ₂) in 40 digits (mpmath). */
const sineTops: readonly (readonly [first: number, second: number, correlation: number, logProb: number])[] = [
  [2, 3, 1.1, -1.1425292882692021],
  [0.01, 200, 0.5, -0.098620224685567976],
  [500, 800, 300, 4.4842178869449877],
  [5000, 3000, -3500, 5.5800605385026321],
  [5, 4, 12, -4.8233501435668415],
  [100, 80, 120, -5.6893284875124092],
];

/** log f by parabolic cylinder functions in 40 digits (mpmath). */
const projections: readonly (readonly [concentration: readonly number[], value: readonly number[], logProb: number])[] = [
  [[30, 0], [-1, 0], -458.64359229380268],
  [[3, 4], [0.6, 0.8], 0.69049938992175864],
  [[-20, 5, 2], [0, 0.6, 0.8], -202.65958821193445],
  [[40, 0, 0], [-0.8, 0.6, 0], -812.46670995776697],
  [[100, 0], [0.6, 0.8], -3196.8245939709826],
  [[1, 2, -3, 4, 0.5], [0.5, -0.5, 0.5, -0.5, 0], -24.176793398498348],
  [[200, 100, 0], [1, 0, 0], -4991.2412173336258],
];

const weights = [
  [0, 1, 1],
  [1, 0, 2],
  [1, 2, 0],
];

/** Two entries of a distribution over draws. */
const entry = (d: Distribution, i: number, j: number): Float64Array => {
  const draws = d.sample(key, [4000]);
  return toNDArray(ops.reshape(ops.slice(draws, [0, i, j], [4000, 1, 1]), [4000])).data;
};

laws('multivariate distributions, case by case', {
  'the sine bivariate von Mises density is exact at any concentration': () =>
    forEachEntry(Object.fromEntries(sineTops.map((row) => [row.slice(0, 3).join(' '), row])), ([first, second, correlation, expected]) =>
      assertClose(dist.SineBivariateVonMises(0, 0, first, second, correlation).logProb([0, 0]), expected, exact),
    ),

  'its circular variance and its product of sines are those of the draws': () => {
    for (const correlation of [0.4, -4]) {
      const d = dist.SineBivariateVonMises(0.5, -1, 1.5, 2, correlation);
      const off = toNDArray(ops.sub(d.sample(key, [4000]), d.mean));
      const variance = toNDArray(d.variance).data;
      [0, 1].forEach((axis) =>
        assertMean(
          Float64Array.from({ length: 4000 }, (_, i) => 1 - Math.cos(off.data[2 * i + axis]!)),
          variance[axis]!,
          `axis ${axis}`,
        ),
      );
    }
  },

  'the projected normal density is exact far from its direction': () =>
    forEachEntry(Object.fromEntries(projections.map((row) => [JSON.stringify(row.slice(0, 2)), row])), ([concentration, value, expected]) =>
      assertClose(dist.ProjectedNormal(concentration as Nested).logProb(value as Nested), expected, exact),
    ),

  'a covariance of low rank is that of the dense matrix, with a diagonal however small': () => {
    const [loc, covFactor, x] = [
      [1, 2, 3],
      [
        [1, 0],
        [0.5, 2],
        [-1, 1],
      ],
      [0, 1, 5],
    ] as const;
    for (const d of [1, 1e-6]) {
      const covDiag = [d, 2 * d, 3 * d];
      const dense = ops.add(ops.matMul(covFactor, covFactor, false, true), ops.diag(covDiag));
      const low = dist.LowRankMultivariateNormal(loc, covFactor, covDiag);
      assertClose(low.logProb(x), dist.MultivariateNormal(loc, dense).logProb(x), { relative: 1e-8 });
      assertClose(low.entropy(), dist.MultivariateNormal(loc, dense).entropy(), { relative: 1e-8 });
    }
  },

  'CAR has one density for weights that are known and traced, that of its precision': () => {
    const precision = [
      [3.2, -0.8, -0.8],
      [-0.8, 4.8, -1.6],
      [-0.8, -1.6, 4.8],
    ];
    const expected = dist.MultivariateNormal({ loc: 0, precisionMatrix: precision }).logProb([1, -2, 3]);
    assertClose(dist.CAR(0, 0.5, 1.6, weights).logProb([1, -2, 3]), expected, exact);
    const traced = vmap((w: AnyArray) => dist.CAR(0, 0.5, 1.6, w).logProb([1, -2, 3]))([weights]);
    assertClose(traced, ops.reshape(expected, [1]), { relative: 1e-6 });
  },

  'onion and vine draw from one distribution': () => {
    const [onion, cvine] = [dist.LKJCholesky(4, 1.3, 'onion'), dist.LKJCholesky({ dimension: 4, concentration: 1.3, sampleMethod: 'cvine' })];
    for (const [i, j] of [
      [3, 0],
      [3, 1],
      [2, 2],
      [3, 3],
    ] as const) {
      const [a, b] = [entry(onion, i, j), entry(cvine, i, j)];
      assertSameMean(a, b, `entry ${i}, ${j}`);
      assertSameMean(
        a.map((x) => x * x),
        b.map((x) => x * x),
        `square of entry ${i}, ${j}`,
      );
    }
  },

  'moments that do not exist are infinite or no number': () => {
    const t = dist.MultivariateStudentT([0.5, 1.5, 3], [0], [[1]]);
    assertClose(t.mean, [[Infinity], [0], [0]], exact);
    assertClose(t.variance, [[NaN], [Infinity], [3]], exact);
    const inverse = dist.InverseWishart({ concentration: [2.5, 4.5, 7], scaleTril: [[2]] });
    assertClose(ops.reshape(inverse.mean, [3]), [4 / 0.5, 4 / 2.5, 4 / 5], exact);
    assertClose(ops.reshape(inverse.variance, [3]), [NaN, (2 * 16) / (2.5 ** 2 * 0.5), (2 * 16) / (25 * 3)], exact);
  },

  'taken apart and put together with further leading axes they are the same': () =>
    forEachEntry(
      Object.fromEntries(Object.entries(multivariate).flatMap(([name, { make, params }]) => params.map((set, i) => [`${name} ${i}`, make(set)] as const))),
      (d) => {
        if (d.apart === undefined) return assert.equal(d.name, 'EulerMaruyama');
        const { arrays, rebuild } = d.apart();
        const x = toNDArray(d.sample(key, [2]));
        assertClose(rebuild(arrays, []).logProb(x), d.logProb(x), exact);
        const twice = rebuild(
          arrays.map((each) => ops.stack([each, each])),
          [2],
        );
        assert.deepEqual([twice.batchShape, twice.eventShape], [[2, ...d.batchShape], d.eventShape]);
        assertClose(twice.logProb(x), d.logProb(x), exact);
      },
    ),

  'sizes, forms and methods are checked': () => {
    refused('InvalidArgument', ['dimension', 'LKJ', '1'], () => dist.LKJ(1, 2));
    refused('InvalidArgument', ['sampleMethod', 'onion or cvine'], () => dist.LKJCholesky(3, 1, 'vine' as 'onion'));
    refused('InvalidArgument', ['numSteps', '2.5'], () => dist.GaussianRandomWalk(1, 2.5));
    refused('InvalidArgument', ['eventShape', '0'], () => dist.ZeroSumNormal(1, [3, 0]));
    refused('InvalidArgument', ['exactly one', 'scaleMatrix', 'none'], () => dist.Wishart(3));
    refused('InvalidArgument', ['exactly one'], () => dist.CirculantNormal({ loc: [0, 0], covarianceRow: [1, 0], covarianceRfft: [1, 1] }));
    refused('InvalidArgument', ['sdeFn'], () => dist.EulerMaruyama([0, 1], 3 as never, dist.Normal(0, 1)));
    refused('InvalidArgument', ['initDist', 'distribution'], () => dist.EulerMaruyama([0, 1], (x) => [x, 1], 3 as never));
    refused('InvalidArgument', ['loc'], () => dist.CAR({ correlation: 0, conditionalPrecision: 1, adjMatrix: weights }));
    refused('InvalidShape', ['loc [2]', 'covFactor [3, 1]'], () => dist.LowRankMultivariateNormal([0, 0], [[1], [1], [1]], [1, 1]));
    refused('InvalidShape', ['skewness [1]'], () => dist.SineSkewed(dist.SineBivariateVonMises(0, 0, 1, 1, 0), [0.1]));
    refused('InvalidShape', ['covarianceRfft [3]'], () => dist.CirculantNormal({ loc: [0, 0], covarianceRfft: [1, 1, 1] }));
    refused('InvalidShape', ['marginals'], () =>
      dist.GaussianCopula(dist.Exponential([1, 2, 3]), [
        [1, 0],
        [0, 1],
      ]),
    );
  },
});
