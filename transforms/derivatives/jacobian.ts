/** jacobian, jacfwd and hessian: all derivatives of every number of a result by every number of some arguments. */
import * as tf from '#tfjs';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { unflatten, type TreeDef } from '../../core/tree.ts';
import { avalOf, toTensor, type Aval, type Input, type Value } from '../../core/value.ts';
import { checkArgnums, grad, type Argnums, type Gradient } from '../grad.ts';
import { liftJit } from '../jit/jitted.ts';
import { isRecording, recordBody } from '../jit/record.ts';
import { replayGraph } from '../replay.ts';
import { vmap } from '../vmap/vmap.ts';
import { evaluator, type TensorFunction } from './evaluate.ts';
import { pushForward } from './jvp.ts';
import { gradientsOf, withTape } from './tape.ts';
import { resultOf, scalarOf, variablesOf } from './variables.ts';

/** In the place of every array of the result a tree of derivatives. */
type Derivatives<R, D> = R extends Input ? D : { readonly [K in keyof R]: Derivatives<R[K], D> };

/** The derivatives of a result by one argument, or a list of them for a list of arguments. */
export type Jacobians<R, Args extends readonly unknown[], N extends Argnums> = N extends number
  ? Derivatives<R, Gradient<Args[N]>>
  : Derivatives<R, { readonly [K in keyof N]: N[K] extends number ? Gradient<Args[N[K]]> : never }>;

/** Without `argnums`, the first argument is the one. */
export interface Jacobian {
  <Args extends readonly unknown[], R>(f: (...args: Args) => R): (...args: Args) => Jacobians<R, Args, 0>;
  <Args extends readonly unknown[], R, N extends Argnums>(f: (...args: Args) => R, argnums: N): (...args: Args) => Jacobians<R, Args, N>;
}

/** By one argument the second derivatives are a tree of trees like it; by a list of them, a list of lists of trees of trees. */
export type Hessians<Args extends readonly unknown[], N extends Argnums> = N extends number
  ? Second<Gradient<Args[N]>, Gradient<Args[N]>>
  : {
      readonly [I in keyof N]: N[I] extends number
        ? { readonly [J in keyof N]: N[J] extends number ? Second<Gradient<Args[N[I]]>, Gradient<Args[N[J]]>> : never }
        : never;
    };
type Second<A, D> = A extends Input ? D : { readonly [K in keyof A]: Second<A[K], D> };

/** Without `argnums`, the first argument is the one. */
export interface Hessian {
  <Args extends readonly unknown[]>(f: (...args: Args) => Input): (...args: Args) => Hessians<Args, 0>;
  <Args extends readonly unknown[], N extends Argnums>(f: (...args: Args) => Input, argnums: N): (...args: Args) => Hessians<Args, N>;
}

/** All arrays of a shape that are 1 in one place and 0 elsewhere, stacked along a leading axis. */
const basisOf = (shape: Shape): NDArray => {
  const size = sizeOf(shape);
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) data[i * (size + 1)] = 1;
  return makeNDArray(data, [size, ...shape]);
};

/** A linear map at every array of the basis, its results stacked. Where tensors have numbers there is no need to record it. */
const overBasis = (shape: Shape, map: (unit: Value) => readonly Value[]): readonly Value[] => {
  const basis = toTensor(basisOf(shape));
  if (isRecording()) return vmap((unit: Value) => map(unit))(basis);
  const rows = ops.unstack(basis).map((unit) => map(unit));
  return rows[0]!.map((_, k) => ops.stack(rows.map((row) => row[k]!)));
};

/**
 * For each output of a function a list of derivatives by each variable, of the output's shape and then the variable's.
 */
type Derive = (run: TensorFunction, avals: readonly Aval[], xs: readonly Value[]) => readonly (readonly Value[])[];

const isEmpty = ({ shape }: Pick<Aval, 'shape'>): boolean => sizeOf(shape) === 0;

/** Row by row, a pullback for each number of the result. */
const byRows: Derive = (run, avals, xs) =>
  avals.map((aval, i) => {
    if (aval.dtype !== 'float' || isEmpty(aval) || xs.length === 0) return xs.map((x) => tf.zeros([...aval.shape, ...x.shape]));
    const rows = overBasis(aval.shape, (unit) => gradientsOf(() => toTensor(ops.sum(ops.mul(run(xs)[i]!, unit))), xs).grads);
    return rows.map((row, k) => ops.reshape(row, [...aval.shape, ...xs[k]!.shape]));
  });

/** Column by column, a derivative along each number of the variables. */
const byColumns: Derive = (run, avals, xs) => {
  const columns = xs.map((x, k) => {
    if (isEmpty(x) || avals.length === 0) return avals.map(({ shape }) => tf.zeros([...shape, ...x.shape]));
    const along = (unit: Value): readonly Value[] => xs.map((other, i) => (i === k ? unit : tf.zeros([...other.shape])));
    const stacks = overBasis(x.shape, (unit) => withTape(() => pushForward(run(xs), xs)(along(unit))));
    return stacks.map((stack, i) => {
      const { shape } = avals[i]!;
      return ops.reshape(ops.transpose(stack, [...shape.map((_, axis) => axis + 1), 0]), [...shape, ...x.shape]);
    });
  });
  return avals.map((_, i) => columns.map((column) => column[i]!));
};

/** The derivatives of a function, which runs once: recorded and replayed, or, where tensors have numbers, taped. */
const derivativesOf = (f: TensorFunction, xs: readonly Value[], derive: Derive): readonly (readonly Value[])[] => {
  if (isRecording()) {
    const { graph, captured } = recordBody(f, xs.map(avalOf));
    const run: TensorFunction = (ys) => replayGraph(graph, [...captured, ...ys]).map((y) => toTensor(y));
    return derive(
      run,
      graph.outputs.map((id) => graph.nodes[id]!.aval),
      xs,
    );
  }
  return withTape(() => {
    const outputs = f(xs);
    return derive(() => outputs, outputs.map(avalOf), xs);
  });
};

const jacobianBy =
  (name: string, derive: Derive) =>
  <Args extends readonly unknown[], R>(given: (...args: Args) => R, argnums: Argnums = 0): ((...args: Args) => unknown) => {
    checkArgnums(name, given, argnums);
    return liftJit(given, `${name} ${JSON.stringify(argnums)}`, (f) => (...args: Args): unknown => {
      const { leaves, refill, trees, inTensors } = variablesOf(name, args, typeof argnums === 'number' ? [argnums] : argnums);
      let def: TreeDef = '*';
      const derivatives = evaluator(
        (variables) =>
          derivativesOf(
            (xs) => {
              const [arrays, around] = resultOf(name, f(...(refill(xs) as unknown as Args)));
              def = around;
              return arrays.map((x) => toTensor(x));
            },
            variables,
            derive,
          ).flat(),
        inTensors,
      )(leaves);
      const each = Array.from({ length: leaves.length === 0 ? 0 : derivatives.length / leaves.length }, (_, i) => {
        const own = trees(derivatives.slice(i * leaves.length, (i + 1) * leaves.length));
        return typeof argnums === 'number' ? own[0] : own;
      });
      return unflatten(def, each);
    });
  };

/**
 * All derivatives of the result by an argument, or a list of them: JAX's `jacrev`, a pullback for each number of the result. In the place of
 * each array of the result stands a tree like the argument, whose arrays have the shape of the result and then their own.
 *
 * @param argnums - the argument to differentiate by, or a list of them, which gives a list in every place
 * @example
 * jacobian((x) => ops.mul(x, x))([1, 2]); // [[2, 0], [0, 4]]
 */
export const jacobian: Jacobian = jacobianBy('jacobian', byRows) as unknown as Jacobian;

/** As `jacobian`, under JAX's name. */
export const jacrev: Jacobian = jacobian;

/** As `jacobian`, with a derivative along each number of the argument: the cheaper way where the result is longer than that. */
export const jacfwd: Jacobian = jacobianBy('jacfwd', byColumns) as unknown as Jacobian;

/**
 * The second derivatives of a function with a scalar result: for an argument of shape [n], a symmetric matrix [n, n]; for a tree, a tree
 * like it with such a tree in the place of each array.
 *
 * @param argnums - the argument to differentiate by, or a list of them, which gives a list of lists
 * @throws InvalidShape for a result that is not a scalar
 * @example
 * hessian((x) => ops.sum(ops.mul(x, ops.square(x))))([1, 2]); // [[6, 0], [0, 12]]
 */
export const hessian: Hessian = <Args extends readonly unknown[], N extends Argnums = 0>(given: (...args: Args) => Input, argnums: N = 0 as N) => {
  checkArgnums('hessian', given, argnums);
  return liftJit(given, `hessian ${JSON.stringify(argnums)}`, (f) =>
    jacobianBy('hessian', byRows)(
      grad((...args: Args) => scalarOf('hessian', f(...args)), argnums),
      argnums,
    ),
  ) as unknown as (...args: Args) => Hessians<Args, N>;
};
