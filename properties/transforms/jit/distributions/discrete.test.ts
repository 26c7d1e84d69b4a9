/** Draws under the compiler from the distributions of counts and classes. */
import { laws } from '../../../laws.ts';
import { compiledDraws } from '../../../laws/compiledDraws.ts';
import { discrete } from '../../../core/shelf/discrete.ts';

laws('compiled discrete distributions', compiledDraws(discrete));
