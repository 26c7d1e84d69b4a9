/** Trees: nested records and arrays of values, flattened to a list of leaves and a structure that rebuilds them. */
import type { ReadonlyRecord } from 'fp-ts/lib/ReadonlyRecord.js';
import { kindlingError } from './errors.ts';
import { isNDArray, isNDArrayJSON, isTypedArray, nestedShape } from './ndarray.ts';
import { isTensor, type Value } from './value.ts';

/** A leaf, or a record or array of trees. */
export type Tree<A> = A | readonly Tree<A>[] | { readonly [name: string]: Tree<A> };

/** A named set of trees, the form of parameters and results. */
export type TreeRecord<A> = ReadonlyRecord<string, Tree<A>>;

const isPlainRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Whether a value is one leaf: everything but plain records, and arrays that are not rectangular arrays of numbers. */
export const isLeaf = (value: unknown): boolean => {
  if (isTensor(value) || isNDArray(value) || isNDArrayJSON(value) || isTypedArray(value)) return true;
  // Without a number in it, an array is a list: [[], []] as much as [].
  if (Array.isArray(value)) return !(nestedShape(value) ?? [0]).includes(0);
  return !isPlainRecord(value);
};

/** The structure of a tree without its leaves; printed, it is a key for caches. */
export type TreeDef = '*' | { readonly list: readonly TreeDef[] } | { readonly record: readonly (readonly [string, TreeDef])[] };

/** The leaves in order, records by the order of their sorted names, and the structure. */
export const flatten = (tree: unknown): readonly [leaves: readonly unknown[], def: TreeDef] => {
  const leaves: unknown[] = [];
  const walk = (node: unknown): TreeDef => {
    if (isLeaf(node)) {
      leaves.push(node);
      return '*';
    }
    if (Array.isArray(node)) return { list: node.map(walk) };
    const record = node as Readonly<Record<string, unknown>>;
    return {
      record: Object.keys(record)
        .sort()
        .map((name) => [name, walk(record[name])] as const),
    };
  };
  const def = walk(tree);
  return [leaves, def];
};

/** The tree of a structure with other leaves. */
export const unflatten = (def: TreeDef, leaves: readonly unknown[]): unknown => {
  let at = 0;
  const build = (node: TreeDef): unknown => {
    if (node === '*') return leaves[at++];
    if ('list' in node) return node.list.map(build);
    return Object.fromEntries(node.record.map(([name, inner]) => [name, build(inner)]));
  };
  const tree = build(def);
  if (at !== leaves.length) throw kindlingError('InvalidArgument', { message: `a tree of ${at} leaves was given ${leaves.length}` });
  return tree;
};

/** The tree with every leaf replaced. */
export const mapTree = (f: (leaf: unknown) => unknown, tree: unknown): unknown => {
  const [leaves, def] = flatten(tree);
  return unflatten(def, leaves.map(f));
};

/** Joins two trees of the same structure leaf by leaf. */
export const zipTree = (f: (a: unknown, b: unknown) => unknown, a: unknown, b: unknown): unknown => {
  const [xs, def] = flatten(a);
  const [ys, other] = flatten(b);
  if (JSON.stringify(def) !== JSON.stringify(other)) {
    throw kindlingError('InvalidArgument', { message: 'two trees differ in structure', given: `${JSON.stringify(def)} and ${JSON.stringify(other)}` });
  }
  return unflatten(
    def,
    xs.map((x, i) => f(x, ys[i])),
  );
};

/**
 * Every tensor that a value holds as data: in arrays, maps and records, those of a distribution or a trace too.
 * Getters are not asked and functions not opened: what they compute is made anew at each call.
 */
export const tensorsWithin = (value: unknown): readonly Value[] => {
  const seen = new Set<unknown>();
  const found: Value[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (isTensor(node)) found.push(node);
    else if (Array.isArray(node)) node.forEach(visit);
    else if (node instanceof Map) node.forEach(visit);
    else if (isPlainRecord(node)) for (const property of Object.values(Object.getOwnPropertyDescriptors(node))) visit(property.value);
  };
  visit(value);
  return found;
};

/** The tensors among the leaves. */
export const tensorsIn = (tree: unknown): readonly Value[] => flatten(tree)[0].filter(isTensor);
