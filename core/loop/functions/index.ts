/** The elementary and special functions of compiled programs, each as straight-line code. */
export { erf, erfc } from './erf.ts';
export { erfinv } from './erfinv.ts';
export { exp, expm1 } from './exp.ts';
export { fround } from './fround.ts';
export { cosh, sinh, tanh } from './hyperbolic.ts';
export { acosh, asinh, atanh } from './inverseHyperbolic.ts';
export { acos, asin, atan } from './inverseTrigonometric.ts';
export { lgamma, lgammaPositive } from './lgamma.ts';
export { log, log1p } from './log.ts';
export { logSigmoid, sigmoid, softplus } from './logistic.ts';
export { logNdtr, ndtri } from './normal.ts';
export { digamma, trigamma } from './polygamma.ts';
export { pow } from './pow.ts';
export { cos, sin, tan } from './trigonometric.ts';
