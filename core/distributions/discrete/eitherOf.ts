/** A family that takes probabilities or log-odds: a choice between the two families that take one of them. */
import { kindlingError } from '../../errors.ts';
import type { AnyArray } from '../../value.ts';
import type { Distribution } from '../distribution.ts';
import { namedArguments, type Constructor } from '../family.ts';

type Parametrised = (params: Readonly<Record<string, AnyArray>>) => Distribution;

/** One of two parametrisations of a family, whose other parameters come first; exactly one must be given. */
export const eitherOf =
  <Names extends string>(name: string, byProbs: Constructor<never>, byLogits: Constructor<never>, others: readonly string[] = []): Constructor<Names> =>
  (...args: readonly unknown[]): Distribution => {
    const { probs, logits, ...rest } = namedArguments(name, [...others, 'probs', 'logits'], args);
    if ((probs === undefined) === (logits === undefined)) {
      throw kindlingError('InvalidArgument', {
        message: `${name} takes either probs or logits`,
        given: probs === undefined ? 'neither' : 'both',
        remedy: `For example dist.${name}({ ${[...others, 'logits'].join(', ')} })`,
      });
    }
    return probs === undefined ? (byLogits as unknown as Parametrised)({ ...rest, logits: logits! }) : (byProbs as unknown as Parametrised)({ ...rest, probs });
  };
