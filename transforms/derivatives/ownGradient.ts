/** The settings of the kernel by which a value has a gradient of its own. */
import type { CustomGradientAttrs, Pull } from '../../core/kernels/customGradient.ts';
import * as ops from '../../core/ops/index.ts';
import type { AnyArray } from '../../core/value.ts';
import { vmap } from '../vmap/vmap.ts';

/** The pullback of all lanes: what is the same in every lane has a part of its gradient from each. */
const inLanes =
  (pull: Pull, isBatched: readonly boolean[]): Pull =>
  (dy, inputs) => {
    const mapped = vmap((d: AnyArray, ...xs: readonly AnyArray[]) => pull(d, xs), [0, ...isBatched.map((own) => (own ? 0 : null))]);
    return mapped(dy, ...inputs).map((dx, i) => (dx === undefined || isBatched[i] ? dx : ops.sum(dx, 0)));
  };

/** For a pullback, with what becomes of it under `vmap`. */
export const ownGradient = (pull: Pull): CustomGradientAttrs => ({ pull, batch: (isBatched) => ownGradient(inLanes(pull, isBatched)) });
