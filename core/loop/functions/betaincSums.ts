/** The continued fraction and the power series of the incomplete beta function, as steps of a routine. */
import { abs, add, and, call, div, eq, gt, lt, mul, neg, not, or, pmin, select, sub, type Expr } from '../expression.ts';
import { makeLocal } from '../local.ts';
import { repeatWhile, when, type Step } from '../procedure.ts';
import { betaLead, betaLeadSlope, logOfPart } from './betaLead.ts';
import { exp, expm1 } from './exp.ts';
import { lgamma1p } from './lgamma.ts';
import { lgammaDifference, STIRLING_FROM } from './stirling.ts';

const MAX_TERMS = 5000;

/** The arguments of I_x(a, b), with y = 1 − x. */
export interface Point {
  readonly a: Expr;
  readonly b: Expr;
  readonly x: Expr;
  readonly y: Expr;
}

interface Result {
  readonly steps: readonly Step[];
  /** I. */
  readonly lower: Expr;
  /** 1 − I. */
  readonly upper: Expr;
  /** ∂I / ∂a, or ∂I / ∂b; what it takes is computed only where it was asked for. */
  readonly slope: Expr;
}

/** |x| > bound |scale|; not where one of them is NaN. */
const exceeds = (x: Expr, bound: number, scale: Expr): Expr => gt(abs(x), mul(abs(scale), bound));

/**
 * I = x^a y^b / B(a, b) · 1 / (β₀ + α₁ / (β₁ + …)) for x up to the mean: DiDonato and Morris, "Algorithm 708", ACM TOMS 18 (1992), BFRAC, where lambda
 * is a − (a + b) x. The factor a common to β₀ and α₁ is taken out, so that a → 0 is harmless. By Lentz's algorithm, with the
 * derivative in one parameter carried along where `inB` is given, 0 for a and 1 for b.
 */
export const continuedFraction = ({ a, b, x, y }: Point, lambda: Expr, inB?: Expr): Result => {
  const [lead, n, fraction, c, d, next] = [makeLocal('lead'), makeLocal('n'), makeLocal('fraction'), makeLocal('c'), makeLocal('d'), makeLocal('next')];
  const [alpha, beta, lower, gap] = [makeLocal('alpha'), makeLocal('beta'), makeLocal('lower'), makeLocal('gap')];
  const [alphaMove, betaMove, cMove, dMove] = [makeLocal('alphaMove'), makeLocal('betaMove'), makeLocal('cMove'), makeLocal('dMove')];
  const [logMove, move] = [makeLocal('logMove'), makeLocal('move')];
  // What several steps of a term need is computed by the first of them.
  const [share, common, weight] = [makeLocal('share'), makeLocal('common'), makeLocal('weight')];

  const k = n.value;
  const before = sub(k, 1);
  const isFirst = eq(k, 1);
  const r = add(a, b);
  const m = add(a, sub(add(k, k), 1));
  const first = select(isFirst, 1, add(a, before));
  const second = add(r, before);
  const rest = mul(mul(k, sub(b, k)), share.value);
  const inner = add(add(lambda, 1), mul(k, add(y, 1)));

  const isInB = eq(inB ?? 0, 1);
  const alphaInA = mul(alpha.value, sub(add(select(isFirst, 0, div(1, first)), div(1, second)), div(2, m)));
  const betaInA = add(sub(mul(div(div(add(k, 1), add(m, 2)), add(m, 2)), inner), div(rest, m)), mul(weight.value, y));
  const carried = [
    alphaMove.set(select(isInB, mul(common.value, mul(share.value, add(b, sub(r, 1)))), alphaInA)),
    betaMove.set(select(isInB, sub(mul(k, share.value), mul(weight.value, x)), betaInA)),
    dMove.set(neg(mul(mul(next.value, next.value), add(betaMove.value, add(mul(alphaMove.value, d.value), mul(alpha.value, dMove.value)))))),
    cMove.set(add(betaMove.value, div(sub(alphaMove.value, div(mul(alpha.value, cMove.value), c.value)), c.value))),
  ];
  const measured = [move.set(add(div(cMove.value, c.value), div(dMove.value, d.value))), logMove.set(add(logMove.value, move.value))];
  const term = [
    share.set(div(x, m)),
    common.set(mul(mul(share.value, k), first)),
    weight.set(div(add(a, k), add(m, 2))),
    alpha.set(mul(mul(common.value, second), mul(share.value, sub(b, k)))),
    beta.set(add(add(k, rest), mul(weight.value, inner))),
    next.set(div(1, add(beta.value, mul(alpha.value, d.value)))),
    ...(inB === undefined ? [] : carried),
    d.set(next.value),
    c.set(add(beta.value, div(alpha.value, c.value))),
    ...(inB === undefined ? [] : measured),
    gap.set(sub(mul(c.value, d.value), 1)),
    fraction.set(mul(fraction.value, mul(c.value, d.value))),
    n.set(add(k, 1)),
  ];
  const isMoving = gt(abs(gap.value), 3e-16);
  const isUnsettled = inB === undefined ? isMoving : or(isMoving, exceeds(move.value, 1e-16, logMove.value));
  const start = div(add(lambda, 1), add(a, 1));
  const startMove = div(select(isInB, neg(x), sub(y, start)), add(a, 1));
  const steps = [
    lead.set(call(betaLead, a, b, x, y)),
    when(gt(lead.value, 0), [
      fraction.set(start),
      c.set(start),
      d.set(0),
      n.set(1),
      gap.set(1),
      ...(inB === undefined ? [] : [cMove.set(startMove), dMove.set(0), logMove.set(div(startMove, start))]),
      repeatWhile(and(lt(k, MAX_TERMS), isUnsettled), term),
      lower.set(pmin(1, div(lead.value, fraction.value))),
    ]),
  ];
  const leadMove = add(call(logOfPart, select(isInB, y, x), select(isInB, x, y)), call(betaLeadSlope, a, b, inB ?? 0));
  // Where I underflows, the derivative of its logarithm may be infinite.
  const slope = select(eq(lower.value, 0), 0, mul(lower.value, sub(leadMove, logMove.value)));
  return { steps, lower: lower.value, upper: sub(1, lower.value), slope };
};

/** Where the power series may be asked: a < 10 and b x ≤ 0.7. */
export const seriesHolds = (a: Expr, b: Expr, x: Expr): Expr => and(lt(a, STIRLING_FROM), not(gt(mul(b, x), 0.7)));

/**
 * Where b x is small and a is not large: I = C x^a (1 + a Σ (1 − b)ₙ xⁿ / (n! (n + a))) (DLMF 8.17.7 with 15.2.1), C = Γ(a + b) / (Γ(a + 1) Γ(b)), so
 * that 1 − I is an expm1 and a small sum: right to the last bits also where a is so small that I is nearly 1. `inB` as in `continuedFraction`.
 */
export const powerSeries = ({ a, b, x, y }: Point, inB?: Expr): Result => {
  const [n, term, termInB, sum, sumMove] = [makeLocal('n'), makeLocal('term'), makeLocal('termInB'), makeLocal('sum'), makeLocal('sumMove')];
  const [logLead, lead] = [makeLocal('logLead'), makeLocal('lead')];
  const k = n.value;
  const divisor = add(k, a);
  const share = div(term.value, divisor);
  const isInB = eq(inB ?? 0, 1);
  const carried = [termInB.set(select(isInB, div(mul(sub(mul(termInB.value, sub(k, b)), term.value), x), k), 0))];
  const measured = [sumMove.set(add(sumMove.value, div(select(isInB, termInB.value, mul(share, k)), divisor)))];
  const next = [
    ...(inB === undefined ? [] : carried),
    term.set(mul(term.value, div(mul(sub(k, b), x), k))),
    sum.set(add(sum.value, share)),
    ...(inB === undefined ? [] : measured),
    n.set(add(k, 1)),
  ];
  const isMoving = exceeds(add(abs(term.value), abs(termInB.value)), 1e-17, add(abs(sum.value), abs(sumMove.value)));
  const steps = [
    logLead.set(sub(add(mul(a, call(logOfPart, x, y)), call(lgammaDifference, b, a)), call(lgamma1p, a))),
    lead.set(call(exp, logLead.value)),
    n.set(1),
    term.set(1),
    termInB.set(0),
    sum.set(0),
    sumMove.set(0),
    repeatWhile(and(lt(k, MAX_TERMS), or(eq(k, 1), isMoving)), next),
  ];
  const excess = mul(a, sum.value);
  const lower = mul(lead.value, add(excess, 1));
  const upper = sub(neg(call(expm1, logLead.value)), mul(lead.value, excess));
  // The series has no factor y^b.
  const leadMove = add(select(isInB, 0, call(logOfPart, x, y)), call(betaLeadSlope, a, b, inB ?? 0));
  const slope = add(mul(lower, leadMove), mul(lead.value, mul(sumMove.value, select(isInB, a, 1))));
  return { steps, lower, upper, slope };
};
