/** `npm run coin`: how a coin falls, inferred by NUTS, beside the posterior that is known exactly. */
import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { array, dist, MCMC, NUTS, plate, printSummary, random, ready, sample, toArviz, type NDArray } from 'kindling';

const FLIPS = 100;
const FAIRNESS = 0.65;

/** Heads is 1. */
const coin = (flips: NDArray): void => {
  const probability = sample('probability', dist.Beta(1, 1));
  plate('flips', flips.shape[0]!)(() => sample('heads', dist.Bernoulli(probability), { obs: flips }));
};

const mean = (x: Float64Array): number => x.reduce((total, value) => total + value, 0) / x.length;

/** A beta prior and Bernoulli data make a beta posterior, whose parameters are the prior's and the counts together. */
const exactPosterior = (heads: number): string => {
  const [a, b] = [1 + heads, 1 + FLIPS - heads];
  const centre = a / (a + b);
  return `Exact, Beta(${a}, ${b}):  mean ${centre.toFixed(4)}, sd ${Math.sqrt((centre * (1 - centre)) / (a + b + 1)).toFixed(4)}`;
};

const options = {
  warmup: { type: 'string', default: '500' },
  draws: { type: 'string', default: '5000' },
  chains: { type: 'string', default: '4' },
  seed: { type: 'string', default: '0' },
  out: { type: 'string' },
} as const;

/** Flips the coin, and infers from the flips how it falls. `--out FOLDER` keeps the draws, for ArviZ. */
export const main = async (argv: readonly string[], stdout: { write(text: string): unknown }): Promise<void> => {
  const { warmup, draws, chains, seed, out } = parseArgs({ args: [...argv], options }).values;
  await ready();
  const [keyFlips, keyRun] = random.split(random.PRNGKey(Number(seed)));
  const flips = array(random.bernoulli(keyFlips, FAIRNESS, [FLIPS]).data);
  const heads = FLIPS * mean(flips.data);
  stdout.write(`${FLIPS} flips of Bernoulli(${FAIRNESS}): ${heads} heads. NUTS: ${chains} chains, ${warmup} steps of warmup, ${draws} draws.\n\n`);
  const mcmc = MCMC(NUTS(coin), { numWarmup: Number(warmup), numSamples: Number(draws), numChains: Number(chains) });
  const posterior = await mcmc.run(keyRun, [flips]);
  printSummary(posterior, { print: (text) => stdout.write(`${text}\n\n`) });
  const { data } = posterior.samples['probability']!;
  const centre = mean(data);
  const sd = Math.sqrt(mean(data.map((x) => (x - centre) ** 2)));
  stdout.write(`${exactPosterior(heads)}\nNUTS:                  mean ${centre.toFixed(4)}, sd ${sd.toFixed(4)}\n`);
  if (out === undefined) return;
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'coin.json'), toArviz(posterior, { observedData: { heads: flips } }));
  stdout.write(`Draws for arviz.from_json: ${join(out, 'coin.json')}\n`);
};

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(realpathSync(entry)).href) await main(process.argv.slice(2), process.stdout);
