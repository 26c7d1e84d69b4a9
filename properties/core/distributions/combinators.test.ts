/** The laws of the distributions that are made of others. */
import { laws } from '../../laws.ts';
import { shelfLaws } from '../../laws/shelfLaws.ts';
import { combinators } from '../shelf/combinators.ts';

laws('combinators distributions', shelfLaws(combinators));
