/** The kernels of the incomplete gamma and beta functions and of their inverses. */
import { broadcastShapes } from '../shape.ts';
import { betainc, betaincDa, betaincDb } from '../special/betainc.ts';
import { gammainc, gammaincc, gammaincDa } from '../special/gammainc.ts';
import { betaincInv, gammaincInv } from '../special/igammaInverse.ts';
import { lbeta } from '../special/gamma.ts';
import type { AnyArray } from '../value.ts';
import { binary, eachBroadcast, unbroadcast } from './elementwise.ts';
import { kindlingError } from '../errors.ts';
import { defineKernel, type Kernel, type Vjp } from './kernel.ts';
import type * as Ops from '../ops/index.ts';

const noSecondDerivative = (name: string) => (): never => {
  throw kindlingError('Unsupported', { message: `the derivative of ${name} in its parameter can't be differentiated again` });
};

/** x^(a−1) e^(−x) / Γ(a), in logs so that nothing overflows on the way. */
const gammaDensity = (ops: typeof Ops, a: AnyArray, x: AnyArray): AnyArray => ops.exp(ops.sub(ops.sub(ops.mul(ops.sub(a, 1), ops.log(x)), x), ops.lgamma(a)));

export const GammaincDa: Kernel = binary('GammaincDa', gammaincDa, noSecondDerivative('gammainc'), 'float');
/** P(a, x), the regularised lower incomplete gamma function. */
export const Gammainc: Kernel = binary(
  'Gammainc',
  gammainc,
  (ops, dy, a, x) => [() => ops.mul(dy, ops.gammaincDa(a, x)), () => ops.mulNoNan(dy, gammaDensity(ops, a, x))],
  'float',
);
/** Q(a, x) = 1 − P(a, x), without cancellation. */
export const Gammaincc: Kernel = binary(
  'Gammaincc',
  gammaincc,
  (ops, dy, a, x) => [() => ops.neg(ops.mul(dy, ops.gammaincDa(a, x))), () => ops.neg(ops.mulNoNan(dy, gammaDensity(ops, a, x)))],
  'float',
);
/** The x with P(a, x) = p; its derivatives by the implicit function theorem. */
export const GammaincInv: Kernel = binary(
  'GammaincInv',
  gammaincInv,
  (ops, dy, a, _, x) => [
    () => ops.neg(ops.mulNoNan(dy, ops.div(ops.gammaincDa(a, x), gammaDensity(ops, a, x)))),
    () => ops.mulNoNan(dy, ops.reciprocal(gammaDensity(ops, a, x))),
  ],
  'float',
  true,
);

/** log B(a, b), accurate also where one argument is huge. */
export const Lbeta: Kernel = binary(
  'Lbeta',
  lbeta,
  (ops, dy, a, b) => [
    () => ops.mul(dy, ops.sub(ops.digamma(a), ops.digamma(ops.add(a, b)))),
    () => ops.mul(dy, ops.sub(ops.digamma(b), ops.digamma(ops.add(a, b)))),
  ],
  'float',
);

const ternary = (name: string, f: (a: number, b: number, x: number) => number, vjp: Vjp, savesOutput = false): Kernel =>
  defineKernel({
    name,
    inputs: ['a', 'b', 'x'],
    shape: ([a, b, x]) => ({ shape: broadcastShapes(a!.shape, b!.shape, x!.shape), dtype: 'float' }),
    cast: () => ['float', 'float', 'float'],
    run: (out, inputs) => {
      const [a, b, x] = [inputs[0]!, inputs[1]!, inputs[2]!];
      eachBroadcast(out.shape, [a.shape, b.shape, x.shape], (at, [i, j, k]) => (out.data[at] = f(a.data[i!]!, b.data[j!]!, x.data[k!]!)));
    },
    saves: { inputs: true, output: savesOutput },
    vjp,
  });

/** x^(a−1) (1−x)^(b−1) / B(a, b), in logs. */
const betaDensity = (ops: typeof Ops, a: AnyArray, b: AnyArray, x: AnyArray): AnyArray =>
  ops.exp(ops.sub(ops.add(ops.mul(ops.sub(a, 1), ops.log(x)), ops.mul(ops.sub(b, 1), ops.log1p(ops.neg(x)))), ops.lbeta(a, b)));

export const BetaincDa: Kernel = ternary('BetaincDa', betaincDa, noSecondDerivative('betainc'));
export const BetaincDb: Kernel = ternary('BetaincDb', betaincDb, noSecondDerivative('betainc'));
/** I_x(a, b), the regularised incomplete beta function. */
export const Betainc: Kernel = ternary('Betainc', betainc, (ops, { dy, inputs }) => {
  const [a, b, x] = [inputs[0]!, inputs[1]!, inputs[2]!];
  return [
    () => unbroadcast(ops, ops.mul(dy, ops.betaincDa(a, b, x)), a.shape),
    () => unbroadcast(ops, ops.mul(dy, ops.betaincDb(a, b, x)), b.shape),
    () => unbroadcast(ops, ops.mulNoNan(dy, betaDensity(ops, a, b, x)), x.shape),
  ];
});
/** The x with I_x(a, b) = p. */
export const BetaincInv: Kernel = ternary(
  'BetaincInv',
  betaincInv,
  (ops, { dy, inputs, output: x }) => {
    const [a, b, p] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const along = (): AnyArray => ops.mulNoNan(dy, ops.reciprocal(betaDensity(ops, a, b, x)));
    return [
      () => unbroadcast(ops, ops.neg(ops.mul(along(), ops.betaincDa(a, b, x))), a.shape),
      () => unbroadcast(ops, ops.neg(ops.mul(along(), ops.betaincDb(a, b, x))), b.shape),
      () => unbroadcast(ops, along(), p.shape),
    ];
  },
  true,
);
