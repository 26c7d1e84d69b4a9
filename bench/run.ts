/** The bench command: `node dist/bench/run.js [pattern]` runs bench/*.bench.ts in turn; a full run is kept in bench/results.json. */
import { readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ready } from '../transforms/ready.ts';
import type { Bench, Row } from './bench.ts';

/** Figures from different machines do not compare: each file of results says which one it was. */
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${process.arch}`,
  node: process.version,
  loadBefore: loadavg()[0],
};

const digits = (x: number): string => x.toPrecision(4);

const line = ({ name, value, unit, low, high, note }: Row): string => {
  const range = low === undefined || high === undefined ? '' : `  (${digits(low)} to ${digits(high)})`;
  return `  ${name.padEnd(48)} ${digits(value).padStart(10)} ${unit}${range}${note === undefined ? '' : `  ${note}`}`;
};

const load = async (file: string): Promise<Bench> => ((await import(new URL(file, import.meta.url).href)) as { readonly bench: Bench }).bench;

const pattern = process.argv[2];
const files = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.bench.js') && (pattern === undefined || new RegExp(pattern).test(file)))
  .sort();
if (files.length === 0) {
  console.error(pattern === undefined ? 'there are no benches' : `no bench matches ${pattern}`);
  process.exit(1);
}

await ready();
const results: { readonly name: string; readonly rows: readonly Row[] }[] = [];
for (const file of files) {
  const { name, run } = await load(file);
  console.log(name);
  const rows = await run();
  for (const row of rows) console.log(line(row));
  results.push({ name, rows });
}

if (pattern === undefined) {
  const path = fileURLToPath(new URL('../../bench/results.json', import.meta.url));
  writeFileSync(path, `${JSON.stringify({ date: new Date().toISOString(), machine, benches: results }, undefined, 2)}\n`);
  console.log(`wrote ${path}`);
}
