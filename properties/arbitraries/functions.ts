/** Arbitrary functions of three arrays (a matrix, a vector, a scalar) to a scalar, written with `ops`: what the compiler is tried on. */
import fc from 'fast-check';
import { asArray, type AnyArray } from '../../core/value.ts';
import * as ops from '../../core/ops/index.ts';
import { normalizeAxis } from '../../core/shape.ts';

/** A function with a name that shows what it does. */
export interface ArrayProgram {
  readonly text: string;
  readonly f: (matrix: AnyArray, vector: AnyArray, scalar: AnyArray) => AnyArray;
}

type Node = ArrayProgram;

const leaf = (text: string, f: Node['f']): Node => ({ text, f });

const leaves: fc.Arbitrary<Node> = fc.oneof(
  fc.constant(leaf('m', (m) => m)),
  fc.constant(leaf('v', (_, v) => v)),
  fc.constant(leaf('s', (_, __, s) => s)),
  fc.constant(leaf('m·v', (m, v) => ops.dot(m, v))),
  fc.constant(leaf('mᵀ(m·v)', (m, v) => ops.dot(ops.transpose(m), ops.dot(m, v)))),
  fc.double({ min: -2, max: 2, noNaN: true }).map((c) => leaf(c.toFixed(2), () => asArray(c))),
);

type Unary = readonly [name: string, f: (x: AnyArray) => AnyArray];
const unaries: readonly Unary[] = [
  ['neg', ops.neg],
  ['square', ops.square],
  ['abs', ops.abs],
  ['sqrt1', (x) => ops.sqrt(ops.add(ops.square(x), 1))],
  ['recip1', (x) => ops.reciprocal(ops.add(ops.square(x), 2))],
  ['relu', ops.relu],
  ['sumLast', (x) => (x.shape.length === 0 ? x : ops.sum(x, -1))],
  ['sumFirst', (x) => (x.shape.length === 0 ? x : ops.sum(x, 0))],
  ['sumAll', (x) => ops.sum(x)],
  ['mean', (x) => ops.mean(x)],
  [
    'head',
    (x) =>
      x.shape.length === 0
        ? x
        : ops.slice(
            x,
            x.shape.map(() => 0),
            x.shape.map((extent, i) => (i === normalizeAxis(-1, x.shape.length) ? Math.ceil(extent / 2) : extent)),
          ),
  ],
  ['column', (x) => (x.shape.length === 1 ? ops.reshape(x, [-1, 1]) : x)],
  ['positive', (x) => ops.where(ops.greater(x, 0), x, ops.mul(0.5, x))],
];

type Binary = readonly [name: string, f: (a: AnyArray, b: AnyArray) => AnyArray];
const binaries: readonly Binary[] = [
  ['+', ops.add],
  ['−', ops.sub],
  ['·', ops.mul],
  ['/', (a, b) => ops.div(a, ops.add(ops.square(b), 1))],
  ['max', ops.maximum],
];

/** Arrays whose shapes do not go together are added up first. */
const joined = (f: Binary[1], a: AnyArray, b: AnyArray): AnyArray => {
  try {
    return f(a, b);
  } catch {
    return f(ops.sum(a), b);
  }
};

/** Programs of up to `depth` layers, with a scalar result. */
export const arrayPrograms = (depth: number): fc.Arbitrary<ArrayProgram> => {
  const nodes = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: depth },
      leaves,
      fc.tuple(fc.constantFrom(...unaries), tie('node')).map(([[name, g], x]) => leaf(`${name}(${x.text})`, (m, v, s) => g(x.f(m, v, s)))),
      fc
        .tuple(fc.constantFrom(...binaries), tie('node'), tie('node'))
        .map(([[name, g], a, b]) => leaf(`(${a.text} ${name} ${b.text})`, (m, v, s) => joined(g, a.f(m, v, s), b.f(m, v, s)))),
    ),
  })).node;
  return nodes.map(({ text, f }) => leaf(`sum(${text})`, (m, v, s) => ops.sum(f(m, v, s))));
};
