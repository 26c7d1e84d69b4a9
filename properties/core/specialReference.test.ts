/** Every case of reference/special.json by the names of ops: eager and compiled in double precision, and on tensors in single. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { gammaincc } from '../special/gammainc.ts';
import { toNDArray, toTensor, type AnyArray } from '../../core/value.ts';
import { grad } from '../../transforms/grad.ts';
import { laws } from '../laws.ts';
import { forEachEntry } from '../laws/numeric.ts';
import { compiled, recordAt } from '../laws/recorded.ts';
import { reference } from '../reference.ts';

interface Case {
  readonly fn: string;
  readonly args: readonly (number | readonly number[])[];
  readonly value: number;
}

type Call = (...args: readonly AnyArray[]) => AnyArray;

/** A function of the file as a call of ops on whole columns of arguments; `isStatic` where one argument is a plain number. */
interface Entry {
  readonly call: (...args: readonly AnyArray[]) => AnyArray;
  /** The call for a static argument of this value, which is not among the columns. */
  readonly of?: { readonly position: number; readonly call: (value: number) => Call };
}

const on = (call: Call): Entry => ({ call });
const withStatic = (position: number, call: (value: number) => Call): Entry => ({ call: call(0), of: { position, call } });
/** The derivative in one argument, of each element. */
const slope = (f: Call, position: number): Entry =>
  on((...args) => grad((x: AnyArray) => ops.sum(f(...args.map((arg, i) => (i === position ? x : arg)))))(args[position]!));

const entries: Readonly<Record<string, Entry>> = {
  lgamma: on(ops.lgamma),
  digamma: on(ops.digamma),
  polygamma: withStatic(0, (n) => (x) => ops.polygamma(n, x)),
  betaln: on(ops.betaln),
  multigammaln: withStatic(1, (d) => (a) => ops.multigammaln(a, d)),
  log_binomial: on(ops.logBinomial),
  erf: on(ops.erf),
  erfc: on(ops.erfc),
  erfcx: on(ops.erfcx),
  erfinv: on(ops.erfinv),
  ndtr: on(ops.ndtr),
  ndtri: on(ops.ndtri),
  log_ndtr: on(ops.logNdtr),
  gammainc: on(ops.gammainc),
  gammaincc: on(ops.gammaincc),
  gammainc_da: slope(ops.gammainc, 0),
  random_gamma_grad: on((a, x) => ops.mul(x, ops.randomGammaGrad(a, ops.log(x)))),
  betainc: on(ops.betainc),
  betainc_da: slope(ops.betainc, 0),
  betainc_db: slope(ops.betainc, 1),
  betainc_dx: slope(ops.betainc, 2),
  i0e: on(ops.i0e),
  i1e: on(ops.i1e),
  log_i0: on(ops.logI0),
  expm1: on(ops.expm1),
  log1p: on(ops.log1p),
  tanh: on(ops.tanh),
  sigmoid: on(ops.sigmoid),
  softplus: on(ops.softplus),
  softplus_inverse: on(ops.softplusInverse),
  log_sigmoid: on(ops.logSigmoid),
  log_cosh: on(ops.logCosh),
  // The file's is of log(1 − eˣ) for x < 0, that of ops (and JAX) of log(1 − e⁻ˣ) for x > 0.
  log1mexp: on((x) => ops.log1mExp(ops.neg(x))),
  logit: on(ops.logit),
  xlogy: on(ops.xlogy),
  xlog1py: on(ops.xlog1py),
};

/** The file's shape derivatives are differences taken at 60 digits, which lose the upper tail where Q is below 1e-30. */
const isLost = ({ fn, args: [a, x] }: Case): boolean => (fn === 'gammainc_da' || fn === 'random_gamma_grad') && gammaincc(a as number, x as number) < 1e-30;

const all = (reference<{ readonly cases: readonly Case[] }>('special.json')?.cases ?? []).filter((one) => !isLost(one));

/** Cases of one call, with the columns of their arguments. */
interface Group {
  readonly name: string;
  readonly call: Call;
  readonly cases: readonly Case[];
  readonly columns: readonly NDArray[];
}

const groupsOf = (fn: string, cases: readonly Case[]): readonly Group[] => {
  const { call, of } = entries[fn]!;
  const group = (name: string, own: Call, members: readonly Case[]): Group => ({
    name,
    call: own,
    cases: members,
    columns: members[0]!.args.flatMap((_, i) =>
      i === of?.position
        ? []
        : [
            makeNDArray(
              Float64Array.from(members, ({ args }) => args[i] as number),
              [members.length],
            ),
          ],
    ),
  });
  if (of === undefined) return cases.length === 0 ? [] : [group(fn, call, cases)];
  const values = [...new Set(cases.map(({ args }) => args[of.position] as number))];
  return values.map((value) =>
    group(
      `${fn} of ${value}`,
      of.call(value),
      cases.filter(({ args }) => args[of.position] === value),
    ),
  );
};

const isSingle = (x: number): boolean => Math.fround(x) === x || Number.isNaN(x);

const groups = (keep: (one: Case) => boolean = () => true): Readonly<Record<string, Group>> =>
  Object.fromEntries(
    Object.keys(entries)
      .flatMap((fn) =>
        groupsOf(
          fn,
          all.filter((one) => one.fn === fn && keep(one)),
        ),
      )
      .map((one) => [one.name, one]),
  );

const check = ({ name, cases }: Group, actual: NDArray, relative: number, absolute: number): void => {
  const wrong = cases.flatMap(({ args, value }, i) => {
    const x = actual.data[i]!;
    const isRight = Object.is(x, value) || x === value || Math.abs(x - value) <= relative * Math.abs(value) + absolute;
    return isRight ? [] : [`${name}(${args.join(', ')}) is ${x}, not ${value}: off by ${(Math.abs(x - value) / Math.abs(value)).toExponential(1)}`];
  });
  assert.deepEqual(wrong, []);
};

/** Of incomplete functions the arguments' exponents are large: the file allows 1e-9. */
const relativeOf = (name: string): number => (/inc|gamma_grad/.test(name) ? 1e-10 : 2e-13);

const sums = all.filter(({ fn }) => fn === 'logsumexp').map(({ args, value }) => ({ x: args[0] as readonly number[], value }));

laws('special.json', {
  'every function of the file is an operation': () =>
    assert.deepEqual(
      [...new Set(all.map(({ fn }) => fn))].filter((fn) => fn !== 'logsumexp' && entries[fn] === undefined),
      [],
    ),
  'eagerly, in double precision': () =>
    forEachEntry(groups(), (group, name) => check(group, toNDArray(group.call(...group.columns)), relativeOf(name), 1e-300)),
  'compiled, in double precision': () =>
    forEachEntry(groups(), (group, name) =>
      check(group, compiled(recordAt((...columns) => [group.call(...columns)], group.columns))[0]!, relativeOf(name), 1e-300),
    ),
  'eagerly, on tensors, where the arguments are of single precision': () =>
    forEachEntry(
      groups(({ args, value }) => [...args.flat(), Number.isFinite(value) ? Math.fround(value) : 1].every((x) => isSingle(x) && Number.isFinite(x))),
      (group) => tf.tidy(() => check(group, toNDArray(group.call(...group.columns.map((x) => toTensor(x)))), 2e-6, 1e-37)),
    ),
  'logAddExp is log(eᵃ + eᵇ), smooth where both are equal, and sends no NaN back from infinities': () => {
    const at = [1, 1, 2, -Infinity, -Infinity, Infinity, -1e20, 800, 0];
    const to = [1, 1.5, 1, -Infinity, 1, Infinity, 3.3, 1, 0];
    const [a, b] = [at, to].map((x) => makeNDArray(Float64Array.from(x), [x.length])) as [NDArray, NDArray];
    const slopeInA = (x: AnyArray, y: AnyArray): AnyArray => grad((t: AnyArray) => ops.sum(ops.logAddExp(t, y)))(x);
    const curve = (x: AnyArray, y: AnyArray): AnyArray => grad((t: AnyArray) => ops.sum(slopeInA(t, y)))(x);
    for (const [value, slope, second] of [
      [ops.logAddExp(a, b), slopeInA(a, b), curve(a, b)].map(toNDArray),
      compiled(recordAt((x, y) => [ops.logAddExp(x, y), slopeInA(x, y), curve(x, y)], [a, b])),
    ] as unknown as readonly (readonly [NDArray, NDArray, NDArray])[]) {
      at.forEach((x, i) => {
        const y = to[i]!;
        const larger = Math.max(x, y);
        const share = x === y && Math.abs(x) === Infinity ? 0 : 1 / (1 + Math.exp(y - x));
        const expected = x === y ? x + Math.LN2 : larger + Math.log1p(Math.exp(-Math.abs(x - y)));
        assert.ok(value.data[i] === expected || Math.abs(value.data[i]! - expected) <= 1e-15 * Math.abs(expected), `value at ${x}, ${y}: ${value.data[i]}`);
        assert.ok(Math.abs(slope.data[i]! - share) <= 1e-15, `slope at ${x}, ${y}: ${slope.data[i]}`);
        assert.ok(Math.abs(second.data[i]! - share * (1 - share)) <= 1e-15, `second derivative at ${x}, ${y}: ${second.data[i]}`);
      });
    }
  },
  logSumExp: () => {
    for (const { x, value } of sums) {
      const array = makeNDArray(Float64Array.from(x), [x.length]);
      for (const y of [toNDArray(ops.logSumExp(array)), compiled(recordAt((at) => [ops.logSumExp(at)], [array]))[0]!])
        assert.ok(
          Object.is(y.item(), value) || Math.abs(y.item() - value) <= 1e-14 * Math.abs(value),
          `logSumExp(${x.join(', ')}) is ${y.item()}, not ${value}`,
        );
    }
  },
});
