/** The kernels of linear algebra besides products: Einstein sum, Cholesky factor, triangular solve. */
import { kindlingError } from '../errors.ts';
import { broadcastShapes, showShape, stridesOf, type Shape } from '../shape.ts';
import type { AnyArray, Aval } from '../value.ts';
import { unbroadcast } from './elementwise.ts';
import { defineKernel, type Attrs, type Kernel } from './kernel.ts';
import { batchOf, eachMatrix, matrixOf } from './matMul.ts';

const saveInputs = { inputs: true, output: false };

interface Equation {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Reads `'ij,jk->ik'`; without an arrow the output has the labels that occur once, sorted, as in NumPy. */
export const parseEquation = (equation: string): Equation => {
  const [left = '', right] = equation.replace(/\s/g, '').split('->');
  const inputs = left.split(',');
  if (!inputs.every((labels) => /^[a-zA-Z]*$/.test(labels)) || !/^[a-zA-Z]*$/.test(right ?? '')) {
    throw kindlingError('InvalidArgument', {
      message: `"${equation}" is not an Einstein sum`,
      expected: 'letters, commas and one arrow, such as "ij,jk->ik" (no ellipsis)',
    });
  }
  const letters = [...inputs.join('')];
  const implied = (): string =>
    [...new Set(letters)]
      .filter((c) => letters.indexOf(c) === letters.lastIndexOf(c))
      .sort()
      .join('');
  return { inputs, output: right ?? implied() };
};

/** The extent of each label; `sizes` names those of labels that stand in the output alone. */
export const extentsOf = (equation: Equation, shapes: readonly Shape[], sizes: Readonly<Record<string, number>>): Readonly<Record<string, number>> => {
  const extents: Record<string, number> = { ...sizes };
  if (equation.inputs.length !== shapes.length) {
    throw kindlingError('InvalidArgument', { message: `an Einstein sum of ${equation.inputs.length} operands was given ${shapes.length}` });
  }
  equation.inputs.forEach((labels, k) => {
    if (labels.length !== shapes[k]!.length) {
      throw kindlingError('InvalidShape', { message: `operand ${k} of an Einstein sum has labels "${labels}"`, given: `shape ${showShape(shapes[k]!)}` });
    }
    [...labels].forEach((label, i) => {
      const extent = shapes[k]![i]!;
      if ((extents[label] ?? extent) !== extent) {
        throw kindlingError('InvalidShape', { message: `label "${label}" of an Einstein sum stands for ${extents[label]} and for ${extent}` });
      }
      extents[label] = extent;
    });
  });
  const unknown = [...equation.output].find((label) => extents[label] === undefined);
  if (unknown !== undefined) throw kindlingError('InvalidArgument', { message: `label "${unknown}" stands only in the output of an Einstein sum` });
  return extents;
};

const noSizes: Readonly<Record<string, number>> = {};
/** The extents that an Einstein sum was given beside its operands. */
export const sizesOf = (attrs: Attrs): Readonly<Record<string, number>> => (attrs['sizes'] as Readonly<Record<string, number>> | undefined) ?? noSizes;

/** The stride of every label in one operand: a label written twice walks the diagonal. */
export const labelStrides = (labels: string, shape: Shape, order: readonly string[]): number[] => {
  const strides = stridesOf(shape);
  return order.map((label) => [...labels].reduce((sum, c, i) => sum + (c === label ? strides[i]! : 0), 0));
};

/** The product of all operands, summed over every label that is not in the output: NumPy's `einsum`, without ellipsis. */
export const Einsum: Kernel = defineKernel({
  name: 'Einsum',
  inputs: 'list',
  shape: (inputs, attrs) => {
    const equation = parseEquation(attrs['equation'] as string);
    const extents = extentsOf(
      equation,
      inputs.map((x) => x.shape),
      sizesOf(attrs),
    );
    return { shape: [...equation.output].map((label) => extents[label]!), dtype: 'float' };
  },
  cast: (inputs) => inputs.map(() => 'float'),
  run: (out, inputs, attrs) => {
    const equation = parseEquation(attrs['equation'] as string);
    const extents = extentsOf(
      equation,
      inputs.map((x) => x.shape),
      sizesOf(attrs),
    );
    // Output labels outermost, so that the innermost loops sum.
    const order = [...new Set([...equation.output, ...Object.keys(extents)])];
    const strides = inputs.map((x, k) => labelStrides(equation.inputs[k]!, x.shape, order));
    const outStrides = labelStrides(equation.output, out.shape, order);
    const sums = new Float64Array(out.data.length);
    const offsets = inputs.map(() => 0);
    const loop = (depth: number, to: number): void => {
      if (depth === order.length) {
        let product = 1;
        for (let k = 0; k < inputs.length; k++) product *= inputs[k]!.data[offsets[k]!]!;
        sums[to]! += product;
        return;
      }
      const extent = extents[order[depth]!]!;
      for (let i = 0; i < extent; i++) {
        loop(depth + 1, to + i * outStrides[depth]!);
        for (let k = 0; k < inputs.length; k++) offsets[k]! += strides[k]![depth]!;
      }
      for (let k = 0; k < inputs.length; k++) offsets[k]! -= extent * strides[k]![depth]!;
    };
    loop(0, 0);
    out.data.set(sums);
  },
  saves: saveInputs,
  vjp: (ops, { dy, inputs, attrs }) => {
    const equation = parseEquation(attrs['equation'] as string);
    const extents = extentsOf(
      equation,
      inputs.map((x) => x.shape),
      sizesOf(attrs),
    );
    return inputs.map((_, k) => () => {
      const others = inputs.filter((__, i) => i !== k);
      const labels = [equation.output, ...equation.inputs.filter((__, i) => i !== k)];
      return ops.einsumWithSizes(`${labels.join(',')}->${equation.inputs[k]!}`, extents, dy, ...others);
    });
  },
});

/** @throws InvalidShape unless these are square matrices */
export const requireSquare = (what: string, a: Aval): void => {
  const [rows, columns] = matrixOf(a.shape);
  if (a.shape.length < 2 || rows !== columns) {
    throw kindlingError('InvalidShape', { message: `${what} needs square matrices`, given: `shape ${showShape(a.shape)}` });
  }
};

/**
 * The lower Cholesky factor of (A + Aᵀ)/2, batched; its triangle is NaN where that is not positive definite, as in JAX.
 * Gradient: Murray, "Differentiation of the Cholesky decomposition" (2016), eq. 10, made symmetric.
 */
export const Cholesky: Kernel = defineKernel({
  name: 'Cholesky',
  inputs: ['a'],
  shape: ([a]) => {
    requireSquare('a Cholesky factor', a!);
    return { shape: a!.shape, dtype: 'float' };
  },
  cast: () => ['float'],
  run: (out, [a]) => {
    const n = out.shape.at(-1)!;
    const l = new Float64Array(n * n);
    for (let first = 0; first < out.data.length; first += n * n) {
      l.fill(0);
      for (let j = 0; j < n; j++) {
        for (let i = j; i < n; i++) {
          let sum = (a!.data[first + i * n + j]! + a!.data[first + j * n + i]!) / 2;
          for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
          l[i * n + j] = i === j ? (sum > 0 ? Math.sqrt(sum) : NaN) : sum / l[j * n + j]!;
        }
      }
      // A pivot that is not positive makes its root NaN, and with it the last one.
      const failed = Number.isNaN(l[n * n - 1]);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out.data[first + i * n + j] = failed ? NaN : l[i * n + j]!;
    }
  },
  saves: { inputs: false, output: true },
  vjp: (ops, { dy, output: l }) => [
    () => {
      const product = ops.matMul(l, dy, true, false);
      const halved = ops.mul(ops.tril(product), ops.sub(1, ops.mul(0.5, ops.eye(l.shape.at(-1)!))));
      const left = ops.triangularSolve(l, halved, { transpose: true });
      const s = ops.transposeMatrix(ops.triangularSolve(l, ops.transposeMatrix(left), { transpose: true }));
      return ops.mul(0.5, ops.add(s, ops.transposeMatrix(s)));
    },
  ],
});

/** Solves op(A) X = B for a triangular A, of which only that triangle is read; batch axes broadcast. */
export const TriangularSolve: Kernel = defineKernel({
  name: 'TriangularSolve',
  inputs: ['a', 'b'],
  shape: ([a, b]) => {
    requireSquare('a triangular solve', a!);
    if (b!.shape.length < 2 || b!.shape.at(-2) !== a!.shape.at(-1)) {
      throw kindlingError('InvalidShape', {
        message: 'the right-hand side of a triangular solve does not fit',
        given: `${showShape(a!.shape)} and ${showShape(b!.shape)}`,
      });
    }
    return { shape: [...broadcastShapes(batchOf(a!.shape), batchOf(b!.shape)), ...matrixOf(b!.shape)], dtype: 'float' };
  },
  cast: () => ['float', 'float'],
  run: (out, inputs, { lower, transpose }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [n, columns] = matrixOf(out.shape) as [number, number];
    const [row, column] = transpose === true ? [1, n] : [n, 1];
    const forward = (lower !== false) !== (transpose === true);
    const x = new Float64Array(n);
    eachMatrix(batchOf(out.shape), inputs, (at, [ofA, ofB]) => {
      for (let c = 0; c < columns; c++) {
        for (let step = 0; step < n; step++) {
          const i = forward ? step : n - 1 - step;
          let sum = b.data[ofB! + i * columns + c]!;
          for (let done = 0; done < step; done++) {
            const k = forward ? done : n - 1 - done;
            sum -= a.data[ofA! + i * row + k * column]! * x[k]!;
          }
          x[i] = sum / a.data[ofA! + i * (n + 1)]!;
          out.data[at * n * columns + i * columns + c] = x[i]!;
        }
      }
    });
  },
  saves: { inputs: true, output: true },
  vjp: (ops, { dy, inputs, output: x, attrs }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const [lower, transpose] = [attrs['lower'] !== false, attrs['transpose'] === true];
    const full = (): AnyArray => ops.triangularSolve(a, dy, { lower, transpose: !transpose });
    const da = (): AnyArray => {
      const outer = transpose ? ops.matMul(x, full(), false, true) : ops.matMul(full(), x, false, true);
      return unbroadcast(ops, ops.neg(lower ? ops.tril(outer) : ops.triu(outer)), a.shape);
    };
    return [da, () => unbroadcast(ops, full(), b.shape)];
  },
});
