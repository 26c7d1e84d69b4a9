/** The child process of docs.test.ts: imports the modules it is given, one after another, and reports how each of them ended. */
import { pathToFileURL } from 'node:url';
import { ready } from '../transforms/ready.ts';

export interface DocReport {
  readonly path: string;
  readonly error: string | undefined;
}

const run = async (path: string): Promise<DocReport> => {
  try {
    await import(pathToFileURL(path).href);
    return { path, error: undefined };
  } catch (error) {
    return { path, error: error instanceof Error ? error.message : String(error) };
  }
};

await ready();
for (const path of process.argv.slice(2)) process.send?.(await run(path));
process.disconnect();
