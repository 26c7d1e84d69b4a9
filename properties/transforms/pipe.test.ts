/** Handlers compose with fp-ts's `pipe`, and the types of arguments and results come through: half of this file is checked by the compiler. */
import assert from 'node:assert/strict';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as dist from '../../core/distributions/index.ts';
import type { NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { sample } from '../../core/primitives.ts';
import { PRNGKey } from '../../core/random/key.ts';
import { toTensor, type Input, type Value } from '../../core/value.ts';
import { grad, valueAndGrad } from '../../transforms/grad.ts';
import { block } from '../../transforms/handlers/block.ts';
import { mask, scale } from '../../transforms/handlers/density.ts';
import { InitMessenger } from '../../transforms/handlers/init.ts';
import { lift } from '../../transforms/handlers/lift.ts';
import { LocScaleReparam, reparam } from '../../transforms/handlers/reparam.ts';
import { scope } from '../../transforms/handlers/scope.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace, type Trace } from '../../transforms/handlers/trace.ts';
import { condition, intervene, replay, substitute, uncondition } from '../../transforms/handlers/values.ts';
import { logDensity } from '../../transforms/logDensity.ts';
import { laws } from '../laws.ts';
import { numberOf } from '../laws/traces.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where the two types are one. */
const same = <A, B>(..._: Same<A, B> extends true ? [] : ['the types differ']): void => undefined;

const regression = (x: Value, y?: Input): { readonly w: Value; readonly y: Value } => {
  const w = sample('w', dist.Normal(0, 1));
  return { w, y: plate('data', 3)(() => sample('y', dist.Normal(ops.mul(x, w), 1), { obs: y })) };
};

laws('pipe', {
  'pipe(model, condition, seed, trace) keeps the arguments and the result of the model': () => {
    const run = pipe(regression, condition({ w: 0.5 }), seed(PRNGKey(0)), trace);
    same<Parameters<typeof run>, [x: Value, y?: Input]>();
    same<ReturnType<typeof run>, Trace<{ readonly w: Value; readonly y: Value }>>();
    // @ts-expect-error: x must be a tensor
    const wrong = (): unknown => run('x');
    assert.equal(typeof wrong, 'function');
    const { value, sites } = run(toTensor([1, 2, 3]), [1, 2, 3]);
    assert.equal(numberOf(value.w), 0.5);
    assert.deepEqual([...sites.keys()], ['w', 'data', 'y']);
  },

  'every handler goes from a model to a model of the same type': () => {
    const all = pipe(
      regression,
      substitute({}),
      condition({}),
      uncondition(),
      intervene({}),
      replay({ value: 0, sites: new Map() }),
      scale(2),
      mask(true),
      lift(dist.Normal(0, 1)),
      InitMessenger(() => undefined),
      reparam({ w: LocScaleReparam({ centered: 0 }) }),
      scope('s'),
      block({ hide: [] }),
      seed(0),
    );
    same<typeof all, (x: Value, y?: Input) => { readonly w: Value; readonly y: Value }>();
    assert.deepEqual(all(toTensor([1, 2, 3])).y.shape, [3]);
  },

  'handlers are values that flow joins': () => {
    const prepare = flow(condition({ w: 1 }), seed(PRNGKey(1)));
    const run = trace(prepare(() => sample('w', dist.Normal(0, 1))));
    assert.equal(numberOf(run().value), 1);
  },

  'logDensity takes the arguments of the model': () => {
    const { logDensity: total, trace: run } = logDensity(regression, [toTensor([1, 2, 3]), [1, 2, 3]], { w: 1 });
    same<typeof total, Value>();
    same<typeof run, Trace<{ readonly w: Value; readonly y: Value }>>();
    // @ts-expect-error: a model of x and y takes no strings
    const wrong = (): unknown => logDensity(regression, ['x'], {});
    assert.equal(typeof wrong, 'function');
    assert.equal(total.shape.length, 0);
  },

  'gradients have the form of what they are taken by': () => {
    const byNumber = grad((x: number) => ops.mul(x, x))(3);
    same<typeof byNumber, NDArray>();
    const byTensor = grad((x: Value) => ops.mul(x, x))(toTensor(3));
    same<typeof byTensor, Value>();
    const byRecord = grad((p: { readonly a: number; readonly b: { readonly c: number } }) => ops.mul(p.a, p.b.c))({ a: 2, b: { c: 3 } });
    same<typeof byRecord, { readonly a: NDArray; readonly b: { readonly c: NDArray } }>();
    const byBoth = valueAndGrad((a: number, _: string, c: number) => ops.mul(a, c), [0, 2] as const)(2, '', 5);
    assert.deepEqual([byNumber, byTensor, byRecord.a, byRecord.b.c, byBoth[1][0], byBoth[1][1]].map(numberOf), [6, 6, 3, 2, 5, 2]);
  },
});
