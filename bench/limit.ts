/** The floor: the programs of the shared limit.c in plain C at WebAssembly's vector width, compiled and run beside ours. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHARED } from './shared.ts';

/** Nanoseconds of one evaluation, by the names that limit.c prints. */
export type LimitTimes = ReadonlyMap<string, { readonly least: number; readonly median: number }>;

const LINE = /^(\S+)\s+f64\s+min\s+([\d.]+) ns\s+median\s+([\d.]+) ns/;

const timesIn = (output: string): LimitTimes =>
  new Map(
    output.split('\n').flatMap((line) => {
      const [, name, least, median] = LINE.exec(line) ?? [];
      return name === undefined ? [] : [[name, { least: Number(least), median: Number(median) }] as const];
    }),
  );

/** Compiles limit.c. Gives a function that runs it, or, where the file or gcc is missing, the reason why not. */
export const buildLimit = (): { readonly run: () => LimitTimes; readonly remove: () => void } | string => {
  const source = new URL('peers/limit.c', SHARED);
  if (!existsSync(source)) return 'no limit.c beside the repository';
  const directory = mkdtempSync(join(tmpdir(), 'kindling-limit-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const program = join(directory, 'limit');
  try {
    execFileSync('gcc', ['-O3', '-msse4.2', '-ffast-math', fileURLToPath(source), '-o', program, '-lm'], { stdio: 'ignore' });
  } catch {
    remove();
    return 'gcc is missing, or does not compile limit.c';
  }
  return { run: () => timesIn(execFileSync(program, { encoding: 'utf8' })), remove };
};
