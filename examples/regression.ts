/** `npm start`: Bayesian linear regression by SVI, on synthetic data or on a table of the user's own. */
import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { random, ready, type Key } from 'kindling';
import { terminalProgress, type ProgressStream } from 'kindling/terminal';
import { fromTable, scaleHint, scalingOf, simulate, standardize, type RegressionData } from './regression/data.ts';
import { summarise, toOriginalScale } from './regression/draws.ts';
import { fitter } from './regression/fit.ts';
import { help, parseOptions, type Options } from './regression/options.ts';
import { picturesOf, savePictures } from './regression/pictures.ts';
import { count, reportParameters, reportPictures, reportPosterior } from './regression/report.ts';

/** Where the program writes: results to `stdout`, progress and errors to `stderr`. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}

const DRAWS = 3000;
/** Steps of the short runs that show what more particles do. */
const START = 300;

/** Exit codes: a wrong request or file is 2, a fit that fails is 1. */
const REFUSED = 2;
const FAILED = 1;

const loadData = async (key: Key, { data, target }: Options): Promise<E.Either<string, RegressionData>> =>
  data === undefined ? E.right(simulate(key)) : E.map(fromTable)(await (await import('./regression/load.ts')).loadTable(data, target));

/** Made before the fit, so that a folder that cannot be written does not cost a run. */
const makeFolder = async (path: string): Promise<E.Either<string, string>> => {
  try {
    await mkdir(path, { recursive: true });
    return E.right(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return E.left(`Cannot make the folder ${path} (${code}); give --out another.`);
  }
};

const describe = ({ x, truth }: RegressionData, { data, steps, particles, rate, seed }: Options): string =>
  [
    `Bayesian linear regression: N = ${count(x.shape[0]!)}, P = ${count(x.shape[1]!)}, ${truth === undefined ? `from ${data}` : `synthetic (seed ${seed})`}`,
    `SVI with AutoDiagonalNormal: ${count(steps)} steps of Adam at ${rate}, ${count(particles)} ${particles === 1 ? 'particle' : 'particles'}; loss = −ELBO`,
    '',
    '',
  ].join('\n');

const run = async (options: Options, io: Io): Promise<E.Either<string, void>> => {
  const { steps, seed, particles, rate, out } = options;
  const print = (text: string): void => void io.stdout.write(`${text}\n`);
  await ready();
  const [keyData, keyFit, keyDraws, keyStart] = [...random.split(random.PRNGKey(seed), 4)] as [Key, Key, Key, Key];
  const loaded = await loadData(keyData, options);
  if (E.isLeft(loaded)) return loaded;
  const folder = await makeFolder(out);
  if (E.isLeft(folder)) return folder;

  const original = loaded.right;
  const scaling = scalingOf(original);
  const data = options.standardize ? standardize(original, scaling) : original;
  io.stdout.write(describe(data, options));
  const hint = original.truth !== undefined || options.standardize ? undefined : scaleHint(scaling);
  if (hint !== undefined) print(`Hint: ${hint}\n`);

  const fit = fitter(data, { particles, rate });
  const fitted = await fit(keyFit, { steps, progress: terminalProgress({ stream: io.stderr }) });
  const draws = fitted.draw(keyDraws, DRAWS);
  print(
    `Learned parameters: the guide's normal over the unconstrained latents, in the order alpha, beta, sigma; averaged over the last sixth of the steps\n${reportParameters(fitted.params)}\n`,
  );
  const scale = options.standardize ? ', for the standardised columns that were fitted' : '';
  print(`Posterior, from ${count(DRAWS)} draws of the guide${scale}\n${reportPosterior(summarise(draws, data))}\n`);
  if (options.standardize) print(`Posterior on the original scale of the columns\n${reportPosterior(summarise(toOriginalScale(draws, scaling), data))}\n`);

  const start = async (label: string, numParticles: number): Promise<Float64Array> => {
    const progress = terminalProgress({ stream: io.stderr, label });
    const fitStart = numParticles === particles ? fit : fitter(data, { particles: numParticles, rate });
    return (await fitStart(keyStart, { steps: Math.min(START, steps), progress })).losses;
  };
  const starts = { '1 particle': await start('1 particle', 1), '100 particles': await start('100 particles', 100) };
  print(`Pictures\n${reportPictures(await savePictures(out, picturesOf(fitted.losses, starts)))}`);
  return E.right(undefined);
};

/**
 * Runs the program.
 *
 * @param argv - the arguments after the name of the program
 * @returns the exit code: 0, or 2 for a wrong option or file, or 1 for a fit that failed
 * @example
 * process.exitCode = await main(['--steps', '2000'], process);
 */
export const main = async (argv: readonly string[], io: Io): Promise<number> => {
  const refuse = (sentence: string): number => {
    io.stderr.write(`${sentence}\n`);
    return REFUSED;
  };
  const command = parseOptions(argv);
  if (E.isLeft(command)) return refuse(command.left);
  if (command.right._tag === 'help') {
    io.stdout.write(help);
    return 0;
  }
  try {
    const outcome = await run(command.right.options, io);
    return E.isLeft(outcome) ? refuse(outcome.left) : 0;
  } catch (error) {
    // Errors of the library are written for its users; any other is a fault of the program and keeps its stack.
    if (!(error instanceof Error) || !('_tag' in error)) throw error;
    // The line break leaves a half-drawn bar standing.
    io.stderr.write(`${io.stderr.isTTY === true ? '\n' : ''}The fit failed: ${error.message}\n`);
    return FAILED;
  }
};

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(realpathSync(entry)).href) process.exitCode = await main(process.argv.slice(2), process);
