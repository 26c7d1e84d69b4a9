/** ops: tfjs's functions by tfjs's names, exact on numbers and NDArrays, on tensors by tfjs; and what tfjs lacks. */
export * from './elementwise.ts';
export * from './reduce.ts';
export * from './layout.ts';
export * from './linalg.ts';
export * from './special.ts';
export * from './compound.ts';
export * from './counts.ts';
export * from './sort.ts';
export * from './quantile.ts';
export * from './conv.ts';
