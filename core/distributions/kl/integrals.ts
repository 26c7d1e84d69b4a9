/** Divergences that have no closed form but are one integral over a line. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { EULER_GAMMA, HALF_LOG_2PI } from '../constants.ts';
import { addAxes } from '../axes.ts';
import { exponentialNodes, integrate, lineNodes, unitNodes } from '../quadrature.ts';
import { negativeEntropyOfKumaraswamy } from './positive.ts';
import { rule, type KLRule } from './rule.ts';

const { add, digamma, div, exp, expm1, lbeta, log, log1mExp, log1p, maximum, minimum, mul, neg, softplus, sqrt, square, sub, where } = ops;

const onUnit = unitNodes(-3.6, 3.6, 0.04);

const column = (x: AnyArray): AnyArray => addAxes(x, 1);

/** Standard deviations from the mean beyond which a normal density weighs nothing. */
const REACH = 9.5;

interface LocScale {
  readonly loc: AnyArray;
  readonly scale: AnyArray;
}

/** KL(Normal ‖ StudentT): E log(1 + ((x − m) / s)² / ν), in two parts that meet at m, by which the logarithm is singular off the line. */
const klNormalStudentT = (p: LocScale, q: LocScale & { readonly df: AnyArray }): AnyArray => {
  const [df, spread, shift] = [q.df, div(p.scale, q.scale), div(sub(p.loc, q.loc), q.scale)].map(column) as [AnyArray, AnyArray, AnyArray];
  const meet = minimum(maximum(neg(div(shift, spread)), -REACH), REACH);
  const part = (from: AnyArray, to: AnyArray): AnyArray =>
    integrate(onUnit, (u) => {
      const z = add(from, mul(sub(to, from), u));
      const far = log1p(div(square(add(shift, mul(spread, z))), df));
      return mul(mul(sub(to, from), far), exp(sub(mul(-0.5, square(z)), HALF_LOG_2PI)));
    });
  const tails = add(part(ops.fill([1], -REACH), meet), part(meet, ops.fill([1], REACH)));
  const half = mul(0.5, q.df);
  const lead = add(add(lbeta(half, 0.5), mul(0.5, log(q.df))), log(q.scale));
  const cross = add(lead, mul(add(half, 0.5), tails));
  return sub(cross, add(log(p.scale), HALF_LOG_2PI + 0.5));
};

interface Concentrations {
  readonly concentration1: AnyArray;
  readonly concentration0: AnyArray;
}

/** E log(1 − x) of Kumaraswamy's x: with 1 − x^a = e^−t, t is exponential of rate b. */
const meanLog1mKumaraswamy = ({ concentration1, concentration0 }: Concentrations): AnyArray => {
  const [a, b] = [column(concentration1), column(concentration0)];
  return integrate(exponentialNodes, (e) => {
    const t = div(e, b);
    // −log x = −log(1 − e^−t) / a, which is e^−t / a where t is large.
    const isLarge = ops.greater(t, 30);
    const minusLogX = neg(div(log1mExp(where(isLarge, 1, t)), a));
    return where(isLarge, sub(neg(t), log(a)), log(neg(expm1(neg(minusLogX)))));
  });
};

/** KL(Kumaraswamy ‖ Beta). E log x = −(ψ(b + 1) + γ) / a. */
const klKumaraswamyBeta = (p: Concentrations, q: Concentrations): AnyArray => {
  const logX = neg(div(add(digamma(add(p.concentration0, 1)), EULER_GAMMA), p.concentration1));
  const logs = add(mul(sub(q.concentration1, 1), logX), mul(sub(q.concentration0, 1), meanLog1mKumaraswamy(p)));
  return sub(negativeEntropyOfKumaraswamy(p), sub(logs, lbeta(q.concentration1, q.concentration0)));
};

/** E log(1 − x^α) of a beta x, over its log-odds, in units of their spread about where they are likeliest. */
const meanLog1mPower = (p: Concentrations, alpha: AnyArray): AnyArray => {
  const [a, b, power] = [column(p.concentration1), column(p.concentration0), column(alpha)];
  const [centre, spread] = [log(div(a, b)), sqrt(add(div(1, a), div(1, b)))];
  const logBeta = lbeta(a, b);
  return integrate(lineNodes, (s) => {
    const u = add(centre, mul(spread, s));
    const [logX, log1mX] = [neg(softplus(neg(u))), neg(softplus(u))];
    // 1 − x^α: α (1 − x) where x is as good as 1.
    const isNear = ops.greater(u, 30);
    const far = log(neg(expm1(mul(power, where(isNear, -1, logX)))));
    const value = where(isNear, add(log(power), log1mX), far);
    const logWeight = sub(add(mul(a, logX), mul(b, log1mX)), logBeta);
    return mul(mul(spread, exp(logWeight)), value);
  });
};

/** KL(Beta ‖ Kumaraswamy). */
const klBetaKumaraswamy = (p: Concentrations, q: Concentrations): AnyArray => {
  const { concentration1: a, concentration0: b } = p;
  const total = digamma(add(a, b));
  const [logX, log1mX] = [sub(digamma(a), total), sub(digamma(b), total)];
  const ofP = sub(add(mul(sub(a, 1), logX), mul(sub(b, 1), log1mX)), lbeta(a, b));
  const lead = add(add(log(q.concentration1), log(q.concentration0)), mul(sub(q.concentration1, 1), logX));
  return sub(ofP, add(lead, mul(sub(q.concentration0, 1), meanLog1mPower(p, q.concentration1))));
};

export const integrals: readonly KLRule[] = [
  rule<'loc' | 'scale', 'df' | 'loc' | 'scale'>('Normal', 'StudentT', klNormalStudentT),
  rule<'concentration1' | 'concentration0', 'concentration1' | 'concentration0'>('Kumaraswamy', 'Beta', klKumaraswamyBeta),
  rule<'concentration1' | 'concentration0', 'concentration1' | 'concentration0'>('Beta', 'Kumaraswamy', klBetaKumaraswamy),
];
