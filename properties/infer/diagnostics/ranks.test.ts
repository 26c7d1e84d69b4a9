/** Rank normalisation against its definition by counting, and a summary against the diagnostics one by one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { array, ess, essTail, mcse, rhat, summary } from '../../../infer/kindling.ts';
import { rankNormalized } from '../../../infer/diagnostics/ranks.ts';
import { laws } from '../../laws.ts';

/** Chains of one length, of few values, so that many draws are equal. */
const tied = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 4, max: 30 })).chain(([chains, draws]) =>
  fc.array(fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-0, 1e300, -1e300)), { minLength: draws, maxLength: draws }), {
    minLength: chains,
    maxLength: chains,
  }),
);

laws('ranks', {
  'equal draws share the mean of their ranks': () => {
    fc.assert(
      fc.property(tied, (chains) => {
        const given = chains.map((chain) => Float64Array.from(chain));
        const all = chains.flat();
        const byCount = (x: number): number => all.filter((y) => y < x).length + (1 + all.filter((y) => y === x).length) / 2;
        const ranked = rankNormalized(given);
        const pairs = all.map((x, i) => [byCount(x), ranked[Math.floor(i / chains[0]!.length)]![i % chains[0]!.length]!] as const);
        for (const [rankA, zA] of pairs) for (const [rankB, zB] of pairs) assert.equal(Math.sign(rankA - rankB), Math.sign(zA - zB));
        // The middle of the ranks is 0, and the quantiles are symmetric about it.
        for (const [rank, z] of pairs) if (rank === (all.length + 1) / 2) assert.ok(Math.abs(z) < 1e-12);
      }),
    );
  },

  'a summary says what the diagnostics say': () => {
    fc.assert(
      fc.property(tied, (chains) => {
        const [row] = summary({ samples: { x: array(chains) } });
        assert.deepEqual([row!.mcseMean, row!.essBulk, row!.essTail, row!.rhat], [mcse(chains), ess(chains), essTail(chains), rhat(chains)]);
      }),
    );
  },
});
