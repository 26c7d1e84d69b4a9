/** The distributions made of others, with the parameters they are tested at. */
import { basic } from './combinatorsBasic.ts';
import { mixtures } from './combinatorsMixtures.ts';
import { truncated } from './combinatorsTruncated.ts';
import type { Shelf } from './entry.ts';

export const combinators: Shelf = { ...basic, ...mixtures, ...truncated };
