/** Every distribution of the shelf with the parameters it is tested at. */
import { combinators } from './combinators.ts';
import { continuous } from './continuous.ts';
import { discrete } from './discrete.ts';
import type { Shelf } from './entry.ts';
import { multivariate } from './multivariate.ts';

export const shelf: Shelf = { ...continuous, ...discrete, ...multivariate, ...combinators };
