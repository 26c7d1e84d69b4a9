/** The log density of a hidden Markov model, partly supervised, by the forward algorithm as a scan: the peers' model, on unconstrained space. */
import { existsSync, readFileSync } from 'node:fs';
import { array, bijectTo, constraints, ops, scan, type Input, type NDArray } from '../infer/kindling.ts';
import type { AnyArray } from '../core/value.ts';
import { SHARED } from './shared.ts';

interface Data {
  readonly K: number;
  readonly V: number;
  readonly z: readonly number[];
  readonly w: readonly number[];
  readonly u: readonly number[];
}

export interface HiddenMarkov {
  readonly density: (theta: Input, phi: Input) => AnyArray;
  /** The log density of as many words as there are, of the unsupervised part alone. */
  readonly forward: (theta: Input, phi: Input, words: Input, count: number) => AnyArray;
  readonly point: readonly [theta: NDArray, phi: NDArray];
  readonly words: NDArray;
}

const whole = (numbers: readonly number[]): NDArray => array(Int32Array.from(numbers));

/** m[i, j] for lists of i and j. */
const picked = (m: AnyArray, i: Input, j: Input): AnyArray => ops.gather(ops.reshape(m, [-1]), ops.add(ops.mul(i, m.shape[1]!), j));

/** The model on the shared data; `undefined` where they are not beside the repository. */
export const hiddenMarkov = (): HiddenMarkov | undefined => {
  const file = new URL('bench-data/hmm.json', SHARED);
  if (!existsSync(file)) return undefined;
  const { K, V, z, w, u } = JSON.parse(readFileSync(file, 'utf8')) as Data;
  const [from, to, at, words, hidden] = [whole(z.slice(0, -1)), whole(z.slice(1)), whole(z), whole(w), whole(u)];
  const simplex = bijectTo(constraints.simplex);
  const forward = (logTheta: AnyArray, logPhi: AnyArray, seen: Input, count: number): AnyArray => {
    const start = ops.reshape(ops.gather(logPhi, ops.slice(seen, [0], [1]), 1), [K]);
    const step = (alpha: AnyArray, word: AnyArray): readonly [AnyArray, undefined] => {
      const joint = ops.add(ops.add(ops.expandDims(alpha, 1), logTheta), ops.expandDims(ops.gather(logPhi, word, 1), 0));
      return [ops.logSumExp(joint, 0), undefined];
    };
    const [last] = scan(step as never, start as never, ops.slice(seen, [1], [count - 1]));
    return ops.logSumExp(last);
  };
  const density = (a: Input, b: Input): AnyArray => {
    const [theta, ofTheta] = simplex.forwardAndLogDet(a);
    const [phi, ofPhi] = simplex.forwardAndLogDet(b);
    const [logTheta, logPhi] = [ops.log(theta), ops.log(phi)];
    const terms = [
      ops.sum(ofTheta),
      ops.sum(ofPhi),
      ops.mul(0.1 - 1, ops.sum(logPhi)),
      ops.sum(picked(logTheta, from, to)),
      ops.sum(picked(logPhi, at, words)),
      forward(logTheta, logPhi, hidden, u.length),
    ];
    return terms.reduce((sum, term) => ops.add(sum, term));
  };
  const point = [
    [K, K - 1],
    [K, V - 1],
  ].map((shape) =>
    array(
      Float64Array.from({ length: shape[0]! * shape[1]! }, (_, i) => 0.3 * Math.sin(1.7 * i)),
      shape,
    ),
  ) as [NDArray, NDArray];
  return { density, forward: (a, b, seen, count) => forward(ops.log(simplex.forward(a)), ops.log(simplex.forward(b)), seen, count), point, words: hidden };
};
