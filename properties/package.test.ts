/** The package as it is published: packed, put into a folder of its own, and loaded by programs that know nothing of the repository. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import ts from 'typescript';
import { builtUrl } from './docExamples.ts';
import { laws } from './laws.ts';
import { repositoryRoot, scratchFolder } from './root.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const folder = scratchFolder('package');
const home = join(folder, 'node_modules', 'kindling');

const pack = (): readonly string[] => {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel', 'error', '--pack-destination', folder];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: repositoryRoot, encoding: 'utf8' })) as [Packed];
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', home, '--strip-components', '1']);
  // With a name of its own the folder is no part of the repository's package, which would else be found under 'kindling'.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
  return files.map(({ path }) => path);
};

const files = pack();

/** Sources lie beside what was built of them, unless it was built into another folder, where source maps lead elsewhere too. */
const hasSources = existsSync(join(repositoryRoot, 'infer', 'kindling.ts'));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** What a program says; what it writes to standard error comes after. */
const run = async (name: string, text: string, ...flags: string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, write(name, text)], { cwd: folder, timeout: 120_000 });
  return stdout + stderr;
};

const model = `
  const y = array([1, 2, 4]);
  const model = (y) => {
    const mu = sample('mu', dist.Normal(0, 5));
    sample('y', dist.Normal(mu, 1), { obs: y });
  };
  const mcmc = (chainMethod) => MCMC(NUTS(model), { numWarmup: 50, numSamples: 50, numChains: 2, numWorkers: 2, chainMethod });
  const draws = async (chainMethod) => [...(await mcmc(chainMethod).run(random.PRNGKey(1), [y])).samples.mu.data];
`;

const consumer = (kindling: string): string => `
  import { AutoDiagonalNormal, MCMC, NUTS, SVI, TraceELBO, adam, array, dist, jit, ops, random, ready, sample } from '${kindling}';
  ${model}
  await ready();
  const svi = SVI(model, AutoDiagonalNormal(model), adam(0.01), TraceELBO());
  const { losses } = await svi.run(random.PRNGKey(0), 50, [y]);
  console.log(JSON.stringify({ total: jit((x) => ops.sum(ops.lgamma(x)))([1.5, 2.5, 3.5]).item(), losses: [...losses], draws: await draws('parallel') }));
`;

/** The modules that a module names by relative paths. */
const relativeImports = (path: string): readonly string[] =>
  ts
    .preProcessFile(readFileSync(join(home, path), 'utf8'), true, true)
    .importedFiles.flatMap(({ fileName }) => (fileName.startsWith('.') ? [resolve(home, dirname(path), fileName)] : []));

laws('package', {
  'it holds the bundle, all that its modules and its types import, and no module twice': () => {
    const missing = files
      .filter((path) => /^dist\/.*\.(?:js|d\.ts)$/.test(path))
      .flatMap((path) =>
        relativeImports(path).filter((target) => !existsSync(path.endsWith('.js') ? target : target.replace(/\.ts$/, '.d.ts').replace(/\.js$/, '.d.ts'))),
      );
    assert.deepEqual(missing, []);
    const modules = files.filter((path) => path.endsWith('.js'));
    assert.deepEqual(
      modules.filter((path) => !path.startsWith('dist/bundle/')),
      ['dist/core/tfjs.node.js', 'dist/core/tfjsWasm.node.js'],
    );
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { readonly exports: object; readonly imports: object };
    const targets = JSON.stringify([manifest.exports, manifest.imports]).match(/\.\/dist\/[^"]+/g)!;
    assert.deepEqual(
      targets.filter((target) => !existsSync(join(home, target))),
      [],
    );
    assert.deepEqual(
      files.filter((path) => /properties|bench|examples/.test(path)),
      [],
    );
    assert.equal(files.includes('infer/kindling.ts'), hasSources);
  },

  'what a worker runs does not load tfjs': () => {
    const reached = (path: string, seen: ReadonlySet<string>): ReadonlySet<string> =>
      seen.has(path)
        ? seen
        : relativeImports(path).reduce<ReadonlySet<string>>((all, target) => reached(relative(home, target), all), new Set([...seen, path]));
    for (const platform of ['node', 'browser']) {
      const modules = [...reached(`dist/bundle/mcmc/workers/entry.${platform}.js`, new Set())];
      assert.ok(modules.length > 1);
      for (const path of modules) assert.doesNotMatch(readFileSync(join(home, path), 'utf8'), /from "(?:#|@)|^import "(?:#|@)/m, path);
    }
  },

  'jit, SVI and NUTS in two workers give the numbers that the unbundled modules give': async () => {
    const [packed, unbundled] = await Promise.all([run('fit.js', consumer('kindling')), run('unbundled.js', consumer(builtUrl('infer/kindling.ts')))]);
    assert.equal(packed, unbundled);
    const { losses, draws } = JSON.parse(packed) as { readonly losses: readonly number[]; readonly draws: readonly number[] };
    assert.deepEqual([losses.length, draws.length, draws.every(Number.isFinite)], [50, 100, true]);
  },

  'what a first fit calls is in parentheses, other functions are not, and source maps lead to where each was written': () => {
    const path = join(home, 'dist', 'bundle', 'kindling.js');
    const text = readFileSync(path, 'utf8');
    for (const name of ['NUTS', 'SVI', 'jit', 'printSummary']) assert.match(text, new RegExp(`^var ${name}\\d* = \\(function\\(`, 'm'));
    for (const name of ['toArviz', 'vmap']) assert.match(text, new RegExp(`^var ${name}\\d* = function\\(`, 'm'));
    if (!hasSources) return;
    const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
    const sources = new Map<string, readonly string[]>();
    const linesOf = (source: string): readonly string[] => {
      const lines = sources.get(source) ?? readFileSync(resolve(dirname(path), source), 'utf8').split('\n');
      sources.set(source, lines);
      return lines;
    };
    // A parameter may be renamed by a number that follows.
    const astray = text.split('\n').flatMap((line, i) =>
      [...line.matchAll(/(?<=\(function\()[a-z]+/gi)].flatMap(({ 0: name, index }) => {
        const entry = map.findEntry(i, index);
        if (!('originalSource' in entry)) return [`${i}:${index} ${name}`];
        const { generatedColumn, originalSource, originalLine, originalColumn } = entry;
        const found = linesOf(originalSource)
          [originalLine]?.slice(originalColumn)
          .match(/^[a-z]+/i)?.[0];
        return generatedColumn === index && found === name ? [] : [`${i}:${index} ${name} ${originalSource}:${originalLine}:${originalColumn} ${found}`];
      }),
    );
    assert.deepEqual(astray, []);
  },

  "chains run in a browser's workers, to the same draws": async () => {
    const inside = write(
      'inside.js',
      `import { parentPort, workerData } from 'node:worker_threads';
       delete globalThis.process;
       delete globalThis.Buffer;
       globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
       await import(workerData);
       // What was posted before waits for this listener.
       parentPort.on('message', (data) => globalThis.onmessage({ data }));`,
    );
    const said = await run(
      'browser.js',
      `import { Worker as Thread } from 'node:worker_threads';
       import { MCMC, NUTS, array, dist, random, ready, sample } from 'kindling';
       ${model}
       await ready();
       const here = await draws('sequential');
       const urls = [];
       globalThis.Worker = function (url, { type }) {
         urls.push(\`\${type} \${url.pathname.split('/').at(-1)}\`);
         const thread = new Thread(${JSON.stringify(inside)}, { workerData: url.href });
         thread.on('message', (data) => this.onmessage({ data }));
         thread.on('error', (error) => this.onerror(error));
         this.postMessage = (message) => thread.postMessage(message);
         this.terminate = () => void thread.terminate();
       };
       Object.defineProperty(process, 'versions', { value: {} });
       const there = await draws('parallel');
       console.log(JSON.stringify({ urls, same: here.every((x, i) => x === there[i]) && here.length === there.length }));`,
    );
    assert.deepEqual(JSON.parse(said), { urls: ['module entry.browser.js', 'module entry.browser.js'], same: true });
  },

  'bundlers for browsers take it, without what only Node has, and find its worker': async () => {
    const { metafile, warnings } = await build({
      stdin: { contents: `export * from 'kindling'; export * from 'kindling/plot';`, resolveDir: folder },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      outdir: join(folder, 'browser'),
      splitting: true,
      write: false,
      metafile: true,
      external: ['@observablehq/plot'],
      logLevel: 'silent',
    });
    assert.deepEqual(warnings, []);
    const inputs = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/kindling/'));
    assert.deepEqual(
      inputs.filter((path) => /(?:tfjs|spawn|document|entry)\w*\.node\.js$/.test(path) && !path.startsWith('(disabled)')),
      [],
    );
    const spawn = inputs.find((path) => path.endsWith('spawn.browser.js'));
    assert.ok(spawn !== undefined, inputs.join('\n'));
    assert.match(readFileSync(resolve(spawn), 'utf8'), /new Worker\(new URL\("\.\/entry\.browser\.js", import\.meta\.url\), \{ type: "module" \}\)/);
    assert.ok(files.includes('dist/bundle/mcmc/workers/entry.browser.js'));
  },

  "errors name the user's line, with source maps and without": async () => {
    const text = `import * as tf from '@tensorflow/tfjs-core';
import { dist, jit, ops, random, ready, sample, seed } from 'kindling';
await ready();
const said = (f) => {
  try {
    f();
  } catch (error) {
    console.log(error.message);
  }
};
const resized = jit((x) => ops.sum(
  tf.image.resizeBilinear(x, [2, 2])));
said(() => resized(tf.ones([1, 4, 4, 1])));
said(() => seed(random.PRNGKey(0))(() =>
  sample('x', ops.add(dist.Normal(0, 1), 1)))());
jit((x) => tf.mul(x, 0.1))(tf.scalar(2));
`;
    for (const flags of [[], ...(hasSources ? [['--enable-source-maps']] : [])]) {
      const said = await run('mistakes.js', text, ...flags);
      assert.match(said, /kernel ResizeBilinear can't be compiled.*package\/mistakes\.js:12:\d+/, said);
      assert.match(said, /in a model.*package\/mistakes\.js:15:\d+/, said);
      assert.match(said, /0\.1 .*ops\.mul\(x, 0\.1\)/, said);
    }
  },

  'two copies in one process compile, differentiate and draw beside each other': async () => {
    const said = await run(
      'copies.js',
      `import * as tf from '@tensorflow/tfjs-core';
       import * as one from 'kindling';
       import * as other from '${builtUrl('infer/kindling.ts')}';
       await one.ready();
       await other.ready();
       const answers = [one, other, one].map(({ array, grad, jit, ops, random }) => {
         const f = (x) => ops.sum(ops.mul(ops.lgamma(x), x));
         const x = array([1.5, 2.5]);
         return JSON.stringify([jit(grad(f))(x).data, grad(jit(f))(x).data, [...grad(f)(tf.tensor([1.5, 2.5])).dataSync()], random.normal(random.PRNGKey(2), [2]).data]);
       });
       console.log(answers[0], answers.every((answer) => answer === answers[0]));
       const outside = tf.tensor([1]);
       const said = (f) => {
         try {
           return f();
         } catch (error) {
           return error.message;
         }
       };
       for (const { jit } of [one, other, one]) {
         const mistakes = [(x) => x.item(), (x) => x.toArray(), (x) => x.map(Math.exp), (x) => x + 1, (x) => [...x], () => outside.toArray()];
         console.log(JSON.stringify(mistakes.map((mistake) => said(() => jit(mistake)([1])))));
       }
       console.log(typeof outside.item);`,
    );
    const [answers, ...mistakes] = said.trim().split('\n');
    assert.match(answers!, /^\[\{.*\}\] true$/);
    assert.equal(mistakes.pop(), 'undefined', 'outside a recording a tensor has no item');
    assert.equal(mistakes.length, 3);
    for (const line of mistakes) {
      const says = [
        /value has no item\(\)/,
        /value has no toArray\(\)/,
        /value has no map\(\)/,
        /not there yet/,
        /iterated over/,
        /tensor has no toArray\(\).*arraySync/,
      ];
      says.forEach((pattern, i) => assert.match((JSON.parse(line) as readonly string[])[i]!, pattern));
    }
  },

  'kindling/plot and kindling/terminal load': async () => {
    const said = await run(
      'plot.js',
      `import { elboPlot, toSVG } from 'kindling/plot';
       import { terminalProgress } from 'kindling/terminal';
       console.log((await toSVG(elboPlot([5, 3, 4, 2]))).slice(0, 4), typeof terminalProgress());`,
    );
    assert.equal(said, '<svg function\n');
  },
});
