/** The kernels of the incomplete gamma and beta functions and of their inverses. */
import { broadcastShapes } from '../shape.ts';
import { betainc, betaincDa, betaincDb } from '../loop/functions/betainc.ts';
import { betaincDx, gammaincDx } from '../loop/functions/density.ts';
import { gammainc, gammaincc } from '../loop/functions/gammainc.ts';
import { gammaincDa } from '../loop/functions/gammaincSlope.ts';
import { betaincInv, gammaincInv } from '../loop/functions/incompleteInverse.ts';
import { lbeta } from '../loop/functions/lbeta.ts';
import type { AnyArray } from '../value.ts';
import { binary, code, runCode, unbroadcast, type Code } from './elementwise.ts';
import { kindlingError } from '../errors.ts';
import { defineKernel, type Kernel, type Vjp } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

const noSecondDerivative = (name: string) => (): never => {
  throw kindlingError('Unsupported', { message: `the derivative of ${name} in its parameter can't be differentiated again in a parameter` });
};

/** x^(a−1) e^(−x) / Γ(a), which is ∂P/∂x. */
export const GammaincDx: Kernel = binary(
  'GammaincDx',
  code(gammaincDx),
  (ops, dy, a, x, density) => {
    const scaled = ops.mul(dy, density);
    return [() => ops.gradientProduct(scaled, ops.sub(ops.log(x), ops.digamma(a))), () => ops.gradientProduct(scaled, ops.sub(ops.div(ops.sub(a, 1), x), 1))];
  },
  'float',
  true,
);
/** ∂P/∂a. Its derivative in x is that of the density in a. */
export const GammaincDa: Kernel = binary(
  'GammaincDa',
  code(gammaincDa),
  (ops, dy, a, x) => [noSecondDerivative('gammainc'), () => ops.gradientProduct(ops.mul(dy, ops.gammaincDx(a, x)), ops.sub(ops.log(x), ops.digamma(a)))],
  'float',
);
/** P(a, x), the regularised lower incomplete gamma function. */
export const Gammainc: Kernel = binary(
  'Gammainc',
  code(gammainc),
  (ops, dy, a, x) => [() => ops.mul(dy, ops.gammaincDa(a, x)), () => ops.gradientProduct(dy, ops.gammaincDx(a, x))],
  'float',
);
/** Q(a, x) = 1 − P(a, x), without cancellation. */
export const Gammaincc: Kernel = binary(
  'Gammaincc',
  code(gammaincc),
  (ops, dy, a, x) => [() => ops.neg(ops.mul(dy, ops.gammaincDa(a, x))), () => ops.neg(ops.gradientProduct(dy, ops.gammaincDx(a, x)))],
  'float',
);
/** The x with P(a, x) = p; its derivatives by the implicit function theorem. */
export const GammaincInv: Kernel = binary(
  'GammaincInv',
  code(gammaincInv),
  (ops, dy, a, _, x) => [
    () => ops.neg(ops.gradientProduct(dy, ops.div(ops.gammaincDa(a, x), ops.gammaincDx(a, x)))),
    () => ops.gradientProduct(dy, ops.reciprocal(ops.gammaincDx(a, x))),
  ],
  'float',
  true,
);

/** log B(a, b), accurate also where one argument is huge. */
export const Lbeta: Kernel = binary(
  'Lbeta',
  code(lbeta),
  (ops, dy, a, b) => [
    () => ops.mul(dy, ops.sub(ops.digamma(a), ops.digamma(ops.add(a, b)))),
    () => ops.mul(dy, ops.sub(ops.digamma(b), ops.digamma(ops.add(a, b)))),
  ],
  'float',
);

/** Defines a kernel of three inputs that broadcast, computed element by element. */
export const ternary = (name: string, { code: of }: Code, vjp: Vjp, savesOutput = false): Kernel =>
  defineKernel({
    name,
    inputs: ['a', 'b', 'x'],
    shape: ([a, b, x]) => ({ shape: broadcastShapes(a!.shape, b!.shape, x!.shape), dtype: 'float' }),
    cast: () => ['float', 'float', 'float'],
    run: (out, inputs, attrs) => runCode(of(attrs), out, inputs),
    saves: { inputs: true, output: savesOutput },
    vjp,
  });

/** The derivative of the logarithm of the beta density in one parameter, from the logarithm of what it is the exponent of. */
const betaSlope = (ops: typeof Ops, logPart: AnyArray, own: AnyArray, other: AnyArray): AnyArray =>
  ops.add(logPart, ops.sub(ops.digamma(ops.add(own, other)), ops.digamma(own)));

const inA = (ops: typeof Ops, a: AnyArray, b: AnyArray, x: AnyArray): AnyArray => betaSlope(ops, ops.log(x), a, b);
const inB = (ops: typeof Ops, a: AnyArray, b: AnyArray, x: AnyArray): AnyArray => betaSlope(ops, ops.log1p(ops.neg(x)), b, a);

/** x^(a−1) (1−x)^(b−1) / B(a, b), which is ∂I/∂x. */
export const BetaincDx: Kernel = ternary(
  'BetaincDx',
  code(betaincDx),
  (ops, { dy, inputs, output }) => {
    const [a, b, x] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const scaled = ops.mul(dy, output);
    const slope = (): AnyArray => ops.sub(ops.div(ops.sub(a, 1), x), ops.div(ops.sub(b, 1), ops.sub(1, x)));
    return [
      () => unbroadcast(ops, ops.gradientProduct(scaled, inA(ops, a, b, x)), a.shape),
      () => unbroadcast(ops, ops.gradientProduct(scaled, inB(ops, a, b, x)), b.shape),
      () => unbroadcast(ops, ops.gradientProduct(scaled, slope()), x.shape),
    ];
  },
  true,
);

/** The derivative in a parameter, whose own derivative in x is that of the density in the parameter. */
const betaParameter = (name: string, f: Code, slope: typeof inA): Kernel =>
  ternary(name, f, (ops, { dy, inputs }) => {
    const [a, b, x] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const again = noSecondDerivative('betainc');
    return [again, again, () => unbroadcast(ops, ops.gradientProduct(ops.mul(dy, ops.betaincDx(a, b, x)), slope(ops, a, b, x)), x.shape)];
  });
export const BetaincDa: Kernel = betaParameter('BetaincDa', code(betaincDa), inA);
export const BetaincDb: Kernel = betaParameter('BetaincDb', code(betaincDb), inB);
/** I_x(a, b), the regularised incomplete beta function. */
export const Betainc: Kernel = ternary('Betainc', code(betainc), (ops, { dy, inputs }) => {
  const [a, b, x] = [inputs[0]!, inputs[1]!, inputs[2]!];
  return [
    () => unbroadcast(ops, ops.mul(dy, ops.betaincDa(a, b, x)), a.shape),
    () => unbroadcast(ops, ops.mul(dy, ops.betaincDb(a, b, x)), b.shape),
    () => unbroadcast(ops, ops.gradientProduct(dy, ops.betaincDx(a, b, x)), x.shape),
  ];
});
/** The x with I_x(a, b) = p. */
export const BetaincInv: Kernel = ternary(
  'BetaincInv',
  code(betaincInv),
  (ops, { dy, inputs, output: x }) => {
    const [a, b, p] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const along = (): AnyArray => ops.gradientProduct(dy, ops.reciprocal(ops.betaincDx(a, b, x)));
    return [
      () => unbroadcast(ops, ops.neg(ops.mul(along(), ops.betaincDa(a, b, x))), a.shape),
      () => unbroadcast(ops, ops.neg(ops.mul(along(), ops.betaincDb(a, b, x))), b.shape),
      () => unbroadcast(ops, along(), p.shape),
    ];
  },
  true,
);
