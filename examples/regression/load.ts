/** From the path of a user's file to its table. */
import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { parseTable, type Table } from './csv.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'it may not be read by this user',
  EPERM: 'it may not be read by this user',
  ENOTDIR: 'there is no such file',
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

const readText = async (path: string): Promise<E.Either<string, string>> => {
  try {
    return E.right(await readFile(path, 'utf8'));
  } catch (error) {
    const code = codeOf(error);
    return E.left(`Cannot read ${path}: ${reasons[code] ?? code}; check the path given to --data.`);
  }
};

/** Reads a table from a file; what is wrong comes as one sentence that names the file. */
export const loadTable = async (path: string, target?: string): Promise<E.Either<string, Table>> =>
  pipe(
    await readText(path),
    E.chain((text) =>
      pipe(
        parseTable(text, target),
        E.mapLeft((sentence) => `${path}: ${sentence}`),
      ),
    ),
  );
