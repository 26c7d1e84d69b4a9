/** Draws under the compiler from the distributions of vectors and matrices. */
import { laws } from '../../../laws.ts';
import { compiledDraws } from '../../../laws/compiledDraws.ts';
import { multivariate } from '../../../core/shelf/multivariate.ts';

laws('compiled multivariate distributions', compiledDraws(multivariate));
