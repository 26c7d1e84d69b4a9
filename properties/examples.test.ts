/** Every example runs from its command line at a tiny size. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { laws } from './laws.ts';
import { repositoryRoot } from './root.ts';
import { sourcesOf } from './sources.ts';

/** The arguments that make a program small. Each gets `--out` with a folder of its own too. */
const tiny: Readonly<Record<string, readonly string[]>> = {
  'examples/coin.ts': ['--warmup', '100', '--draws', '100'],
  'examples/regression.ts': ['--steps', '40'],
};

const examples = sourcesOf(['examples']);
const imported = new Set(examples.flatMap(({ imports }) => imports.map(({ target }) => target)));

/** An example that no other one imports is a program. */
const programs = examples.map(({ path }) => path).filter((path) => !imported.has(path));

const runProgram = async (path: string, args: readonly string[]): Promise<void> => {
  const out = mkdtempSync(join(tmpdir(), 'kindling-'));
  try {
    const file = join(repositoryRoot, 'dist', path.replace(/\.ts$/, '.js'));
    // A program that fails rejects with all that it said.
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...args, '--out', out], { cwd: out, timeout: 120_000 });
    assert.ok(stdout.trim() !== '', `${path} prints nothing`);
    for (const [figure] of stdout.matchAll(/\S+\.svg\b/g))
      assert.ok(existsSync(join(out, figure)) || existsSync(figure), `${path} names ${figure}, which is not there`);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

laws('examples', {
  'each program has a tiny size': () => assert.equal(programs, Object.keys(tiny).sort()),
  ...Object.fromEntries(Object.entries(tiny).map(([path, args]) => [`${path} runs`, () => runProgram(path, args)])),
});
