/** The variates of each kernel that draws them: functions of the words of a key, of the place of an element, and of its parameters. */
import type { ScalarFunction } from '../expression.ts';
import { logGammaVariate } from './logGammaVariate.ts';
import { binomialVariate, poissonVariate } from './variatesCount.ts';
import { vonMisesVariate } from './vonMises.ts';

export const variates: Readonly<Record<string, ScalarFunction>> = {
  RandomLogGamma: logGammaVariate,
  RandomPoisson: poissonVariate,
  RandomBinomial: binomialVariate,
  RandomVonMises: vonMisesVariate,
};
