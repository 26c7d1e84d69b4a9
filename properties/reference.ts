/** Independent values to test against. They live beside the repository, so a clone without them skips what needs them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './root.ts';

/** JSON has no spelling for these, so the files hold them as strings. */
const reviveNumber = (_key: string, value: unknown): unknown =>
  value === 'NaN' ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value;

const shared = <T>(folder: string, file: string): T | undefined => {
  const path = join(repositoryRoot, '..', 'shared', folder, file);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'), reviveNumber) as T;
  console.log(`skipped: ${folder}/${file} is not here`);
  return undefined;
};

/** A file of reference values, or `undefined` (and a line that says so) where it is missing. */
export const reference = <T>(file: string): T | undefined => shared<T>('reference', file);

/** A data set of the benchmarks, or `undefined` (and a line that says so) where it is missing. */
export const benchData = <T>(file: string): T | undefined => shared<T>('bench-data', file);
