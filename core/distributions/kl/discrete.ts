/** Divergences between distributions of counts and classes, by probabilities or log-odds on either side. */
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { isConcrete, toNDArray, type AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';
import { arraysOf, within, type KLRule } from './rule.ts';

const { add, div, equal, exp, log, log1p, logSoftmax, mul, neg, softplus, sigmoid, sub, sum, where } = ops;

/** Logarithms of the probabilities of success and failure. */
interface Odds {
  readonly yes: AnyArray;
  readonly no: AnyArray;
  readonly probability: AnyArray;
  readonly complement: AnyArray;
}

const oddsOf = (d: Distribution): Odds => {
  const { probs, logits } = arraysOf(d);
  return probs === undefined
    ? { yes: neg(softplus(neg(logits!))), no: neg(softplus(logits!)), probability: sigmoid(logits!), complement: sigmoid(neg(logits!)) }
    : { yes: log(probs), no: log1p(neg(probs)), probability: probs, complement: sub(1, probs) };
};

/** Σ p (log p − log q): 0 where p is, whatever q, and Infinity where q alone is 0. */
const weighed = (p: AnyArray, logP: AnyArray, logQ: AnyArray): AnyArray => {
  const isNever = equal(p, 0);
  return where(isNever, 0, mul(p, sub(where(isNever, 0, logP), where(isNever, 0, logQ))));
};

const klBernoulli = (p: Odds, q: Odds): AnyArray => add(weighed(p.probability, p.yes, q.yes), weighed(p.complement, p.no, q.no));

/** The number of failures before a success: each failure tells as much as a toss. */
const klGeometric = (p: Odds, q: Odds): AnyArray => {
  const isSure = equal(p.complement, 0);
  const failures = div(p.complement, p.probability);
  return add(sub(p.yes, q.yes), where(isSure, 0, mul(failures, sub(where(isSure, 0, p.no), where(isSure, 0, q.no)))));
};

const failing = ({ yes, no, probability, complement }: Odds): Odds => ({ yes: no, no: yes, probability: complement, complement: probability });

const sameCount = (p: Distribution, q: Distribution): AnyArray => {
  const [n, m] = [arraysOf(p)['totalCount']!, arraysOf(q)['totalCount']!];
  if (n !== m && isConcrete(n) && isConcrete(m) && !toNDArray(equal(n, m)).data.every((same) => same !== 0)) {
    throw kindlingError('Unsupported', {
      message: `the divergence of two ${p.name} distributions has a closed form for one totalCount only`,
      given: `${toNDArray(n).toString()} and ${toNDArray(m).toString()}`,
      remedy: 'Ask for an estimate: klDivergence(p, q, { key, numSamples })',
    });
  }
  return n;
};

const byOdds = (names: readonly string[], kl: (p: Odds, q: Odds, of: () => AnyArray) => AnyArray): readonly KLRule[] =>
  names.flatMap((p) => names.map((q) => ({ p, q, kl: (one, other) => kl(oddsOf(one), oddsOf(other), () => sameCount(one, other)) }) satisfies KLRule));

const both = (name: string): readonly string[] => [`${name}Probs`, `${name}Logits`];

const classesOf = (d: Distribution): readonly [p: AnyArray, logP: AnyArray] => {
  const { probs, logits } = arraysOf(d);
  if (probs !== undefined) return [probs, log(probs)];
  const logP = logSoftmax(logits!);
  return [exp(logP), logP];
};

const klCategorical = (p: Distribution, q: Distribution): AnyArray => {
  const [probs, logP] = classesOf(p);
  return sum(weighed(probs, logP, classesOf(q)[1]), -1);
};

const byClasses = (names: readonly string[], kl: (p: Distribution, q: Distribution) => AnyArray): readonly KLRule[] =>
  names.flatMap((p) => names.map((q) => ({ p, q, kl })));

/** λ_q ((1 + u) log(1 + u) − u), u = λₚ / λ_q − 1. */
const klPoisson = (p: { readonly rate: AnyArray }, q: { readonly rate: AnyArray }): AnyArray => {
  const isNever = equal(p.rate, 0);
  const rate = where(isNever, q.rate, p.rate);
  const u = div(sub(rate, q.rate), q.rate);
  const isImpossible = equal(q.rate, 0);
  return where(isNever, q.rate, where(isImpossible, Infinity, sub(mul(rate, log1p(u)), sub(rate, q.rate))));
};

const klDiscreteUniform = (p: { readonly low: AnyArray; readonly high: AnyArray }, q: { readonly low: AnyArray; readonly high: AnyArray }): AnyArray => {
  const isInside = ops.logicalAnd(ops.greaterEqual(p.low, q.low), ops.lessEqual(p.high, q.high));
  const count = (d: { readonly low: AnyArray; readonly high: AnyArray }): AnyArray => add(sub(d.high, d.low), 1);
  return where(isInside, log(div(count(q), count(p))), Infinity);
};

export const discrete: readonly KLRule[] = [
  ...byOdds(both('Bernoulli'), klBernoulli),
  ...byOdds(both('Geometric'), klGeometric),
  ...byOdds(both('Binomial'), (p, q, count) => mul(count(), klBernoulli(p, q))),
  // As many geometric waits as the count; what it counts are the successes before a failure.
  ...byOdds(both('NegativeBinomial'), (p, q, count) => mul(count(), klGeometric(failing(p), failing(q)))),
  ...byClasses(both('Categorical'), klCategorical),
  ...byClasses(['OneHotCategoricalProbs', 'OneHotCategoricalLogits', 'OneHotCategorical', 'OneHotCategoricalStraightThrough'], klCategorical),
  ...byClasses(both('Multinomial'), (p, q) => mul(sameCount(p, q), klCategorical(p, q))),
  within<'rate'>('Poisson', klPoisson),
  within<'low' | 'high'>('DiscreteUniform', klDiscreteUniform),
];
