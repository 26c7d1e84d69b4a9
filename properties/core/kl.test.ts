/** Laws of the divergences: 0 from itself, never negative, the mean of the log-ratio, whole under expand, toEvent and mask; and independent values. */
import assert from 'node:assert/strict';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { affine, compose, exp, stickBreaking } from '../../core/bijectors/index.ts';
import { klDivergence } from '../../core/distributions/kl/index.ts';
import type { Nested } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { broadcastShapes } from '../../core/shape.ts';
import { PRNGKey } from '../../core/random/key.ts';
import { toNDArray, type AnyArray, type Input } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { jit } from '../../transforms/jit/jit.ts';
import { laws } from '../laws.ts';
import { assertClose, forEachEntry } from '../laws/numeric.ts';
import { refused } from '../laws/shelfLaws.ts';
import { assertMean } from '../laws/statistics.ts';
import { reference } from '../reference.ts';
import { makers, type Named } from './distributionCases.ts';

const { Normal } = dist;
const key = PRNGKey(9);
const covariance = [
  [2, 0.5],
  [0.5, 1],
];

/** Two of a family, or of two between which there is a rule. */
const pairs: Readonly<Record<string, readonly [Distribution, Distribution]>> = {
  Normal: [Normal(0, 1), Normal([0.5, -1], 2)],
  LogNormal: [dist.LogNormal(0, 0.5), dist.LogNormal(0.3, 0.8)],
  Laplace: [dist.Laplace(0, 1), dist.Laplace([0.1, 3], 1.5)],
  Cauchy: [dist.Cauchy(0, 1), dist.Cauchy(1, 2)],
  HalfNormal: [dist.HalfNormal(1), dist.HalfNormal(1.3)],
  HalfCauchy: [dist.HalfCauchy(1), dist.HalfCauchy(1.3)],
  Gumbel: [dist.Gumbel(0, 1), dist.Gumbel(0.5, 1.2)],
  VonMises: [dist.VonMises(0.3, 2), dist.VonMises(1, 1)],
  Gamma: [dist.Gamma(2, 1), dist.Gamma([3, 0.7], 1.4)],
  'Exponential and Gamma': [dist.Exponential(1.3), dist.Gamma(1.5, 1)],
  'Gamma and Exponential': [dist.Gamma(1.5, 1), dist.Exponential(1.3)],
  'Chi2 and Gamma': [dist.Chi2(3), dist.Gamma(1.2, 0.6)],
  InverseGamma: [dist.InverseGamma(3, 2), dist.InverseGamma(2, 1)],
  Weibull: [dist.Weibull(2, 1.5), dist.Weibull(1.7, 1.2)],
  'Weibull and Gamma': [dist.Weibull(2, 1.5), dist.Gamma(2, 1)],
  'Weibull and Exponential': [dist.Weibull(2, 1.5), dist.Exponential(0.6)],
  Pareto: [dist.Pareto(2, 3), dist.Pareto(1, 1.5)],
  Beta: [dist.Beta(2, 3), dist.Beta([1.5, 4], 2)],
  Uniform: [dist.Uniform(0, 1), dist.Uniform(-1, 2)],
  'Uniform and Beta': [dist.Uniform(0.2, 0.9), dist.Beta(2, 3)],
  'Kumaraswamy and Beta': [dist.Kumaraswamy(1.5, 2), dist.Beta(2, 2.5)],
  'Beta and Kumaraswamy': [dist.Beta(2, 3), dist.Kumaraswamy(2, 2)],
  'Normal and Laplace': [Normal(0.3, 1), dist.Laplace(0, 1)],
  'Normal and Gumbel': [Normal(0.5, 0.8), dist.Gumbel(0, 1)],
  'Normal and StudentT': [Normal([0.1, 5], 0.7), dist.StudentT(4, 0, 1)],
  'Gamma and LogNormal': [dist.Gamma(2, 3), dist.LogNormal(0, 1)],
  'Laplace and Normal': [dist.Laplace(0, 0.5), Normal(0.2, 1)],
  'StudentT and Normal': [dist.StudentT(5, 0, 0.5), Normal(0.2, 1)],
  'HalfNormal and Exponential': [dist.HalfNormal(1), dist.Exponential(1.2)],
  Bernoulli: [dist.Bernoulli(0.3), dist.Bernoulli({ logits: [0.2, -2] })],
  Geometric: [dist.Geometric(0.3), dist.Geometric({ logits: 0.4 })],
  Binomial: [dist.Binomial({ totalCount: 10, probs: 0.3 }), dist.Binomial({ totalCount: 10, logits: 0.5 })],
  NegativeBinomial: [dist.NegativeBinomial({ totalCount: 4, probs: 0.3 }), dist.NegativeBinomial({ totalCount: 4, logits: -0.5 })],
  Poisson: [dist.Poisson(3), dist.Poisson([2, 4])],
  DiscreteUniform: [dist.DiscreteUniform(1, 5), dist.DiscreteUniform(0, 9)],
  Categorical: [dist.Categorical([0.2, 0.5, 0.3]), dist.Categorical({ logits: [0, 1, 0.5] })],
  Dirichlet: [dist.Dirichlet([1, 2, 3]), dist.Dirichlet([2, 2, 2])],
  MultivariateNormal: [dist.MultivariateNormal([0, 1], covariance), dist.MultivariateNormal({ loc: [1, 1], precisionMatrix: covariance })],
  'LowRank and full': [dist.LowRankMultivariateNormal([0, 1], [[1], [0.5]], [0.5, 1]), dist.MultivariateNormal([0, 1], covariance)],
  'event of Normals and full': [Normal([0, 1], [1, 0.5]).toEvent(1), dist.MultivariateNormal([0.5, 1], covariance)],
  'full and event of Normals': [dist.MultivariateNormal([0.5, 1], covariance), Normal([0, 1], [1, 0.5]).toEvent(1)],
  'transformed alike': [
    dist.TransformedDistribution(Normal(0, 1), compose(exp, affine(1, 2))),
    dist.TransformedDistribution(Normal(0.3, 0.8), compose(exp, affine(1, 2))),
  ],
  'transformed to vectors': [
    dist.TransformedDistribution(Normal([0, 1], 1).toEvent(1), stickBreaking),
    dist.TransformedDistribution(Normal([0.3, 0], 0.8).toEvent(1), stickBreaking),
  ],
};

/** Those of which the first diverges from itself by a rule too. */
const ofOneFamily = Object.fromEntries(Object.entries(pairs).filter(([, [p, q]]) => p.name === q.name));

const ratio = (p: Distribution, q: Distribution): AnyArray => {
  const x = p.expand(broadcastShapes(p.batchShape, q.batchShape)).sample(key, [4000]);
  return ops.sub(p.logProb(x), q.logProb(x));
};

const eachLane = (draws: AnyArray, expected: AnyArray, check: (lane: Float64Array, at: number) => void): void => {
  const { data, shape } = toNDArray(draws);
  const lanes = data.length / shape[0]!;
  const wide = toNDArray(ops.broadcastTo(expected, shape.slice(1))).data;
  for (let i = 0; i < lanes; i++)
    check(
      data.filter((_, k) => k % lanes === i),
      wide[i]!,
    );
};

interface Side {
  readonly dist: string;
  readonly params: Named;
  readonly mask?: Nested;
}

interface Case {
  readonly p: Side;
  readonly q: Side;
  readonly kl: Nested;
  readonly d_p?: Readonly<Record<string, Nested>>;
  readonly d_q?: Readonly<Record<string, Nested>>;
}

const wrapped: Readonly<Record<string, (params: Named) => Distribution>> = {
  'Independent(Normal,1)': ({ loc, scale }) => Normal({ loc, scale }).toEvent(1),
  'Masked(Normal)': ({ loc, scale }) => Normal({ loc, scale }),
};

const made = ({ dist: name, params, mask }: Side, moved: Named = {}): Distribution => {
  const make = wrapped[name] ?? makers[name];
  assert.ok(make, `no distribution ${name}`);
  const d = make({ ...params, ...moved });
  return mask === undefined ? d : d.mask(mask);
};

const exact = { relative: 1e-10, absolute: 1e-13 };

const meets = (c: Case): void => {
  assertClose(klDivergence(made(c.p), made(c.q)), c.kl, exact, 'KL');
  const names = Object.keys(c.p.params);
  const compiled = jit((...given: readonly AnyArray[]) => klDivergence(made(c.p, Object.fromEntries(names.map((name, i) => [name, given[i]!]))), made(c.q)));
  assertClose(compiled(...names.map((name) => toNDArray(c.p.params[name]!))), c.kl, exact, 'compiled');
  for (const [side, gradients] of [
    ['p', c.d_p],
    ['q', c.d_q],
  ] as const) {
    // The file's gradients of this pair are those of a series that NumPyro breaks off; at (0.8, 0.9) and (1, 1) E log(1 − x) is −0.9683 by quadrature.
    if (c.p.dist === 'Kumaraswamy') continue;
    for (const [name, expected] of Object.entries(gradients ?? {})) {
      const of = grad((x: Input) =>
        ops.sum(klDivergence(side === 'p' ? made(c.p, { [name]: x }) : made(c.p), side === 'q' ? made(c.q, { [name]: x }) : made(c.q))),
      );
      // They are differences of a quadrature, good to 8 digits.
      assertClose(of(toNDArray(c[side].params[name]!)), expected, { relative: 1e-8, absolute: 1e-10, scaled: true }, `d KL / d ${name} of ${side}`);
    }
  }
};

const cases = reference<{ readonly cases: readonly Case[] }>('kl.json')?.cases;

laws('Kullback–Leibler divergence', {
  'a distribution does not diverge from itself': () =>
    forEachEntry(ofOneFamily, ([p]) => assertClose(klDivergence(p, p), ops.zeros(p.batchShape), { relative: 0, absolute: 1e-13 })),

  'is never negative, and the mean of the log-ratio': () =>
    forEachEntry(pairs, ([p, q], name) => {
      const kl = klDivergence(p, q);
      assert.ok(toNDArray(kl).data.every((value) => value > 0));
      eachLane(ratio(p, q), kl, (lane, expected) => assertMean(lane, expected, name));
    }),

  'is repeated by expand, summed by toEvent, 0 under a mask': () =>
    forEachEntry(pairs, ([p, q]) => {
      const kl = klDivergence(p, q);
      const shape = [3, ...kl.shape];
      const [wideP, wideQ] = [p.expand(shape), q.expand(shape)];
      assertClose(klDivergence(wideP, q), ops.broadcastTo(kl, shape), exact);
      assertClose(klDivergence(p, wideQ), ops.broadcastTo(kl, shape), exact);
      assertClose(klDivergence(wideP.toEvent(), wideQ.toEvent()), ops.mul(3, ops.sum(kl)), exact, 'toEvent');
      assertClose(
        klDivergence(wideP.toEvent(1), wideQ.toEvent(1)),
        kl.shape.length === 0 ? ops.mul(3, kl) : ops.broadcastTo(ops.sum(kl, -1), shape.slice(0, -1)),
        exact,
      );
      const mask = ops.greater(ops.reshape(ops.range(0, 3), [3, ...kl.shape.map(() => 1)]), 0);
      const hidden = ops.where(mask, ops.broadcastTo(kl, shape), 0);
      assertClose(klDivergence(wideP.mask(mask), wideQ), hidden, exact, 'mask of p');
      assertClose(klDivergence(wideP.mask(mask), wideQ.mask(mask)), hidden, exact, 'both masks');
    }),

  'of a certain value is its log-density against the other': () => {
    assertClose(klDivergence(dist.Delta(0.5, 0.3), Normal(0, 1)), ops.sub(0.3, Normal(0, 1).logProb(0.5)), exact);
    assertClose(
      klDivergence(dist.Delta([0.5, 1], 0.3).toEvent(1), Normal([0, 0], 1).toEvent(1)),
      ops.sub(0.6, Normal([0, 0], 1).toEvent(1).logProb([0.5, 1])),
      exact,
    );
    assertClose(
      klDivergence(dist.Delta([0.5, 1], 0.3, 1), dist.MultivariateNormal([0, 1], covariance)),
      ops.sub(0.3, dist.MultivariateNormal([0, 1], covariance).logProb([0.5, 1])),
      exact,
    );
    assertClose(klDivergence(dist.Delta(-1), dist.Gamma(2, 1)), Infinity, exact);
  },

  'mass outside the other support is infinitely far': () => {
    assertClose(klDivergence(dist.Uniform(0, [1, 3]), dist.Uniform(-1, 2)), [Math.log(3), Infinity], exact);
    assertClose(klDivergence(dist.Uniform(0.5, 1.5), dist.Beta(2, 2)), Infinity, exact);
    assertClose(klDivergence(dist.Categorical([0.5, 0.5, 0]), dist.Categorical([1, 0, 0])), Infinity, exact);
    assertClose(klDivergence(dist.Pareto(1, 2), dist.Pareto(2, 2)), Infinity, exact);
    assertClose(klDivergence(dist.Bernoulli([0, 0.5]), dist.Bernoulli([0, 1])), [0, Infinity], exact);
  },

  'a pair without a closed form is refused, or estimated on request': () => {
    const [p, q] = [Normal(0, 1), dist.Cauchy([0, 1], 1)];
    refused('Unsupported', ['Normal', 'Cauchy', 'key'], () => klDivergence(p, q));
    const estimate = toNDArray(klDivergence(p, q, { key, numSamples: 20_000 }));
    eachLane(ratio(p, q), estimate, (lane, expected) => assertMean(lane, expected, 'estimate'));
    refused('Unsupported', ['totalCount'], () => klDivergence(dist.Binomial({ totalCount: 3, probs: 0.5 }), dist.Binomial({ totalCount: 4, probs: 0.5 })));
    refused('Unsupported', [], () =>
      klDivergence(dist.TransformedDistribution(Normal(0, 1), affine(0, 2)), dist.TransformedDistribution(Normal(0, 1), affine(0, 3))),
    );
  },

  'what is no distribution is refused': () => refused('InvalidArgument', ['two distributions'], () => klDivergence(Normal(0, 1), undefined as never)),

  'events of different shapes are refused': () => refused('InvalidShape', ['event shape [2]'], () => klDivergence(Normal([0, 0], 1).toEvent(1), Normal(0, 1))),

  ...(cases === undefined
    ? {}
    : {
        'independent values and gradients to 10 digits': () =>
          forEachEntry(
            Object.fromEntries(cases.map((c, i) => [`${i} ${c.p.dist} ‖ ${c.q.dist} ${JSON.stringify([c.p.params, c.q.params]).slice(0, 120)}`, c])),
            meets,
          ),
      }),
});
