/** The image of an interval under a monotone map of numbers: the support of a transformed variable. */
import {
  greaterThan,
  independent,
  interval,
  lessThan,
  orderedVector,
  positive,
  positiveOrderedVector,
  real,
  unitInterval,
  type Constraint,
} from '../constraints/index.ts';
import { asArray, isConcrete, toNDArray, type AnyArray, type Input } from '../value.ts';

type Bounds = readonly [low: Input, high: Input];

/** The ends of a constraint on single numbers; `undefined` for a set that is no interval. */
const boundsOf = ({ kind, params }: Constraint): Bounds | undefined => {
  const { low = -Infinity, high = Infinity } = params;
  switch (kind) {
    case 'real':
      return [-Infinity, Infinity];
    case 'positive':
    case 'nonnegative':
    case 'softplusPositive':
      return [0, Infinity];
    case 'unitInterval':
      return [0, 1];
    case 'interval':
    case 'openInterval':
    case 'circular':
    case 'greaterThan':
    case 'greaterThanEq':
    case 'lessThan':
    case 'lessThanEq':
      return [low, high];
    default:
      return undefined;
  }
};

/** Whether every element is this number; never so for one that can't be seen. */
const isAll = (x: Input, number: number): boolean => {
  const array = asArray(x);
  return isConcrete(array) && toNDArray(array).data.every((value) => value === number);
};

const fromBounds = ([low, high]: Bounds): Constraint => {
  if (isAll(low, -Infinity)) return isAll(high, Infinity) ? real : lessThan(high);
  if (isAll(high, Infinity)) return isAll(low, 0) ? positive : greaterThan(low);
  return isAll(low, 0) && isAll(high, 1) ? unitInterval : interval(low, high);
};

/** The image of a constraint on numbers under a map that increases (`sign` 1) or decreases. */
export const image = (domain: Constraint, sign: 1 | -1, forward: (x: AnyArray) => AnyArray): Constraint => {
  const bounds = boundsOf(domain);
  if (bounds === undefined) return real;
  const [a, b] = bounds.map((x) => forward(asArray(x))) as [AnyArray, AnyArray];
  return fromBounds(sign === 1 ? [a, b] : [b, a]);
};

/** What a map of numbers, alike and increasing on all elements, makes of ordered vectors. */
const orderedImage = (line: Constraint): Constraint => (line.kind === 'positive' || line.kind === 'unitInterval' ? positiveOrderedVector : orderedVector);

/**
 * The image of any set under a map of numbers, from the images of sets of numbers.
 *
 * @param keepsOrder - whether the map increases and is the same for all elements
 */
export const onMembers =
  (ofNumbers: (domain: Constraint) => Constraint, keepsOrder: boolean) =>
  (domain: Constraint): Constraint => {
    const { kind, base, eventDim } = domain;
    if (eventDim === 0) return ofNumbers(domain);
    if (base !== undefined) return independent(onMembers(ofNumbers, keepsOrder)(base), eventDim - base.eventDim);
    if (keepsOrder && kind === 'orderedVector') return orderedImage(ofNumbers(real));
    if (keepsOrder && kind === 'positiveOrderedVector') return orderedImage(ofNumbers(positive));
    return independent(real, eventDim);
  };
