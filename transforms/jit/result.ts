/** Results of a compiled function: which leaves are computed, which are the same at every call, and how the tree is put together again. */
import { kindlingError } from '../../core/errors.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import { isKey, keyWords, makeKey } from '../../core/random/key.ts';
import { tensorsWithin } from '../../core/tree.ts';
import { asArray, isTensor, toTensor, type Precision, type Value } from '../../core/value.ts';
import { isInput, specOf, type Spec } from './signature.ts';

const isPromise = (value: object): value is PromiseLike<unknown> => 'then' in value && typeof value.then === 'function';

const describe = (value: object): string => {
  if ('logProb' in value && 'name' in value) return `a distribution (${String(value.name)})`;
  return value instanceof Map ? 'a Map' : value instanceof Set ? 'a Set' : 'an object that is no plain record';
};

/** A leaf that is the same at every call must not hold what each call computes anew. */
const checkStatic = (leaf: unknown): void => {
  if (typeof leaf !== 'object' || leaf === null) return;
  if (isPromise(leaf)) {
    // What it comes to is of no interest any more.
    leaf.then(undefined, () => undefined);
    throw kindlingError('Unsupported', {
      message: 'an asynchronous function can’t be compiled',
      remedy: 'Await what it needs first, and pass that as an argument',
    });
  }
  if (tensorsWithin(leaf).length > 0) {
    throw kindlingError('Unsupported', {
      message: 'a compiled function returns numbers inside of something that is no tree',
      given: describe(leaf),
      expected: 'records and arrays of arrays and numbers',
      remedy: 'Return the arrays themselves, such as the values of the sites of a trace',
    });
  }
};

/** What a function being recorded returned: the arrays to compute, and the structure around them. */
export const flattenResult = (result: unknown): readonly [outputs: readonly Value[], spec: Spec] => {
  const outputs: Value[] = [];
  const walk = (node: unknown): Spec => {
    const spec = isTensor(node) || isInput(node) || isKey(node) ? specOf(node, false) : undefined;
    if (spec !== undefined) {
      outputs.push(toTensor(isKey(node) ? keyWords(node) : asArray(node as Value)));
      return spec;
    }
    const around = specOf(node, true);
    if (around.kind === 'list') return { kind: 'list', items: (node as readonly unknown[]).map(walk) };
    if (around.kind === 'record') {
      const { names } = around;
      return { kind: 'record', names, items: names.map((name) => walk((node as Readonly<Record<string, unknown>>)[name])) };
    }
    checkStatic(node);
    return { kind: 'static', value: node };
  };
  const spec = walk(result);
  return [outputs, spec];
};

const rounded = (x: NDArray): NDArray => (x.dtype === 'float64' ? makeNDArray(x.data.map(Math.fround), x.shape) : x);

/** The tree of a result around the arrays that were computed. */
export const buildResult = (spec: Spec, outputs: readonly NDArray[], asTensors: boolean, precision: Precision): unknown => {
  let at = 0;
  const build = (node: Spec): unknown => {
    switch (node.kind) {
      case 'array': {
        const x = outputs[at++]!;
        const exact = precision === 'float32' ? rounded(x) : x;
        return asTensors ? toTensor(exact) : exact;
      }
      case 'key':
        return makeKey(Uint32Array.from(outputs[at++]!.data), node.shape);
      case 'static':
        return node.value;
      case 'ignored':
        return undefined;
      case 'list':
        return node.items.map(build);
      case 'record':
        return Object.fromEntries(node.names.map((name, i) => [name, build(node.items[i]!)]));
    }
  };
  return build(spec);
};
