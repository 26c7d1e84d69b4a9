/** Closed-form least squares, the answer that a regression with weak priors must come close to. */

export interface LeastSquares {
  /** Intercept first, then the slopes. */
  readonly coefficients: readonly number[];
  /** Their standard errors. */
  readonly errors: readonly number[];
  /** Residual sd, with n − p degrees of freedom. */
  readonly sigma: number;
}

/** Inverse of a small positive definite matrix, by Gauss–Jordan elimination. */
const invert = (matrix: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))]);
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = work[pivot]![pivot]!;
    work[pivot] = work[pivot]!.map((value) => value / scale);
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = work[row]![pivot]!;
      work[row] = work[row]!.map((value, k) => value - factor * work[pivot]![k]!);
    }
  }
  return work.map((row) => row.slice(size));
};

/** Least squares of y on rows of x and an intercept. */
export const leastSquares = (x: readonly (readonly number[])[], y: readonly number[]): LeastSquares => {
  const design = x.map((row) => [1, ...row]);
  const size = design[0]!.length;
  const indices = Array.from({ length: size }, (_, j) => j);
  const gram = indices.map((i) => indices.map((j) => design.reduce((sum, row) => sum + row[i]! * row[j]!, 0)));
  const moments = indices.map((i) => design.reduce((sum, row, n) => sum + row[i]! * y[n]!, 0));
  const inverse = invert(gram);
  const coefficients = inverse.map((row) => row.reduce((sum, value, j) => sum + value * moments[j]!, 0));
  const residuals = design.map((row, n) => y[n]! - row.reduce((sum, value, j) => sum + value * coefficients[j]!, 0));
  const sigma = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / (y.length - size));
  return { coefficients, errors: indices.map((i) => sigma * Math.sqrt(inverse[i]![i]!)), sigma };
};
