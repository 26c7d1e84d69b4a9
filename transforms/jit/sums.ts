/** Sums in a form that shares: what does not vary goes outside, products have one order, so that value and gradient meet in one node. */
import { operandsOf, type Axis, type Expr } from '../../core/loop/expression.ts';
import type { Builder } from './intern.ts';

/** A factor and whether it divides. */
type Factor = readonly [e: Expr, inverse: boolean];

/** Parts of one product or sum beyond which it is left as it is: taken apart wherever it is read, a long one would cost its square. */
const MOST_PARTS = 64;

/** Takes an expression apart, from left to right; `split` gives the parts of one that has any. */
const apart = <A>(root: A, split: (part: A) => readonly A[] | undefined): readonly A[] => {
  const found: A[] = [];
  const stack = [root];
  let count = 1;
  while (stack.length > 0) {
    const part = stack.pop()!;
    const parts = count < MOST_PARTS ? split(part) : undefined;
    if (parts === undefined) found.push(part);
    else {
      count += parts.length - 1;
      stack.push(...[...parts].reverse());
    }
  }
  return found;
};

const minusOne: Expr = { op: 'const', type: 'f64', value: -1 };

/** The factors of a product, through products, quotients and signs. */
const factorsOf = (root: Expr): readonly Factor[] =>
  apart<Factor>([root, false], ([e, inverse]) => {
    const [a, b] = operandsOf(e);
    if (e.op === 'mul') {
      return [
        [a!, inverse],
        [b!, inverse],
      ];
    }
    if (e.op === 'div') {
      return [
        [a!, inverse],
        [b!, !inverse],
      ];
    }
    return e.op === 'neg'
      ? [
          [minusOne, false],
          [a!, inverse],
        ]
      : undefined;
  });

/** A term and whether it is subtracted. */
type Term = readonly [e: Expr, negative: boolean];

/** The terms of a sum, through sums, differences and signs. */
const termsOf = (root: Expr): readonly Term[] =>
  apart<Term>([root, false], ([e, negative]) => {
    const [a, b] = operandsOf(e);
    if (e.op === 'add') {
      return [
        [a!, negative],
        [b!, negative],
      ];
    }
    if (e.op === 'sub') {
      return [
        [a!, negative],
        [b!, !negative],
      ];
    }
    return e.op === 'neg' ? [[a!, !negative]] : undefined;
  });

/** Products of factors in the order of their numbers; divisors come as one reciprocal for each. */
const product = (b: Builder, factors: readonly Factor[]): Expr => {
  const one = b.constant(1);
  const plain = factors.filter(([, inverse]) => !inverse).map(([e]) => (e.op === 'const' ? b.constant(e.value) : e));
  const inverted = factors.filter(([, inverse]) => inverse).map(([e]) => b.div(one, e));
  return [...plain, ...inverted].sort((x, y) => b.idOf(x) - b.idOf(y)).reduce((all, e) => b.mul(all, e), one);
};

/** Σ over an axis of one term. */
const sumOfTerm = (b: Builder, axis: Axis, term: Expr): Expr => {
  const factors = factorsOf(term);
  const varies = ([e]: Factor): boolean => e.op !== 'const' && b.axesOf(e).has(axis);
  const outside = factors.filter((factor) => !varies(factor));
  const inside = factors.filter(varies);
  if (inside.length === 0) return b.mul(b.constant(axis.extent), term);
  return b.mul(product(b, outside), b.sum(axis, product(b, inside)));
};

/**
 * Σ over an axis. Terms that do not vary count as often as the axis is long; a lone varying term loses its constant factors.
 * Several varying terms stay together: summed apart they would cost more, and might cancel.
 */
export const sumOver = (b: Builder, axis: Axis, body: Expr): Expr => {
  const terms = termsOf(body);
  const varying = terms.filter(([e]) => b.axesOf(e).has(axis));
  const fixed = terms.filter(([e]) => !b.axesOf(e).has(axis));
  const signed = (list: typeof terms): Expr => list.reduce((all, [e, negative]) => (negative ? b.sub(all, e) : b.add(all, e)), b.constant(0));
  const rest = fixed.length === 0 ? b.constant(0) : b.mul(b.constant(axis.extent), signed(fixed));
  if (varying.length === 0) return rest;
  const summed = varying.length === 1 ? sumOfTerm(b, axis, signed(varying)) : sumOfTerm(b, axis, fixed.length === 0 ? body : signed(varying));
  return b.add(summed, rest);
};

/** A product in which what does not vary along an axis is multiplied first: a loop over the axis has one multiplication less for each such factor. */
export const gathered = (b: Builder, axis: Axis, body: Expr): Expr => {
  const factors = factorsOf(body);
  const inside = factors.filter(([e]) => e.op !== 'const' && b.axesOf(e).has(axis));
  if (factors.length < 3 || inside.length === 0) return body;
  const outside = factors.filter((factor) => !inside.includes(factor));
  return b.mul(product(b, outside), product(b, inside));
};
