/** The error of ours that a call throws. */
import assert from 'node:assert/strict';
import { isKindlingError, type KindlingError } from '../infer/kindling.ts';

/** Fails where nothing is thrown, or an error that is not ours. */
export const errorOf = (act: () => unknown): KindlingError => {
  try {
    act();
  } catch (error) {
    assert.ok(isKindlingError(error), String(error));
    return error;
  }
  throw new Error('nothing was thrown');
};
