/** Runs one compiled test file in a process of its own and counts what uvu says about it, distrusting silence. */
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly output: string;
  /** What is wrong with the file as a whole, beyond tests that failed. */
  readonly complaint: string | undefined;
}

interface Ending {
  readonly output: string;
  readonly code: number | null;
  readonly timedOut: boolean;
}

const totalsPattern = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm;

/** The last totals that were printed: a test may itself print what looks like some. */
const totalsOf = (output: string): { total: number; passed: number; skipped: number } | undefined => {
  const last = [...stripVTControlCharacters(output).matchAll(totalsPattern)].at(-1);
  return last && { total: Number(last[1]), passed: Number(last[2]), skipped: Number(last[3]) };
};

/** What a file prints for reference values that are not there: all its laws may need them. */
const skipsAll = /^\s*skipped: .* is not here$/m;

const complaintAbout = ({ output, code, timedOut }: Ending, timeoutSeconds: number): string | undefined => {
  const totals = totalsOf(output);
  if (timedOut) return `was stopped after ${timeoutSeconds} s`;
  if (totals === undefined && code === 0 && skipsAll.test(stripVTControlCharacters(output))) return undefined;
  if (totals === undefined) return `printed no totals (exit code ${code})`;
  if (totals.total === 0) return 'ran no test';
  if (code !== 0 && totals.passed === totals.total) return `exit code ${code} although every test passed`;
  return undefined;
};

const end = (path: string, timeoutSeconds: number, echo: boolean): Promise<Ending> =>
  new Promise((resolve) => {
    const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const child = spawn(process.execPath, ['--enable-source-maps', path], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...colour } });
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (echo) process.stdout.write(chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutSeconds * 1000);
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ output: Buffer.concat(chunks).toString('utf8'), code, timedOut });
    };
    child.on('error', (error) => {
      keep(Buffer.from(`${String(error)}\n`));
      finish(null);
    });
    child.on('close', finish);
  });

/** With `echo`, the output is shown while it is made. */
export const runTestFile = async (path: string, timeoutSeconds: number, echo: boolean): Promise<Outcome> => {
  const start = performance.now();
  const ending = await end(path, timeoutSeconds, echo);
  const totals = totalsOf(ending.output) ?? { total: 0, passed: 0, skipped: 0 };
  const complaint = complaintAbout(ending, timeoutSeconds);
  const failures = totals.total - totals.passed;
  return {
    passed: totals.passed,
    failed: complaint === undefined ? failures : Math.max(1, failures),
    skipped: totals.skipped,
    seconds: (performance.now() - start) / 1000,
    output: ending.output,
    complaint,
  };
};
