/** Axes over trees: which axis of which leaf is mapped, from a number, or a tree that stops wherever one number says it for all below. */
import { isDistribution } from '../../core/distributions/distribution.ts';
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import { showShape, type Shape } from '../../core/shape.ts';
import type { Spec } from '../jit/signature.ts';

/** An axis for every leaf below, `null` for leaves that are not mapped, or a list or record of axes like the tree's. */
export type Axes = number | null | readonly Axes[] | { readonly [name: string]: Axes };

/** One leaf: where it is in the tree, and its axis, counted from the front. */
export interface LeafAxis {
  readonly path: string;
  readonly shape: Shape;
  readonly axis: number | null;
}

const kinds = { array: 'an array', key: 'a key', static: 'a value that is no array', ignored: 'a value that is no array' } as const;

const describe = (spec: Spec): string => {
  if (spec.kind === 'list') return `a list of ${spec.items.length}`;
  return spec.kind === 'record' ? `a record of ${spec.names.join(', ')}` : kinds[spec.kind];
};

const mismatch = (option: string, path: string, axes: Axes, spec: Spec): KindlingError =>
  kindlingError('InvalidArgument', {
    message: `${option} does not fit ${path}`,
    given: `${JSON.stringify(axes)} for ${describe(spec)}`,
    expected: 'an axis, null, or a list or record of them like the tree’s',
  });

/** An axis from the front; results have one axis more than their shape in one lane. */
const axisIn = (shape: Shape, axis: number, path: string, option: string, extra: number): number => {
  const rank = shape.length + extra;
  const from = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && from >= 0 && from < rank) return from;
  throw kindlingError('InvalidArgument', {
    message: `${path} has no axis ${axis} to map along`,
    given: `${option} ${axis} for shape ${showShape(shape)}`,
    expected: rank === 0 ? 'null: a scalar is the same for all' : `null, or an integer from ${-rank} to ${rank - 1}`,
  });
};

/**
 * The axis of each array and key of a tree, in the tree's order.
 *
 * @param option - the name of the option that gave the axes, for errors
 * @param name - the name of the tree, and of one at its top
 * @param extra - how many more axes than its shape says a leaf has
 */
export const axesOfLeaves = (spec: Spec, axes: Axes, option: string, name: (top?: number) => string, extra: 0 | 1): readonly LeafAxis[] => {
  const walk = (node: Spec, at: Axes, path: string, isTop: boolean): readonly LeafAxis[] => {
    const isOne = at === null || typeof at === 'number';
    switch (node.kind) {
      case 'array':
      case 'key':
        if (!isOne) throw mismatch(option, path, at, node);
        return [{ path, shape: node.shape, axis: at === null ? null : axisIn(node.shape, at, path, option, extra) }];
      case 'static':
      case 'ignored':
        if (!isOne) throw mismatch(option, path, at, node);
        // It holds numbers but is no tree: mapping what it holds is not what passing it whole would do.
        if (at !== null && node.kind === 'static' && isDistribution(node.value)) {
          throw kindlingError('Unsupported', {
            message: `${path} is a distribution, which vmap does not open`,
            remedy: 'Pass its parameters, or null as its axis where it is the same for all',
          });
        }
        return [];
      case 'list':
        if (!isOne && (!Array.isArray(at) || at.length !== node.items.length)) throw mismatch(option, path, at, node);
        return node.items.flatMap((item, i) => walk(item, isOne ? at : (at as readonly Axes[])[i]!, isTop ? name(i) : `${path}[${i}]`, false));
      case 'record': {
        const { names, items } = node;
        const own = isOne || Array.isArray(at) ? undefined : (at as Readonly<Record<string, Axes>>);
        const isLike = own !== undefined && Object.keys(own).length === names.length && names.every((key) => Object.hasOwn(own, key));
        if (!isOne && !isLike) throw mismatch(option, path, at, node);
        return items.flatMap((item, i) => walk(item, isOne ? at : own![names[i]!]!, `${path}.${names[i]!}`, false));
      }
    }
  };
  return walk(spec, axes, name(), true);
};
