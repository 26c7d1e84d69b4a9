/** The accumulators of a pass: set to zero before its loop, and after it added up to one number each. */
import { simd, type as types } from './assembler.ts';
import { addLanes, address, addTree, constant, countedLoop, get, memarg, set, storeFirstLane, vector, zeros, type Local } from './code.ts';
import type { Statement } from './program.ts';
import type { ProgramCode } from './scope.ts';
import { widened } from './single.ts';

/** Sets all sums to zero: totals, in the locals it gives, and sums along a free axis, each a vector in memory. */
export const startSums = ({ code, placeOf }: ProgramCode, statements: readonly Statement[]): ReadonlyMap<Statement, Local> => {
  const totals = new Map<Statement, Local>();
  for (const statement of statements) {
    if (statement.kind === 'sum') totals.set(statement, zeros(code));
    else if (statement.kind === 'sumAlong') {
      countedLoop(code, 16 * statement.free.extent, 16, (counter) => {
        get(code, counter);
        constant(code, 0n);
        vector(code, simd.store);
        memarg(code, placeOf(statement.memory).begin + 16 * statement.index.offset);
      });
    }
  }
  return totals;
};

/** Adds up the two lanes of every sum, and names the totals. */
export const finishSums = ({ code, placeOf, scalars }: ProgramCode, statements: readonly Statement[], totals: ReadonlyMap<Statement, Local>): void => {
  for (const [statement, total] of totals) {
    addLanes(code, total);
    if (statement.kind === 'sum') scalars.set(statement.id, total);
  }
  for (const statement of statements) {
    if (statement.kind !== 'sumAlong') continue;
    const { begin } = placeOf(statement.memory);
    // The two lanes of each sum, added, move to the front of the memory they were gathered in.
    countedLoop(code, 8 * statement.free.extent, 8, (counter) => {
      const wide = address(code, [[counter, 2]])!;
      const total = code.local(types.v128);
      get(code, wide);
      vector(code, simd.load);
      memarg(code, begin + 16 * statement.index.offset);
      set(code, total);
      addLanes(code, total);
      storeFirstLane(code, counter, begin + 8 * statement.index.offset, total);
    });
  }
};

/** Adds what was gathered in singles to the sums of doubles, and begins anew. */
export const addPartials = ({ code, placeOf }: ProgramCode, partials: ReadonlyMap<Statement, number>): void => {
  for (const [statement, at] of partials) {
    if (statement.kind !== 'sumAlong') continue;
    const target = placeOf(statement.memory).begin + 16 * statement.index.offset;
    countedLoop(code, 16 * statement.free.extent, 16, (counter) => {
      const partial = code.local(types.v128);
      get(code, counter);
      vector(code, simd.load);
      memarg(code, at);
      set(code, partial);
      get(code, counter);
      get(code, counter);
      vector(code, simd.load);
      memarg(code, target);
      addTree(code, widened(code, partial));
      vector(code, simd.add);
      vector(code, simd.store);
      memarg(code, target);
      get(code, counter);
      constant(code, 0n);
      vector(code, simd.store);
      memarg(code, at);
    });
  }
};
