/** Operations on columns of 64-bit integers and of truth values, in 32-bit arithmetic, which is exact and fast in JavaScript. */
import type { Operation } from './columnArithmetic.ts';
import type { Column, Fill } from './columns.ts';

const bits = {
  iadd:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 2) {
        const low = (a[i]! + b[i]!) | 0;
        const carry = low >>> 0 < a[i]! >>> 0 ? 1 : 0;
        y[i + 1] = a[i + 1]! + b[i + 1]! + carry;
        y[i] = low;
      }
    },
  isub:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 2) {
        const borrow = a[i]! >>> 0 < b[i]! >>> 0 ? 1 : 0;
        y[i] = a[i]! - b[i]!;
        y[i + 1] = a[i + 1]! - b[i + 1]! - borrow;
      }
    },
  iand:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 4) {
        y[i] = a[i]! & b[i]!;
        y[i + 1] = a[i + 1]! & b[i + 1]!;
        y[i + 2] = a[i + 2]! & b[i + 2]!;
        y[i + 3] = a[i + 3]! & b[i + 3]!;
      }
    },
  ior:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 4) {
        y[i] = a[i]! | b[i]!;
        y[i + 1] = a[i + 1]! | b[i + 1]!;
        y[i + 2] = a[i + 2]! | b[i + 2]!;
        y[i + 3] = a[i + 3]! | b[i + 3]!;
      }
    },
  ixor:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 4) {
        y[i] = a[i]! ^ b[i]!;
        y[i + 1] = a[i + 1]! ^ b[i + 1]!;
        y[i + 2] = a[i + 2]! ^ b[i + 2]!;
        y[i + 3] = a[i + 3]! ^ b[i + 3]!;
      }
    },
  addWords:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 4) {
        y[i] = a[i]! + b[i]!;
        y[i + 1] = a[i + 1]! + b[i + 1]!;
        y[i + 2] = a[i + 2]! + b[i + 2]!;
        y[i + 3] = a[i + 3]! + b[i + 3]!;
      }
    },
  lowTwice:
    ({ w: y }, { w: a }) =>
    (n) => {
      for (let i = 0; i < 2 * n; i += 2) y[i] = y[i + 1] = a[i]!;
    },
  ieq:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[2 * i]! === b[2 * i]! && a[2 * i + 1]! === b[2 * i + 1]! ? -1 : 0;
    },
  ilt:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = isBelow(a, b, 2 * i) ? -1 : 0;
    },
  igt:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = isBelow(b, a, 2 * i) ? -1 : 0;
    },
} satisfies Record<string, Operation>;

/** Whether one integer of 64 bits is below another: by its high half, which has the sign, then by the low one, which has none. */
const isBelow = (a: Int32Array, b: Int32Array, i: number): boolean => (a[i + 1]! === b[i + 1]! ? a[i]! >>> 0 < b[i]! >>> 0 : a[i + 1]! < b[i + 1]!);

const masks = {
  and:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! & b[i]!;
    },
  or:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! | b[i]!;
    },
  xor:
    ({ w: y }, { w: a }, { w: b }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = a[i]! ^ b[i]!;
    },
  not:
    ({ w: y }, { w: a }) =>
    (n) => {
      for (let i = 0; i < n; i++) y[i] = ~a[i]!;
    },
} satisfies Record<string, Operation>;

export const bitOperations: Readonly<Record<string, Operation>> = { ...bits, ...masks };

/** Shifts by a number that is known. */
export const shifts: Readonly<Record<string, (out: Column, a: Column, by: number) => Fill>> = {
  shl: ({ w: y }, { w: a }, by) => {
    if (by === 0) return copyBits(y, a);
    if (by >= 32) {
      return (n) => {
        for (let i = 0; i < 2 * n; i += 2) {
          y[i + 1] = a[i]! << (by - 32);
          y[i] = 0;
        }
      };
    }
    return (n) => {
      for (let i = 0; i < 2 * n; i += 2) {
        y[i + 1] = (a[i + 1]! << by) | (a[i]! >>> (32 - by));
        y[i] = a[i]! << by;
      }
    };
  },
  shrU: ({ w: y }, { w: a }, by) => {
    if (by === 0) return copyBits(y, a);
    if (by >= 32) {
      return (n) => {
        for (let i = 0; i < 2 * n; i += 2) {
          y[i] = a[i + 1]! >>> (by - 32);
          y[i + 1] = 0;
        }
      };
    }
    return (n) => {
      for (let i = 0; i < 2 * n; i += 2) {
        y[i] = (a[i]! >>> by) | (a[i + 1]! << (32 - by));
        y[i + 1] = a[i + 1]! >>> by;
      }
    };
  },
  shrS: ({ w: y }, { w: a }, by) => {
    if (by === 0) return copyBits(y, a);
    if (by >= 32) {
      return (n) => {
        for (let i = 0; i < 2 * n; i += 2) {
          y[i] = a[i + 1]! >> (by - 32);
          y[i + 1] = a[i + 1]! >> 31;
        }
      };
    }
    return (n) => {
      for (let i = 0; i < 2 * n; i += 2) {
        y[i] = (a[i]! >>> by) | (a[i + 1]! << (32 - by));
        y[i + 1] = a[i + 1]! >> by;
      }
    };
  },
  shlWords:
    ({ w: y }, { w: a }, by) =>
    (n) => {
      for (let i = 0; i < 2 * n; i++) y[i] = a[i]! << by;
    },
  shrWords:
    ({ w: y }, { w: a }, by) =>
    (n) => {
      for (let i = 0; i < 2 * n; i++) y[i] = a[i]! >>> by;
    },
};

const copyBits =
  (y: Int32Array, a: Int32Array): Fill =>
  (n) => {
    for (let i = 0; i < 2 * n; i++) y[i] = a[i]!;
  };

/** `select` of doubles. */
export const selectDouble: Operation =
  ({ f: y }, { w: mask }, { f: a }, { f: b }) =>
  (n) => {
    for (let i = 0; i < n; i++) y[i] = mask[i]! !== 0 ? a[i]! : b[i]!;
  };

/** `select` of bits, which never pass through a double: of a NaN a machine may keep what it likes. */
export const selectBits: Operation =
  ({ w: y }, { w: mask }, { w: a }, { w: b }) =>
  (n) => {
    for (let i = 0; i < n; i++) {
      const from = mask[i]! !== 0 ? a : b;
      y[2 * i] = from[2 * i]!;
      y[2 * i + 1] = from[2 * i + 1]!;
    }
  };
