/** stopGradient: a tree taken as a constant by every derivative. */
import * as ops from '../../core/ops/index.ts';
import { mapTree } from '../../core/tree.ts';
import { isInput } from '../jit/signature.ts';
import type { Gradient } from '../grad.ts';

/**
 * The same tree with its arrays taken as constants by every derivative: JAX's `lax.stop_gradient`. What is no array stays what it is.
 *
 * @example
 * grad((x) => ops.mul(x, stopGradient(x)))(3).item(); // 3
 */
export const stopGradient = <T>(tree: T): Gradient<T> => mapTree((leaf) => (isInput(leaf) ? ops.stopGradient(leaf) : leaf), tree) as Gradient<T>;
