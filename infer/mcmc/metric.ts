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

/** Lower L with L Lᵀ equal to the block of a matrix; `undefined` where that is not positive definite. */
const choleskyOf = (matrix: Float64Array, dim: number, block: readonly number[]): Float64Array | undefined => {
  const n = block.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[block[i]! * dim + block[j]!]!;
      for (let k = 0; k < j; k++) sum -= out[i * n + k]! * out[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return undefined;
        out[i * n + i] = Math.sqrt(sum);
      } else out[i * n + j] = sum / out[j * n + j]!;
    }
  }
  return out;
};

/** A metric in place. */
export interface Metric {
  readonly shape: MetricShape;
  /** The inverse mass matrix as it was set last. */
  readonly inverseMass: Float64Array;
  /** @throws NonFinite for a matrix that is not positive definite */
  readonly set: (inverseMass: Float64Array) => void;
  /** Turns standard normal numbers into a momentum, with the mass matrix as covariance. */
  readonly scale: (p: Float64Array) => void;
  /** v := M⁻¹ p. */
  readonly velocity: (p: Float64Array, v: Float64Array) => void;
}

const notPositive = (): Error =>
  kindlingError('NonFinite', {
    message: 'the inverse mass matrix is not positive definite',
    expected: 'finite, positive variances, and correlations that go together',
    remedy: 'Check inverseMassMatrix; keep regularizeMassMatrix on, or warm up for longer',
  });

export const makeMetric = (shape: MetricShape): Metric => {
  const { dim, blocks } = shape;
  const isDiagonal = blocks.length === 0;
  const loose = looseCoordinates(shape);
  const inverseMass = identityMetric(shape);
  const variance = (i: number): number => inverseMass[isDiagonal ? i : i * dim + i]!;
  const root = new Float64Array(dim);
  let factors: readonly Float64Array[] = [];
  const prepare = (): void => {
    for (const i of loose) {
      if (!(variance(i) > 0 && variance(i) < Infinity)) throw notPositive();
      root[i] = 1 / Math.sqrt(variance(i));
    }
    factors = blocks.map((block) => {
      const factor = choleskyOf(inverseMass, dim, block);
      if (factor === undefined) throw notPositive();
      return factor;
    });
  };
  prepare();
  return {
    shape,
    inverseMass,
    set: (given) => {
      inverseMass.set(given);
      prepare();
    },
    scale: (p) => {
      for (const i of loose) p[i] = p[i]! * root[i]!;
      // M = L⁻ᵀ L⁻¹ for M⁻¹ = L Lᵀ, so that L⁻ᵀ ε has covariance M.
      blocks.forEach((block, b) => {
        const [n, factor] = [block.length, factors[b]!];
        for (let i = n - 1; i >= 0; i--) {
          let x = p[block[i]!]!;
          for (let k = i + 1; k < n; k++) x -= factor[k * n + i]! * p[block[k]!]!;
          p[block[i]!] = x / factor[i * n + i]!;
        }
      });
    },
    velocity: (p, v) => {
      if (isDiagonal) {
        for (let i = 0; i < dim; i++) v[i] = inverseMass[i]! * p[i]!;
        return;
      }
      for (const i of loose) v[i] = variance(i) * p[i]!;
      for (const block of blocks) {
        for (const i of block) {
          let sum = 0;
          for (const k of block) sum += inverseMass[i * dim + k]! * p[k]!;
          v[i] = sum;
        }
      }
    },
  };
};
