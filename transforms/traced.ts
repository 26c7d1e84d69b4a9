/** Whether what is computed now is recorded or taped: then it must be seen step by step, and its numbers may not be there. */
import * as tf from '#tfjs';
import { RECORDER } from '../core/value.ts';

export const isTraced = (): boolean => tf.getBackend() === RECORDER || tf.engine().state.gradientDepth > 0;
