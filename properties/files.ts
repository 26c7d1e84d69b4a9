/** Lists files of the repository by folder and ending, with paths that read the same on every system. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { repositoryRoot } from './root.ts';

/** Files below `folder` whose names end in `suffix`, sorted, as paths from the root with forward slashes. A missing folder is an empty one. */
export const filesBelow = (folder: string, suffix: string): readonly string[] => {
  const path = join(repositoryRoot, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
};
