/** The laws of the distributions of counts and classes. */
import { laws } from '../../laws.ts';
import { shelfLaws } from '../../laws/shelfLaws.ts';
import { discrete } from '../shelf/discrete.ts';

laws('discrete distributions', shelfLaws(discrete));
