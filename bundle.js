/** The bundler: makes of what tsc has built the few modules that users load. `node bundle.js [FOLDER]`, where tsc's output is in FOLDER, or dist/. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { makeEager } from './bundle/eager.js';

const built = resolve(process.argv[2] ?? 'dist');
const infer = resolve(built, 'infer');

/** What only one platform has is a module of its own, so that its name is known: workers run it, package.json keeps it from browsers. */
const ofOnePlatform = readdirSync(infer, { recursive: true }).filter((file) => /\.(node|browser)\.js$/.test(file));

await build({
  absWorkingDir: infer,
  entryPoints: ['kindling.js', 'plot/index.js', ...ofOnePlatform],
  outbase: infer,
  outdir: resolve(built, 'bundle'),
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  external: ['#*'],
  // A kernel is entered in the table when its module loads, whether or not a name of it is used.
  ignoreAnnotations: true,
  // V8 reads an arrow function in full each time that it reads what is around it, a function expression only once it is called: a sixth of
  // the time to load.
  supported: { arrow: false },
  sourcemap: true,
  // The sources are in the package.
  sourcesContent: false,
  logLevel: 'warning',
});

makeEager(resolve(built, 'bundle', 'kindling.js'));
