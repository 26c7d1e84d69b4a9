/** The terminal's side of progress: a bar that is redrawn in place, or now and then a line where the output is no terminal. */
import { formatBar, formatLine, fractionOf, type ProgressInfo } from './progress.ts';

/** What is used of a stream; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface TerminalProgressOptions {
  /** Where to write; standard error by default, so that what a program prints stays clean. */
  readonly stream?: ProgressStream | undefined;
  /** Stands before each line: which run this is. */
  readonly label?: string | undefined;
  /** Milliseconds of any steady clock. */
  readonly now?: (() => number) | undefined;
}

/** Redrawing more often than the eye can follow would only cost time. */
const REDRAW_MS = 80;
const LINE_MS = 10_000;
const LINE_SHARE = 0.1;

/**
 * Makes a function that shows the progress of a run: give it to `svi.run(…, { progress })`.
 * On a terminal it draws one bar, in place. Elsewhere (a file, a pipe, CI) it writes a plain line when both a tenth of the run and ten
 * seconds have passed since the last, and one at the end. The same function may serve one run after another.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * const svi = SVI(model, AutoDiagonalNormal(model), adam(0.01), TraceELBO());
 * await svi.run(random.PRNGKey(0), 10, [], { progress: terminalProgress() });
 */
export const terminalProgress = (options: TerminalProgressOptions = {}): ((info: ProgressInfo) => void) => {
  const { stream = process.stderr, label = '', now = () => performance.now() } = options;
  const isTerminal = stream.isTTY === true;
  // A terminal shows the first step at once; elsewhere a line is due some time after the start.
  const start = (): number => (isTerminal ? -Infinity : now());
  let last = { step: 0, fraction: 0, time: start() };
  return (info) => {
    // A step below the last one belongs to another run.
    if (info.step < last.step) last = { step: 0, fraction: 0, time: start() };
    const time = now();
    const isOver = info.step >= info.numSteps;
    const fraction = fractionOf(info);
    const isDue = isTerminal ? time - last.time >= REDRAW_MS : time - last.time >= LINE_MS && fraction - last.fraction >= LINE_SHARE - 1e-9;
    last = { ...last, step: info.step };
    if (!isDue && !isOver) return;
    last = { step: info.step, fraction, time };
    if (isTerminal) stream.write(`\r${formatBar(info, (stream.columns ?? 80) - 1, label)}\u001b[K${isOver ? '\n' : ''}`);
    else stream.write(`${formatLine(info, label)}\n`);
  };
};
