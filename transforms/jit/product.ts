/** Matrix products as code: WebAssembly functions for a whole batch of them. */
import { makeCode, countedLoop, type Code, type Local } from './code.ts';
import type { FunctionCode } from './assembler.ts';
import { blockingOf, packedBytes } from './productBlocking.ts';
import { advance, copyOf, startAt } from './productLoops.ts';
import { emitMatrixProduct, fillZero, type ProductWriter } from './productMatrix.ts';
import { isEmpty, plainProduct, type BatchAxis, type Product } from './productShape.ts';
import { DOUBLE } from './productTile.ts';

export { productOf, type Product } from './productShape.ts';

/** Where the operands, the result and the scratch area begin, in bytes; and the position of the first of the functions in its module. */
export interface ProductTarget {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly scratch: number;
  readonly first: number;
}

/** Doubles that a product needs as scratch area. */
export const scratchDoubles = (product: Product): number => {
  if (isEmpty(product) || product.inner === 0) return 0;
  const [b, a] = packedBytes(blockingOf(plainProduct(product)));
  return Math.ceil((a + b) / DOUBLE);
};

/** Loops over the axes of a batch, the addresses of A, B and C moving with them. */
const overBatch = (
  code: Code,
  batch: readonly BatchAxis[],
  size: number,
  [a, b, c]: readonly [Local, Local, Local],
  body: (a: Local, b: Local) => void,
): void => {
  const [axis, ...rest] = batch;
  if (axis === undefined) {
    body(a, b);
    advance(code, c, DOUBLE * size);
    return;
  }
  const [ownA, ownB] = [copyOf(code, a), copyOf(code, b)];
  countedLoop(code, axis.extent, 1, () => {
    overBatch(code, rest, size, [ownA, ownB, c], body);
    advance(code, ownA, DOUBLE * axis.a);
    advance(code, ownB, DOUBLE * axis.b);
  });
};

/**
 * Functions of which the last, without params or results, computes the products. A module holds them in this order, from `first` on. In float32
 * what is packed is rounded to singles, sums of few of their products are added up as doubles, and the result is rounded; a product too small
 * for that is computed in doubles and rounded.
 */
export const emitProduct = (given: Product, target: ProductTarget): readonly FunctionCode[] => {
  const product = plainProduct(given);
  const blocking = blockingOf(product);
  const writer: ProductWriter = { product, blocking, scratch: target.scratch, first: target.first, functions: [], positions: new Map() };
  const code = makeCode(0);
  const size = product.rows * product.columns;
  const c = startAt(code, target.c);
  if (!isEmpty(product) && product.inner === 0) {
    fillZero(code, c, DOUBLE * product.batch.reduce((all, { extent }) => all * extent, size));
  } else if (!isEmpty(product)) {
    const begin = product.isSwapped ? [target.b, target.a] : [target.a, target.b];
    const [a, b] = begin.map((place) => startAt(code, place)) as [Local, Local];
    overBatch(code, product.batch, size, [a, b, c], (ofA, ofB) => emitMatrixProduct(writer, code, { a: ofA, b: ofB, c }));
  }
  return [...writer.functions, { params: [], results: [], locals: code.locals, body: code.bytes.result() }];
};
