/** The metric of HMC: an inverse mass matrix that is diagonal, or dense in blocks of coordinates, and what momenta need of it. */
import { kindlingError } from '../../core/errors.ts';

/** Which coordinates are correlated with which. Plain data. */
export interface MetricShape {
  readonly dim: number;
  /** The coordinates of each dense block; a coordinate in none has a variance of its own. */
  readonly blocks: readonly (readonly number[])[];
}

/** How many doubles hold an inverse mass matrix: its diagonal, or all of it row by row where there is a block. */
export const metricSize = ({ dim, blocks }: MetricShape): number => (blocks.length === 0 ? dim : dim * dim);

/** The identity. */
export const identityMetric = (shape: MetricShape): Float64Array => {
  const out = new Float64Array(metricSize(shape));
  const step = shape.blocks.length === 0 ? 1 : shape.dim + 1;
  for (let i = 0; i < out.length; i += step) out[i] = 1;
  return out;
};

/** Coordinates that are in no block. */
export const looseCoordinates = ({ dim, blocks }: MetricShape): readonly number[] => {
  const inBlock = new Set(blocks.flat());
  return Array.from({ length: dim }, (_, i) => i).filter((i) => !inBlock.has(i));
};

/** Puts in `out` the lower L with L Lᵀ equal to a matrix; whether that is positive definite. */
const factorize = (matrix: Float64Array, n: number, out: Float64Array): boolean => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= out[i * n + k]! * out[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return false;
        out[i * n + i] = Math.sqrt(sum);
      } else out[i * n + j] = sum / out[j * n + j]!;
    }
  }
  return true;
};

/** A metric in place. */
export interface Metric {
  readonly shape: MetricShape;
  /** The inverse mass matrix as it was set last. */
  readonly inverseMass: Float64Array;
  /** Its diagonal, and its blocks row by row. */
  readonly variance: Float64Array;
  readonly blocks: readonly Float64Array[];
  /** 1 / √variance, 1 for the coordinates of blocks; and the lower factors L of those, L Lᵀ being the block. */
  readonly roots: Float64Array;
  readonly factors: readonly Float64Array[];
  /** @throws NonFinite for a matrix that is not positive definite */
  readonly set: (inverseMass: Float64Array) => void;
}

const notPositive = (): Error =>
  kindlingError('NonFinite', {
    message: 'the inverse mass matrix is not positive definite',
    expected: 'finite, positive variances, and correlations that go together',
    remedy: 'Check inverseMassMatrix; keep regularizeMassMatrix on, or warm up for longer',
  });

export const makeMetric = (shape: MetricShape): Metric => {
  const { dim, blocks } = shape;
  const stride = blocks.length === 0 ? 1 : dim + 1;
  const loose = looseCoordinates(shape);
  const inverseMass = identityMetric(shape);
  const [variance, roots] = [new Float64Array(dim).fill(1), new Float64Array(dim).fill(1)];
  const [own, factors] = [0, 1].map(() => blocks.map(({ length }) => new Float64Array(length * length))) as [Float64Array[], Float64Array[]];
  const set = (given: Float64Array): void => {
    inverseMass.set(given);
    for (let i = 0; i < dim; i++) variance[i] = inverseMass[i * stride]!;
    for (const i of loose) {
      if (!(variance[i]! > 0 && variance[i]! < Infinity)) throw notPositive();
      roots[i] = 1 / Math.sqrt(variance[i]!);
    }
    blocks.forEach((block, b) => {
      const [n, matrix] = [block.length, own[b]!];
      block.forEach((i, row) => block.forEach((j, column) => (matrix[row * n + column] = inverseMass[i * dim + j]!)));
      if (!factorize(matrix, n, factors[b]!)) throw notPositive();
    });
  };
  set(inverseMass);
  return { shape, inverseMass, variance, blocks: own, roots, factors, set };
};
