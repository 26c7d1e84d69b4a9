/** Variables: the arrays among the arguments of a function that it is differentiated by, as one list. */
import { isKindlingError, kindlingError } from '../../core/errors.ts';
import { sameShape, showShape } from '../../core/shape.ts';
import { flatten, tensorsIn, unflatten, type TreeDef } from '../../core/tree.ts';
import { asArray, dtypeOf, type AnyArray, type Input } from '../../core/value.ts';
import { asFloat } from './evaluate.ts';

export interface Variables {
  /** All leaves of the chosen arguments, as floating numbers. */
  readonly leaves: readonly AnyArray[];
  /** The arguments with other arrays in place of the leaves. */
  readonly refill: (xs: readonly unknown[]) => readonly unknown[];
  /** Trees like the chosen arguments, of other leaves. */
  readonly trees: (xs: readonly unknown[]) => readonly unknown[];
  /** The leaves of trees that go along with the chosen arguments, one for each. */
  readonly alongside: (what: string, trees: readonly unknown[]) => readonly AnyArray[];
  /** Whether a tensor is among all the arguments: then results are tensors. */
  readonly inTensors: boolean;
}

/** What is given as an array, or an error that says why one is needed. */
export const arrayFor = (what: string, remedy: string, given: unknown): AnyArray => {
  try {
    return asArray(given as Input);
  } catch (cause) {
    if (!isKindlingError(cause)) throw cause;
    throw kindlingError(cause._tag, { message: what, given: cause.given, remedy, cause });
  }
};

/** The names of the leaves of a tree whose root has a name. */
const namesOf = (def: TreeDef, root: string): readonly string[] => {
  if (def === '*') return [root];
  if ('list' in def) return def.list.flatMap((item, i) => namesOf(item, `${root}[${i}]`));
  return def.record.flatMap(([name, inner]) => namesOf(inner, `${root}.${name}`));
};

const variableOf = (who: string, remedy: string, leaf: unknown): AnyArray => {
  const array = arrayFor(`${who} differentiates by numbers and arrays`, `${remedy} what is something else`, leaf);
  if (dtypeOf(array) === 'bool') throw kindlingError('InvalidArgument', { message: 'a boolean can’t be differentiated by', remedy: `${remedy} it` });
  return asFloat(array);
};

/**
 * The variables among some arguments.
 *
 * @param who - the transform that asks, for errors
 * @param numbers - which arguments; all of them where it is not said
 */
export const variablesOf = (who: string, args: readonly unknown[], numbers?: readonly number[]): Variables => {
  const chosen = numbers ?? args.map((_, i) => i);
  const absent = chosen.find((i) => !Number.isInteger(i) || i < 0 || i >= args.length);
  if (absent !== undefined) {
    throw kindlingError('InvalidArgument', { message: `there is no argument ${absent} to differentiate by`, given: `${args.length} arguments` });
  }
  const remedy = numbers === undefined ? 'Let the function close over' : 'Leave out of argnums';
  const parts = chosen.map((i) => flatten(args[i]));
  const trees = (xs: readonly unknown[]): readonly unknown[] => {
    let at = 0;
    return parts.map(([own, def]) => unflatten(def, xs.slice(at, (at += own.length))));
  };
  const variables = parts.map(([own]) => own.map((leaf) => variableOf(who, remedy, leaf)));
  return {
    leaves: variables.flat(),
    refill: (xs) => {
      const full = [...args];
      trees(xs).forEach((tree, k) => (full[chosen[k]!] = tree));
      return full;
    },
    trees,
    alongside: (what, given) => {
      if (given.length !== chosen.length) {
        throw kindlingError('InvalidArgument', { message: `${who} takes one ${what} for each argument`, given: `${given.length} for ${chosen.length}` });
      }
      return given.flatMap((tree, k) => alongside(what, tree, parts[k]![1], variables[k]!, `argument ${chosen[k]}`));
    },
    inTensors: args.some((arg) => tensorsIn(arg).length > 0),
  };
};

/** The scalar that a function has to give. */
export const scalarOf = (who: string, result: unknown): AnyArray => {
  const value = arrayFor(`${who} needs a function with a scalar result`, 'Return a number or a tensor', result);
  if (value.shape.length > 0) {
    throw kindlingError('InvalidShape', {
      message: `${who} needs a function with a scalar result`,
      given: `shape ${showShape(value.shape)}`,
      expected: 'shape []',
      remedy: 'Sum it with ops.sum',
    });
  }
  return value;
};

/** A result as a list of arrays, with the structure around them. */
export const resultOf = (who: string, result: unknown): readonly [arrays: readonly AnyArray[], def: TreeDef] => {
  const [leaves, def] = flatten(result);
  return [leaves.map((leaf) => arrayFor(`${who} needs a function whose result is a tree of numbers and arrays`, 'Return only these', leaf)), def];
};

/**
 * The leaves of a tree that goes along with another, such as a tangent with its primal: floating numbers, each of the shape of its counterpart.
 *
 * @param what - what the tree is, for errors
 * @param counterparts - the leaves of the other tree; where there is none, what is given is passed over
 * @param root - what it belongs to
 */
export const alongsideSome = (
  what: string,
  tree: unknown,
  def: TreeDef,
  counterparts: readonly (AnyArray | undefined)[],
  root: string,
): readonly (AnyArray | undefined)[] => {
  const [leaves, own] = flatten(tree);
  if (JSON.stringify(own) !== JSON.stringify(def)) {
    throw kindlingError('InvalidArgument', {
      message: `the ${what} differs in structure from ${root}`,
      given: JSON.stringify(own),
      expected: JSON.stringify(def),
    });
  }
  const names = namesOf(def, root);
  return leaves.map((leaf, i) => {
    const counterpart = counterparts[i];
    if (counterpart === undefined) return undefined;
    const array = arrayFor(`the ${what} of ${names[i]} is no array`, 'Give numbers, zeros where nothing changes', leaf);
    if (!sameShape(array.shape, counterpart.shape)) {
      throw kindlingError('InvalidShape', {
        message: `the ${what} of ${names[i]} has a shape of its own`,
        given: showShape(array.shape),
        expected: showShape(counterpart.shape),
      });
    }
    return asFloat(array);
  });
};

/** As `alongsideSome`, where every leaf has a counterpart. */
export const alongside = (what: string, tree: unknown, def: TreeDef, counterparts: readonly AnyArray[], root: string): readonly AnyArray[] =>
  alongsideSome(what, tree, def, counterparts, root) as readonly AnyArray[];
