/** Where the repository is: the tests run from dist/, while sources, the README and the reference data lie beside it. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isRoot = (folder: string): boolean => {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'kindling';
};

const climb = (folder: string): string => {
  if (isRoot(folder)) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json named "kindling" above ${fileURLToPath(import.meta.url)}`);
  return climb(parent);
};

/** The folder of Kindling's package.json. */
export const repositoryRoot: string = climb(dirname(fileURLToPath(import.meta.url)));

/** An empty folder for a test's own modules: inside dist/, where imports find the packages, and in the part of it that is not published. */
export const scratchFolder = (name: string): string => {
  const folder = join(repositoryRoot, 'dist', 'properties', 'scratch', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
};
