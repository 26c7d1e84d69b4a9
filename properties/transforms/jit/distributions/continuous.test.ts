/** Draws under the compiler from the distributions of single numbers. */
import { laws } from '../../../laws.ts';
import { compiledDraws } from '../../../laws/compiledDraws.ts';
import { continuous } from '../../../core/shelf/continuous.ts';

laws('compiled continuous distributions', compiledDraws(continuous));
