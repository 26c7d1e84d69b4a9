/** Laws of continuous variates by key: their distributions up to extreme parameters, compiled as eager, and how they move with their parameters. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RandomVonMises } from '../../core/kernels/vonMises.ts';
import { evaluate } from '../../core/kernels/kernel.ts';
import { numberFunction } from '../../core/loop/columnFunctions.ts';
import { functionOf } from '../../core/loop/interpret.ts';
import { variates } from '../../core/loop/functions/variates.ts';
import * as compiledVonMises from '../../core/loop/functions/vonMises.ts';
import { makeNDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import * as random from '../../core/random/index.ts';
import { vonMisesCdf as plainCdf } from '../special/vonMises.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { vmap } from '../../transforms/vmap/vmap.ts';
import { laws } from '../laws.ts';
import { assertClose, derivativeAtZero, forEachEntry } from '../laws/numeric.ts';
import { assertDistribution, assertMean, assertVariance } from '../laws/statistics.ts';

const key = random.PRNGKey(19);
const DRAWS = 20_000;

const byName = <A>(values: readonly A[]): Readonly<Record<string, A>> => Object.fromEntries(values.map((value) => [String(value), value]));
const column = (x: AnyArray, at: number, width: number): Float64Array => toNDArray(x).data.filter((_, i) => i % width === at);

const concentrations = [0, 1e-9, 0.3, 2, 40, 60, 1e4, 1e8, 1e20];

/** κ, θ, dθ/dκ and F(θ), by quadrature of 40 digits. */
const vonMisesValues = [
  [0, 0.01, -0.009999833334166664, 0.501591549430919],
  [0, 3.0, -0.1411200080598672, 0.977464829275686],
  [1e-6, 1.1, -0.8912071579372165, 0.6750705792411577],
  [0.1, 0.3, -0.2813798276360382, 0.5525578565753068],
  [0.1, -1.5, 0.9923230212303129, 0.24538590526660112],
  [1, 2.0, -0.9598168697811932, 0.9342409558899831],
  [3, 0.5196152422706632, -0.1021390699728413, 0.7999300348865221],
  [3, 0.6350852961085884, -0.12701053468000725, 0.8464393646552113],
  [3, 1.1547005383792515, -0.2626048306281526, 0.9614397964655776],
  [3, 1.7320508075688772, -0.49808630944548654, 0.9922819767924431],
  [3, -0.8660254037844386, 0.18142170628485213, 0.08571279632737391],
  [10, 0.0031622776601683794, -0.00016254176970322963, 0.5039370303876949],
  [10, 0.9486832980505138, -0.05320982341986739, 0.9977857367936734],
  [49, 0.1285714285714286, -0.0013206366724226287, 0.8151565782138336],
  [49, 0.42857142857142855, -0.004465619056116977, 0.9985073561278247],
  [49, -0.8571428571428571, 0.009383262811393926, 3.285320011694015e-9],
  [50, 0.282842712474619, -0.00286226584027528, 0.9766085799009782],
  [51, 0.042008402520840295, -0.0004139685945780768, 0.6176200445779051],
  [51, 0.42008402520840293, -0.004201995601085326, 0.9985132303575414],
  [51, -0.21004201260420147, 0.0020772928883554982, 0.06765035344113199],
  [51, -0.8401680504168059, 0.008811002756200328, 3.1365077268630565e-9],
  [200, 0.07778174593052023, -0.00019479724917016882, 0.8641232443183178],
  [10000.0, 0.0001, -5.000125016669037e-9, 0.5039893064454958],
  [10000.0, 0.03, -1.5001500251304189e-6, 0.9986494370273773],
  [100000000.0, 9e-5, -4.5000000142875004e-13, 0.8159398742730712],
  [100000000.0, -0.0006, 3.000000097500004e-12, 9.865882374364515e-10],
] as const;

const draws: Readonly<Record<string, (k: random.Key) => AnyArray>> = {
  gamma: (k) => random.gamma(k, [[0.01], [0.7], [3]], [3, 5]),
  chisquare: (k) => random.chisquare(k, [0.5, 9]),
  beta: (k) => random.beta(k, [0.1, 3], 2, [4, 2]),
  dirichlet: (k) => random.dirichlet(k, [0.3, 1, 5], [4]),
  studentT: (k) => random.studentT(k, [0.3, 5, Infinity]),
  vonMises: (k) => random.vonMises(k, [0, 1, 1e6], [4, 3]),
};

const [vonMisesCdf, vonMisesDensity, vonMisesVariateGrad] = [
  numberFunction(compiledVonMises.vonMisesCdf),
  numberFunction(compiledVonMises.vonMisesDensity),
  numberFunction(compiledVonMises.vonMisesVariateGrad),
];
const exactly = { relative: 0 };

laws('continuous variates', {
  'von Mises variates have the von Mises distribution, from none to the largest concentration': () =>
    forEachEntry(byName(concentrations), (kappa) => {
      const { data } = random.vonMises(key, kappa, [DRAWS]);
      assertDistribution(data, (theta) => theta.map((t) => plainCdf(kappa, t)), 'von Mises');
      assertMean(data, 0, 'angle');
      assertMean(
        data.map((t) => 1 - Math.cos(t)),
        1 - ops.i1e(kappa).item() / ops.i0e(kappa).item(),
        'cosine',
      );
      if (kappa >= 1e8) assertVariance(data, 1 / kappa, 'angle');
    }),

  'a von Mises variate of no concentration is NaN, of an infinite one 0': () => {
    assert.deepEqual([...random.vonMises(key, [-1, NaN]).data], [NaN, NaN]);
    assert.ok(Math.abs(random.vonMises(key, Infinity).item()) < 1e-140);
  },

  'cdf and derivative in the concentration are those of quadrature with many digits': () => {
    for (const [kappa, theta, slope, below] of vonMisesValues) {
      assertClose(ops.randomVonMisesGrad(kappa, theta), slope, { relative: 1e-12 });
      assertClose(ops.vonMisesCdf(kappa, theta), below, { relative: 1e-12 });
      assertClose(functionOf(compiledVonMises.vonMisesVariateGrad)(kappa, theta), slope, { relative: 1e-12 });
      assertClose(functionOf(compiledVonMises.vonMisesCdf)(kappa, theta), below, { relative: 1e-12 });
    }
  },

  'a von Mises variate moves with its concentration as the quantile does': () =>
    fc.assert(
      fc.property(fc.double({ min: -3, max: 8, noNaN: true }), fc.double({ min: 0.02, max: 0.98, noNaN: true }), (log10, u) => {
        const kappa = 10 ** log10;
        const theta = (u - 0.5) * 6 * Math.min(1, kappa ** -0.5);
        const slope = derivativeAtZero((h) => vonMisesCdf(kappa * (1 + h), theta)) / kappa;
        assertClose(vonMisesVariateGrad(kappa, theta), -slope / vonMisesDensity(kappa, theta), { relative: 1e-6, absolute: 1e-9 / kappa });
      }),
    ),

  'the cdf is 0 and 1 at the ends, and the derivative there 0': () => {
    for (const kappa of concentrations) {
      assert.deepEqual(
        [vonMisesCdf(kappa, -4), vonMisesCdf(kappa, 4)].map((x) => Math.round(x * 1e12) / 1e12),
        [0, 1],
      );
      assert.deepEqual([vonMisesVariateGrad(kappa, -4), vonMisesVariateGrad(kappa, 0)].map(Math.abs), [0, 0]);
    }
    assert.deepEqual([vonMisesCdf(-1, 0), vonMisesCdf(1, NaN), vonMisesVariateGrad(-1, 0), vonMisesVariateGrad(1, NaN)], [NaN, NaN, NaN, NaN]);
  },

  'variates of a key are those of the kernel, draw by draw, as code': () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.double({ min: -9, max: 9, noNaN: true }), (key0, key1, log10) => {
        const kappa = 10 ** log10;
        const { data } = evaluate(RandomVonMises, [
          makeNDArray(Float64Array.of(key0, key1), [2], 'int32'),
          makeNDArray(new Float64Array(20).fill(kappa), [20]),
        ]);
        data.forEach((expected, i) => assert.equal(functionOf(variates['RandomVonMises']!)(key0, key1, i, kappa), expected));
      }),
    ),

  'compiled, and for a batch of keys, draws are the eager ones of each key': () =>
    forEachEntry(draws, (draw) => {
      assertClose(jit(draw)(key), draw(key), exactly);
      const keys = random.split(key, 3);
      const each = ops.stack(keys.map((k) => draw(k)));
      assertClose(vmap(draw)(keys), each, exactly);
      assertClose(jit((ks: random.KeyBatch) => vmap(draw)(ks))(keys), each, exactly);
    }),

  'chi-square variates have their mean and variance': () =>
    forEachEntry(byName([0.1, 1, 30]), (df) => {
      const { data } = random.chisquare(key, df, [DRAWS]);
      assertMean(data, df, 'chi-square', Math.sqrt(2 * df));
      assertVariance(data, 2 * df, 'chi-square');
    }),

  'the parts of a Dirichlet variate sum to 1 and have beta distributions': () =>
    forEachEntry({ sparse: [0.05, 0.1, 0.2], flat: [1, 1, 1], large: [300, 20, 1] }, (concentration) => {
      const parts = random.dirichlet(key, concentration, [DRAWS]);
      assertClose(ops.sum(parts, -1), new Float64Array(DRAWS).fill(1), { relative: 1e-12 });
      const total = concentration.reduce((a, b) => a + b);
      concentration.forEach((a, i) => assertDistribution(column(parts, i, 3), (x) => toNDArray(ops.betainc(a, total - a, x)).data, `part ${i}`));
    }),

  'at concentrations of a thousandth the logarithms of a Dirichlet variate are finite, and one part is all': () => {
    const logs = random.logDirichlet(key, [1e-3, 1e-3, 1e-3, 1e-3], [2000]);
    assert.ok(logs.data.every((x) => x > -Infinity && x <= 0));
    assertMean(
      column(logs, 2, 4).map((x) => Number(x > -0.01)),
      0.25,
      'the share of the third',
      Math.sqrt(3 / 16),
    );
    const slope = jit(grad((c: AnyArray) => ops.sum(ops.square(random.dirichlet(key, c))) as never));
    assert.ok(toNDArray(slope(new Float64Array(4).fill(1e-3))).data.every((g) => Number.isFinite(g)));
  },

  'Student’s t variates have their distribution, and are normal at Infinity': () => {
    forEachEntry(byName([0.2, 1, 3, 50]), (df) => {
      const below = (t: Float64Array): Float64Array => {
        const tail = toNDArray(ops.betainc(df / 2, 0.5, ops.div(df, ops.add(df, ops.square(t))))).data;
        return t.map((x, i) => (x > 0 ? 1 - tail[i]! / 2 : tail[i]! / 2));
      };
      assertDistribution(random.studentT(key, df, [DRAWS]).data, below, 't');
    });
    assert.deepEqual(random.studentT(key, Infinity, [4]), random.normal(random.split(key)[0], [4]));
  },

  'Student’s t, von Mises and Dirichlet variates have the derivatives of their numbers at fixed quantiles': () => {
    const moved = (draw: (a: AnyArray) => AnyArray, a: number): void => {
      const slope = grad((x: AnyArray) => ops.sum(draw(x)) as never);
      const eager = slope(makeNDArray(Float64Array.of(a), []));
      assertClose(jit(slope)(makeNDArray(Float64Array.of(a), [])), eager, { relative: 1e-9 });
      assert.ok(Math.abs(toNDArray(eager).item()) > 1e-6);
    };
    moved((a) => random.studentT(key, a, [4]), 3);
    moved((a) => random.vonMises(key, a, [4]), 2);
    moved((a) => ops.slice(random.dirichlet(key, ops.stack([a, 1, 2]), []), 0, 1), 0.7);
    // The mean of squares is df / (df − 2), whose derivative is −2 / (df − 2)².
    const squares = grad((df: AnyArray) => ops.sum(ops.square(random.studentT(key, df))) as never)(makeNDArray(new Float64Array(DRAWS).fill(12), [DRAWS]));
    assertMean(toNDArray(squares).data, -0.02, 'the derivative of squares');
  },
});
