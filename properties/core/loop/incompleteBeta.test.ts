/** Laws of the beta family and of the quantiles as code: what core/special computes, and what mpmath does. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScalarFunction } from '../../../core/loop/expression.ts';
import { betaExcess, betaExponent } from '../../../core/loop/functions/betaExponent.ts';
import { betainc, betaincDa, betaincDb, betaTail } from '../../../core/loop/functions/betainc.ts';
import { betaLead } from '../../../core/loop/functions/betaLead.ts';
import { betaincInv, gammaincInv } from '../../../core/loop/functions/incompleteInverse.ts';
import { lbeta } from '../../../core/loop/functions/lbeta.ts';
import { lgamma1p } from '../../../core/loop/functions/lgamma.ts';
import { log1pmx, poissonExponent } from '../../../core/loop/functions/log1pmx.ts';
import * as stirling from '../../../core/loop/functions/stirling.ts';
import { functionOf } from '../../../core/loop/interpret.ts';
import { makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as beta from '../../special/betainc.ts';
import * as uniform from '../../special/betaincUniform.ts';
import * as gamma from '../../special/gamma.ts';
import { gammainc } from '../../special/gammainc.ts';
import * as inverse from '../../special/igammaInverse.ts';
import * as deviance from '../../special/log1pmx.ts';
import * as series from '../../special/stirling.ts';
import { toTensor, type AnyArray } from '../../../core/value.ts';
import { compileGraph, instantiate } from '../../../transforms/jit/compile.ts';
import { record } from '../../../transforms/jit/record.ts';
import { laws } from '../../laws.ts';
import { reference } from '../../reference.ts';

type Real = (...args: number[]) => number;

/** How far a value may be from the expected one, given what it is and where. */
type Tolerance = (expected: number, args: readonly number[]) => number;

const EPSILON = 2 ** -52;
/** Below this a value is as good as 0. */
const TINY = 1e-290;

const differs = (actual: number, expected: number, tolerance: number): boolean =>
  !(Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= Math.max(tolerance, TINY));

/** The function as code is, within a tolerance, the one of core/special. */
const agrees = (fn: ScalarFunction, expected: Real, points: fc.Arbitrary<readonly number[]>, tolerance: Tolerance): void => {
  const code = functionOf(fn);
  const law = fc.property(fc.array(points, { minLength: 8, maxLength: 8 }), (all) => {
    for (const args of all) {
      const [actual, wanted] = [code(...args), expected(...args)];
      assert.ok(!differs(actual, wanted, tolerance(wanted, args)), `${fn.name}(${args.join(', ')}) is ${actual}, not ${wanted}`);
    }
  });
  fc.assert(law);
};

const relative =
  (ulps: number): Tolerance =>
  (expected) =>
    ulps * EPSILON * Math.abs(expected);
/** What is found through its logarithm loses as much as that is large. */
const throughLogarithm =
  (ulps: number): Tolerance =>
  (expected) =>
    ulps * EPSILON * Math.abs(expected) * (5 + Math.abs(Math.log(Math.abs(expected))));

/** Positive numbers spread evenly in their logarithm. */
const spread = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map((x) => Math.min(high, Math.max(low, Math.exp(x))));

const parameters = fc.oneof(spread(1e-8, 1e6), spread(0.1, 30), spread(30, 1e5));
const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** a, b, x: x anywhere, at either end, or within some deviations of the mean. */
const points = fc.tuple(parameters, parameters, fc.constantFrom('any', 'low', 'high', 'mean'), unit, spread(1e-12, 1)).map(([a, b, kind, u, small]) => {
  const mean = a / (a + b);
  const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const x = kind === 'any' ? u : kind === 'low' ? small : kind === 'high' ? 1 - small : mean + 24 * (u - 0.5) * deviation;
  return [a, b, Math.min(1, Math.max(0, x))];
});

/** Not so small that its last digits are lost. */
const probabilities = fc.oneof(
  unit.filter((p) => p === 0 || p > 1e-300),
  spread(1e-200, 1),
  spread(1e-12, 1).map((p) => 1 - p),
);

const edges = [0, -0, 5e-324, 1e-300, 1e-8, 0.3, 0.5, 1, 2, 10, 40, 1e5, 1e15, 1e150, 1e300, Infinity, NaN, -1, -Infinity];
const edgesOfUnit = [0, -0, 5e-324, 1e-300, 1e-8, 0.3, 0.5, 0.9, 1 - 1e-16, 1, 1.5, -0.5, NaN, Infinity];

/** Where core/special leaves the doubles on its way. */
const isBeyond = (fn: ScalarFunction, [a = NaN, b = NaN, p = NaN]: readonly number[]): boolean =>
  fn === betaincInv && ((a < 1e-7 && a === b) || (p > 0 && p < 1e-300));

const agreesAtEdges = (fn: ScalarFunction, expected: Real, ...domains: readonly (readonly number[])[]): void => {
  const code = functionOf(fn);
  const all = domains.reduce<readonly (readonly number[])[]>((before, domain) => before.flatMap((args) => domain.map((x) => [...args, x])), [[]]);
  for (const args of all) {
    if (isBeyond(fn, args)) continue;
    const [actual, wanted] = [code(...args), expected(...args)];
    const tolerance = 1e-11 * Math.max(Math.abs(wanted), fn === lbeta ? 1 : 0);
    assert.ok(!differs(actual, wanted, tolerance), `${fn.name}(${args.join(', ')}) is ${actual}, not ${wanted}`);
  }
};

interface Case {
  readonly fn: string;
  readonly args: readonly number[];
  readonly value: number;
}

const values = (x: readonly number[]): NDArray => makeNDArray(Float64Array.from(x), [x.length]);

/** One kernel, compiled, against what it gives eagerly. */
const compiles = (name: string, f: (...args: readonly AnyArray[]) => AnyArray, all: readonly (readonly number[])[]): void => {
  const inputs = all[0]!.map((_, k) => values(all.map((args) => args[k]!)));
  const graph = record(
    (args) => [toTensor(f(...args))],
    inputs.map(({ shape }) => ({ shape, dtype: 'float' })),
  );
  const instance = instantiate(compileGraph(graph));
  instance.inputs.forEach((write, k) => write?.(inputs[k]!.data));
  instance.run();
  const expected = f(...inputs) as NDArray;
  instance.outputs()[0]!.data.forEach((actual, i) => {
    const wanted = expected.data[i]!;
    assert.ok(
      !differs(actual, wanted, 1e-11 * Math.max(Math.abs(wanted), name === 'lbeta' ? 1 : 0)),
      `${name}(${all[i]!.join(', ')}) is ${actual} compiled, not ${wanted}`,
    );
  });
};

laws('incomplete beta functions as code', {
  'they agree with mpmath': () => {
    const known: Readonly<Record<string, ScalarFunction>> = { betaln: lbeta, betainc, betainc_da: betaincDa, betainc_db: betaincDb };
    for (const { fn, args, value } of reference<{ readonly cases: readonly Case[] }>('special.json')?.cases ?? []) {
      const code = known[fn];
      if (code === undefined) continue;
      const actual = functionOf(code)(...args);
      assert.ok(!differs(actual, value, 1e-12 * Math.abs(value)), `${fn}(${args.join(', ')}) is ${actual}, not ${value}`);
    }
  },
  'log(1 + u) − u and the deviance': () => {
    const signed = fc.tuple(spread(1e-12, 0.99), fc.boolean()).map(([u, isBelow]) => [isBelow ? -u : u]);
    agrees(log1pmx, deviance.log1pmx, signed, relative(6));
    agrees(
      poissonExponent,
      deviance.poissonExponent,
      fc.tuple(parameters, spread(0.01, 100)).map(([a, ratio]) => [a, a * ratio]),
      relative(10),
    );
  },
  "Stirling's series and the differences of log Γ and ψ": () => {
    const large = spread(10, 1e8).map((x) => [x]);
    agrees(stirling.stirlingCorrection, series.stirlingCorrection, large, relative(4));
    agrees(stirling.stirlingCorrectionSlope, series.stirlingCorrectionSlope, large, relative(4));
    agrees(stirling.stirlingCorrectionDrop, series.stirlingCorrectionDrop, fc.tuple(spread(10, 1e8), spread(1e-10, 1e8)), relative(6));
    const pairs = fc.tuple(spread(1e-8, 1e8), spread(1e-10, 1e8));
    agrees(stirling.digammaDifference, series.digammaDifference, pairs, relative(10));
    // Proportional to a where a is small, with terms of either sign.
    agrees(stirling.lgammaDifference, series.lgammaDifference, pairs, (_, [b = NaN, a = NaN]) => {
      const first = b < 10 ? Math.log1p(a / b) : 0;
      return 10 * EPSILON * (first + Math.min(1, a) + a * Math.log(b + a + 11));
    });
    agrees(
      lgamma1p,
      gamma.lgamma1p,
      spread(1e-12, 1e8).map((z) => [z]),
      // core/special loses up to a unit of 1 beside the zero at 1.
      (expected, [z = NaN]) => 8 * EPSILON * Math.max(Math.abs(expected), Math.abs(z - 1) < 0.5 ? 0.1 : 0),
    );
  },
  'where x stands against the mean': () => {
    const code = functionOf(betaExcess);
    const inner = points.filter(([a = NaN, b = NaN, x = NaN]) => a >= 10 && b >= 10 && x > 1e-3 && x < 1 - 1e-3);
    agrees(
      betaExcess,
      uniform.betaExcess,
      inner.map(([a, b, x]) => [a!, b!, x!, 1 - x!]),
      relative(4),
    );
    agrees(
      betaExponent,
      (a, b, x, y) => uniform.betaExponent(a, b, x, y).exponent,
      inner.map(([a, b, x]) => [a!, b!, x!, 1 - x!, code(a!, b!, x!, 1 - x!)]),
      relative(10),
    );
  },
  'log B(a, b)': () => {
    const bounded: Tolerance = (expected) => 8 * EPSILON * Math.max(1, Math.abs(expected));
    agrees(lbeta, gamma.lbeta, fc.tuple(parameters, parameters), bounded);
    agrees(lbeta, gamma.lbeta, fc.tuple(spread(1e-8, 1e100), spread(1e-8, 1e100)), bounded);
    agreesAtEdges(lbeta, gamma.lbeta, edges, edges);
  },
  'I_x(a, b), both tails, and what they begin with': () => {
    agrees(betainc, beta.betainc, points, throughLogarithm(8));
    const pairs = points.map(([a, b, x]) => [a!, b!, x!, 1 - x!]);
    agrees(
      betaTail,
      (a, b, x, y, isUpper) => beta.betaRatios(a, b, x, y)[isUpper === 1 ? 'upper' : 'lower'],
      fc.tuple(pairs, fc.nat(1)).map(([p, s]) => [...p, s]),
      throughLogarithm(8),
    );
    agrees(
      betaLead,
      beta.betaScale,
      pairs.filter(([, , x, y]) => x! > 0 && y! > 0),
      throughLogarithm(8),
    );
  },
  'the derivatives of I_x(a, b) in a and in b': () => {
    agrees(betaincDa, beta.betaincDa, points, throughLogarithm(8));
    agrees(betaincDb, beta.betaincDb, points, throughLogarithm(8));
  },
  'one tail is the other seen from the other end': () => {
    const code = functionOf(betaTail);
    fc.assert(
      fc.property(points, ([a, b, x]) => {
        const [lower, upper] = [code(a!, b!, x!, 1 - x!, 0), code(a!, b!, x!, 1 - x!, 1)];
        assert.ok(Math.abs(lower + upper - 1) <= 4 * EPSILON);
        assert.ok(Math.abs(code(b!, a!, 1 - x!, x!, 1) - lower) <= 1e-13 * lower);
      }),
    );
  },
  'edges of I and of its derivatives': () => {
    agreesAtEdges(betainc, beta.betainc, edges, edges, edgesOfUnit);
    agreesAtEdges(betaincDa, beta.betaincDa, edges, edges, edgesOfUnit);
    agreesAtEdges(betaincDb, beta.betaincDb, edges, edges, edgesOfUnit);
  },
  'the quantile of the beta distribution': () => {
    const condition: Tolerance = (x, [a = NaN, , p = NaN]) => 1e-14 * x * Math.max(1, 1 / a) * (1 + 0.1 * Math.abs(Math.log(p)));
    const triples = fc.tuple(parameters, parameters, probabilities);
    agrees(betaincInv, inverse.betaincInv, triples, condition);
    const fewer = edges.filter((x) => !(x > 1e5 && x < Infinity));
    agreesAtEdges(betaincInv, inverse.betaincInv, fewer, fewer, edgesOfUnit);
  },
  'the quantile of the gamma distribution': () => {
    agrees(gammaincInv, inverse.gammaincInv, fc.tuple(parameters, probabilities), (x, [a = NaN]) => 2e-14 * x * Math.max(1, 1 / a));
    agreesAtEdges(gammaincInv, inverse.gammaincInv, edges, edgesOfUnit);
    const code = functionOf(gammaincInv);
    fc.assert(
      fc.property(spread(0.1, 1e5), fc.double({ min: 1e-3, max: 1 - 1e-3, noNaN: true }), (a, p) => {
        assert.ok(Math.abs(gammainc(a, code(a, p)) - p) < 1e-12 * Math.sqrt(1 + a));
      }),
    );
  },
  'each of their kernels compiles': () => {
    fc.assert(
      fc.property(fc.array(points, { minLength: 5, maxLength: 5 }), (all) => {
        compiles('betainc', (a, b, x) => ops.betainc(a, b, x), all);
        compiles('betaincDa', (a, b, x) => ops.betaincDa(a, b, x), all);
        compiles('betaincDb', (a, b, x) => ops.betaincDb(a, b, x), all);
        compiles(
          'lbeta',
          (a, b) => ops.lbeta(a, b),
          all.map((args) => args.slice(0, 2)),
        );
        const sound = all.map(([a, b, x]) => [Math.max(a!, 0.1), Math.max(b!, 0.1), Math.min(Math.max(x!, 1e-6), 1 - 1e-6)]);
        compiles('betaincInv', (a, b, p) => ops.betaincInv(a, b, p), sound);
        compiles(
          'gammaincInv',
          (a, p) => ops.gammaincInv(a, p),
          sound.map(([a, , p]) => [a!, p!]),
        );
      }),
      { numRuns: 10 },
    );
  },
});
