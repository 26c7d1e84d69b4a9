/** `laws`: one uvu suite that cannot forget to run, with fast-check seeded so that every failure can be replayed. */
import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import { ready } from '../transforms/ready.ts';
import { stackDepth } from '../core/runtime.ts';

type Law = () => void | Promise<void>;

const integerOf = (variable: string): number | undefined => {
  const text = process.env[variable];
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw new Error(`${variable} must be a whole number; it is "${text}"`);
  return Number(text);
};

/** CI draws the same cases each time, so that a red run is never a matter of luck; at a desk every run looks at new ones. */
const seed = integerOf('FC_SEED') ?? (process.env['CI'] ? 20_260_101 : randomInt(2 ** 31 - 1));
const numRuns = integerOf('FC_RUNS') ?? 50;
fc.configureGlobal({ seed, numRuns });

const thisFile = basename(process.argv[1] ?? '', '.js');

const isPropertyFailure = (error: Error): boolean => /^Property (failed|interrupted|timeout)/.test(error.message);

/** uvu prints the message, then the stack from its second line on: a message of many lines would stand there twice. */
const framesOnly = (error: Error): Error => {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  error.stack = [error.name, ...frames].join('\n');
  return error;
};

/** fast-check hides what was thrown in `cause`, which uvu does not print: bring it forward, with the way to see it again. */
const explain = (thrown: unknown): Error => {
  const error = thrown instanceof Error ? thrown : new Error(`not an Error was thrown: ${String(thrown)}`);
  if (!isPropertyFailure(error)) return framesOnly(error);
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const details = cause && 'details' in cause && typeof cause.details === 'string' ? cause.details : '';
  const replay = `Replay: FC_SEED=${seed} FC_RUNS=${numRuns} npm test -- ${thisFile}`;
  const explained = new Error([error.message, cause?.stack ?? String(error.cause), details, replay].filter((part) => part !== '').join('\n'));
  explained.stack = explained.name;
  return explained;
};

/** A law that leaves a handler behind fails, whether or not it failed on its own: it would change what the next one sees. */
const balanced =
  (law: Law): Law =>
  async (): Promise<void> => {
    const before = stackDepth();
    let failure: Error | undefined;
    try {
      await law();
    } catch (thrown) {
      failure = explain(thrown);
    }
    const left = stackDepth() - before;
    if (left !== 0) {
      const message = `the handler stack is ${left > 0 ? `${left} deeper` : `${-left} shallower`} than before this law`;
      throw new Error(failure === undefined ? message : `${message}, and: ${failure.message}`);
    }
    if (failure !== undefined) throw failure;
  };

/**
 * Declares and runs the laws of one subject; uvu starts them once the file is loaded.
 * The check of the handler stack is not an `after.each` hook because uvu 0.5.6 gives up on the whole file when such a hook throws.
 */
export const laws = (name: string, tests: Readonly<Record<string, Law>>): void => {
  const entries = Object.entries(tests);
  if (entries.length === 0) throw new Error(`the suite "${name}" has no tests`);
  const test = suite(name);
  test.before(() => ready());
  for (const [title, law] of entries) test(title, balanced(law));
  test.run();
};
