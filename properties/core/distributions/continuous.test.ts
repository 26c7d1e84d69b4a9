/** The laws of the distributions of single numbers. */
import { laws } from '../../laws.ts';
import { shelfLaws } from '../../laws/shelfLaws.ts';
import { continuous } from '../shelf/continuous.ts';

laws('continuous distributions', shelfLaws(continuous));
