/** Laws of gradients that are exactly 0 where a derivative is infinite: compiled they are 0 too, not NaN. */
import { array, jit, ops, valueAndGrad, type Input, type NDArray } from '../../../infer/kindling.ts';
import type { AnyArray } from '../../../core/value.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';

const near = { relative: 1e-12, absolute: 1e-14 };

/** A function, where a derivative in it is infinite, and its gradient there. */
const gradients: Readonly<Record<string, readonly [f: (x: Input) => AnyArray, at: NDArray, expected: Input]>> = {
  'a root of which a slice is read': [(x) => ops.sum(ops.slice(ops.sqrt(x), [0], [1])), array([1, 0]), [0.5, 0]],
  'a logarithm of which elements are gathered': [(x) => ops.sum(ops.gather(ops.log(x), [0, 0])), array([2, 0]), [1, 0]],
  'the largest logarithm': [(x) => ops.max(ops.log(x)), array([1, 0]), [1, 0]],
  'a logarithm with a floor': [(x) => ops.sum(ops.maximum(ops.log(x), -5)), array([2, 0]), [0.5, 0]],
  'a root times a truth value': [(x) => ops.sum(ops.mul(ops.cast(ops.greater(x, 0), 'float32'), ops.sqrt(x))), array([4, 0]), [0.25, 0]],
  'squared norms of rows': [
    (x) => ops.sum(ops.square(ops.norm(x, 1))),
    array([
      [1, 2],
      [0, 0],
    ]),
    [
      [2, 4],
      [0, 0],
    ],
  ],
  'a branch not taken': [(x) => ops.sum(ops.where(ops.greater(x, 0), ops.log(x), 0)), array([2, 0]), [0.5, 0]],
};

laws('guarded products', {
  'a gradient that is 0 stays 0 where the derivative is infinite': () => {
    for (const [name, [f, at, expected]] of Object.entries(gradients)) {
      assertClose(valueAndGrad(f)(at)[1], expected, near, `${name}, eagerly`);
      assertClose(jit(valueAndGrad(f))(at)[1], expected, near, `${name}, compiled`);
    }
  },
  'mulNoNan of arguments is 0 where the first is 0': () => {
    const x = array([0, 1, 2]);
    assertClose(jit((v: Input) => ops.mulNoNan(v, ops.log(v)))(x), [0, 0, 2 * Math.log(2)], near);
    assertClose(jit((v: Input, a: Input) => ops.mulNoNan(ops.sub(a, 1), ops.log(v)))(x, 1), [0, 0, 0], near);
    assertClose(jit((v: Input) => ops.mulNoNan([0, 0, 1], ops.div(v, 0)))(array([1, 0, 2])), [0, 0, Infinity], near);
  },
});
