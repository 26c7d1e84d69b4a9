/** Addresses within nested loops: where the element of a memory lies at the indices of the loops that are open. */
import type { Affine, Axis } from '../../core/loop/expression.ts';
import { address, type Code, type Local } from './code.ts';
import type { Nest, Scope } from './scope.ts';
import { rowsInTile, type Place } from './place.ts';

export const strideOf = ({ terms }: Affine, axis: Axis): number => terms.reduce((sum, term) => (term.axis === axis ? sum + term.stride : sum), 0);

/** How the strides of a memory's index become bytes for eight times an index: those of the rows of the pass, and all others. */
export interface Scale {
  readonly rows: number;
  readonly others: number;
}

const whole: Scale = { rows: 1, others: 1 };

/** Within a tile the rows lie side by side; from tile to tile, the row counter moves by whole rows. A single takes half of what a double does. */
export const scaleOf = ({ isTiled, isSingle }: Place): Scale => {
  const rows = isSingle === true ? 0.5 : 1;
  return { rows, others: isTiled ? rows * rowsInTile(isSingle) : rows };
};

/** The local of place + counter · stride, or nothing for 0. */
const moved = (code: Code, place: Local | undefined, counter: Local, stride: number): Local => {
  if (place === undefined && stride === 1) return counter;
  return address(code, [[counter, stride], ...(place === undefined ? [] : [[place, 1] as const])])!;
};

/** Whether a loop within runs over the same axis: a sum that does not vary along an axis outside of it may have taken that axis for its own. */
const isShadowed = (scopes: readonly Scope[], depth: number): boolean => scopes.some(({ axis }, inner) => inner > depth && axis === scopes[depth]!.axis);

/** The local of Σ counter · stride over the open loops, in bytes, or nothing for 0. */
export const addressOf = ({ program, scopes, rows }: Nest, index: Affine, scale: Scale = whole): Local | undefined => {
  let place: Local | undefined;
  for (const [depth, { axis, counter, addresses }] of scopes.entries()) {
    if (axis === undefined || counter === undefined || isShadowed(scopes, depth)) continue;
    const stride = strideOf(index, axis) * (axis === rows?.axis ? scale.rows : scale.others);
    if (stride === 0) continue;
    const key = `${place}+${counter}*${stride}`;
    const known = addresses.get(key);
    place = known ?? moved(program.code, place, counter, stride);
    if (known === undefined) addresses.set(key, place);
  }
  return place;
};

/** What is added to an address: the bytes of the index's offset, and of the shifts of the open loops. */
export const offsetOf = ({ scopes, rows }: Nest, index: Affine, scale: Scale = whole): number =>
  scopes.reduce(
    (bytes, { axis, shift }, depth) => {
      if (axis === undefined || shift === 0 || isShadowed(scopes, depth)) return bytes;
      return bytes + 8 * shift * strideOf(index, axis) * (axis === rows?.axis ? scale.rows : scale.others);
    },
    8 * scale.rows * index.offset,
  );
