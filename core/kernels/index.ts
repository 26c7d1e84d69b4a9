/** Loads every kernel, so that the table is full. */
export * from './arithmetic.ts';
export * from './functions.ts';
export * from './fround.ts';
export * from './reduce.ts';
export * from './cumulative.ts';
export * from './layout.ts';
export * from './gather.ts';
export * from './matMul.ts';
export * from './linalg.ts';
export * from './random.ts';
export * from './threefry.ts';
export * from './incomplete.ts';
