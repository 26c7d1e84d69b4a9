/** The kernels of x log y and x log(1 + y), which are 0 where x is. */
import { xlog1py, xlogy } from '../loop/functions/xlogy.ts';
import { binary, code } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

/** x log y, 0 where x is 0 whatever y is. Its derivative in x is log y there too, as in JAX. */
export const Xlogy: Kernel = binary(
  'Xlogy',
  code(xlogy),
  (ops, dy, x, y) => [() => ops.gradientProduct(dy, ops.log(y)), () => ops.gradientProduct(dy, ops.div(x, y))],
  'float',
);

/** x log(1 + y), likewise. */
export const Xlog1py: Kernel = binary(
  'Xlog1py',
  code(xlog1py),
  (ops, dy, x, y) => [() => ops.gradientProduct(dy, ops.log1p(y)), () => ops.gradientProduct(dy, ops.div(x, ops.add(y, 1)))],
  'float',
);
