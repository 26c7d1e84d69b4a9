/** Poisson and binomial variates. */
import {
  abs,
  add,
  and,
  call,
  div,
  eq,
  floor,
  ge,
  gt,
  le,
  lt,
  mul,
  neg,
  or,
  select,
  sqrt,
  sub,
  withShortForm,
  type Expr,
  type ScalarFunction,
} from '../expression.ts';
import { makeLocal, type Local } from '../local.ts';
import { defineRoutine, repeatWhile, when, type Step } from '../procedure.ts';
import { betaincDx, gammaincDx } from './density.ts';
import { exp } from './exp.ts';
import { log1p } from './log.ts';
import { packedCoarse, packedUniform, threefryPacked } from './threefry.ts';

/** Means below this are inverted by a search from 0. */
const SEARCH_BELOW = 10;
/** With a mean below `SEARCH_BELOW` a count above this has a chance below 1e-70. */
const SEARCH_MOST = 120;

/** The first count at which the sum of probabilities passes a uniform number; `ratio` is that of the probability of `count` to the one before. */
const search = (count: Local, u: Expr, atZero: Expr, ratio: Expr): readonly Step[] => {
  const [uniform, term, below] = [makeLocal('uniform'), makeLocal('term'), makeLocal('below')];
  return [
    uniform.set(u),
    term.set(atZero),
    below.set(term.value),
    repeatWhile(and(ge(uniform.value, below.value), lt(count.value, SEARCH_MOST)), [
      count.set(add(count.value, 1)),
      term.set(mul(term.value, ratio)),
      below.set(add(below.value, term.value)),
    ]),
  ];
};

/** The constants of a transformed rejection: Hörmann’s hat through a and b around a centre, and the bound below which an attempt is sure. */
interface Hat {
  readonly a: Expr;
  readonly b: Expr;
  /** The place of a count from the way to it. */
  readonly centre: (way: Expr) => Expr;
  readonly sure: Expr;
}

/** The distance of a uniform number from the ends. */
const fromEnds = (u: Expr): Expr => sub(0.5, abs(u));

const countAt = ({ a, b, centre }: Hat, u: Expr, us: Expr): Expr => floor(centre(mul(add(div(mul(a, 2), us), b), u)));

const isSure = ({ sure }: Hat, us: Expr, v: Expr): Expr => and(ge(us, 0.07), le(v, sure));

/** The first attempt, where it is sure. */
const firstSure = (hat: Hat, packed: Expr, isMeant: Expr): { readonly isKnown: Expr; readonly count: Expr } => {
  const u = sub(packedUniform(packed), 0.5);
  const us = fromEnds(u);
  return { isKnown: and(isMeant, isSure(hat, us, packedCoarse(packed))), count: countAt(hat, u, us) };
};

/** Attempts at `count` until one is sure, or is possible and passes `accept`, which is given the hat and the uniform number. */
const reject = (
  hat: Hat,
  count: Local,
  take: (attempt: Expr) => Expr,
  isPossible: (us: Expr, v: Expr) => Expr,
  accept: (hat: Expr, v: Expr) => readonly [steps: readonly Step[], holds: Expr],
): Step => {
  const [packed, attempt, isDone, u, us] = [makeLocal('packed'), makeLocal('attempt'), makeLocal('isDone'), makeLocal('u'), makeLocal('us')];
  const v = packedCoarse(packed.value);
  const [steps, holds] = accept(add(div(hat.a, mul(us.value, us.value)), hat.b), v);
  return repeatWhile(eq(isDone.value, 0), [
    attempt.set(add(attempt.value, 1)),
    packed.set(take(attempt.value)),
    u.set(sub(packedUniform(packed.value), 0.5)),
    us.set(fromEnds(u.value)),
    count.set(countAt(hat, u.value, us.value)),
    when(isSure(hat, us.value, v), [isDone.set(1)], [when(isPossible(us.value, v), [...steps, when(holds, [isDone.set(1)])])]),
  ]);
};

const poissonHat = (rate: Expr): Hat => {
  const b = add(mul(sqrt(rate), 2.53), 0.931);
  return { b, a: add(mul(b, 0.02483), -0.059), centre: (way) => add(add(way, rate), 0.43), sure: sub(0.9277, div(3.6224, sub(b, 2))) };
};

/** The same hat with its constants in locals. */
const keptHat = (hat: Hat): { readonly hat: Hat; readonly steps: readonly Step[] } => {
  const [a, b, sure] = [makeLocal('a'), makeLocal('b'), makeLocal('sure')];
  return { hat: { ...hat, a: a.value, b: b.value, sure: sure.value }, steps: [a.set(hat.a), b.set(hat.b), sure.set(hat.sure)] };
};

const poissonByAttempts = defineRoutine('poissonVariate', 4, (key0, key1, index, rate) => {
  const [count, first] = [makeLocal('count'), makeLocal('first')];
  const take = (attempt: Expr | number): Expr => call(threefryPacked, key0, key1, attempt, index);
  const bySearch = [first.set(take(1)), ...search(count, packedUniform(first.value), call(exp, neg(rate)), div(rate, count.value))];
  const { hat, steps: constants } = keptHat(poissonHat(rate));
  const byRejection = [
    ...constants,
    reject(
      hat,
      count,
      take,
      (us, v) => and(ge(count.value, 0), or(ge(us, 0.013), le(v, us))),
      (height, v) => [[], le(mul(v, add(div(1.1328, sub(hat.b, 3.4)), 1.1239)), mul(height, call(gammaincDx, add(count.value, 1), rate)))],
    ),
  ];
  const steps = [when(and(ge(rate, 0), lt(rate, Infinity)), [when(lt(rate, SEARCH_BELOW), bySearch, byRejection)])];
  return { steps, result: select(ge(rate, 0), select(lt(rate, Infinity), count.value, rate), NaN) };
});

/**
 * A Poisson count, the element at `index` of an array of them: Infinity at rate Infinity, NaN below 0. Inversion at small rates; from 10 on
 * transformed rejection, with the probability by its deviance.
 *
 * @see W. Hörmann: The transformed rejection method for generating Poisson random variables, Insurance: Mathematics and Economics 12 (1993)
 */
export const poissonVariate: ScalarFunction = withShortForm(poissonByAttempts, (key0, key1, index, rate) => {
  const isMeant = and(ge(rate, SEARCH_BELOW), lt(rate, Infinity));
  const { isKnown, count } = firstSure(poissonHat(rate), call(threefryPacked, key0, key1, 1, index), isMeant);
  return { isKnown, value: count };
});

const spreadOf = (n: Expr, p: Expr): Expr => sqrt(mul(mul(n, p), sub(1, p)));

const binomialHat = (n: Expr, p: Expr): Hat => {
  const b = add(mul(spreadOf(n, p), 2.53), 1.15);
  const a = add(add(mul(b, 0.0248), -0.0873), mul(p, 0.01));
  return { a, b, centre: (way) => add(way, add(mul(n, p), 0.5)), sure: sub(0.92, div(4.2, b)) };
};

/** What is known of the parameters of a binomial distribution. */
const rarerOf = (n: Expr, probability: Expr): { readonly isKnown: Expr; readonly p: Expr; readonly turned: (count: Expr) => Expr } => {
  const isFailureRare = gt(probability, 0.5);
  return {
    isKnown: and(and(and(ge(n, 0), lt(n, Infinity)), eq(floor(n), n)), and(ge(probability, 0), le(probability, 1))),
    p: select(isFailureRare, sub(1, probability), probability),
    turned: (count) => select(isFailureRare, sub(n, count), count),
  };
};

const binomialByAttempts = defineRoutine('binomialVariate', 5, (key0, key1, index, n, probability) => {
  const [count, scale, p, first] = [makeLocal('count'), makeLocal('scale'), makeLocal('p'), makeLocal('first')];
  const take = (attempt: Expr | number): Expr => call(threefryPacked, key0, key1, attempt, index);
  const { isKnown, p: rarer, turned } = rarerOf(n, probability);
  const density = (k: Expr): Expr => call(betaincDx, add(k, 1), add(sub(n, k), 1), p.value);
  const odds = mul(div(add(sub(n, count.value), 1), count.value), div(p.value, sub(1, p.value)));
  const bySearch = [first.set(take(1)), ...search(count, packedUniform(first.value), call(exp, mul(n, call(log1p, neg(p.value)))), odds)];
  const { hat, steps: constants } = keptHat(binomialHat(n, p.value));
  // The density at the mode serves every attempt that asks for it.
  const atMode = mul(mul(add(div(5.1, hat.b), 2.83), spreadOf(n, p.value)), density(floor(mul(add(n, 1), p.value))));
  const byRejection = [
    ...constants,
    reject(
      hat,
      count,
      take,
      () => and(ge(count.value, 0), le(count.value, n)),
      (height, v) => [[when(eq(scale.value, 0), [scale.set(atMode)])], le(mul(v, scale.value), mul(height, density(count.value)))],
    ),
  ];
  const steps = [when(isKnown, [p.set(rarer), when(lt(mul(n, p.value), SEARCH_BELOW), bySearch, byRejection)])];
  return { steps, result: select(isKnown, turned(count.value), NaN) };
});

/**
 * A binomial count of the rarer outcome, turned round where that is failure; NaN where `n` is no count or `p` no probability.
 *
 * @see W. Hörmann: The generation of binomial random variates, J. Stat. Comput. Simul. 46 (1993)
 */
export const binomialVariate: ScalarFunction = withShortForm(binomialByAttempts, (key0, key1, index, n, probability) => {
  const { isKnown: isMeant, p, turned } = rarerOf(n, probability);
  const packed = call(threefryPacked, key0, key1, 1, index);
  const { isKnown, count } = firstSure(binomialHat(n, p), packed, and(isMeant, ge(mul(n, p), SEARCH_BELOW)));
  return { isKnown, value: turned(count) };
});
