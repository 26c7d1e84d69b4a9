/** explain, and the warning of a function that is compiled again and again: what they say is so, and reads well. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { isNDArray, makeNDArray } from '../../../core/ndarray.ts';
import * as random from '../../../core/random/index.ts';
import type { AnyArray, Input } from '../../../core/value.ts';
import { grad, valueAndGrad } from '../../../transforms/grad.ts';
import { evaluateGraph } from '../../../transforms/jit/graph.ts';
import { jit } from '../../../transforms/jit/jit.ts';
import { shareValues } from '../../../transforms/jit/sharing.ts';
import { scan } from '../../../transforms/scan/scan.ts';
import { arrayPrograms } from '../../arbitraries/functions.ts';
import { laws } from '../../laws.ts';
import { drawFrom } from '../../laws/draw.ts';
import { recordAt } from '../../laws/recorded.ts';

/** What `f` has the console say. */
const said = (method: 'log' | 'warn', f: () => void): readonly string[] => {
  const own = console[method];
  const lines: string[] = [];
  console[method] = (...words: readonly unknown[]): void => void lines.push(words.join(' '));
  try {
    f();
  } finally {
    console[method] = own;
  }
  return lines;
};

const explained = (explain: () => string): string => {
  let text = '';
  const lines = said('log', () => (text = explain()));
  assert.deepEqual(lines, [text]);
  return text;
};

/** The section with a number. */
const section = (text: string, n: number): string => text.split('\n\n').find((part) => part.startsWith(`${n}. `))!;

const sized = (n: number): NDArray => makeNDArray(new Float64Array(n), [n]);

const warned = (calls: () => void): readonly string[] => said('warn', calls);

const each = (from: number, to: number, call: (n: number) => unknown): void => {
  for (let n = from; n <= to; n++) call(n);
};

laws('explain', {
  'names the function, its arguments and its passes, and says that a regression is one pass without anything kept': () => {
    const x = random.normal(random.PRNGKey(0), [40, 3]);
    const loss = function regression({ w, b }: { readonly w: Input; readonly b: Input }, y: Input): AnyArray {
      return ops.sum(ops.square(ops.sub(ops.add(ops.dot(x, w), b), y)));
    };
    const text = explained(() => jit(loss).explain({ w: [1, 2, 3], b: 0.5 }, x.data.slice(0, 40)));
    assert.match(text, /^regression, compiled in float64/);
    for (const input of ['input 0: argument 0.w: float[3]', 'input 1: argument 0.b: float[]', 'input 2: argument 1: float[40]'])
      assert.ok(text.includes(input), input);
    assert.match(section(text, 1), /Recorded: \d+ values[\s\S]*BatchMatMul[\s\S]*Square[\s\S]*return %\d+/);
    assert.match(section(text, 3), /0 values[\s\S]*everything is fused/);
    const loops = section(text, 4);
    assert.match(loops, /for n40_0 below 40:\n\s+s\d+ := Σ n40_0 .*Σ n3_0 \(constant\d+\[3·n40_0 \+ n3_0\] · input0\[n3_0\]\)/);
    assert.equal(loops.match(/for n40_0/g)?.length, 1);
    assert.match(section(text, 5), /code: [\d.]+ .*\n\s+memory: [\d.]+ .* of 1 page of 64 KiB/);
    const both = explained(() => jit(valueAndGrad(loss)).explain({ w: [1, 2, 3], b: 0.5 }, x.data.slice(0, 40)));
    assert.equal(section(both, 4).match(/for n40_0 below 40:/g)?.length, 1);
  },

  'tells products, procedures and loops, what is in memory, and what was dropped': () => {
    const f = (a: Input, xs: Input): readonly AnyArray[] => {
      ops.exp(a);
      const gram = ops.add(ops.matMul(a, a, false, true), ops.matMul(a, a, false, true));
      return [ops.cholesky(gram), scan((c: AnyArray, x: AnyArray) => [ops.add(ops.mul(c, 0.5), x), ops.exp(c)] as const, 0, xs)[1]];
    };
    const text = explained(() =>
      jit(f).explain(
        [
          [1, 2],
          [3, 4],
        ],
        [1, 2, 3],
      ),
    );
    assert.match(section(text, 1), /Exp\(%0\)[\s\S]*loop 3 times/);
    const shared = section(text, 2);
    assert.ok(!shared.includes('Exp(%0)\n  %'), 'dead code is dropped');
    assert.equal(shared.match(/BatchMatMul/g)?.length, 1);
    assert.match(section(text, 3), /BatchMatMul, a product of matrices[\s\S]*Cholesky, a procedure[\s\S]*a result of a loop/);
    assert.match(section(text, 4), /a product of matrices, \[2, 2\] · \[2, 2\] in float64/);
    assert.match(section(text, 4), /a procedure of \d+ steps/);
    assert.match(section(text, 4), /repeat 3 times, .*carries 1 numbers, reads 1 and stacks 1 each time\n\s+.*:= .*inner/);
  },

  'explaining compiles for a signature without calling, and leaves the function as it was': () => {
    let runs = 0;
    const f = jit((x: Input): AnyArray => {
      runs++;
      return ops.mul(x, 2);
    });
    f(1);
    explained(() => f.explain([1, 2, 3]));
    assert.equal(runs, 2);
    assert.deepEqual([f(2).item(), runs], [4, 2]);
    assert.match(
      explained(() => jit(() => 5).explain()),
      /Its inputs\n\s+none/,
    );
    assert.match(
      explained(() => jit((key: random.Key) => random.normal(key, [2])).explain(random.PRNGKey(0))),
      /argument 0: key\[\]/,
    );
  },

  'long expressions are cut': () => {
    const f = (x: Input): AnyArray => Array.from({ length: 60 }).reduce<AnyArray>((y) => ops.add(ops.mul(y, y), ops.sin(y)), ops.mul(x, 1));
    const text = explained(() => jit(f).explain([1, 2]));
    assert.ok(section(text, 4).length < 20_000 && section(text, 4).includes('…'));
  },

  'sharing keeps the values of a graph in no more nodes': () =>
    fc.assert(
      fc.property(arrayPrograms(5), fc.nat(1000), ({ text, f }, seed) => {
        const draw = drawFrom(seed);
        const inputs = [draw.uniform([2, 3], -1, 1), draw.uniform([3], -1, 1), draw.uniform([], -1, 1)];
        const { graph } = recordAt((m, v, s) => [f(m, v, s), f(m, v, s)], inputs);
        const shared = shareValues(graph);
        assert.equal(shared.outputs[0], shared.outputs[1], text);
        assert.ok(2 * shared.nodes.length <= graph.nodes.length + 3 + 1, text);
        shared.nodes.forEach((node, id) => {
          if (node.kind === 'apply')
            assert.ok(
              node.operands.every((operand) => operand < id),
              text,
            );
        });
        assert.deepEqual(evaluateGraph(shared, inputs), evaluateGraph(graph, inputs), text);
      }),
    ),

  'what differs in a setting, or in the sign of a 0, is not shared': () => {
    const x = drawFrom(1).uniform([2, 2], 1, 2);
    const { graph } = recordAt((m) => [ops.sum(m, 0), ops.sum(m, 1), ops.div(m, 0), ops.div(m, -0), ops.sum(m, 0)], [x]);
    const shared = shareValues(graph);
    assert.equal(new Set(shared.outputs).size, 4);
    assert.deepEqual(evaluateGraph(shared, [x]), evaluateGraph(graph, [x]));
  },
});

laws('compiled again and again', {
  'the sixth signature, and no other, is told, with what changed': () => {
    const total = jit(function total(x: Input): AnyArray {
      return ops.sum(x);
    });
    assert.deepEqual(
      warned(() => each(1, 5, (n) => total(sized(n)))),
      [],
    );
    assert.deepEqual(
      warned(() => each(1, 5, (n) => total(sized(n)))),
      [],
    );
    const [line, ...others] = warned(() => each(6, 12, (n) => total(sized(n))));
    assert.match(line!, /^kindling: total has been compiled 6 times.*argument 0: shape \[5\] → \[6\]\..*pad/);
    assert.deepEqual(others, []);
  },

  'the change is named by its place and kind, with a remedy for it': () => {
    const f = (p: { readonly a: readonly [Input, Input]; readonly flag?: unknown }, n: unknown): AnyArray =>
      isNDArray(n) ? ops.mul(p.a[0], n) : ops.mul(p.a[0], 1);
    const lineOf = (call: (compiled: ReturnType<typeof jit<Parameters<typeof f>, AnyArray>>, n: number) => unknown): string => {
      const compiled = jit(f, { static: [1] });
      const lines = warned(() => each(1, 6, (n) => call(compiled, n)));
      assert.equal(lines.length, 1);
      return lines[0]!;
    };
    assert.match(
      lineOf((g, n) => g({ a: [sized(1), sized(n)] }, 0)),
      /argument 0\.a\[1\]: shape \[5\] → \[6\].*pad/,
    );
    assert.match(
      lineOf((g, n) => g({ a: [sized(1), sized(2)] }, n)),
      /argument 1: static value 5 → 6.*option static/,
    );
    assert.match(
      lineOf((g, n) => g({ a: [sized(1), sized(2)], flag: `mode ${n}` }, 0)),
      /argument 0\.flag: static value "mode 5" → "mode 6".*as a number/,
    );
    assert.match(
      lineOf((g) => g({ a: [sized(1), sized(2)], flag: () => 1 }, 0)),
      /argument 0\.flag: static value function flag → function flag.*once/,
    );
    assert.match(
      lineOf((g, n) => g({ a: [sized(1), sized(2)], [`extra${n}`]: 1 }, 0)),
      /argument 0: structure \{a, extra5\} → \{a, extra6\}.*same records/,
    );
  },

  'what is made of a compiled function is told of by itself': () => {
    const slope = grad(
      jit(function loss(x: Input): AnyArray {
        return ops.sum(ops.square(x));
      }),
    );
    const lines = warned(() => each(1, 7, (n) => slope(sized(n))));
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /a transform of loss has been compiled 6 times/);
  },
});
