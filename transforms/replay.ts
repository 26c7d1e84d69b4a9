/** Replaying: a recorded graph applied to arrays, kernel by kernel, so that it runs now, is taped, or is recorded into another graph. */
import { replayWith, type Replay } from './replayWith.ts';
import { applyLoop } from './scan/applyLoop.ts';

/**
 * The outputs of a graph for inputs of any form: NDArrays where all that an output depends on are NDArrays, else tensors. What no output
 * needs is not computed.
 */
export const replayGraph: Replay = replayWith(applyLoop);
