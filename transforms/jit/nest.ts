/** Values within nested loops: each expression is computed in the outermost loop on which it depends, for one vector or for all vectors of a tile of rows. */
import { operandsOf, partsOf, walk, type Axis, type Expr, type ScalarFunction } from '../../core/loop/expression.ts';
import { op, simd, type as types } from './assembler.ts';
import { addTree, countedLoop, get, i32, LANES, loadSplat, memarg, memargSingle, pushAddress, set, vector, zeros, type Local } from './code.ts';
import { addressOf, offsetOf, scaleOf, strideOf } from './nestAddress.ts';
import { evaluateNode, siblingValues } from './scalarCode.ts';
import { isOfRows, scopeOf, targetOf, within, type Nest } from './scope.ts';
import { emitShortSum, fence, isPlain, type ShortSum } from './shortSum.ts';
import { computeSingle, isSingleSum, LONGEST_SINGLE_SUM, prepareSingle, widened } from './single.ts';

type Sum = Expr & { readonly op: 'sum' };

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

/** Computes a call for two vectors of the rows, `v` and the next, at once. */
const computePair = (nest: Nest, e: Expr, pair: readonly ScalarFunction[], v: number): void => {
  const both = [v, v + 1];
  const args = both.map((at) => operandsOf(e).map((part) => compute(nest, part, at))).flat();
  siblingValues(nest.program, pair, args).forEach((local, i) => keep(nest, e, both[i]!, local));
};

/** How a sum that varies with the rows is written out, if it is. */
const shortSumOf = (nest: Nest, sum: Sum): ShortSum | undefined => {
  if (!isOfRows(nest, sum)) return undefined;
  const { sums } = nest.scopes.at(-1)!;
  const known = sums.get(sum);
  if (known !== undefined) return known;
  const times = writtenOut(nest, sum.axis, [sum.body]);
  if (times === undefined) return undefined;
  const made = { times, place: nest.program.reserve(16) };
  sums.set(sum, made);
  return made;
};

/** Computes a sum on the way to `root`, for vector `v` of the rows or for all. Gives the place of a fence that belongs after the root. */
const computeSum = (nest: Nest, root: Expr, sum: Sum, v: number): number | undefined => {
  if (sum.axis.extent <= LONGEST_SINGLE_SUM && isSingleSum(nest, sum.axis, sum.body)) {
    emitSingleSum(nest, sum);
    return undefined;
  }
  const short = shortSumOf(nest, sum);
  if (short === undefined) {
    emitSum(nest, sum);
    return undefined;
  }
  const emitFor = (at: number): Local => {
    const total = emitShortSum(nest, sum.body, short, at, compute);
    keep(nest, sum, at, total);
    return total;
  };
  if (isPlain(root)) {
    emitFor(v);
    return short.place;
  }
  for (let at = 0; at < nest.rows!.vectors; at++) if (lookup(nest, sum, at) === undefined) fence(nest, short.place, emitFor(at));
  return undefined;
};

/** The local of an expression, for vector `v` of the rows; computes what it still needs. A fence after it is what `store` writes, if that is given. */
export const compute = (nest: Nest, root: Expr, v: number, store?: (local: Local) => void): Local => {
  const { program } = nest;
  const stack = [root];
  let place: number | undefined;
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    if (lookup(nest, e, v) !== undefined) {
      stack.pop();
      continue;
    }
    const spilled = program.spilled.get(e.op === 'ref' ? e.id : e);
    if (spilled !== undefined) keep(nest, e, v, reload(nest, spilled));
    else if (e.op === 'load') keep(nest, e, v, emitLoad(nest, e, v));
    else if (e.op === 'sum') place = computeSum(nest, root, e, v) ?? place;
    else {
      const before = stack.length;
      const operands = operandsOf(e);
      for (let i = operands.length - 1; i >= 0; i--) if (lookup(nest, operands[i]!, v) === undefined) stack.push(operands[i]!);
      if (stack.length > before) continue;
      const isUniform = nest.rows === undefined || !isOfRows(nest, e);
      if (!isUniform && e.op === 'call' && e.fn.pair !== undefined && nest.rows.vectors % 2 === 0) {
        computePair(nest, e, e.fn.pair, v - (v % 2));
        stack.pop();
        continue;
      }
      const args = operands.map((part) => lookup(nest, part, v)!);
      keep(nest, e, v, evaluateNode(targetOf(nest, isUniform), e, args));
    }
    stack.pop();
  }
  const local = lookup(nest, root, v)!;
  if (place !== undefined) (store ?? ((value) => fence(nest, place, value)))(local);
  return local;
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

/** An axis of a tile's rows is written out up to this length, where its body has so few nodes: beyond, its values no longer fit the registers. */
const LONGEST_WRITTEN_OUT = 16;
const MOST_WRITTEN_OUT = 8;

/** The nodes of some bodies that are left for within a loop over an axis. */
const nodesWithin = ({ program }: Nest, axis: Axis, roots: readonly Expr[]): readonly Expr[] => {
  const found: Expr[] = [];
  walk(roots, (e) => {
    if (!program.axesOf(e).has(axis) && e.op !== 'sum') return [];
    found.push(e);
    return partsOf(e);
  });
  return found;
};

const weigh = (nodes: readonly Expr[]): number => nodes.reduce((sum, { op: kind }) => sum + (kind === 'call' || kind === 'sum' ? SHORT : 1), 0);

/** Computes before a loop what does not depend on its axis: values, and the parts of addresses. */
const enter = (nest: Nest, roots: readonly Expr[], inside: readonly Expr[]): void => {
  prepare(nest, roots);
  for (const e of inside) if (e.op === 'load') addressOf(nest, e.index, scaleOf(nest.program.placeOf(e.buffer)));
};

/** A loop over an axis. `body` writes one time, or two in one where it is short, for which it is given two nests; an odd last time comes after the loop. */
export const loopOver = (nest: Nest, axis: Axis, roots: readonly Expr[], body: (times: readonly Nest[]) => void): void => {
  const { code } = nest.program;
  const inside = nodesWithin(nest, axis, roots);
  enter(nest, roots, inside);
  const times = weigh(inside) <= SHORT && axis.extent > 2 ? 2 : 1;
  const rest = axis.extent % times;
  const write = (counter: Local, count: number): void => {
    const addresses = new Map<string, Local>();
    body(Array.from({ length: count }, (_, shift) => within(nest, axis, counter, shift, addresses)));
  };
  const last = countedLoop(code, 8 * (axis.extent - rest), 8 * times, (counter) => write(counter, times));
  if (rest > 0) write(last, rest);
};

/** A nest for every index of a short axis, whose bodies are written one after the other without a loop; nothing where a loop over it is better. */
export const writtenOut = (nest: Nest, axis: Axis, roots: readonly Expr[]): readonly Nest[] | undefined => {
  if (nest.rows?.isLong !== true || axis.extent > LONGEST_WRITTEN_OUT) return undefined;
  const inside = nodesWithin(nest, axis, roots);
  if (weigh(inside) > MOST_WRITTEN_OUT) return undefined;
  enter(nest, roots, inside);
  const addresses = new Map<string, Local>();
  return Array.from({ length: axis.extent }, (_, shift) => within(nest, axis, undefined, shift, addresses));
};

/** A sum for every row of a tile, added up in single precision, four rows at a time. */
const emitSingleSum = (nest: Nest, sum: Sum): void => {
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

const emitSum = (nest: Nest, sum: Sum): void => {
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
