/** The laws of the distributions of vectors and matrices. */
import { laws } from '../../laws.ts';
import { shelfLaws } from '../../laws/shelfLaws.ts';
import { multivariate } from '../shelf/multivariate.ts';

laws('multivariate distributions', shelfLaws(multivariate));
