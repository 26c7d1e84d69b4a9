/** The kernel of the scaled complementary error function. */
import { erfcx } from '../loop/functions/erfcx.ts';
import { code, unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

const TWO_OVER_SQRT_PI = 1.1283791670955125739;

/** e^(x²) erfc x. */
export const Erfcx: Kernel = unary('Erfcx', code(erfcx), {
  x: (ops, dy, x) => ops.mul(dy, ops.sub(ops.mul(ops.mul(2, x), ops.erfcx(x)), TWO_OVER_SQRT_PI)),
});
