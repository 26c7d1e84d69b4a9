/** Trees of arrays and keys taken apart into arrays, keys as their words, and put together again from others in their place. */
import { kindlingError } from '../../core/errors.ts';
import { isKey, keyWords, makeKey, tracedKeyBatch } from '../../core/random/key.ts';
import { sameShape, showShape, type Shape } from '../../core/shape.ts';
import { flatten, unflatten, type TreeDef } from '../../core/tree.ts';
import { asArray, avalOf, isTensor, type AnyArray, type Aval, type Input } from '../../core/value.ts';

/** What a leaf is, without its numbers. Nothing at all (`null`, `undefined`) is a leaf without an array. */
export type Leaf =
  | { readonly kind: 'array'; readonly aval: Aval }
  | { readonly kind: 'key'; readonly shape: Shape }
  | { readonly kind: 'none'; readonly value: null | undefined };

/** The form of a tree. */
export interface Layout {
  readonly def: TreeDef;
  readonly leaves: readonly Leaf[];
}

/** A tree as a list of arrays, one for each leaf that is not nothing. */
export interface Flat {
  readonly layout: Layout;
  readonly arrays: readonly AnyArray[];
}

/** How messages name a leaf: `.a[0]`, and nothing for a tree that is one leaf. */
export const pathsOf = (def: TreeDef, at: string = ''): readonly string[] => {
  if (def === '*') return [at];
  if ('list' in def) return def.list.flatMap((item, i) => pathsOf(item, `${at}[${i}]`));
  return def.record.flatMap(([name, item]) => pathsOf(item, `${at}.${name}`));
};

const leafOf = (what: string, leaf: unknown): readonly [Leaf, AnyArray | undefined] => {
  if (leaf === null || leaf === undefined) return [{ kind: 'none', value: leaf }, undefined];
  if (isKey(leaf)) return [{ kind: 'key', shape: leaf.shape }, keyWords(leaf)];
  if (typeof leaf === 'function' || typeof leaf === 'string') {
    throw kindlingError('InvalidArgument', { message: `${what} is a tree of arrays and keys`, given: `a ${typeof leaf}`, remedy: 'Close over it instead' });
  }
  const array = asArray(leaf as Input);
  return [{ kind: 'array', aval: avalOf(array) }, array];
};

/** Takes a tree apart; `what` names it in errors. */
export const flattenLeaves = (what: string, tree: unknown): Flat => {
  const [leaves, def] = flatten(tree);
  const all = leaves.map((leaf) => leafOf(what, leaf));
  return { layout: { def, leaves: all.map(([leaf]) => leaf) }, arrays: all.flatMap(([, array]) => (array === undefined ? [] : [array])) };
};

/** A tree of some form from the arrays of its leaves, which may have gained or lost leading axes. */
export const buildLeaves = ({ def, leaves }: Layout, arrays: readonly AnyArray[]): unknown => {
  let at = 0;
  return unflatten(
    def,
    leaves.map((leaf) => {
      if (leaf.kind === 'none') return leaf.value;
      const array = arrays[at++]!;
      if (leaf.kind === 'array') return array;
      const shape = array.shape.slice(0, -1);
      return isTensor(array) ? tracedKeyBatch(array, shape) : makeKey(Uint32Array.from(array.data), shape);
    }),
  );
};

/** The leaves that have an array, in the order of the arrays. */
export const arrayLeaves = ({ leaves }: Layout): readonly Leaf[] => leaves.filter(({ kind }) => kind !== 'none');

const showLeaf = (leaf: Leaf): string =>
  leaf.kind === 'none' ? String(leaf.value) : leaf.kind === 'key' ? `key${showShape(leaf.shape)}` : `${leaf.aval.dtype}${showShape(leaf.aval.shape)}`;

const sameLeaf = (a: Leaf, b: Leaf): boolean =>
  a.kind === 'array'
    ? b.kind === 'array' && a.aval.dtype === b.aval.dtype && sameShape(a.aval.shape, b.aval.shape)
    : a.kind === 'key'
      ? b.kind === 'key' && sameShape(a.shape, b.shape)
      : b.kind === 'none';

const showDef = (def: TreeDef): string =>
  def === '*'
    ? '*'
    : 'list' in def
      ? `[${def.list.map(showDef).join(', ')}]`
      : `{ ${def.record.map(([name, item]) => `${name}: ${showDef(item)}`).join(', ')} }`;

/** Refuses two trees of which not every leaf is of the same shape and dtype. The words go before `what it was, what it became`. */
export const requireSame = (what: string, remedy: string, before: Layout, after: Layout): void => {
  if (JSON.stringify(before.def) !== JSON.stringify(after.def)) {
    throw kindlingError('InvalidArgument', {
      message: `${what} differ in structure`,
      given: `${showDef(before.def)}, then ${showDef(after.def)}`,
      remedy,
    });
  }
  const odd = before.leaves.findIndex((leaf, i) => !sameLeaf(leaf, after.leaves[i]!));
  if (odd < 0) return;
  const path = pathsOf(before.def)[odd]!;
  throw kindlingError('InvalidShape', {
    message: `${what} differ${path === '' ? '' : ` at ${path}`}`,
    given: `${showLeaf(before.leaves[odd]!)}, then ${showLeaf(after.leaves[odd]!)}`,
    remedy,
  });
};
