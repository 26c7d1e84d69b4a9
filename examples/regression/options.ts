/** The command line of the regression: what may be asked for, and one sentence for what may not. */
import { parseArgs } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

export interface Options {
  readonly steps: number;
  readonly seed: number;
  readonly particles: number;
  readonly rate: number;
  readonly out: string;
  /** A CSV file to fit in place of the synthetic data. */
  readonly data: string | undefined;
  /** The column to explain; the last unless named. */
  readonly target: string | undefined;
  readonly standardize: boolean;
}

export type Command = { readonly _tag: 'help' } | { readonly _tag: 'fit'; readonly options: Options };

const defaults: Options = {
  steps: 30_000,
  seed: 0,
  particles: 1,
  rate: 0.01,
  out: 'out/regression',
  data: undefined,
  target: undefined,
  standardize: false,
};

export const help: string = `Fits a Bayesian linear regression by stochastic variational inference.

Usage: npm start -- [options]

  --steps N        steps of the optimiser (default ${defaults.steps})
  --seed N         where every random number comes from: the same seed, the same result (default ${defaults.seed})
  --particles N    draws of the guide that each step averages over (default ${defaults.particles})
  --rate R         learning rate of Adam (default ${defaults.rate})
  --out FOLDER     where the pictures go (default ${defaults.out})

  --data FILE.csv  fit this table in place of synthetic data; its first row names the columns
  --target NAME    the column to explain (default: the last)
  --standardize    fit columns of mean 0 and sd 1, and report on the original scale too

  --help           this text
`;

const largestSteps = 100_000_000;
const largestParticles = 100_000;

/** Only digits: `1e3`, `0x10` and `1.0` are more often slips than counts. */
const wholeNumber =
  (name: string, low: number, high: number) =>
  (text: string): E.Either<string, number> =>
    /^\d+$/.test(text) && Number(text) >= low && Number(text) <= high
      ? E.right(Number(text))
      : E.left(`--${name} takes a whole number from ${low} to ${high.toLocaleString('en-US')}, not "${text}".`);

const rateOf = (text: string): E.Either<string, number> => {
  const rate = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(rate) && rate > 0 ? E.right(rate) : E.left(`--rate takes a number above 0, such as 0.01, not "${text}".`);
};

const nonEmpty =
  (name: string, what: string) =>
  (text: string): E.Either<string, string> =>
    text.trim() === '' ? E.left(`--${name} takes ${what}, not an empty text.`) : E.right(text);

/** Options that take a value, each with what reads it. */
const readers = {
  steps: wholeNumber('steps', 1, largestSteps),
  seed: wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER),
  particles: wholeNumber('particles', 1, largestParticles),
  rate: rateOf,
  out: nonEmpty('out', 'the path of a folder'),
  data: nonEmpty('data', 'the path of a CSV file'),
  target: nonEmpty('target', 'the name of a column'),
} as const satisfies { readonly [K in Exclude<keyof Options, 'standardize'>]: (text: string) => E.Either<string, Options[K]> };

const isReader = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name);

interface Given {
  readonly isHelp: boolean;
  readonly options: Options;
}

type Token = ReturnType<typeof tokensOf>[number];

/** Not `strict`: its messages run over several sentences and it would take `--rate -1` for two flags. */
const tokensOf = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      standardize: { type: 'boolean' },
      ...Object.fromEntries(Object.keys(readers).map((name) => [name, { type: 'string' as const }])),
    },
  }).tokens;

const known = [...Object.keys(readers), 'standardize', 'help'].map((name) => `--${name}`).join(', ');

const take =
  (token: Token) =>
  (given: Given): E.Either<string, Given> => {
    if (token.kind === 'positional') return E.left(`"${token.value}" belongs to no option; the options are ${known}.`);
    if (token.kind === 'option-terminator') return E.right(given);
    const { name, rawName, value } = token;
    if (name === 'help' || name === 'standardize') {
      if (value !== undefined) return E.left(`--${name} takes no value, but was given "${value}".`);
      return E.right(name === 'help' ? { ...given, isHelp: true } : { ...given, options: { ...given.options, standardize: true } });
    }
    if (!isReader(name)) return E.left(`There is no option ${rawName}; the options are ${known}.`);
    if (value === undefined) return E.left(`--${name} needs a value; --help tells which.`);
    const read: E.Either<string, number | string> = readers[name](value);
    return pipe(
      read,
      E.map((taken) => ({ ...given, options: { ...given.options, [name]: taken } })),
    );
  };

const checkTogether = (given: Given): E.Either<string, Given> => {
  const { data, target, standardize } = given.options;
  if (data === undefined && target !== undefined) return E.left('--target names a column of a table, so it needs --data FILE.csv.');
  if (data === undefined && standardize) return E.left('--standardize is for a table of yours, so it needs --data FILE.csv.');
  return E.right(given);
};

/**
 * Reads a command line.
 *
 * @returns what to do, or one sentence on the first thing that is wrong
 * @example
 * parseOptions(['--steps', '0']); // left('--steps takes a whole number from 1 to 100,000,000, not "0".')
 */
export const parseOptions = (argv: readonly string[]): E.Either<string, Command> =>
  pipe(
    tokensOf(argv).reduce((given, token) => pipe(given, E.chain(take(token))), E.right({ isHelp: false, options: defaults }) as E.Either<string, Given>),
    E.chain((given) => (given.isHelp ? E.right(given) : checkTogether(given))),
    E.map(({ isHelp, options }): Command => (isHelp ? { _tag: 'help' } : { _tag: 'fit', options })),
  );
