/** Values within nested loops: each expression is computed in the outermost loop on which it depends, for one vector or for all vectors of a tile of rows. */
import { operandsOf, partsOf, walk, type Axis, type Expr, type ScalarFunction } from '../../core/loop/expression.ts';
import { op, simd, type as types } from './assembler.ts';
import { addTree, countedLoop, get, i32, LANES, loadSplat, memarg, memargSingle, pushAddress, set, vector, zeros, type Local } from './code.ts';
import { addressOf, offsetOf, scaleOf, strideOf } from './nestAddress.ts';
import { evaluate, siblingValues } from './scalarCode.ts';
import { isOfRows, scopeOf, within, type Nest } from './scope.ts';
import { computeSingle, isSingleSum, LONGEST_SINGLE_SUM, prepareSingle, widened } from './single.ts';

const emitLoad = (nest: Nest, e: Expr & { readonly op: 'load' }, v: number): Local => {
  const { code } = nest.program;
  const own = nest.program.placeOf(e.buffer);
  const { begin, isTiled, isSingle = false } = own;
  const rowStride = nest.rows === undefined ? 0 : strideOf(e.index, nest.rows.axis);
  const scale = scaleOf(own);
  const place = addressOf(nest, e.index, scale);
  const offset = begin + offsetOf(nest, e.index, scale);
  const size = isSingle ? 4 : 8;
  const local = code.local(types.v128);
  // An address that counts down is below zero before the offset is added, which the instruction would not take.
  const countsDown = e.index.terms.some(({ stride }) => stride < 0);
  const read = (opcode: number, bytes: number): void => {
    const isLane = opcode === simd.load64Lane || opcode === simd.load32Lane;
    pushAddress(code, place);
    if (countsDown) {
      i32(code, bytes);
      code.bytes.byte(op.i32Add);
    }
    if (isLane) get(code, local);
    vector(code, opcode);
    (opcode === simd.load32Splat || opcode === simd.load32Lane ? memargSingle : memarg)(code, countsDown ? 0 : bytes);
    if (isLane) code.bytes.byte(1);
  };
  const splat = isSingle ? simd.load32Splat : simd.load64Splat;
  if (rowStride === 0) read(splat, offset);
  else if (rowStride === 1 || isTiled) read(isSingle ? simd.load64Zero : simd.load, offset + LANES * size * v);
  else {
    const least = offset + LANES * size * v * rowStride;
    read(splat, least);
    const isCut = nest.rows!.mask !== undefined && v === nest.rows!.vectors - 1;
    if (!isCut) {
      set(code, local);
      read(isSingle ? simd.load32Lane : simd.load64Lane, least + size * rowStride);
    }
  }
  if (isSingle) vector(code, simd.promoteLow);
  set(code, local);
  return local;
};

/**
 * Reads, and drops, what a load of a matrix in tiles will find in the next tile: when a long pass reads a tile for the last time, the next is on
 * its way while there is arithmetic left to do. A row of a tile's columns is one line of the cache.
 */
export const touchNextTile = (nest: Nest, { buffer, index }: Expr & { readonly op: 'load' }): void => {
  const { code, placeOf } = nest.program;
  const place = placeOf(buffer);
  const scale = scaleOf(place);
  pushAddress(code, addressOf(nest, index, scale));
  code.bytes.byte(op.f64Load);
  memarg(code, place.begin + offsetOf(nest, index, scale) + 8 * scale.others * strideOf(index, nest.rows!.axis));
  code.bytes.byte(op.drop);
};

const lookup = (nest: Nest, e: Expr, v: number): Local | undefined => {
  if (e.op === 'ref' && nest.program.scalars.has(e.id)) return nest.program.scalars.get(e.id);
  const scope = scopeOf(nest, e);
  return isOfRows(nest, e) ? scope.own[v]!.get(e) : scope.shared.get(e);
};

const keep = (nest: Nest, e: Expr, v: number, local: Local): void => {
  const scope = scopeOf(nest, e);
  (isOfRows(nest, e) ? scope.own[v]! : scope.shared).set(e, local);
};

const reload = ({ program }: Nest, from: number): Local => {
  const { code } = program;
  const local = code.local(types.v128);
  loadSplat(code, undefined, from);
  set(code, local);
  return local;
};

/** Whether no loop is open: the rows of a short tile are none. */
const isStraight = ({ scopes, rows }: Nest): boolean => rows?.isLong !== true && scopes.every(({ axis }) => axis === undefined || axis === rows?.axis);

/** Computes a call for two vectors of the rows, `v` and the next, at once. */
const computePair = (nest: Nest, e: Expr, pair: readonly ScalarFunction[], v: number): void => {
  const both = [v, v + 1];
  const args = both.map((at) => operandsOf(e).map((part) => compute(nest, part, at))).flat();
  siblingValues(nest.program, pair, args).forEach((local, i) => keep(nest, e, both[i]!, local));
};

/** The local of an expression, for vector `v` of the rows; computes what it still needs. */
export const compute = (nest: Nest, root: Expr, v: number): Local => {
  const { program } = nest;
  const stack = [root];
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    if (lookup(nest, e, v) !== undefined) {
      stack.pop();
      continue;
    }
    const spilled = program.spilled.get(e.op === 'ref' ? e.id : e);
    if (spilled !== undefined) keep(nest, e, v, reload(nest, spilled));
    else if (e.op === 'load') keep(nest, e, v, emitLoad(nest, e, v));
    else if (e.op === 'sum') emitSum(nest, e);
    else {
      const waiting = operandsOf(e).filter((part) => lookup(nest, part, v) === undefined);
      if (waiting.length > 0) {
        stack.push(...waiting.reverse());
        continue;
      }
      const isUniform = nest.rows === undefined || !isOfRows(nest, e);
      if (!isUniform && e.op === 'call' && e.fn.pair !== undefined && nest.rows.vectors % 2 === 0) {
        computePair(nest, e, e.fn.pair, v - (v % 2));
        stack.pop();
        continue;
      }
      keep(
        nest,
        e,
        v,
        evaluate(
          { ...program, isUniform, isInLoop: program.isInLoop === true || (!isUniform && nest.rows?.isLong === true), isStraight: isStraight(nest) },
          e,
          new Map(),
          (part) => (part === e ? undefined : lookup(nest, part, v)),
        ),
      );
    }
    stack.pop();
  }
  return lookup(nest, root, v)!;
};

/** The locals of an expression, one for each vector of the rows. */
export const computeAll = (nest: Nest, e: Expr): readonly Local[] => Array.from({ length: nest.rows?.vectors ?? 1 }, (_, v) => compute(nest, e, v));

/** Computes, in the loops that are open, every part of some expressions that depends on no other. */
export const prepare = (nest: Nest, roots: readonly Expr[]): void => {
  const open = new Set(nest.scopes.map(({ axis }) => axis));
  const seen = new Set<Expr>();
  const stack = [...roots];
  while (stack.length > 0) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if ([...nest.program.axesOf(e)].every((axis) => open.has(axis))) computeAll(nest, e);
    else stack.push(...partsOf(e));
  }
};

/** Nodes of a body that is worth writing twice, so that half of the counting is saved. */
const SHORT = 16;

/** Computes before a loop what does not depend on its axis: values, and the parts of addresses. Gives how many nodes are left for within. */
const enter = (nest: Nest, axis: Axis, roots: readonly Expr[]): number => {
  prepare(nest, roots);
  let count = 0;
  walk(roots, (e) => {
    if (!nest.program.axesOf(e).has(axis) && e.op !== 'sum') return [];
    count += e.op === 'call' || e.op === 'sum' ? SHORT : 1;
    if (e.op === 'load') addressOf(nest, e.index, scaleOf(nest.program.placeOf(e.buffer)));
    return partsOf(e);
  });
  return count;
};

/** A loop over an axis. `body` writes one time, or two in one where it is short, for which it is given two nests; an odd last time comes after the loop. */
export const loopOver = (nest: Nest, axis: Axis, roots: readonly Expr[], body: (times: readonly Nest[]) => void): void => {
  const { code } = nest.program;
  const times = enter(nest, axis, roots) <= SHORT && axis.extent > 2 ? 2 : 1;
  const rest = axis.extent % times;
  const write = (counter: Local, count: number): void => {
    const addresses = new Map<string, Local>();
    body(Array.from({ length: count }, (_, shift) => within(nest, axis, counter, shift, addresses)));
  };
  const last = countedLoop(code, 8 * (axis.extent - rest), 8 * times, (counter) => write(counter, times));
  if (rest > 0) write(last, rest);
};

/** A sum for every row of a tile, added up in single precision, four rows at a time. */
const emitSingleSum = (nest: Nest, sum: Expr & { readonly op: 'sum' }): void => {
  const { code } = nest.program;
  const totals = Array.from({ length: nest.rows!.vectors / 2 }, () => zeros(code));
  prepareSingle(nest, sum.axis, [sum.body], compute);
  loopOver(nest, sum.axis, [sum.body], (times) =>
    totals.forEach((total, quad) => {
      const values = times.map((inner) => computeSingle(inner, sum.axis, sum.body, quad, compute));
      get(code, total);
      addTree(code, values, simd.addF32);
      vector(code, simd.addF32);
      set(code, total);
    }),
  );
  totals.forEach((total, quad) => widened(code, total).forEach((half, i) => keep(nest, sum, 2 * quad + i, half)));
};

const emitSum = (nest: Nest, sum: Expr & { readonly op: 'sum' }): void => {
  if (sum.axis.extent <= LONGEST_SINGLE_SUM && isSingleSum(nest, sum.axis, sum.body)) return emitSingleSum(nest, sum);
  const { code } = nest.program;
  const count = isOfRows(nest, sum) ? nest.rows!.vectors : 1;
  const totals = Array.from({ length: count }, () => zeros(code));
  loopOver(nest, sum.axis, [sum.body], (times) =>
    totals.forEach((total, v) => {
      const values = times.map((inner) => compute(inner, sum.body, v));
      get(code, total);
      // Added to each other first: the next time waits for one addition to the total only.
      addTree(code, values);
      vector(code, simd.add);
      set(code, total);
    }),
  );
  totals.forEach((total, v) => keep(nest, sum, v, total));
};
