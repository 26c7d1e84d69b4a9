/** The elementary and special functions of compiled programs, each as straight-line code. */
export { erf, erfc } from './erf.ts';
export { erfinv } from './erfinv.ts';
export { exp, expm1 } from './exp.ts';
export { tanh } from './hyperbolic.ts';
export { lgamma, lgammaPositive } from './lgamma.ts';
export { log, log1p } from './log.ts';
export { logSigmoid, sigmoid, softplus } from './logistic.ts';
export { digamma, trigamma } from './polygamma.ts';
export { pow } from './pow.ts';
export { cos, sin } from './trigonometric.ts';
