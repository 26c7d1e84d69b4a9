/** What the laws need to know of a distribution: parameters to test it at, what lies outside its support, and what it must refuse. */
import type { Distribution } from '../../../core/distributions/index.ts';
import type { Nested } from '../../../core/ndarray.ts';
import type { AnyArray, Input } from '../../../core/value.ts';

export type Params = Readonly<Record<string, Nested>>;

export interface ShelfEntry {
  readonly make: (params: Readonly<Record<string, Input>>) => Distribution;
  /** Scalar sets first, then batched ones. */
  readonly params: readonly Params[];
  /** Values that have no density. */
  readonly outside?: readonly Nested[] | ((set: Params) => readonly Nested[]) | undefined;
  /** Parameters to refuse, with the name of the one at fault. */
  readonly invalid?: readonly (readonly [Params, string])[] | undefined;
  /** `false`: mean and variance are infinite, or undefined. */
  readonly moments?: false | undefined;
  /** The values of a discrete distribution, or all but a negligible part (1e-9) of them, where its support doesn't list them: numbers, or events. */
  readonly values?: ((set: Params) => readonly Nested[]) | undefined;
  /** Parameters that can't be moved and have no derivative: counts and sizes. */
  readonly fixed?: readonly string[] | undefined;
  /** Parameters that give shapes: known numbers even where all others are traced. */
  readonly sizes?: readonly string[] | undefined;
  /** Why that the density integrates to 1 is not for the common law to see, and where it is seen. */
  readonly integratedElsewhere?: string | undefined;
  /** Values at which to differentiate, in place of draws, which may lie at an edge of the support. */
  readonly at?: ((d: Distribution) => AnyArray) | undefined;
  /** The parameter at which the density of a number has a kink: it is integrated from there to both sides. */
  readonly kink?: string | undefined;
  /** The support moves with the parameters, so that the score has no mean of 0. */
  readonly movingSupport?: true | undefined;
  /** The probabilities are differentiated as if they need not sum to 1; the number of trials that they are of, if more than 1. */
  readonly unnormalised?: true | number | undefined;
  /** Values that have a probability beside the density of the others. */
  readonly atoms?: readonly number[] | undefined;
  /** The pathwise gradient is right for functions linear in the draw only. */
  readonly linear?: true | undefined;
  /** The distribution is of one certain value. */
  readonly certain?: true | undefined;
  /** The log-density is 0 on a set of no finite volume, from which nothing can be drawn. */
  readonly improper?: true | undefined;
}

/** Values that no positive number is. */
export const positives: readonly Nested[] = [-1, -1e-8, -Infinity];
/** Values that are neither 0 nor 1. */
export const bits: readonly Nested[] = [-1, 2, 0.5];

export type Shelf = Readonly<Record<string, ShelfEntry>>;
