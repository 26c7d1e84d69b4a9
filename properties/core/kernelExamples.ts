/** Where each kernel is tested: inputs at which it is smooth, by broadcasting and by extents of 0 where those mean something. */
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import type { Shape } from '../../core/shape.ts';
import type { AnyArray } from '../../core/value.ts';
import { ownGradient } from '../../transforms/derivatives/ownGradient.ts';
import type { Draw } from '../laws/draw.ts';
import type { Example, KernelExamples } from '../laws/kernelLaws.ts';
import { linalgExamples } from './linalgExamples.ts';

type Options = Omit<KernelExamples, 'make'>;
type One = (draw: Draw, shape: Shape) => NDArray;

const shapes: readonly Shape[] = [[3, 2], [], [0, 2]];

const unary = (one: One, options: Options = {}): KernelExamples => ({ ...options, make: (draw) => shapes.map((shape) => ({ inputs: [one(draw, shape)] })) });
const on = (low: number, high: number, options: Options = {}): KernelExamples => unary((draw, shape) => draw.uniform(shape, low, high), options);
const away = (options: Options = {}): KernelExamples => unary((draw, shape) => draw.away(shape), options);

const pairs: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [3, 1],
    [1, 2],
  ],
  [[], [4]],
  [[2, 1], []],
  [[0, 3], [3]],
];

const binary = (first: One, second: One, options: Options = {}): KernelExamples => ({
  ...options,
  make: (draw) => pairs.map(([a, b]) => ({ inputs: [first(draw, a), second(draw, b)] })),
});

const reals: One = (draw, shape) => draw.uniform(shape, -2, 2);
const nonzero: One = (draw, shape) => draw.away(shape);
const positive: One = (draw, shape) => draw.uniform(shape, 0.3, 3);
const apart =
  (phase: number): One =>
  (draw, shape) =>
    draw.distinct(shape, phase);
const bools: One = (draw, shape) => draw.bools(shape);

const reducing = (one: One, spelling: 'axis' | 'reductionIndices' = 'axis', empty = true, options: Options = {}): KernelExamples => ({
  ...options,
  make: (draw) => [
    { inputs: [one(draw, [2, 3, 2])], attrs: { [spelling]: [1], keepDims: false } },
    { inputs: [one(draw, [2, 3])], attrs: { [spelling]: [0, 1], keepDims: false } },
    { inputs: [one(draw, [4])], attrs: { [spelling]: [0], keepDims: false } },
    { inputs: [one(draw, [])], attrs: { [spelling]: [], keepDims: false } },
    ...(empty ? [{ inputs: [one(draw, [2, 0])], attrs: { [spelling]: [1], keepDims: false } }] : []),
    { inputs: [one(draw, [0, 2])], attrs: { [spelling]: [1], keepDims: false } },
  ],
});

const cumulating = (count: number): KernelExamples => ({
  make: (draw) =>
    [false, true].flatMap((reverse) =>
      [false, true].flatMap((exclusive): Example[] => [
        { inputs: Array.from({ length: count }, () => draw.away([2, 4, 2])), attrs: { axis: 1, exclusive, reverse } },
        { inputs: Array.from({ length: count }, () => draw.away([3])), attrs: { axis: 0, exclusive, reverse } },
      ]),
    ),
});

const cases = (make: KernelExamples['make'], options: Options = {}): KernelExamples => ({ ...options, make });

const wholeNumbers = (values: readonly number[], shape: Shape): NDArray => makeNDArray(Float64Array.from(values), shape, 'int32');

const elementary: Readonly<Record<string, KernelExamples>> = {
  Add: binary(reals, reals),
  Sub: binary(reals, reals),
  Multiply: binary(reals, reals),
  MulNoNan: binary(nonzero, nonzero),
  RealDiv: binary(reals, nonzero),
  // 0.4 a + … over 1 … 1.2: no quotient near a whole number.
  FloorDiv: binary(
    (d, s) => d.uniform(s, 2.5, 2.9),
    (d, s) => d.uniform(s, 1, 1.2),
    { integers: false },
  ),
  Mod: binary(
    (d, s) => d.uniform(s, 2.5, 2.9),
    (d, s) => d.uniform(s, 1, 1.2),
    { integers: false },
  ),
  Pow: binary(positive, reals, { single: 3e-5 }),
  SquaredDifference: binary(reals, reals),
  Maximum: binary(apart(0), apart(0.5)),
  Minimum: binary(apart(0), apart(0.5)),
  Atan2: binary(nonzero, nonzero),
  Neg: away(),
  Abs: away(),
  Sign: away(),
  Square: away(),
  Floor: on(0.1, 0.9),
  Ceil: on(0.1, 0.9),
  Round: on(-0.4, 0.4),
  // Its gradient is that of the identity by intent.
  Fround: away({ gradient: 'other' }),
  ClipByValue: cases((d) => [
    { inputs: [d.distinct([3, 3])], attrs: { clipValueMin: -0.67, clipValueMax: 0.94 } },
    { inputs: [d.uniform([], -0.3, 0.3)], attrs: { clipValueMin: -0.67, clipValueMax: 0.94 } },
  ]),
  Select: cases((d) => [
    { inputs: [d.bools([2, 3]), d.away([2, 3]), d.away([2, 3])] },
    { inputs: [d.bools([3, 1]), d.away([2]), d.away([])] },
    { inputs: [d.bools([]), d.away([2, 1]), d.away([1, 3])] },
    { inputs: [d.bools([0, 2]), d.away([2]), d.away([])] },
  ]),
  Cast: cases((d) => [
    { inputs: [d.uniform([3], 0.6, 0.9)], attrs: { dtype: 'int32' } },
    { inputs: [d.away([2, 2])], attrs: { dtype: 'bool' } },
    { inputs: [d.away([3])], attrs: { dtype: 'float32' } },
    { inputs: [d.bools([3])], attrs: { dtype: 'float32' } },
    { inputs: [d.integers([3], -4, 4)], attrs: { dtype: 'bool' } },
  ]),
  Identity: away(),
  StopGradient: away({ gradient: 'other' }),
  CustomGradient: cases(
    (d) => {
      const pull = (dy: AnyArray, [x]: readonly AnyArray[]): readonly AnyArray[] => [ops.mul(ops.sum(dy), ops.square(x!))];
      return [
        { inputs: [d.away([3]), d.away([2, 2])], attrs: ownGradient(pull) },
        { inputs: [d.away([]), d.away([3])], attrs: ownGradient(pull) },
      ];
    },
    { gradient: 'other', integers: false },
  ),
  ...Object.fromEntries(['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'].map((name) => [name, binary(apart(0), apart(0.5))])),
  ...Object.fromEntries(['LogicalAnd', 'LogicalOr', 'LogicalXor'].map((name) => [name, binary(bools, bools)])),
  LogicalNot: unary(bools),
  IsNan: away(),
  IsInf: away(),
  IsFinite: away(),
  Exp: on(-2, 2),
  Expm1: on(-2, 2),
  Log: on(0.2, 3),
  Log1p: on(-0.8, 3),
  Sqrt: on(0.2, 3),
  Rsqrt: on(0.2, 3),
  Reciprocal: away(),
  Sigmoid: on(-4, 4),
  Softplus: on(-4, 4),
  Tanh: on(-2, 2),
  Relu: away(),
  Elu: away(),
  LeakyRelu: cases((d) => [{ inputs: [d.away([3, 2])], attrs: { alpha: 0.3 } }]),
  Step: cases((d) => [{ inputs: [d.away([3, 2])], attrs: { alpha: 0.3 } }]),
  Sin: on(-4, 4),
  Cos: on(-4, 4),
  Tan: on(-1.2, 1.2),
  Asin: on(-0.8, 0.8),
  Acos: on(-0.8, 0.8),
  Atan: on(-3, 3),
  Sinh: on(-2, 2),
  Cosh: on(-2, 2),
  Asinh: on(-3, 3),
  Acosh: on(1.3, 4),
  Atanh: on(-0.8, 0.8),
};

/** Variates of one key, of one element, and of a batch of keys. Their derivative is that at a fixed quantile, not of the rejections: randomVariates.test.ts. */
const drawing = (parameters: (d: Draw, shape: Shape) => readonly NDArray[], options: Options = {}): KernelExamples =>
  cases(
    (d) =>
      [
        { keys: [2], shape: [3, 2] },
        { keys: [2], shape: [] },
        { keys: [3, 2], shape: [3, 4] },
      ].map(({ keys, shape }) => ({ inputs: [d.integers(keys, -1e9, 1e9), ...parameters(d, shape)] })),
    { gradient: 'other', integers: false, ...options },
  );

const angle: One = (d, shape) => d.uniform(shape, -3, 3);

const special: Readonly<Record<string, KernelExamples>> = {
  Erf: on(-2, 2),
  Erfc: on(-2, 2),
  Erfinv: on(-0.9, 0.9),
  Ndtri: on(0.05, 0.95),
  LogNdtr: on(-6, 3),
  Lgamma: on(0.2, 8),
  Digamma: on(0.3, 8),
  Polygamma: cases((d) => [0, 1, 2].map((n) => ({ inputs: [d.uniform([4], 0.5, 6)], attrs: { n } }))),
  GammaincDx: binary(positive, positive),
  GammaincDa: binary(positive, positive, { gradient: 'none', twice: false }),
  Gammainc: binary(positive, positive, { twice: false }),
  Gammaincc: binary(positive, positive, { twice: false }),
  GammaincInv: binary(positive, (d, s) => d.uniform(s, 0.1, 0.9), { twice: false, integers: false }),
  Lbeta: binary(positive, positive),
  ...Object.fromEntries(
    ['Betainc', 'BetaincInv', 'BetaincDa', 'BetaincDb', 'BetaincDx'].map((name) => [
      name,
      cases(
        (d) => [
          { inputs: [d.uniform([2, 3], 0.5, 4), d.uniform([3], 0.5, 4), d.uniform([2, 1], 0.1, 0.9)] },
          { inputs: [d.uniform([], 0.5, 4), d.uniform([], 0.5, 4), d.uniform([], 0.1, 0.9)] },
        ],
        { twice: name === 'BetaincDx' ? undefined : false, integers: false, gradient: name === 'BetaincDa' || name === 'BetaincDb' ? 'none' : 'derivative' },
      ),
    ]),
  ),
  Erfcx: on(-2, 3),
  ...Object.fromEntries(
    ['TrialExcess', 'LogTrials', 'TrialExponent'].map((name) => [
      name,
      cases(
        (d) => [
          { inputs: [d.uniform([2, 3], 0.5, 4), d.uniform([3], 0.5, 4), d.uniform([2, 1], 0.1, 0.9)] },
          { inputs: [d.uniform([], 0.5, 4), d.uniform([], 0.5, 4), d.uniform([], 0.1, 0.9)] },
        ],
        { integers: false },
      ),
    ]),
  ),
  LogPoissonPeak: on(0.3, 20),
  PoissonExponent: binary(positive, positive),
  LogGammaPeakDrop: binary((d, s) => d.uniform(s, 0.3, 20), positive),
  LogMinusDigammaDrop: binary((d, s) => d.uniform(s, 0.3, 20), positive),
  LogAddExp: binary(reals, reals),
  Xlogy: binary(reals, positive),
  Xlog1py: binary(reals, positive),
  BesselI0: on(0.3, 20),
  BesselI1: on(-16, 16),
  BesselI0e: away(),
  BesselI1e: away(),
  LogBesselI0: on(-20, 20),
  RandomGammaGrad: binary(positive, reals, { gradient: 'none', twice: false }),
  // Of single precision a tensor holds whole numbers below 2^24 only.
  ThreefryWord: cases((d) => [
    ...[0, 1].map((word) => ({ inputs: [d.integers([2], 0, 1e6), d.integers([2, 1], 0, 9), d.integers([3], 0, 1e6)], attrs: { word } })),
    { inputs: [d.integers([3, 2], 0, 1e6), d.integers([], 0, 9), d.integers([2, 1], 0, 1e6)], attrs: { word: 'xor' } },
    { inputs: [d.integers([2], 0, 1e6), d.integers([2, 1], 0, 9), d.integers([3], 0, 1e6)], attrs: { word: 'unit' } },
  ]),
  RandomLogGamma: drawing((d, shape) => [d.uniform(shape, 0.5, 3)], { twice: false }),
  RandomPoisson: drawing((d, shape) => [d.uniform(shape, 0.5, 40)]),
  RandomBinomial: drawing((d, shape) => [d.integers(shape, 1, 100), d.uniform(shape, 0.05, 0.95)]),
  RandomVonMises: drawing((d, shape) => [d.uniform(shape, 0, 9)], { twice: false }),
  RandomVonMisesGrad: binary(positive, angle, { gradient: 'none', twice: false }),
  VonMisesDensity: binary(positive, angle),
  VonMisesCdf: binary(positive, angle, { twice: false }),
};

const reductions: Readonly<Record<string, KernelExamples>> = {
  Sum: reducing(nonzero),
  Mean: reducing(nonzero, 'axis', false),
  Prod: reducing(nonzero),
  Max: reducing(apart(0), 'reductionIndices', false),
  Min: reducing(apart(0), 'axis', false),
  All: reducing(bools),
  Any: reducing(bools),
  ...Object.fromEntries(
    ['ArgMax', 'ArgMin'].map((name) => [
      name,
      cases((d) => [
        { inputs: [d.distinct([2, 3, 2])], attrs: { axis: 1 } },
        { inputs: [d.distinct([4])], attrs: { axis: 0 } },
      ]),
    ]),
  ),
  ArgSort: cases((d) =>
    [false, true].flatMap((descending) => [
      { inputs: [d.distinct([2, 5, 3])], attrs: { axis: 1, descending } },
      { inputs: [d.distinct([7])], attrs: { axis: 0, descending } },
      { inputs: [d.distinct([3, 1])], attrs: { axis: -1, descending } },
      { inputs: [d.distinct([2, 0])], attrs: { axis: 1, descending } },
    ]),
  ),
  Cumsum: cumulating(1),
  Cumprod: cumulating(1),
  LinearRecurrence: cumulating(2),
};

const layout: Readonly<Record<string, KernelExamples>> = {
  Reshape: cases((d) => [
    { inputs: [d.away([2, 3])], attrs: { shape: [3, 1, 2] } },
    { inputs: [d.away([])], attrs: { shape: [1, 1] } },
    { inputs: [d.away([0, 3])], attrs: { shape: [2, 0] } },
  ]),
  ExpandDims: cases((d) => [{ inputs: [d.away([2, 3])], attrs: { dim: 1 } }]),
  Transpose: cases((d) => [
    { inputs: [d.away([2, 3, 4])], attrs: { perm: [2, 0, 1] } },
    { inputs: [d.away([0, 3])], attrs: { perm: [1, 0] } },
  ]),
  Slice: cases((d) => [
    { inputs: [d.away([3, 4])], attrs: { begin: [1, 0], size: [2, 3] } },
    { inputs: [d.away([4])], attrs: { begin: [1], size: [0] } },
  ]),
  PadV2: cases((d) => [
    {
      inputs: [d.away([2, 3])],
      attrs: {
        paddings: [
          [1, 0],
          [2, 1],
        ],
        constantValue: 1,
      },
    },
    { inputs: [d.away([2])], attrs: { paddings: [[1, 2]], constantValue: 0 } },
  ]),
  Tile: cases((d) => [
    { inputs: [d.away([2, 1, 3])], attrs: { reps: [2, 3, 1] } },
    { inputs: [d.away([2])], attrs: { reps: [3] } },
  ]),
  Reverse: cases((d) => [{ inputs: [d.away([2, 3, 2])], attrs: { dims: [0, 2] } }]),
  Concat: cases((d) => [
    { inputs: [d.away([2, 3]), d.away([2, 1]), d.away([2, 2])], attrs: { axis: 1 } },
    { inputs: [d.away([2]), d.away([0]), d.away([3])], attrs: { axis: 0 } },
  ]),
  Pack: cases((d) => [
    { inputs: [d.away([2, 3]), d.away([2, 3])], attrs: { axis: 1 } },
    { inputs: [d.away([]), d.away([]), d.away([])], attrs: { axis: 0 } },
  ]),
  GatherV2: cases((d) => [
    { inputs: [d.away([3, 4, 2]), wholeNumbers([2, 0, 2, 1], [2, 2])], attrs: { axis: 1, batchDims: 0 } },
    { inputs: [d.away([4]), d.integers([5], 0, 4)], attrs: { axis: 0, batchDims: 0 } },
    { inputs: [d.away([3, 2]), d.integers([], 0, 3)], attrs: { axis: 0, batchDims: 0 } },
  ]),
  UnsortedSegmentSum: cases((d) => [{ inputs: [d.away([4, 2]), wholeNumbers([1, 0, 1, 2], [4])], attrs: { numSegments: 4 } }]),
  OneHot: cases((d) => [{ inputs: [d.integers([2, 2], 0, 3)], attrs: { depth: 3, onValue: 2, offValue: -1, dtype: 'float32' } }]),
};

/** Every kernel has an entry: a new one fails the test until it has. */
export const kernelExamples: Readonly<Record<string, KernelExamples>> = { ...elementary, ...special, ...reductions, ...layout, ...linalgExamples };
