/** Draws under the compiler from the distributions that are made of others. */
import { laws } from '../../../laws.ts';
import { compiledDraws } from '../../../laws/compiledDraws.ts';
import { combinators } from '../../../core/shelf/combinators.ts';

laws('compiled combinators distributions', compiledDraws(combinators));
