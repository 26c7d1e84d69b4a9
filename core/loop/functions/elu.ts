/** The exponential linear unit. */
import { call, defineFunction, ge, select, type ScalarFunction } from '../expression.ts';
import { expm1 } from './exp.ts';

/** x for x ≥ 0, eˣ − 1 below. */
export const elu: ScalarFunction = defineFunction('elu', 1, (x) => select(ge(x, 0), x, call(expm1, x)));
