/** The tails of a distribution of numbers in logarithms: what truncation and censoring divide by, without the digits that 1 − F loses. */
import * as ops from '../../ops/index.ts';
import type { AnyArray } from '../../value.ts';
import { finite } from '../continuous/studentTTails.ts';
import type { Distribution } from '../distribution.ts';
import type { Bijector } from '../../bijectors/bijector.ts';
import { logTails } from './logTails.ts';
import { normal } from './normalTails.ts';
import { cauchy, laplace, logistic, softLaplace, type Standard } from './standardTails.ts';
import { studentT } from './studentTails.ts';
import { cdfWithin, type Bounds } from './supportEnds.ts';

const { add, div, exp, expm1, greater, less, log, log1mExp, log1p, mul, neg, sub, where } = ops;

export interface Tails {
  /** log F(x). */
  readonly logCdf: (x: AnyArray) => AnyArray;
  /** log (1 − F(x)). */
  readonly logSurvival: (x: AnyArray) => AnyArray;
  /** log (F(high) − F(low)). */
  readonly logMass: (low: AnyArray, high: AnyArray) => AnyArray;
  /** (x − centre) / unit where log F(x) = `logP`, for probabilities up to ½; for larger ones only as exact as 1 − F. */
  readonly quantile: (logP: AnyArray) => AnyArray;
  /** (x − centre) / unit where log (1 − F(x)) = `logP`, likewise. */
  readonly upperQuantile: (logP: AnyArray) => AnyArray;
  readonly centre: AnyArray | number;
  readonly unit: AnyArray | number;
  /** The log-density cut to the bounds. */
  readonly logTruncated: (x: AnyArray, bounds: Bounds) => AnyArray;
}

/** log of the mass between bounds; 0 where there is none. */
export const logMassOf = (tails: Tails, { low, high }: Bounds): AnyArray => {
  if (low === undefined) return tails.logCdf(high!);
  return high === undefined ? tails.logSurvival(low) : tails.logMass(low, high);
};

const standardOf = (base: Distribution): Standard | undefined => {
  const { name, params, family } = base;
  switch (name) {
    case 'Normal':
      return normal;
    case 'Cauchy':
      return cauchy;
    case 'Laplace':
      return laplace;
    case 'Logistic':
      return logistic;
    case 'SoftLaplace':
      return softLaplace;
    case 'StudentT': {
      const df = finite(params['df'] as AnyArray);
      return family && studentT(df, family({ ...(params as Readonly<Record<string, AnyArray>>), loc: ops.zeros([]), scale: ops.ones([]) }));
    }
    default:
      return undefined;
  }
};

const symmetric = (base: Distribution, standard: Standard): Tails => {
  const [loc, scale] = [base.params['loc'], base.params['scale']] as [AnyArray, AnyArray];
  const inUnits = (x: AnyArray, from: AnyArray): AnyArray => div(sub(x, from), scale);
  const logMass = (low: AnyArray, high: AnyArray): AnyArray => standard.logMass(inUnits(low, loc), inUnits(high, loc), inUnits(high, low));
  const tails = {
    logCdf: (x: AnyArray) => standard.logCdf(inUnits(x, loc)),
    logSurvival: (x: AnyArray) => standard.logCdf(inUnits(loc, x)),
    logMass,
    quantile: standard.quantile,
    upperQuantile: (logP: AnyArray) => neg(standard.quantile(logP)),
    centre: loc,
    unit: scale,
  };
  const { logTruncated } = standard;
  return {
    ...tails,
    logTruncated:
      logTruncated === undefined
        ? (x, bounds) => divided(base, tails, x, bounds)
        : (x, { low, high }) => {
            const at = (bound: AnyArray | undefined) => bound && { at: inUnits(bound, loc), distance: inUnits(x, bound) };
            const width = low && high && inUnits(high, low);
            return sub(logTruncated({ z: inUnits(x, loc), low: at(low), high: at(high), width }), log(scale));
          },
  };
};

const divided = (base: Distribution, tails: Omit<Tails, 'logTruncated'>, x: AnyArray, bounds: Bounds): AnyArray =>
  sub(base.logProb(x), logMassOf(tails as Tails, bounds));

/** Of any other, by its distribution function and quantiles. */
const general = (base: Distribution): Tails => {
  const known = logTails[base.name];
  const params = base.params as Readonly<Record<string, AnyArray>>;
  const logCdf = known ? (x: AnyArray) => known.logCdf(x, params) : (x: AnyArray) => log(cdfWithin(base, x));
  const logSurvival = known ? (x: AnyArray) => known.logSurvival(x, params) : (x: AnyArray) => log1p(neg(cdfWithin(base, x)));
  const tails = {
    logCdf,
    logSurvival,
    // From the tail in which the interval lies, where both numbers are small.
    logMass: (low: AnyArray, high: AnyArray) => {
      const [below, above] = [logCdf(low), logSurvival(low)];
      const isUpper = greater(below, above);
      const [most, least] = [where(isUpper, above, logCdf(high)), where(isUpper, logSurvival(high), below)];
      return add(most, log1mExp(sub(most, least)));
    },
    quantile: (logP: AnyArray) => base.icdf(exp(logP)),
    upperQuantile: known ? (logP: AnyArray) => known.upperQuantile(logP, params) : (logP: AnyArray) => base.icdf(neg(expm1(logP))),
    centre: 0,
    unit: 1,
  };
  return { ...tails, logTruncated: (x, bounds) => divided(base, tails, x, bounds) };
};

/** Those of a number mapped one to one, which change sides where the map decreases. */
const mapped = (base: Distribution): Tails | undefined => {
  const { base: source, transform } = base.params as { readonly base?: Distribution; readonly transform?: Bijector };
  if (source === undefined || transform === undefined || transform.domainDim > 0 || source.eventShape.length > 0) return undefined;
  const own = tailsOf(source);
  const [below, above] = transform.sign === 1 ? [own.logCdf, own.logSurvival] : [own.logSurvival, own.logCdf];
  const [quantile, upperQuantile] = transform.sign === 1 ? [own.quantile, own.upperQuantile] : [own.upperQuantile, own.quantile];
  const image = (z: AnyArray): AnyArray => transform.forward(add(own.centre, mul(own.unit, z)));
  const tails = {
    logCdf: (y: AnyArray) => below(transform.inverse(y)),
    logSurvival: (y: AnyArray) => above(transform.inverse(y)),
    logMass: (low: AnyArray, high: AnyArray) => {
      const [from, to] = [transform.inverse(low), transform.inverse(high)];
      return transform.sign === 1 ? own.logMass(from, to) : own.logMass(to, from);
    },
    quantile: (logP: AnyArray) => image(quantile(logP)),
    upperQuantile: (logP: AnyArray) => image(upperQuantile(logP)),
    centre: 0,
    unit: 1,
  };
  return { ...tails, logTruncated: (y, bounds) => divided(base, tails, y, bounds) };
};

/** The tails of a distribution of single numbers. */
export const tailsOf = (base: Distribution): Tails => {
  const standard = standardOf(base);
  return standard === undefined ? (mapped(base) ?? general(base)) : symmetric(base, standard);
};

/** The logarithm of a probability kept at most ½, for the quantile of a tail that is not taken elsewhere. */
export const asTail = (logP: AnyArray): AnyArray => where(less(logP, -Math.LN2), logP, -Math.LN2);
