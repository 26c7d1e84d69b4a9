/** The kernel that rounds to single precision, in which float32 draws keep each of their steps. */
import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

/** The nearest number of single precision. Its gradient is that of the identity, as for a conversion in JAX. */
export const Fround: Kernel = unary('Fround', Math.fround, { dy: (_, dy) => dy });
