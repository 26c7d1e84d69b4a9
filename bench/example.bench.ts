/** The main job as a user runs it: a fresh process, data, three fits, the tables and the plots. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { measure } from './measure.ts';

export const bench: Bench = {
  name: 'node dist/examples/regression.js',
  run: async () => {
    const out = mkdtempSync(join(tmpdir(), 'kindling-example-'));
    const program = fileURLToPath(new URL('../examples/regression.js', import.meta.url));
    try {
      const run = (): void => void execFileSync(process.execPath, [program, '--out', out], { stdio: 'ignore' });
      return [
        await measure('fresh process, plots included', run, {
          samples: 5,
          warmup: 1,
          note: '30,000 steps; 300 steps with 1 and with 100 particles; three plots',
        }),
      ];
    } finally {
      rmSync(out, { recursive: true });
    }
  },
};
