/** The peers: scripts of the shared folder, run by the Python of a virtual environment that has them, beside ours in the same sitting. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SHARED } from './shared.ts';

/** What a script prints of one workload: seconds of the compiled run, the least of several. */
export interface PeerTimes {
  readonly run: { readonly min: number; readonly median: number };
  /** By what the run is to be multiplied to be the whole workload. */
  readonly scale?: number | undefined;
}

/** The variable that names the Python of the virtual environment. */
const VARIABLE = 'KINDLING_PEERS';

/** Runs one workload in a peer; `undefined`, with a printed line, where there is no Python named or the script fails. */
export const runPeer = (peer: 'numpyro' | 'nutpie' | 'pyro', workload: string, ...options: readonly string[]): PeerTimes | undefined => {
  const python = process.env[VARIABLE];
  const script = new URL(`peers/bench_${peer}.py`, SHARED);
  if (python === undefined || !existsSync(script)) {
    console.log(`  without ${peer} to compare with: ${python === undefined ? `set ${VARIABLE} to a Python that has it` : 'no script beside the repository'}`);
    return undefined;
  }
  try {
    const output = execFileSync(python, [fileURLToPath(script), workload, ...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    // Python writes NaN, which JSON has not.
    return JSON.parse(
      output
        .trim()
        .split('\n')
        .at(-1)!
        .replace(/\bNaN\b/g, 'null'),
    ) as PeerTimes;
  } catch (error) {
    console.log(`  ${peer} failed on ${workload}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return undefined;
  }
};
