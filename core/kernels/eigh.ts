/** The kernel of the symmetric eigenvalue problem. */
import type { AnyArray } from '../value.ts';
import { defineKernel, type Kernel } from './kernel.ts';
import { requireSquare } from './linalg.ts';
import { batchOf } from './matMul.ts';
import { scaleOf } from './scale.ts';

/** QR steps for each eigenvalue, on average, before the iteration is given up; some two are enough. */
export const STEPS_PER_VALUE = 30;
/** An off-diagonal element is 0 where it is smaller than this part of its neighbours on the diagonal, … */
export const ROUNDING: number = 2 ** -53;
/** … or so small that its square vanishes. */
export const VANISHING: number = 2 ** -600;

/** A symmetric matrix while it is made diagonal. */
interface Tridiagonal {
  readonly n: number;
  readonly diagonal: Float64Array;
  /** Element i stands between i and i + 1. */
  readonly between: Float64Array;
  /** The eigenvectors so far, in rows. */
  readonly vectors: Float64Array;
}

/**
 * T = Qᵀ A Q by reflections; the vector of each stays in the row of A that it clears, right of the diagonal. A is overwritten.
 *
 * @see Golub and Van Loan, "Matrix Computations" (4th ed.), algorithms 8.3.1 and, for Q from its end, section 5.1.6
 */
const tridiagonalise = (a: Float64Array, n: number): Tridiagonal => {
  const [diagonal, between, betas, q] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n - 1; k++) {
    const v = k * n;
    let beyond = 0;
    for (let j = k + 2; j < n; j++) beyond += a[v + j]! * a[v + j]!;
    const head = a[v + k + 1]!;
    between[k] = head;
    if (beyond === 0) continue;
    const length = head < 0 ? -Math.sqrt(head * head + beyond) : Math.sqrt(head * head + beyond);
    between[k] = -length;
    a[v + k + 1] = head + length;
    const beta = 1 / (length * (head + length));
    betas[k] = beta;
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum -= a[v + j]! * a[i * n + j]!;
      q[i] = beta * sum;
      along -= q[i]! * a[v + i]!;
    }
    const half = 0.5 * beta * along;
    for (let i = k + 1; i < n; i++) q[i] = q[i]! + half * a[v + i]!;
    for (let i = k + 1; i < n; i++) for (let j = k + 1; j < n; j++) a[i * n + j]! += a[v + i]! * q[j]! + q[i]! * a[v + j]!;
  }
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    diagonal[i] = a[i * n + i]!;
    vectors[i * n + i] = 1;
  }
  for (let k = n - 2; k >= 0; k--) {
    const beta = betas[k]!;
    if (beta === 0) continue;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum -= a[k * n + j]! * vectors[i * n + j]!;
      sum *= beta;
      for (let j = k + 1; j < n; j++) vectors[i * n + j]! += sum * a[k * n + j]!;
    }
  }
  return { n, diagonal, between, vectors };
};

/** √(x² + z²), without overflow. */
const hypotenuse = (x: number, z: number): number => {
  const [large, small] = [Math.max(Math.abs(x), Math.abs(z)), Math.min(Math.abs(x), Math.abs(z))];
  const ratio = small / large;
  return large === 0 ? 0 : large * Math.sqrt(1 + ratio * ratio);
};

/**
 * One step, with Wilkinson's shift, on the block from `first` to `last`.
 *
 * @see Golub and Van Loan (4th ed.), algorithm 8.3.2
 */
const qrStep = ({ n, diagonal, between, vectors }: Tridiagonal, first: number, last: number): void => {
  const corner = between[last - 1]!;
  const gap = (diagonal[last - 1]! - diagonal[last]!) / 2 / corner;
  const root = Math.sqrt(gap * gap + 1);
  let x = diagonal[first]! - (diagonal[last]! - corner / (gap < 0 ? gap - root : gap + root));
  let z = between[first]!;
  for (let k = first; k < last; k++) {
    const r = hypotenuse(x, z);
    const [c, s] = r === 0 ? [1, 0] : [x / r, z / r];
    if (k > first) between[k - 1] = r;
    const turned = s * (diagonal[k + 1]! - diagonal[k]!) + 2 * c * between[k]!;
    diagonal[k]! += s * turned;
    diagonal[k + 1]! -= s * turned;
    x = c * turned - between[k]!;
    between[k] = x;
    if (k < last - 1) {
      z = s * between[k + 1]!;
      between[k + 1] = c * between[k + 1]!;
    }
    for (let j = k * n; j < k * n + n; j++) {
      const [upper, lower] = [vectors[j]!, vectors[j + n]!];
      vectors[j] = c * upper + s * lower;
      vectors[j + n] = c * lower - s * upper;
    }
  }
};

/** Makes a tridiagonal matrix diagonal; `false` where that does not come to an end. NaN ends it. */
const diagonalise = (t: Tridiagonal): boolean => {
  const { n, diagonal, between } = t;
  const stands = (i: number): boolean => Math.abs(between[i]!) > ROUNDING * (Math.abs(diagonal[i]!) + Math.abs(diagonal[i + 1]!)) + VANISHING;
  let [last, steps] = [n - 1, 0];
  while (last > 0 && steps < STEPS_PER_VALUE * n) {
    let first = last;
    while (first > 0 && stands(first - 1)) first--;
    if (first === last) last--;
    else {
      qrStep(t, first, last);
      steps++;
    }
  }
  return last <= 0;
};

/** Eigenvalues in ascending order, their vectors with them. */
const sort = ({ n, diagonal, vectors }: Tridiagonal): void => {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (diagonal[j]! < diagonal[least]!) least = j;
    if (least === i) continue;
    [diagonal[i], diagonal[least]] = [diagonal[least]!, diagonal[i]!];
    for (let j = 0; j < n; j++) [vectors[i * n + j], vectors[least * n + j]] = [vectors[least * n + j]!, vectors[i * n + j]!];
  }
};

/**
 * The eigenvalues of (A + Aᵀ)/2, ascending, in a first row, and below it the eigenvectors in columns, their largest entry positive.
 * NaN all over where A is not finite.
 * Gradient: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), eigenvalues
 * and eigenvectors, made symmetric.
 */
export const Eigh: Kernel = defineKernel({
  name: 'Eigh',
  inputs: ['a'],
  shape: ([a]) => {
    requireSquare('an eigenvalue problem', a!);
    const n = a!.shape.at(-1)!;
    return { shape: [...batchOf(a!.shape), n + 1, n], dtype: 'float' };
  },
  cast: () => ['float'],
  run: (out, [a]) => {
    const n = out.shape.at(-1)!;
    const own = new Float64Array(n * n);
    for (let matrix = 0; matrix * (n + 1) * n < out.data.length; matrix++) {
      const [from, to] = [matrix * n * n, matrix * (n + 1) * n];
      let largest = 0;
      for (let i = 0; i < n * n; i++) largest = Math.max(largest, Math.abs(a!.data[from + i]!));
      if (!(largest < Infinity)) {
        out.data.fill(NaN, to, to + (n + 1) * n);
        continue;
      }
      const scale = scaleOf(largest);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) own[i * n + j] = (scale * a!.data[from + i * n + j]! + scale * a!.data[from + j * n + i]!) / 2;
      const t = tridiagonalise(own, n);
      const isDone = diagonalise(t);
      sort(t);
      for (let i = 0; i < n; i++) {
        let most = 0;
        for (let j = 0; j < n; j++) if (Math.abs(t.vectors[i * n + j]!) > Math.abs(most)) most = t.vectors[i * n + j]!;
        const sign = most < 0 ? -1 : 1;
        out.data[to + i] = isDone ? t.diagonal[i]! / scale : NaN;
        for (let j = 0; j < n; j++) out.data[to + (j + 1) * n + i] = isDone ? sign * t.vectors[i * n + j]! : NaN;
      }
    }
  },
  saves: { inputs: false, output: true },
  vjp: (ops, { dy, output }) => [
    () => {
      const n = output.shape.at(-1)!;
      const [w, v] = ops.split(output, [1, n], -2) as [AnyArray, AnyArray];
      const [dw, dv] = ops.split(dy, [1, n], -2) as [AnyArray, AnyArray];
      const one = ops.eye(n);
      // Where the vectors do not count, equal eigenvalues do no harm.
      const gaps = ops.add(ops.sub(w, ops.transposeMatrix(w)), one);
      const turns = ops.gradientProduct(ops.mul(ops.matMul(v, dv, true, false), ops.sub(1, one)), ops.reciprocal(gaps));
      const g = ops.matMul(v, ops.matMul(ops.add(turns, ops.mul(dw, one)), v, false, true));
      return ops.mul(0.5, ops.add(g, ops.transposeMatrix(g)));
    },
  ],
});
