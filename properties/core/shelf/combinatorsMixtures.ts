/** The mixtures, with the parameters they are tested at. */
import * as constraints from '../../../core/constraints/index.ts';
import * as dist from '../../../core/distributions/index.ts';
import type { Shelf } from './entry.ts';

export const mixtures: Shelf = {
  MixtureSameFamily: {
    make: ({ logits, loc, scale }) => dist.MixtureSameFamily(dist.Categorical({ logits }), dist.Normal({ loc, scale })),
    params: [
      { logits: [0.4, -0.3], loc: [-2, 1], scale: [0.5, 1.5] },
      {
        logits: [0.4, -0.3, 0],
        loc: [
          [0, 1, 2],
          [3, 4, 9],
        ],
        scale: 0.7,
      },
    ],
    invalid: [[{ logits: [0, 0], loc: 0, scale: [1, -1] }, 'scale']],
  },
  MixtureGeneral: {
    make: ({ logits, loc, rate }) =>
      dist.MixtureGeneral(dist.Categorical({ logits }), [dist.Normal({ loc, scale: 1 }), dist.Exponential({ rate })], { support: constraints.real }),
    params: [
      { logits: [0.4, -0.3], loc: 0.5, rate: 0.8 },
      { logits: [0.4, -0.3], loc: [0.5, 1], rate: 0.8 },
    ],
    invalid: [[{ logits: [0, 0], loc: 0, rate: -1 }, 'rate']],
    integratedElsewhere: 'its density has a step at 0: properties/core/distributions/mixtures.test.ts',
  },
  Mixture: {
    make: ({ logits, probs }) => dist.Mixture(dist.Categorical({ logits }), [dist.BernoulliProbs(0.3), dist.BernoulliProbs(probs)]),
    params: [{ logits: [0.2, 0.8], probs: 0.6 }],
    outside: [-1, 2, 0.5],
  },
};
