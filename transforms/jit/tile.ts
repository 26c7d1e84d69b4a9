/** The code of one tile of rows, a few vectors side by side: loads, inner sums in rolled loops, accumulations and stores. */
import { operandsOf, walk, type Axis, type Expr, type Memory } from '../../core/loop/expression.ts';
import type { Statement } from '../../core/loop/program.ts';
import { simd, type as types } from './assembler.ts';
import { addTree, address, countedLoop, get, LANES, memarg, pushAddress, set, vector, zeros, type Local } from './code.ts';
import { evaluate, type Leaf, type Target } from './scalarCode.ts';

/** Rows in a tile: four vectors of two lanes, which V8 keeps in registers beside what the inner loops need. */
export const TILE_ROWS = 8;

/** Where a memory begins, in bytes; and whether it is a matrix stored in tiles of rows, the rows of a tile side by side for each column. */
export interface Place {
  readonly begin: number;
  readonly isTiled: boolean;
}

/** A program while it is written: what its loops share. */
export interface ProgramCode extends Target {
  readonly placeOf: (memory: Memory) => Place;
  /** The axes on which an expression depends. */
  readonly axesOf: (e: Expr) => ReadonlySet<Axis>;
  /** The scalars that statements have named so far. */
  readonly scalars: Map<number, Local>;
  /** The values, so far, of expressions that depend on no axis. */
  readonly uniform: Map<Expr, Local>;
}

/** The rows of a tile. */
export interface Rows {
  readonly axis: Axis;
  /** Eight times the first row, or nothing for row 0. */
  readonly first: Local | undefined;
  readonly vectors: number;
  /** Over the lanes of the last vector, if the rows end within it. */
  readonly mask: Local | undefined;
}

/** A tile while it is written. */
interface Tile extends ProgramCode, Rows {
  /** For each vector, the values so far of expressions that depend on no other axis than the rows'. */
  readonly values: readonly Map<Expr, Local>[];
  /** The addresses so far, by what they are made of: loads that differ only in an offset share one. */
  readonly addresses: Map<string, Local | undefined>;
}

/** An axis that a loop within the tile runs over, with eight times its index. */
interface Inner {
  readonly axis: Axis;
  readonly counter: Local;
}

type Load = Expr & { op: 'load' };
type Sum = Expr & { op: 'sum' };
type Store = Statement & { kind: 'store' };

const loadAddress = ({ code, addresses, first }: Tile, rowStride: number, inner: Inner | undefined, innerStride: number): Local | undefined => {
  const key = `${inner?.counter ?? ''}:${rowStride}:${innerStride}`;
  if (!addresses.has(key)) {
    const rowTerms = first === undefined || rowStride === 0 ? [] : [[first, rowStride] as const];
    const innerTerms = inner === undefined || innerStride === 0 ? [] : [[inner.counter, innerStride] as const];
    addresses.set(key, address(code, [...rowTerms, ...innerTerms]));
  }
  return addresses.get(key);
};

const emitLoad = (tile: Tile, e: Load, v: number, inner: Inner | undefined): Local => {
  const { code } = tile;
  const strideOf = (axis: Axis): number => e.index.terms.filter((term) => term.axis === axis).reduce((sum, term) => sum + term.stride, 0);
  const { begin, isTiled } = tile.placeOf(e.buffer);
  const offset = begin + 8 * e.index.offset;
  const rowStride = strideOf(tile.axis);
  const innerStride = inner === undefined ? 0 : strideOf(inner.axis) * (isTiled ? TILE_ROWS : 1);
  const place = loadAddress(tile, rowStride, inner, innerStride);
  const local = code.local(types.v128);
  pushAddress(code, place);
  if (rowStride === 0) {
    vector(code, simd.load64Splat);
    memarg(code, offset);
  } else if (rowStride === 1 || isTiled) {
    vector(code, simd.load);
    memarg(code, offset + 16 * v);
  } else {
    vector(code, simd.load64Splat);
    memarg(code, offset + 16 * v * rowStride);
    set(code, local);
    pushAddress(code, place);
    get(code, local);
    vector(code, simd.load64Lane);
    memarg(code, offset + 16 * v * rowStride + 8 * rowStride);
    code.bytes.byte(1);
  }
  set(code, local);
  return local;
};

const rowLeaf =
  (tile: Tile, v: number): Leaf =>
  (e) => {
    const known = tile.uniform.get(e);
    if (known !== undefined) return known;
    if (e.op === 'ref') return tile.scalars.get(e.id);
    if (e.op !== 'load' || [...tile.axesOf(e)].some((axis) => axis !== tile.axis)) return undefined;
    const local = emitLoad(tile, e, v, undefined);
    tile.values[v]!.set(e, local);
    return local;
  };

/** Evaluates parts that vary with an inner axis, for all vectors: those that vary with it alone only once. */
const innerValues = (tile: Tile, inner: Inner, bodies: readonly Expr[]): readonly (readonly Local[])[] => {
  const shared = new Map<Expr, Local>();
  const own = tile.values.map(() => new Map<Expr, Local>());
  const leaf =
    (v: number): Leaf =>
    (e) => {
      const known = shared.get(e) ?? tile.values[v]!.get(e) ?? tile.uniform.get(e);
      if (known !== undefined) return known;
      if (e.op === 'ref') return tile.scalars.get(e.id);
      const isShared = !tile.axesOf(e).has(tile.axis);
      if (e.op === 'load') {
        const local = emitLoad(tile, e, v, inner);
        (isShared ? shared : own[v]!).set(e, local);
        return local;
      }
      if (!isShared || operandsOf(e).length === 0) return undefined;
      return evaluate(tile, e, shared, (part) => (part === e ? undefined : leaf(v)(part)));
    };
  return bodies.map((body) => tile.values.map((_, v) => evaluate(tile, body, own[v]!, leaf(v))));
};

/** A loop over an inner axis, within which `use` is given the values of some bodies, for each the locals of all vectors. */
const innerLoop = (tile: Tile, axis: Axis, bodies: readonly Expr[], use: (values: readonly (readonly Local[])[], counter: Local) => void): void => {
  for (const body of bodies) prepare(tile, body, axis);
  countedLoop(tile.code, 8 * axis.extent, 8, (counter) => use(innerValues(tile, { axis, counter }, bodies), counter));
};

/** Evaluates, for every vector, the parts of a body that do not vary with `inner`. */
const prepare = (tile: Tile, body: Expr, inner: Axis): void => {
  walk([body], (e) => {
    const axes = tile.axesOf(e);
    if (axes.has(inner)) return operandsOf(e);
    if (axes.size > 0) rowValue(tile, e);
    return [];
  });
};

/** The sums in an expression that are within no other. */
const sumsIn = (root: Expr): readonly Sum[] => {
  const found: Sum[] = [];
  walk([root], (e) => {
    if (e.op !== 'sum') return operandsOf(e);
    found.push(e);
    return [];
  });
  return found;
};

/** The locals of an expression of the rows, one for each vector. */
const rowValue = (tile: Tile, e: Expr): readonly Local[] => {
  for (const sum of sumsIn(e)) if (!tile.values[0]!.has(sum)) emitSum(tile, sum);
  return tile.values.map((values, v) => evaluate(tile, e, values, rowLeaf(tile, v)));
};

const emitSum = (tile: Tile, sum: Sum): void => {
  const { code } = tile;
  prepare(tile, sum.body, sum.axis);
  const totals = tile.values.map(() => zeros(code));
  countedLoop(code, 8 * sum.axis.extent, 8, (counter) => {
    const [values] = innerValues(tile, { axis: sum.axis, counter }, [sum.body]);
    values!.forEach((value, v) => {
      get(code, totals[v]!);
      get(code, value);
      vector(code, simd.add);
      set(code, totals[v]!);
    });
  });
  tile.values.forEach((values, v) => values.set(sum, totals[v]!));
};

/** Values with nothing in the lanes past the last row. */
const masked = ({ code, mask }: Tile, values: readonly Local[]): readonly Local[] => {
  if (mask === undefined) return values;
  const cut = code.local(types.v128);
  get(code, values.at(-1)!);
  get(code, mask);
  vector(code, simd.and);
  set(code, cut);
  return [...values.slice(0, -1), cut];
};

const accumulate = (tile: Tile, body: Expr, total: Local): void => {
  const { code } = tile;
  const contributions = masked(tile, rowValue(tile, body));
  get(code, total);
  addTree(code, contributions);
  vector(code, simd.add);
  set(code, total);
};

/** Stores values at an address: whole vectors where the rows lie side by side, else lane by lane. */
const storeVectors = (tile: Tile, { memory, index }: Store, stride: number, values: readonly Local[], place: Local | undefined): void => {
  const { code, mask, vectors } = tile;
  const begin = tile.placeOf(memory).begin + 8 * index.offset;
  values.forEach((value, v) => {
    const isCut = mask !== undefined && v === vectors - 1;
    if (stride === 1 && !isCut) {
      pushAddress(code, place);
      get(code, value);
      vector(code, simd.store);
      memarg(code, begin + 16 * v);
      return;
    }
    for (let lane = 0; lane < (isCut ? 1 : LANES); lane++) {
      pushAddress(code, place);
      get(code, value);
      vector(code, simd.store64Lane);
      memarg(code, begin + 8 * stride * (LANES * v + lane));
      code.bytes.byte(lane);
    }
  });
};

const emitStore = (tile: Tile, statement: Store): void => {
  const { terms } = statement.index;
  const { stride } = terms.find(({ axis }) => axis === tile.axis)!;
  const other = terms.find(({ axis }) => axis !== tile.axis);
  const own = tile.first === undefined ? [] : [[tile.first, stride] as const];
  if (other === undefined) {
    const values = rowValue(tile, statement.body);
    storeVectors(tile, statement, stride, values, address(tile.code, own));
    return;
  }
  innerLoop(tile, other.axis, [statement.body], ([values], counter) => {
    storeVectors(tile, statement, stride, values!, address(tile.code, [...own, [counter, other.stride]]));
  });
};

/** Adds the rows' contributions to sums along a free axis, of which each is a vector in memory: all sums along one axis in one loop. */
const accumulateAlong = (tile: Tile, free: Axis, sums: readonly (Statement & { kind: 'sumAlong' })[]): void => {
  const { code } = tile;
  const bodies = sums.map(({ body }) => body);
  innerLoop(tile, free, bodies, (values, counter) =>
    sums.forEach(({ memory, index }, k) => {
      const target = tile.placeOf(memory).begin + 16 * index.offset;
      const place = address(code, [[counter, 2]])!;
      get(code, place);
      get(code, place);
      vector(code, simd.load);
      memarg(code, target);
      addTree(code, masked(tile, values[k]!));
      vector(code, simd.add);
      vector(code, simd.store);
      memarg(code, target);
    }),
  );
};

/** The statements of a loop, for one tile of its rows: sums first, into their accumulators, then stores, then sums along another axis. */
export const emitTile = (program: ProgramCode, rows: Rows, statements: readonly Statement[], accumulators: ReadonlyMap<Statement, Local>): void => {
  const tile: Tile = { ...program, ...rows, values: Array.from({ length: rows.vectors }, () => new Map<Expr, Local>()), addresses: new Map() };
  for (const statement of statements) if (statement.kind === 'sum') accumulate(tile, statement.body, accumulators.get(statement)!);
  for (const statement of statements) if (statement.kind === 'store') emitStore(tile, statement);
  const along = statements.filter((statement) => statement.kind === 'sumAlong');
  for (const free of new Set(along.map((statement) => statement.free))) {
    accumulateAlong(
      tile,
      free,
      along.filter((statement) => statement.free === free),
    );
  }
};
