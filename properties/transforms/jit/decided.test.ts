/** Selections within the branches of others: the same values with and without those that an outer mask decides. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeNDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import type { AnyArray, Value } from '../../../core/value.ts';
import { planGraph } from '../../../transforms/jit/plan.ts';
import { prune } from '../../../transforms/jit/prune.ts';
import { showLoops } from '../../../transforms/jit/showProgram.ts';
import { laws } from '../../laws.ts';
import { compiled, interpreted, recordAt } from '../../laws/recorded.ts';

type Term = (x: Value, masks: readonly AnyArray[]) => AnyArray;

const { term } = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Term>((x) => x),
    fc.tuple(fc.nat(2), tie('term'), tie('term')).map(
      ([k, a, b]): Term =>
        (x, masks) =>
          ops.where(masks[k]!, a(x, masks), b(x, masks)),
    ),
    tie('term').map(
      (a): Term =>
        (x, masks) =>
          ops.exp(ops.neg(a(x, masks))),
    ),
    fc.tuple(tie('term'), tie('term')).map(
      ([a, b]): Term =>
        (x, masks) =>
          ops.add(ops.mul(a(x, masks), 0.5), b(x, masks)),
    ),
  ),
}));

const points = makeNDArray(Float64Array.of(0, -0, 1, -1, 0.5, 2, -3, Infinity, -Infinity, NaN), [10]);

const selections = (f: (x: Value) => AnyArray): number => {
  const { graph } = recordAt((x) => [f(x)], [points]);
  return (
    showLoops(planGraph(prune(graph)).program)
      .join()
      .split(' ? ').length - 1
  );
};

laws('selections decided by an outer mask', {
  'any nest of selections has the values of the interpreter, at numbers that compare with nothing too': () => {
    const check = (f: Term): void => {
      const recorded = recordAt((x) => [f(x, [ops.greater(x, 0), ops.less(x, 1), ops.greaterEqual(x, 0)])], [points]);
      const [actual, expected] = [compiled(recorded)[0]!, interpreted(recorded)[0]!];
      actual.data.forEach((y, i) => {
        const z = expected.data[i]!;
        assert.ok(y === z || (y !== y && z !== z) || Math.abs(y - z) <= 1e-14 * Math.abs(z), `at ${points.data[i]}: ${y}, not ${z}`);
      });
    };
    fc.assert(fc.property(term, check), { numRuns: 60 });
  },
  'an argument made safe under the same mask needs no selection of its own': () => {
    const safe = (x: Value): AnyArray => ops.where(ops.greater(x, 0), x, 1);
    assert.equal(
      selections((x) => ops.where(ops.greater(x, 0), ops.log(safe(x)), 0)),
      1,
    );
    assert.equal(
      selections((x) => ops.where(ops.greater(x, 0.5), ops.log(safe(x)), 0)),
      2,
    );
  },
});
