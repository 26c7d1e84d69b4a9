/** The terminal's side of the progress of chains: a line redrawn in place, or now and then a new one where the output is no terminal. */
import type { TerminalProgressOptions } from '../progress.node.ts';
import { formatRun, type MCMCProgress } from './progress.ts';

const REDRAW_MS = 80;
const LINE_MS = 10_000;

/**
 * Makes a function that shows the progress of chains: give it to `MCMC(…).run(key, args, { progress })`.
 *
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * await MCMC(NUTS(model), { numWarmup: 10, numSamples: 10 }).run(random.PRNGKey(0), [], { progress: terminalChains() });
 */
export const terminalChains = ({ stream = process.stderr, label = '', now = () => performance.now() }: TerminalProgressOptions = {}): ((
  info: MCMCProgress,
) => void) => {
  const isTerminal = stream.isTTY === true;
  let last = isTerminal ? -Infinity : now();
  return (info) => {
    const time = now();
    const isOver = info.step >= info.numSteps;
    if (!isOver && time - last < (isTerminal ? REDRAW_MS : LINE_MS)) return;
    last = time;
    const line = formatRun(info, label);
    if (isTerminal) stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\u001b[K${isOver ? '\n' : ''}`);
    else stream.write(`${line}\n`);
  };
};
