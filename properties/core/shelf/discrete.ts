/** The distributions of counts and classes, with the parameters they are tested at. */
import { discreteClasses } from './discreteClasses.ts';
import { discreteCounts } from './discreteCounts.ts';
import { discreteZeros } from './discreteZeros.ts';
import type { Shelf } from './entry.ts';

export const discrete: Shelf = { ...discreteCounts, ...discreteClasses, ...discreteZeros };
