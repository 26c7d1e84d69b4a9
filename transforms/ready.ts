/** ready: what must be there before a model runs, tfjs, the backend that records, and the compiler that long arrays are computed by. */
import { startTfjs } from '../core/backend.ts';
import { useWideFunctions } from '../core/loop/columnFunctions.ts';
import { readyRecorder } from './jit/record.ts';
import { wideFunctionOf } from './jit/wideFunction.ts';

/**
 * Starts tfjs on its WebAssembly backend, registers our kernels with it and with that which records, and has long arrays of float64 computed by compiled functions.
 * Call it once, and wait for it; again it does nothing.
 *
 * @throws NotReady where the backend can't start, saying why
 * @example
 * await ready();
 */
export const ready = async (): Promise<void> => {
  useWideFunctions(wideFunctionOf);
  await startTfjs();
  readyRecorder();
};
