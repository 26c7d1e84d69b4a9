/** The distributions of vectors and matrices, with the parameters they are tested at. */
import type { Shelf } from './entry.ts';
import { multivariateAngles } from './multivariateAngles.ts';
import { multivariateMatrices } from './multivariateMatrices.ts';
import { multivariateProcesses } from './multivariateProcesses.ts';
import { multivariateVectors } from './multivariateVectors.ts';

export const multivariate: Shelf = { ...multivariateVectors, ...multivariateProcesses, ...multivariateAngles, ...multivariateMatrices };
