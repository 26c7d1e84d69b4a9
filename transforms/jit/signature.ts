/** Signatures: the structure of the arguments of a compiled function, which of their leaves are inputs, and the values of those that are not. */
import { isNDArray, isNDArrayJSON, isTypedArray, type NDArray } from '../../core/ndarray.ts';
import { isKey } from '../../core/random/key.ts';
import { sameShape, type Shape } from '../../core/shape.ts';
import { isLeaf } from '../../core/tree.ts';
import { asArray, dtypeOf, isTensor, type AnyArray, type Aval, type DType, type Input } from '../../core/value.ts';

/** A tree of what is known before a call: plain data, as far as its static values are. */
export type Spec =
  | { readonly kind: 'array'; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: 'key'; readonly shape: Shape }
  | { readonly kind: 'static'; readonly value: unknown }
  /** A static value that could not be sent along with a compiled function: whatever is given in its place is passed over. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'list'; readonly items: readonly Spec[] }
  | { readonly kind: 'record'; readonly names: readonly string[]; readonly items: readonly Spec[] };

/** Distributions and constraints are records too, but what they hold is not for a transform to open. */
const isOpaque = (value: object): boolean => ('logProb' in value && 'batchShape' in value) || ('check' in value && 'feasible' in value);

/** Whether a value, whole, is numbers of some form. */
export const isInput = (value: unknown): value is Input =>
  typeof value === 'number' || isTensor(value) || isNDArray(value) || isNDArrayJSON(value) || isTypedArray(value) || (Array.isArray(value) && isLeaf(value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isOpaque(value) && !isKey(value) && !isLeaf(value);

/** Replaces the leaves of a tree: inputs and keys by what is found, all others by a static spec. In a static tree, everything is static. */
export const specOf = (value: unknown, isStatic: boolean): Spec => {
  if (!isStatic && isKey(value)) return { kind: 'key', shape: value.shape };
  if (!isStatic && isInput(value)) {
    const { shape, dtype } = avalOf(asArray(value));
    return { kind: 'array', shape, dtype };
  }
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => specOf(item, isStatic)) };
  if (!isRecord(value)) return { kind: 'static', value };
  const names = Object.keys(value);
  return { kind: 'record', names, items: names.map((name) => specOf(value[name], isStatic)) };
};

const avalOf = (x: AnyArray): Aval => ({ shape: [...x.shape], dtype: dtypeOf(x) });

/** The inputs in order, a key as an array of its words. */
export const avalsOf = (spec: Spec): readonly Aval[] => {
  if (spec.kind === 'array') return [{ shape: spec.shape, dtype: spec.dtype }];
  if (spec.kind === 'key') return [{ shape: [...spec.shape, 2], dtype: 'float' }];
  return spec.kind === 'list' || spec.kind === 'record' ? spec.items.flatMap(avalsOf) : [];
};

/** Whether nested arrays have a shape. Asked at every call, it makes no arrays. */
const isNestedOf = (value: unknown, shape: Shape, axis: number): boolean => {
  if (axis === shape.length) return typeof value === 'number' || typeof value === 'boolean';
  if (isTypedArray(value)) return axis === shape.length - 1 && value.length === shape[axis];
  return Array.isArray(value) && value.length === shape[axis] && value.every((item) => isNestedOf(item, shape, axis + 1));
};

const firstLeaf = (value: unknown): unknown => (Array.isArray(value) ? firstLeaf(value[0]) : value);

const isArrayOf = (value: unknown, shape: Shape, dtype: DType): boolean => {
  if (typeof value === 'number') return shape.length === 0 && dtype === 'float';
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return isNestedOf(value, shape, 0) && dtype === (typeof firstLeaf(value) === 'boolean' ? 'bool' : 'float');
  if (isNDArray(value)) return sameShape(value.shape, shape) && dtype === dtypeOf(value);
  if (!isInput(value)) return false;
  const array = asArray(value);
  return sameShape(array.shape, shape) && dtypeOf(array) === dtype;
};

/**
 * Whether a value is what a spec says; its inputs and keys are added to `found`, in order.
 *
 * @param isOrdered - whether the names of a record must come in the same order: a function may do different things by it
 */
export const matches = (spec: Spec, value: unknown, found: unknown[], isOrdered: boolean): boolean => {
  switch (spec.kind) {
    case 'array':
      if (!isArrayOf(value, spec.shape, spec.dtype)) return false;
      found.push(value);
      return true;
    case 'key':
      if (!isKey(value) || !sameShape(value.shape, spec.shape)) return false;
      found.push(value);
      return true;
    case 'static':
      return Object.is(value, spec.value);
    case 'ignored':
      return true;
    case 'list': {
      const { items } = spec;
      if (!Array.isArray(value) || value.length !== items.length) return false;
      for (let i = 0; i < items.length; i++) if (!matches(items[i]!, value[i], found, isOrdered)) return false;
      return true;
    }
    case 'record': {
      if (!isRecord(value)) return false;
      const { names, items } = spec;
      const own = Object.keys(value);
      if (own.length !== names.length) return false;
      for (let i = 0; i < names.length; i++) {
        const name = names[i]!;
        if (isOrdered ? own[i] !== name : !Object.hasOwn(value, name)) return false;
        if (!matches(items[i]!, value[name], found, isOrdered)) return false;
      }
      return true;
    }
  }
};

const holdsInputs = (spec: Spec): boolean =>
  spec.kind === 'array' || spec.kind === 'key' || ((spec.kind === 'list' || spec.kind === 'record') && spec.items.some(holdsInputs));

/** The tree with other leaves in place of its inputs. Parts without an input are those of the example, the very objects. */
export const refill = (spec: Spec, example: unknown, next: (spec: Spec) => unknown): unknown => {
  if (!holdsInputs(spec)) return example;
  if (spec.kind === 'list') return spec.items.map((item, i) => refill(item, (example as readonly unknown[])[i], next));
  if (spec.kind !== 'record') return next(spec);
  const { names, items } = spec;
  return Object.fromEntries(names.map((name, i) => [name, refill(items[i]!, (example as Readonly<Record<string, unknown>>)[name], next)]));
};

/** The numbers of a leaf that a signature matched. */
export const numbersOf = (leaf: unknown): ArrayLike<number> => {
  if (isTypedArray(leaf)) return leaf;
  if (isKey(leaf)) return leaf.words;
  if (isTensor(leaf)) return leaf.dataSync<'float32'>();
  return (asArray(leaf as Input) as NDArray).data;
};
