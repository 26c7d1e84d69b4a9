/** The tails of distributions on a half-line, and of Gumbel's, in logarithms. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { normal } from './normalTails.ts';

const { add, div, exp, expm1, gammainc, gammaincc, gammaincInv, less, log, log1mExp, log1p, logNdtr, maximum, mul, neg, pow, sub, where } = ops;

type Params = Readonly<Record<string, AnyArray>>;
type OfParams = (x: AnyArray, params: Params) => AnyArray;

/** Functions of the value, or of a log-probability, and the parameters by name. */
interface LogTails {
  readonly logCdf: OfParams;
  readonly logSurvival: OfParams;
  /** The x with log (1 − F(x)) = `logP`. */
  readonly upperQuantile: OfParams;
}

/** By H(x) = −log (1 − F(x)), the cumulative hazard, and its inverse. */
const byHazard = (hazard: OfParams, inverse: OfParams): LogTails => ({
  logCdf: (x, params) => log1mExp(maximum(hazard(x, params), 0)),
  logSurvival: (x, params) => neg(maximum(hazard(x, params), 0)),
  upperQuantile: (logP, params) => inverse(neg(logP), params),
});

/** The x with log Q(a, x) = logP, for small probabilities: Newton's method from above, where the tail is thinner (Boucheron, Lugosi, Massart, Concentration Inequalities, th. 2.3). */
const upperGammaQuantile = (a: AnyArray, logP: AnyArray): AnyArray => {
  const step = (x: AnyArray, goal: AnyArray): AnyArray => {
    const above = log(gammaincc(a, x));
    const hazard = exp(sub(log(ops.gammaincDx(a, x)), above));
    return maximum(add(x, div(sub(above, goal), hazard)), mul(0.25, x));
  };
  const target = ops.stopGradient(logP);
  const start = add(a, sub(ops.sqrt(mul(mul(-2, a), target)), target));
  const near = ops.stopGradient([0, 1, 2, 3, 4, 5, 6].reduce<AnyArray>((x) => step(x, target), start));
  return step(near, logP);
};

const gammaUpper: OfParams = (logP, { concentration, rate }) => {
  const isSmall = less(logP, -5);
  const near = div(gammaincInv(concentration!, neg(expm1(where(isSmall, -1, logP)))), rate!);
  return where(isSmall, div(upperGammaQuantile(concentration!, where(isSmall, maximum(logP, -650), -6)), rate!), near);
};

/** log x, −∞ where x is not positive. */
const logOf = (x: AnyArray): AnyArray => log(maximum(x, 0));

/** By the names of families. Arguments below the support are taken for its end. */
export const logTails: Readonly<Record<string, LogTails>> = {
  Exponential: byHazard(
    (x, { rate }) => mul(rate!, x),
    (h, { rate }) => div(h, rate!),
  ),
  Weibull: byHazard(
    (x, { scale, concentration }) => pow(div(maximum(x, 0), scale!), concentration!),
    (h, { scale, concentration }) => mul(scale!, pow(h, div(1, concentration!))),
  ),
  Pareto: byHazard(
    (x, { scale, alpha }) => mul(alpha!, log(div(maximum(x, scale!), scale!))),
    (h, { scale, alpha }) => mul(scale!, exp(div(h, alpha!))),
  ),
  Gompertz: byHazard(
    (x, { concentration, rate }) => mul(concentration!, expm1(mul(rate!, maximum(x, 0)))),
    (h, { concentration, rate }) => div(log1p(div(h, concentration!)), rate!),
  ),
  Gamma: {
    logCdf: (x, { concentration, rate }) => log(gammainc(concentration!, mul(rate!, maximum(x, 0)))),
    logSurvival: (x, { concentration, rate }) => log(gammaincc(concentration!, mul(rate!, maximum(x, 0)))),
    upperQuantile: gammaUpper,
  },
  LogNormal: {
    logCdf: (x, { loc, scale }) => logNdtr(div(sub(logOf(x), loc!), scale!)),
    logSurvival: (x, { loc, scale }) => logNdtr(div(sub(loc!, logOf(x)), scale!)),
    upperQuantile: (logP, { loc, scale }) => exp(sub(loc!, mul(scale!, normal.quantile(logP)))),
  },
  HalfNormal: {
    logCdf: (x, { scale }) => log(ops.erf(div(maximum(x, 0), mul(scale!, Math.SQRT2)))),
    logSurvival: (x, { scale }) => add(Math.LN2, logNdtr(neg(div(maximum(x, 0), scale!)))),
    upperQuantile: (logP, { scale }) => neg(mul(scale!, normal.quantile(sub(logP, Math.LN2)))),
  },
  HalfCauchy: {
    logCdf: (x, { scale }) => log(mul(2 / Math.PI, ops.atan(div(maximum(x, 0), scale!)))),
    logSurvival: (x, { scale }) => log(mul(2 / Math.PI, ops.atan2(scale!, maximum(x, 0)))),
    upperQuantile: (logP, { scale }) => div(scale!, ops.tan(mul(Math.PI / 2, exp(logP)))),
  },
  Gumbel: {
    logCdf: (x, { loc, scale }) => neg(exp(div(sub(loc!, x), scale!))),
    logSurvival: (x, { loc, scale }) => log1mExp(exp(div(sub(loc!, x), scale!))),
    upperQuantile: (logP, { loc, scale }) => sub(loc!, mul(scale!, log(neg(log1p(neg(exp(logP))))))),
  },
};
