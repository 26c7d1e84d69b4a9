/** Small inference problems that the tests of SVI share, and how to compare what comes out. */
import {
  adam,
  array,
  AutoDiagonalNormal,
  constraints,
  dist,
  ops,
  param,
  random,
  sample,
  SVI,
  TraceELBO,
  type Key,
  type Objective,
  type SVIState,
  type Value,
} from '../../infer/kindling.ts';
import type { Guide, NDArray } from '../../infer/kindling.ts';
import type { Input } from '../../core/value.ts';

export const key: Key = random.PRNGKey(20);

/** Twelve points of a line, and the noise around it. */
export const lineData: { readonly x: NDArray; readonly y: NDArray } = {
  x: array(Array.from({ length: 12 }, (_, i) => i / 4)),
  y: array(Array.from({ length: 12 }, (_, i) => 1 + i / 2 + Math.sin(7 * i))),
};

/** A straight line with a scale: three latents, of which one is positive and one a vector. */
export const line = (x: Input, y?: Input): Value => {
  const w = sample('w', dist.Normal(0, 2).expand([2]));
  const sigma = sample('sigma', dist.HalfNormal(2));
  return sample('y', dist.Normal(ops.add(ops.slice(w, [0], [1]), ops.mul(ops.slice(w, [1], [1]), x)), sigma), { obs: y });
};

type LineArgs = [x: Input, y?: Input | undefined];

/** SVI of the line by independent normals. */
export const fitLine = (loss: Objective = TraceELBO()): SVI<LineArgs, Guide<LineArgs>> => SVI(line, AutoDiagonalNormal(line), adam(0.05), loss);

/** A coin, and ten throws of it of which seven are heads: the posterior is Beta(9, 5). */
export const throws: readonly number[] = [1, 1, 0, 1, 1, 0, 1, 0, 1, 1];

export const coin = (data?: Input): Value => {
  const p = sample('p', dist.Beta(2, 2));
  return sample('throws', dist.Bernoulli(p), { obs: data });
};

/** A guide of the right family, whose starts come from a key. */
export const coinGuide = (_data?: Input): Value => {
  const start = (k: Key): Input => random.uniform(k, [], { minval: 1, maxval: 3 });
  const a = param('a', start, { constraint: constraints.positive });
  const b = param('b', start, { constraint: constraints.positive });
  return sample('p', dist.Beta(a, b));
};

/** A state as text, in which every bit counts. */
export const textOf = (state: SVIState): string => JSON.stringify(state);

/** A state that went through JSON. */
export const reloaded = (state: SVIState): SVIState => JSON.parse(JSON.stringify(state)) as SVIState;
