/** The scaled complementary error function. */
import { abs, add, defineFunction, div, gt, horner, lt, mul, pmin, select, sub, type ScalarFunction } from '../expression.ts';
import { split } from './doubleDouble.ts';
import { scaledErfc } from './erf.ts';
import { expOf } from './exp.ts';

/** Up to here the polynomial of erfc serves. */
const NEAR = 27.5;
const SQRT_PI = 1.772453850905516;
/** √π x e^(x²) erfc x as an asymptotic series in 1 / 2x². */
const SERIES: readonly number[] = [1, -1, 3, -15, 105, -945, 10395, -135135];

/**
 * e^(x²) erfc x, for every double: 0 at +Infinity, +Infinity below −26.6, where it overflows.
 *
 * The polynomial of erfc up to 27.5 and the asymptotic series beyond; 2 e^(x²) − erfcx |x| below 0.
 *
 * @see NIST Digital Library of Mathematical Functions, 7.12.1
 */
export const erfcx: ScalarFunction = defineFunction('erfcx', 1, (x) => {
  const size = abs(x);
  const far = div(horner(div(0.5, mul(x, x)), SERIES), mul(size, SQRT_PI));
  const cut = pmin(size, NEAR);
  const positive = select(gt(size, NEAR), far, scaledErfc(cut));
  const { high, low } = split(cut);
  const square = expOf(mul(high, high), mul(low, add(high, cut)));
  return select(lt(x, 0), sub(mul(square, 2), positive), positive);
});
