/** Laws of single distributions of counts and classes, beyond those of all: edges of their parameters, limits, what they refuse. */
import assert from 'node:assert/strict';
import * as dist from '../../../core/distributions/index.ts';
import * as ops from '../../../core/ops/index.ts';
import { asArray, toNDArray, type AnyArray, type Input } from '../../../core/value.ts';
import { grad } from '../../../transforms/grad.ts';
import { laws } from '../../laws.ts';
import { key } from '../../laws/distributionLaws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';
import { assertCounts, assertMean } from '../../laws/statistics.ts';

const numberOf = (x: Input): number => toNDArray(x).item();
const near = (actual: Input, expected: Input, relative: number = 1e-12): void => assertClose(actual, expected, { relative, absolute: 1e-14 }, 'value');
const slope = (f: (x: AnyArray) => AnyArray, at: number): number => numberOf(grad(f)(asArray(at)));

/** Draws of a distribution of whole numbers come as often as it says. */
const drawsAreCounted = (d: dist.Distribution): void =>
  assertCounts(toNDArray(d.sample(key, [20_000])).data, (values) => toNDArray(ops.exp(d.logProb(values))).data, d.name);

laws('counts and classes', {
  'a Poisson count without zeros keeps its derivative at tiny rates': () => {
    // d/dλ log(λ / (e^λ − 1)) = −½ − λ/12 + …
    for (const rate of [1e-8, 1e-4])
      near(
        slope((x) => dist.HurdlePoisson(0.25, x).logProb(1), rate),
        -0.5 - rate / 12,
        1e-12,
      );
  },

  'probabilities of 0 and 1, infinite log-odds, no trials, rate 0: all is at one value, with derivatives that are numbers or infinite, not NaN': () => {
    const certain: readonly (readonly [dist.Distribution, number, number])[] = [
      [dist.BinomialProbs(0, 3), 0, 1],
      [dist.BinomialProbs(1, 3), 3, 2],
      [dist.BinomialProbs(0.3, 0), 0, 1],
      [dist.BinomialLogits(-Infinity, 3), 0, 1],
      [dist.BinomialLogits(Infinity, 3), 3, 0],
      [dist.GeometricProbs(1), 0, 1],
      [dist.Poisson(0), 0, 1],
      [dist.NegativeBinomialProbs(2, 0), 0, 1],
      [dist.NegativeBinomial2(0, 2), 0, 1],
      [dist.ZeroInflatedPoisson(1, 3), 0, 1],
      [dist.HurdlePoisson(1, 3), 0, 1],
      [dist.BetaBinomial(2, 3, 0), 0, 1],
    ];
    for (const [d, value, other] of certain) {
      near(d.logProb(value), 0);
      near(d.cdf(value), 1);
      assert.equal(numberOf(d.logProb(other)), -Infinity, `${d.name} at ${other}`);
      assertMean(toNDArray(d.sample(key, [50])).data, value, d.name, 1e-300);
    }
    const gradients: readonly (readonly [(x: AnyArray) => AnyArray, number, number])[] = [
      [(p) => dist.BinomialProbs(p, 3).logProb(0), 0, -3],
      [(p) => dist.BinomialProbs(p, 3).logProb(3), 1, 3],
      [(rate) => dist.Poisson(rate).logProb(0), 0, -1],
      [(p) => dist.NegativeBinomialProbs(2, p).logProb(0), 0, -2],
      [(mean) => dist.NegativeBinomial2(mean, 2).logProb(0), 0, -1],
      [(gate) => dist.ZeroInflatedPoisson(gate, 1).logProb(0), 0, Math.E - 1],
      [(gate) => dist.ZeroInflatedPoisson(gate, 10).logProb(0), 0, Math.expm1(10)],
      [(l) => dist.BinomialLogits(l, 5).logProb(2), -800, 2],
      [(l) => dist.BinomialLogits(l, 5).logProb(2), 800, -3],
      [(l) => dist.NegativeBinomialLogits(2, l).logProb(3), 800, -2],
    ];
    for (const [f, at, expected] of gradients) near(slope(f, at), expected);
  },

  'what is certain by its log-odds has a log-density of exactly 0, and what is nearly so keeps its digits': () => {
    assert.equal(numberOf(dist.BinomialLogits(-Infinity, 3).logProb(0)), 0);
    assert.equal(numberOf(dist.BinomialLogits(Infinity, 3).logProb(3)), 0);
    assert.equal(numberOf(dist.NegativeBinomialLogits(2, -Infinity).logProb(0)), 0);
    for (const l of [-90, -300, -700]) {
      const relative = 1e-12;
      assertClose(dist.BinomialLogits(l, 3).logProb(0), -3 * Math.exp(l), { relative, absolute: 0 }, 'binomial, none');
      assertClose(dist.BinomialLogits(-l, 3).logProb(3), -3 * Math.exp(l), { relative, absolute: 0 }, 'binomial, all');
      assertClose(dist.NegativeBinomialLogits(2, l).logProb(0), -2 * Math.exp(l), { relative, absolute: 0 }, 'negative binomial, none');
      assertClose(
        slope((x) => dist.BinomialLogits(x, 3).logProb(0), l),
        -3 * Math.exp(l),
        { relative, absolute: 0 },
        'slope',
      );
    }
    for (const at of [-Infinity, Infinity]) {
      for (const k of [0, 3]) assert.ok(!Number.isNaN(slope((x) => dist.BinomialLogits(x, 3).logProb(k), at)));
    }
  },

  'log-odds and probabilities are one distribution': () => {
    for (const l of [-3, 0.4, 2]) {
      const p = numberOf(ops.sigmoid(l));
      near(dist.BinomialLogits(l, 9).logProb([0, 4, 9]), dist.BinomialProbs(p, 9).logProb([0, 4, 9]));
      near(dist.GeometricLogits(l).logProb([0, 4, 9]), dist.GeometricProbs(p).logProb([0, 4, 9]));
      near(dist.NegativeBinomialLogits(1.5, l).logProb([0, 4, 9]), dist.NegativeBinomialProbs(1.5, p).logProb([0, 4, 9]));
      near(dist.GammaPoisson(1.5, Math.exp(-l)).logProb([0, 4, 9]), dist.NegativeBinomialProbs(1.5, p).logProb([0, 4, 9]));
      near(dist.NegativeBinomial2(1.5 * Math.exp(l), 1.5).logProb([0, 4, 9]), dist.NegativeBinomialProbs(1.5, p).logProb([0, 4, 9]));
    }
    const logits = [0.3, -1, 2];
    near(dist.MultinomialLogits(logits, 6).logProb([1, 2, 3]), dist.MultinomialProbs(ops.softmax(logits), 6).logProb([1, 2, 3]));
    near(dist.MultinomialLogits([0, -Infinity], 3).logProb([3, 0]), 0);
    assert.equal(numberOf(dist.MultinomialLogits([0, -Infinity], 3).logProb([2, 1])), -Infinity);
  },

  'two outcomes are binomial, two concentrations beta-binomial': () => {
    near(dist.MultinomialProbs([0.3, 0.7], 8).logProb([3, 5]), dist.BinomialProbs(0.3, 8).logProb(3));
    near(dist.DirichletMultinomial([2, 0.5], 8).logProb([3, 5]), dist.BetaBinomial(2, 0.5, 8).logProb(3));
    near(dist.MultinomialProbs([0.3, 0.7], 8).entropy(), dist.BinomialProbs(0.3, 8).entropy());
    near(dist.OrderedLogistic(0.4, [1]).logProb([0, 1]), dist.BernoulliLogits(-0.6).logProb([0, 1]));
    near(dist.OneHotCategorical([0.2, 0.8]).logProb([0, 1]), dist.CategoricalProbs([0.2, 0.8]).logProb(1));
  },

  'moments that are infinite are so': () => {
    assert.deepEqual([...toNDArray(dist.BetaNegativeBinomial(1, [0.5, 1, 1.5, 3], 2).mean).data], [Infinity, Infinity, 4, 1]);
    assert.deepEqual([...toNDArray(dist.BetaNegativeBinomial(1, [1.5, 2, 3], 2).variance).data], [Infinity, Infinity, 6]);
  },

  'the distribution functions keep their digits in both tails': () => {
    near(dist.BinomialProbs(1e-6, 1e6).cdf(0), 0.3678792572316451, 1e-13);
    near(dist.BinomialProbs(0.999999, 1e6).cdf(999995), 0.003659823835343044, 1e-13);
    near(dist.NegativeBinomial2(10, 1e8).cdf(0), 4.5399952462453894e-5, 1e-13);
    near(dist.Poisson(1000).cdf(700), 6.933009901726415e-24, 1e-12);
  },

  'supports of one size are listed, others are not': () => {
    assert.deepEqual([...toNDArray(dist.Binomial(3, [0.1, 0.2]).enumerateSupport(false)).data], [0, 1, 2, 3]);
    assert.equal(dist.Binomial([2, 3], 0.5).hasEnumerateSupport, false);
    refused('Unsupported', ['Binomial'], () => dist.Binomial([2, 3], 0.5).enumerateSupport());
    assert.deepEqual([...toNDArray(dist.DiscreteUniform([-1, -1], 1).enumerateSupport(false)).data], [-1, 0, 1]);
    assert.equal(dist.DiscreteUniform([0, 1], 3).hasEnumerateSupport, false);
  },

  'what is behind a gate': () => {
    // Neither has a common form of draws: one has no distribution function, the other numbers below 0.
    drawsAreCounted(dist.HurdleDistribution(dist.Categorical([0.5, 0.3, 0.2]), { gate: 0.4 }));
    drawsAreCounted(dist.HurdleDistribution(dist.DiscreteUniform(-3, 4), { gateLogits: -1 }));
    drawsAreCounted(dist.ZeroInflatedDistribution(dist.DiscreteUniform(2, 4), { gate: 0.25 }));
    drawsAreCounted(dist.HurdleDistribution(dist.BetaBinomial(2, 3, 6), { gate: 0.25 }));
    near(dist.ZeroInflatedDistribution(dist.DiscreteUniform(2, 4), { gate: 0.25 }).logProb(0), Math.log(0.25));
    near(dist.HurdleDistribution(dist.Exponential(2), { gate: 0.25 }).logProb([0, 1]), [Math.log(0.25), Math.log(0.75 * 2) - 2]);
    near(dist.HurdleNegativeBinomial2(0.3, 1e-9, 2).logProb(1), Math.log(0.7) - 7.5e-10, 1e-10);
    const wide = dist.ZeroInflatedDistribution(dist.Poisson([1, 2, 3]), { gate: [[0.1], [0.2]] });
    assert.deepEqual([...wide.batchShape], [2, 3]);
    assert.deepEqual([...wide.sample(key, [4]).shape], [4, 2, 3]);
  },

  'gates that do not fit are refused': () => {
    refused('InvalidArgument', ['gate or gateLogits', 'both'], () => dist.ZeroInflatedDistribution(dist.Poisson(1), { gate: 0.5, gateLogits: 0 }));
    refused('InvalidArgument', ['gate or gateLogits', 'neither'], () => dist.HurdleDistribution(dist.Poisson(1), {}));
    refused('InvalidArgument', ['whole numbers', 'Normal'], () => dist.ZeroInflatedDistribution(dist.Normal(0, 1), { gate: 0.5 }));
    refused('InvalidArgument', ['baseDist', 'single numbers'], () => dist.HurdleDistribution(dist.OneHotCategorical([0.5, 0.5]), { gate: 0.5 }));
    refused('InvalidArgument', ['gate or gateLogits'], () => dist.ZeroInflatedNegativeBinomial2({ mean: 1, concentration: 1 }));
    refused('InvalidShape', ['gate [2]'], () => dist.ZeroInflatedDistribution(dist.Poisson([1, 2, 3]), { gate: [0.1, 0.2] }));
    refused('InvalidArgument', ['probs or logits', 'totalCount'], () => dist.Binomial(3));
    refused('Unsupported', ['entropy', 'totalCount'], () => dist.BinomialProbs(0.5, 1e9).entropy());
  },

  'the relaxed one-hot distribution at the edges of the simplex': () => {
    const d = dist.RelaxedOneHotCategorical(1, [0.2, 0.3, 0.5]);
    assert.equal(numberOf(d.logProb([0, 0.5, 0.5])), -Infinity);
    assert.equal(numberOf(dist.RelaxedOneHotCategorical(0.3, [0.2, 0.3, 0.5]).logProb([0, 0.5, 0.5])), Infinity);
    // At temperature 1 and equal weights it is uniform on the segment.
    near(dist.RelaxedOneHotCategorical(1, [0.5, 0.5]).logProb([0.5, 0.5]), 0);
  },

  'a straight-through draw is one-hot, with the derivative of the probabilities': () => {
    const weights = [1, 2, 4];
    const ofDraw = (logits: AnyArray): AnyArray => ops.sum(ops.mul(weights, dist.OneHotCategoricalStraightThrough({ logits }).sample(key)));
    const ofProbs = (logits: AnyArray): AnyArray => ops.sum(ops.mul(weights, ops.softmax(logits)));
    near(grad(ofDraw)(asArray([0.5, 0, -1])), grad(ofProbs)(asArray([0.5, 0, -1])));
    const x = toNDArray(dist.OneHotCategoricalStraightThrough({ logits: [0.5, 0, -1] }).sample(key, [20]));
    assert.ok(x.data.every((v) => v === 0 || v === 1));
  },
});
