/** The distributions of directions and angles, with the parameters they are tested at. */
import * as dist from '../../../core/distributions/index.ts';
import { array } from '../../../core/ndarray.ts';
import type { Shelf } from './entry.ts';

export const multivariateAngles: Shelf = {
  ProjectedNormal: {
    make: dist.ProjectedNormal,
    params: [
      { concentration: [1, 0.5] },
      { concentration: [0, 0, 0] },
      {
        concentration: [
          [1, -0.6, 0.3],
          [0, 1, 1],
        ],
      },
      { concentration: [0.2, 0.1, -0.4, 0.3] },
    ],
    outside: ({ concentration }) => [Array.from({ length: array(concentration!).shape.at(-1)! }, () => 0.4)],
    moments: false,
    invalid: [[{ concentration: [0, NaN] }, 'concentration']],
  },
  SineBivariateVonMises: {
    make: dist.SineBivariateVonMises,
    params: [
      { phiLoc: 0.3, psiLoc: -0.2, phiConcentration: 20, psiConcentration: 30, correlation: 8 },
      { phiLoc: 0, psiLoc: [0.1, -3], phiConcentration: 25, psiConcentration: 40, weightedCorrelation: -0.6 },
      { phiLoc: [0.3, 0], psiLoc: 1, phiConcentration: [0.5, 3], psiConcentration: 2, correlation: [1, 4] },
    ],
    outside: [
      [4, 0],
      [0, -4],
    ],
    moments: false,
    invalid: [
      [{ phiLoc: 0, psiLoc: 0, phiConcentration: 0, psiConcentration: 1, correlation: 0 }, 'phiConcentration'],
      [{ phiLoc: 4, psiLoc: 0, phiConcentration: 1, psiConcentration: 1, weightedCorrelation: 0 }, 'phiLoc'],
    ],
  },
  SineSkewed: {
    make: ({ concentration, skewness }) => dist.SineSkewed(dist.VonMises([0, 1], concentration).toEvent(1), skewness!),
    params: [
      { concentration: [1.5, 0.5], skewness: [0.4, -0.3] },
      {
        concentration: [1, 2],
        skewness: [
          [0.1, 0.9],
          [-0.2, 0],
        ],
      },
    ],
    outside: [
      [4, 0],
      [0, -4],
    ],
    moments: false,
    invalid: [[{ concentration: [1, 1], skewness: [0.8, -0.3] }, 'skewness']],
  },
};
