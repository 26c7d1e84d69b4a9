/**
 * Operations on columns of doubles, one loop each: a call for every element would cost more than what it does. Those of which functions mostly consist take
 * four lanes a round, which halves their time; in lanes past the last they compute what nobody reads.
 */
import type { Column, Fill } from './columns.ts';
import { nearestEven } from './operations.ts';

/** Makes what computes a column from those of the operands. */
export type Operation = (out: Column, a: Column, b: Column, c: Column) => Fill;

const unary = {
  neg:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = -x[i]!;
    },
  abs:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.abs(x[i]!);
    },
  sqrt:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.sqrt(x[i]!);
    },
  floor:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.floor(x[i]!);
    },
  ceil:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.ceil(x[i]!);
    },
  trunc:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.trunc(x[i]!);
    },
  nearest:
    ({ f: y }, { f: x }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = nearestEven(x[i]!);
    },
} satisfies Record<string, Operation>;

const binary = {
  add:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! + b[i]!;
        y[i + 1] = a[i + 1]! + b[i + 1]!;
        y[i + 2] = a[i + 2]! + b[i + 2]!;
        y[i + 3] = a[i + 3]! + b[i + 3]!;
      }
    },
  sub:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! - b[i]!;
        y[i + 1] = a[i + 1]! - b[i + 1]!;
        y[i + 2] = a[i + 2]! - b[i + 2]!;
        y[i + 3] = a[i + 3]! - b[i + 3]!;
      }
    },
  mul:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! * b[i]!;
        y[i + 1] = a[i + 1]! * b[i + 1]!;
        y[i + 2] = a[i + 2]! * b[i + 2]!;
        y[i + 3] = a[i + 3]! * b[i + 3]!;
      }
    },
  div:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! / b[i]!;
    },
  min:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.min(a[i]!, b[i]!);
    },
  max:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = Math.max(a[i]!, b[i]!);
    },
  pmin:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = b[i]! < a[i]! ? b[i]! : a[i]!;
    },
  pmax:
    ({ f: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! < b[i]! ? b[i]! : a[i]!;
    },
} satisfies Record<string, Operation>;

const comparisons = {
  eq:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! === b[i]! ? -1 : 0;
    },
  ne:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! !== b[i]! ? -1 : 0;
    },
  lt:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! < b[i]! ? -1 : 0;
    },
  le:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! <= b[i]! ? -1 : 0;
    },
  gt:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! > b[i]! ? -1 : 0;
    },
  ge:
    ({ w: y }, { f: a }, { f: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! >= b[i]! ? -1 : 0;
    },
} satisfies Record<string, Operation>;

/** Of the operands, and of the results, only their type: doubles to doubles, or doubles to truth values. */
export const arithmetic: Readonly<Record<string, Operation>> = { ...unary, ...binary, ...comparisons };

/** The same with a number for the second operand, for operations that often have one. */
export const withNumber: Readonly<Record<string, (out: Column, a: Column, b: number) => Fill>> = {
  add:
    ({ f: y }, { f: a }, b) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! + b;
        y[i + 1] = a[i + 1]! + b;
        y[i + 2] = a[i + 2]! + b;
        y[i + 3] = a[i + 3]! + b;
      }
    },
  sub:
    ({ f: y }, { f: a }, b) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! - b;
        y[i + 1] = a[i + 1]! - b;
        y[i + 2] = a[i + 2]! - b;
        y[i + 3] = a[i + 3]! - b;
      }
    },
  mul:
    ({ f: y }, { f: a }, b) =>
    (n) => {
      for (let i = 0; i < n; i += 4) {
        y[i] = a[i]! * b;
        y[i + 1] = a[i + 1]! * b;
        y[i + 2] = a[i + 2]! * b;
        y[i + 3] = a[i + 3]! * b;
      }
    },
};

/** a·b + c, rounded twice: steps of Horner’s rule, which most functions consist of. */
export const productPlus: Operation =
  ({ f: y }, { f: a }, { f: b }, { f: c }) =>
  (n) => {
    for (let i = 0; i < n; i += 4) {
      y[i] = a[i]! * b[i]! + c[i]!;
      y[i + 1] = a[i + 1]! * b[i + 1]! + c[i + 1]!;
      y[i + 2] = a[i + 2]! * b[i + 2]! + c[i + 2]!;
      y[i + 3] = a[i + 3]! * b[i + 3]! + c[i + 3]!;
    }
  };
export const productPlusNumber =
  ({ f: y }: Column, { f: a }: Column, { f: b }: Column, c: number): Fill =>
  (n) => {
    for (let i = 0; i < n; i += 4) {
      y[i] = a[i]! * b[i]! + c;
      y[i + 1] = a[i + 1]! * b[i + 1]! + c;
      y[i + 2] = a[i + 2]! * b[i + 2]! + c;
      y[i + 3] = a[i + 3]! * b[i + 3]! + c;
    }
  };
export const multiplePlusNumber =
  ({ f: y }: Column, { f: a }: Column, b: number, c: number): Fill =>
  (n) => {
    for (let i = 0; i < n; i += 4) {
      y[i] = a[i]! * b + c;
      y[i + 1] = a[i + 1]! * b + c;
      y[i + 2] = a[i + 2]! * b + c;
      y[i + 3] = a[i + 3]! * b + c;
    }
  };
