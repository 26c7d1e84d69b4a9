/** How elementwise kernels compile: each as an expression of its operands. */
import type { Attrs } from '../../core/kernels/kernel.ts';
import { operandsOf, type Expr, type ScalarFunction } from '../../core/loop/expression.ts';
import * as F from '../../core/loop/functions/index.ts';
import { elu } from '../../core/loop/functions/elu.ts';
import { logAddExp } from '../../core/loop/functions/logAddExp.ts';
import { xlog1py, xlogy } from '../../core/loop/functions/xlogy.ts';
import { i0, i0e, i1, i1e, logI0 } from '../../core/loop/functions/bessel.ts';
import { betainc, betaincDa, betaincDb } from '../../core/loop/functions/betainc.ts';
import { betaincDx, gammaincDx } from '../../core/loop/functions/density.ts';
import { logPoissonPeak, poissonExponent } from '../../core/loop/functions/counts.ts';
import { logGammaPeakDrops, logMinusDigammaDrops, type Drop } from '../../core/loop/functions/drops.ts';
import { erfcx } from '../../core/loop/functions/erfcx.ts';
import { gammainc, gammaincc } from '../../core/loop/functions/gammainc.ts';
import { gammaincDa, logGammaVariateGrad } from '../../core/loop/functions/gammaincSlope.ts';
import { betaincInv, gammaincInv } from '../../core/loop/functions/incompleteInverse.ts';
import { atan2 } from '../../core/loop/functions/inverseTrigonometric.ts';
import { lbeta } from '../../core/loop/functions/lbeta.ts';
import { STIRLING_FROM } from '../../core/loop/functions/stirling.ts';
import { polygammaOfOrder } from '../../core/loop/functions/polygammaOfOrder.ts';
import { logTrials, trialExcess, trialExponent } from '../../core/loop/functions/trials.ts';
import { vonMisesCdf, vonMisesDensity, vonMisesVariateGrad } from '../../core/loop/functions/vonMises.ts';
import type { DType } from '../../core/value.ts';
import type { Builder } from './intern.ts';

/** `guarded` asks a product with a derivative for 0 where the first factor is 0. */
export type ElementwiseRule = (b: Builder, args: readonly Expr[], attrs: Attrs, guarded: boolean) => Expr;

const compare =
  (op: string): ElementwiseRule =>
  (b, [x, y]) =>
    b.node('select', 'f64', b.node(op, 'mask', x!, y!), b.constant(1), b.constant(0));

/** Truth values are the numbers 0 and 1; a selection tests them again, which the builder undoes. */
const asMask = (b: Builder, x: Expr): Expr =>
  x.op === 'select' && x.args[1].op === 'const' && x.args[1].value === 1 && x.args[2].op === 'const' && x.args[2].value === 0
    ? x.args[0]
    : b.node('ne', 'mask', x, b.constant(0));

const fromMask = (b: Builder, mask: Expr): Expr => b.node('select', 'f64', mask, b.constant(1), b.constant(0));

const logical =
  (op: string): ElementwiseRule =>
  (b, args) =>
    fromMask(b, b.node(op, 'mask', ...args.map((x) => asMask(b, x))));

/** Kernels whose rule may give −0 for integers, which have none. */
const SIGNED_ZEROS: ReadonlySet<string> = new Set(['Cast', 'Neg', 'Multiply', 'FloorDiv']);

/** What the rule of a kernel gives, as a value of its dtype. */
export const ofDType = (b: Builder, kernel: string, dtype: DType, x: Expr): Expr =>
  dtype === 'int32' && SIGNED_ZEROS.has(kernel) ? b.node('select', 'f64', b.node('eq', 'mask', x, b.constant(0)), b.constant(0), x) : x;

/** A kernel that is one function of its operands. */
const applied =
  (fn: ScalarFunction): ElementwiseRule =>
  (b, args) =>
    b.call(fn, ...args);

const isFinite = (x: Expr): boolean => x.op === 'const' && Number.isFinite(x.value);

/** Whether a selection only keeps a product from being 0 · ∞, which one with a finite number never is. */
const isFiniteProduct = ([mask, ifTrue, ifFalse]: readonly [Expr, Expr, Expr]): boolean => {
  if (ifFalse.op !== 'mul' || mask.op !== 'eq' || !isZero(mask.args[1]!) || !isZero(ifTrue)) return false;
  const [tested, factors] = [mask.args[0]!, ifFalse.args];
  return factors.includes(tested) && factors.some((factor) => factor !== tested && isFinite(factor));
};

const isZero = (x: Expr): boolean => x.op === 'const' && x.value === 0;

/**
 * A kernel whose function is short and calls others: its body in place of a call, so that what it calls is shared with the code around, and
 * computed in the lanes of loops.
 */
const written =
  (fn: ScalarFunction): ElementwiseRule =>
  (b, args) => {
    const known = new Map<Expr, Expr>();
    const rewrite = (e: Expr): Expr => {
      const found = known.get(e) ?? rewritten(e);
      known.set(e, found);
      return found;
    };
    const rewritten = (e: Expr): Expr => {
      if (e.op === 'param') return args[e.index]!;
      if (e.op === 'const') return b.constant(e.value);
      const parts = operandsOf(e).map(rewrite) as [Expr, Expr, Expr];
      if (e.op === 'select' && isFiniteProduct(parts)) return parts[2];
      if (e.op === 'call') return b.call(e.fn, ...parts);
      if (e.op === 'neg') return b.neg(parts[0]);
      return e.op === 'add' || e.op === 'sub' || e.op === 'mul' || e.op === 'div' ? b[e.op](parts[0], parts[1]) : b.node(e.op, e.type, ...parts);
    };
    return rewrite(fn.body);
  };

/** x · y, but 0 where x is 0: which a product with a finite number is anyhow. */
const productWith = (b: Builder, x: Expr, y: Expr): Expr =>
  y.op === 'const' && Number.isFinite(y.value) ? b.mul(x, y) : b.node('select', 'f64', b.node('eq', 'mask', x, b.constant(0)), b.constant(0), b.mul(x, y));

/** A difference of two terms, of which one that varies along no axis is computed once. */
const dropping =
  ({ term, elsewhere }: Drop): ElementwiseRule =>
  (b, [from, by]) => {
    const isPositive = b.node('and', 'mask', b.node('gt', 'mask', from!, b.constant(0)), b.node('gt', 'mask', by!, b.constant(0)));
    const isSmall = b.node('and', 'mask', isPositive, b.node('lt', 'mask', from!, b.constant(STIRLING_FROM)));
    return b.node('select', 'f64', isSmall, b.sub(b.call(term, from!), b.call(term, b.add(from!, by!))), b.call(elsewhere, from!, by!));
  };

export const elementwiseRules: Readonly<Record<string, ElementwiseRule>> = {
  Exp: applied(F.exp),
  Expm1: applied(F.expm1),
  Log: applied(F.log),
  Log1p: applied(F.log1p),
  Sigmoid: applied(F.sigmoid),
  Softplus: applied(F.softplus),
  Tanh: applied(F.tanh),
  Sin: applied(F.sin),
  Cos: applied(F.cos),
  Tan: applied(F.tan),
  Asin: applied(F.asin),
  Acos: applied(F.acos),
  Atan: applied(F.atan),
  Atan2: applied(atan2),
  Sinh: applied(F.sinh),
  Cosh: applied(F.cosh),
  Asinh: applied(F.asinh),
  Acosh: applied(F.acosh),
  Atanh: applied(F.atanh),
  Erf: applied(F.erf),
  Erfc: applied(F.erfc),
  Erfinv: applied(F.erfinv),
  Ndtri: applied(F.ndtri),
  LogNdtr: applied(F.logNdtr),
  Pow: applied(F.pow),
  Lgamma: applied(F.lgamma),
  Digamma: applied(F.digamma),
  Polygamma: (b, [x], { n }) => b.call(polygammaOfOrder(n as number), x!),
  Gammainc: applied(gammainc),
  Gammaincc: applied(gammaincc),
  GammaincDx: applied(gammaincDx),
  GammaincDa: applied(gammaincDa),
  GammaincInv: applied(gammaincInv),
  Lbeta: applied(lbeta),
  Betainc: applied(betainc),
  BetaincDx: applied(betaincDx),
  BetaincDa: applied(betaincDa),
  BetaincDb: applied(betaincDb),
  BetaincInv: applied(betaincInv),
  RandomGammaGrad: applied(logGammaVariateGrad),
  RandomVonMisesGrad: applied(vonMisesVariateGrad),
  VonMisesDensity: applied(vonMisesDensity),
  VonMisesCdf: applied(vonMisesCdf),
  Erfcx: applied(erfcx),
  LogPoissonPeak: applied(logPoissonPeak),
  PoissonExponent: applied(poissonExponent),
  LogGammaPeakDrop: dropping(logGammaPeakDrops),
  LogMinusDigammaDrop: dropping(logMinusDigammaDrops),
  TrialExcess: applied(trialExcess),
  LogTrials: applied(logTrials),
  TrialExponent: applied(trialExponent),
  LogAddExp: written(logAddExp),
  Xlogy: written(xlogy),
  Xlog1py: written(xlog1py),
  BesselI0: applied(i0),
  BesselI1: applied(i1),
  BesselI0e: applied(i0e),
  BesselI1e: applied(i1e),
  LogBesselI0: applied(logI0),
  Fround: applied(F.fround),

  Identity: (_, [x]) => x!,
  StopGradient: (_, [x]) => x!,
  Add: (b, [x, y]) => b.add(x!, y!),
  Sub: (b, [x, y]) => b.sub(x!, y!),
  Multiply: (b, [x, y]) => b.mul(x!, y!),
  RealDiv: (b, [x, y]) => b.div(x!, y!),
  Neg: (b, [x]) => b.neg(x!),
  Square: (b, [x]) => b.mul(x!, x!),
  Reciprocal: (b, [x]) => b.div(b.constant(1), x!),
  Sqrt: (b, [x]) => b.node('sqrt', 'f64', x!),
  Rsqrt: (b, [x]) => b.div(b.constant(1), b.node('sqrt', 'f64', x!)),
  Abs: (b, [x]) => b.node('abs', 'f64', x!),
  Floor: (b, [x]) => b.node('floor', 'f64', x!),
  Ceil: (b, [x]) => b.node('ceil', 'f64', x!),
  Round: (b, [x]) => b.node('nearest', 'f64', x!),
  Maximum: (b, [x, y]) => b.node('max', 'f64', x!, y!),
  Minimum: (b, [x, y]) => b.node('min', 'f64', x!, y!),
  MulNoNan: (b, [x, y], _, guarded) => (guarded ? productWith(b, x!, y!) : b.mul(x!, y!)),
  Equal: compare('eq'),
  NotEqual: compare('ne'),
  Less: compare('lt'),
  LessEqual: compare('le'),
  Greater: compare('gt'),
  GreaterEqual: compare('ge'),
  LogicalAnd: logical('and'),
  LogicalOr: logical('or'),
  LogicalXor: logical('xor'),
  LogicalNot: logical('not'),
  Sign: (b, [x]) => {
    const zero = b.constant(0);
    const below = b.node('select', 'f64', b.node('lt', 'mask', x!, zero), b.constant(-1), x!);
    return b.node('select', 'f64', b.node('gt', 'mask', x!, zero), b.constant(1), below);
  },
  SquaredDifference: (b, [x, y]) => b.mul(b.sub(x!, y!), b.sub(x!, y!)),
  FloorDiv: (b, [x, y]) => b.node('floor', 'f64', b.div(x!, y!)),
  Mod: (b, [x, y]) => b.sub(x!, b.mul(y!, b.node('floor', 'f64', b.div(x!, y!)))),
  Relu: (b, [x]) => b.node('select', 'f64', b.node('le', 'mask', x!, b.constant(0)), b.constant(0), x!),
  Elu: written(elu),
  Step: (b, [x], { alpha }) => {
    const rest = b.node('select', 'f64', b.node('eq', 'mask', x!, x!), b.constant((alpha as number | undefined) ?? 0), x!);
    return b.node('select', 'f64', b.node('gt', 'mask', x!, b.constant(0)), b.constant(1), rest);
  },
  LeakyRelu: (b, [x], { alpha }) => b.node('select', 'f64', b.node('ge', 'mask', x!, b.constant(0)), x!, b.mul(b.constant(alpha as number), x!)),
  ClipByValue: (b, [x], { clipValueMin, clipValueMax }) =>
    b.node('min', 'f64', b.node('max', 'f64', x!, b.constant(clipValueMin as number)), b.constant(clipValueMax as number)),
  Cast: (b, [x], { dtype }) => (dtype === 'bool' ? fromMask(b, asMask(b, x!)) : dtype === 'int32' ? b.node('trunc', 'f64', x!) : x!),
  IsFinite: (b, [x]) => fromMask(b, b.node('lt', 'mask', b.node('abs', 'f64', x!), b.constant(Infinity))),
  IsInf: (b, [x]) => fromMask(b, b.node('eq', 'mask', b.node('abs', 'f64', x!), b.constant(Infinity))),
  IsNan: (b, [x]) => fromMask(b, b.node('ne', 'mask', x!, x!)),
  Select: (b, [c, x, y]) => (x === y ? x! : b.node('select', 'f64', asMask(b, c!), x!, y!)),
};
