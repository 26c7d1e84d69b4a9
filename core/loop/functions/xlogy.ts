/** Products with logarithms, which are 0 where the first factor is. */
import { call, defineFunction, eq, mul, select, type ScalarFunction } from '../expression.ts';
import { log, log1p } from './log.ts';

/** x log y, 0 where x is 0 whatever y is. */
export const xlogy: ScalarFunction = defineFunction('xlogy', 2, (x, y) => select(eq(x, 0), 0, mul(x, call(log, y))));

/** x log(1 + y), likewise. */
export const xlog1py: ScalarFunction = defineFunction('xlog1py', 2, (x, y) => select(eq(x, 0), 0, mul(x, call(log1p, y))));
