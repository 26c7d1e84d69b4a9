/** A rule of the table of divergences: two families and the formula for them. */
import type { AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';

type Arrays = Readonly<Record<string, AnyArray>>;

export interface KLRule {
  readonly p: string;
  readonly q: string;
  /** KL(p ‖ q) of the families' own parameters, before anything is expanded. */
  readonly kl: (p: Distribution, q: Distribution) => AnyArray;
}

/** The parameters of a distribution whose family holds arrays alone. */
export const arraysOf = ({ params }: Distribution): Arrays => params as Arrays;

/** A rule on the parameters by name. */
export const rule = <P extends string, Q extends string>(
  p: string,
  q: string,
  kl: (p: { readonly [Name in P]: AnyArray }, q: { readonly [Name in Q]: AnyArray }) => AnyArray,
): KLRule => ({
  p,
  q,
  kl: (one, other) => kl(one.params as { readonly [Name in P]: AnyArray }, other.params as { readonly [Name in Q]: AnyArray }),
});

/** A rule between two members of one family. */
export const within = <Names extends string>(
  name: string,
  kl: (p: { readonly [Name in Names]: AnyArray }, q: { readonly [Name in Names]: AnyArray }) => AnyArray,
): KLRule => rule<Names, Names>(name, name, kl);
