/** The operations of scalar expressions as the interpreter runs them, one function each. */

/** To the nearest integer, halves to the even one. */
export const nearestEven = (x: number): number => {
  const down = Math.floor(x);
  const rest = x - down;
  const rounded = rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  // The sign of a zero is that of what was rounded.
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Number.isFinite(x) ? rounded : x;
};

const WORD = 0xffffffffn;
/** Both halves of 64 bits as numbers of 32 bits. */
const halves = (x: bigint): readonly [high: bigint, low: bigint] => [(x >> 32n) & WORD, x & WORD];
const joined = (high: bigint, low: bigint): bigint => ((high & WORD) << 32n) | (low & WORD);

const addHalves = (a: bigint, b: bigint): bigint => {
  const [[a1, a0], [b1, b0]] = [halves(a), halves(b)];
  return joined(a1 + b1, a0 + b0);
};

export type Run = () => void;

/** The values of an expression's nodes in numbered slots: doubles and integers share their bits, truth values are −1 and 0. */
export interface Slots {
  readonly f: Float64Array;
  readonly n: BigInt64Array;
  readonly m: Int32Array;
}

/** Makes what computes slot s from those of the operands. Each operation is written out: a call through a table would cost more than it does. */
type Operation = (slots: Slots, s: number, i: number, j: number) => Run;

export const operations: Readonly<Record<string, Operation>> = {
  neg:
    ({ f }, s, i) =>
    () =>
      (f[s] = -f[i]!),
  abs:
    ({ f }, s, i) =>
    () =>
      (f[s] = Math.abs(f[i]!)),
  sqrt:
    ({ f }, s, i) =>
    () =>
      (f[s] = Math.sqrt(f[i]!)),
  floor:
    ({ f }, s, i) =>
    () =>
      (f[s] = Math.floor(f[i]!)),
  ceil:
    ({ f }, s, i) =>
    () =>
      (f[s] = Math.ceil(f[i]!)),
  trunc:
    ({ f }, s, i) =>
    () =>
      (f[s] = Math.trunc(f[i]!)),
  nearest:
    ({ f }, s, i) =>
    () =>
      (f[s] = nearestEven(f[i]!)),
  add:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[i]! + f[j]!),
  sub:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[i]! - f[j]!),
  mul:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[i]! * f[j]!),
  div:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[i]! / f[j]!),
  min:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = Math.min(f[i]!, f[j]!)),
  max:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = Math.max(f[i]!, f[j]!)),
  pmin:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[j]! < f[i]! ? f[j]! : f[i]!),
  pmax:
    ({ f }, s, i, j) =>
    () =>
      (f[s] = f[i]! < f[j]! ? f[j]! : f[i]!),
  eq:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! === f[j]! ? -1 : 0),
  ne:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! !== f[j]! ? -1 : 0),
  lt:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! < f[j]! ? -1 : 0),
  le:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! <= f[j]! ? -1 : 0),
  gt:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! > f[j]! ? -1 : 0),
  ge:
    ({ f, m }, s, i, j) =>
    () =>
      (m[s] = f[i]! >= f[j]! ? -1 : 0),
  ieq:
    ({ n, m }, s, i, j) =>
    () =>
      (m[s] = n[i]! === n[j]! ? -1 : 0),
  ilt:
    ({ n, m }, s, i, j) =>
    () =>
      (m[s] = n[i]! < n[j]! ? -1 : 0),
  igt:
    ({ n, m }, s, i, j) =>
    () =>
      (m[s] = n[i]! > n[j]! ? -1 : 0),
  and:
    ({ m }, s, i, j) =>
    () =>
      (m[s] = m[i]! & m[j]!),
  or:
    ({ m }, s, i, j) =>
    () =>
      (m[s] = m[i]! | m[j]!),
  xor:
    ({ m }, s, i, j) =>
    () =>
      (m[s] = m[i]! ^ m[j]!),
  not:
    ({ m }, s, i) =>
    () =>
      (m[s] = ~m[i]!),
  iadd:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! + n[j]!),
  isub:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! - n[j]!),
  iand:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! & n[j]!),
  ior:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! | n[j]!),
  ixor:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! ^ n[j]!),
  shl:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! << n[j]!),
  shrU:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = BigInt.asUintN(64, n[i]!) >> n[j]!),
  shrS:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = n[i]! >> n[j]!),
  addWords:
    ({ n }, s, i, j) =>
    () =>
      (n[s] = addHalves(n[i]!, n[j]!)),
  shlWords:
    ({ n }, s, i, j) =>
    () => {
      const [high, low] = halves(n[i]!);
      n[s] = joined(high << n[j]!, low << n[j]!);
    },
  shrWords:
    ({ n }, s, i, j) =>
    () => {
      const [high, low] = halves(n[i]!);
      n[s] = joined(high >> n[j]!, low >> n[j]!);
    },
  lowTwice:
    ({ n }, s, i) =>
    () =>
      (n[s] = joined(n[i]!, n[i]!)),
  toBits:
    ({ n }, s, i) =>
    () =>
      (n[s] = n[i]!),
  fromBits:
    ({ n }, s, i) =>
    () =>
      (n[s] = n[i]!),
};
