/** Telling why a function is compiled again: in which argument two signatures differ, and what to do about it. */
import { showShape } from '../../core/shape.ts';
import type { Spec } from './signature.ts';

/** One place where two signatures differ. */
interface Difference {
  readonly change: string;
  readonly remedy: string;
}

/** From how many signatures on it is worth a word. */
export const MANY_SIGNATURES = 6;

const REMEDIES = {
  shape: 'pad arrays to one shape, and leave out with ops.where or a mask what was added',
  number: 'a number that is static counts by its value: leave its position out of the option static, to make it an input',
  function: 'make functions and objects once, outside of the loop that calls, or pass what varies in them as arrays',
  static: 'booleans and strings count by their value: pass as a number or array what the function need not know when it is compiled',
  structure: 'give every call the same records and lists, with zeros for what is missing',
  dtype: 'give every call arrays of one type',
} as const;

const showValue = (value: unknown): string => {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
};

const describe = (spec: Spec): string => {
  switch (spec.kind) {
    case 'array':
      return `${spec.dtype}${showShape(spec.shape)}`;
    case 'key':
      return `key${showShape(spec.shape)}`;
    case 'static':
      return showValue(spec.value);
    case 'list':
      return `a list of ${spec.items.length}`;
    case 'record':
      return `{${spec.names.join(', ')}}`;
    case 'ignored':
      return 'anything';
  }
};

const staticRemedy = (a: unknown, b: unknown): string => {
  if (typeof a === 'number' && typeof b === 'number') return REMEDIES.number;
  return [a, b].some((value) => typeof value === 'function' || (typeof value === 'object' && value !== null)) ? REMEDIES.function : REMEDIES.static;
};

/** Where two signatures differ, from the first argument on. */
export const differencesOf = (before: Spec, after: Spec, path: string): readonly Difference[] => {
  const changed = (what: string, remedy: string): readonly Difference[] => [{ change: `${path}: ${what}${describe(before)} → ${describe(after)}`, remedy }];
  if (before.kind === 'list' && after.kind === 'list' && before.items.length === after.items.length)
    return before.items.flatMap((item, i) => differencesOf(item, after.items[i]!, path === '' ? `argument ${i}` : `${path}[${i}]`));
  if (before.kind === 'record' && after.kind === 'record' && before.names.join() === after.names.join())
    return before.items.flatMap((item, i) => differencesOf(item, after.items[i]!, `${path}.${before.names[i]}`));
  if (before.kind === 'array' && after.kind === 'array') {
    if (before.dtype !== after.dtype) return changed('', REMEDIES.dtype);
    const [from, to] = [before, after].map(({ shape }) => showShape(shape));
    return from === to ? [] : [{ change: `${path}: shape ${from} → ${to}`, remedy: REMEDIES.shape }];
  }
  if (before.kind === 'key' && after.kind === 'key') return showShape(before.shape) === showShape(after.shape) ? [] : changed('', REMEDIES.shape);
  if (before.kind === 'static' && after.kind === 'static')
    return Object.is(before.value, after.value) ? [] : changed('static value ', staticRemedy(before.value, after.value));
  return changed('structure ', REMEDIES.structure);
};

/** What to say of a function that is compiled for one signature after another. */
export const recompileWarning = (name: string, count: number, known: readonly Spec[], spec: Spec): string => {
  // Compared with the most similar one, the difference is what is likely to vary from call to call.
  const all = known.map((other) => differencesOf(other, spec, '')).filter(({ length }) => length > 0);
  const differences = all.reduce<readonly Difference[]>((best, own) => (best.length > 0 && best.length <= own.length ? best : own), []);
  const changes = differences.slice(0, 3).map(({ change }) => change);
  const remedies = [...new Set(differences.slice(0, 3).map(({ remedy }) => remedy))];
  return (
    `kindling: ${name} has been compiled ${count} times, for as many signatures of its arguments. Changed now: ` +
    `${changes.join('; ')}${differences.length > 3 ? '; …' : ''}. Compiling takes milliseconds: ${remedies.join('; ')}.`
  );
};
