/** A pool of workers: chains queue for them, and each takes the next when it is done with one. */
import { kindlingError, type KindlingError } from '../../../core/errors.ts';
import { checkOptions } from '../../../core/options.ts';
import { asState } from '../state.ts';
import type { Batch, Task } from '../task.ts';
import type { Outcome, Run } from '../mcmc.ts';
import type { Answer, Job, Platform, WorkerPort } from './port.ts';

/** A chain that waits for a worker, or has one. */
interface Submission {
  readonly job: Job;
  readonly task: Task;
  /** Chains of one run are aborted together. */
  readonly run: object;
  readonly onBatch: (batch: Batch) => void;
  readonly settle: (outcome: Outcome) => void;
}

interface Slot {
  readonly port: WorkerPort;
  job: Job | undefined;
  busy: Submission | undefined;
}

/** Workers that are kept until they are closed. While they are idle, they don't keep a program from ending. */
export interface WorkerPool {
  readonly size: number;
  /** Runs a chain when a worker is free. */
  readonly submit: (submission: Submission) => void;
  /** Ends the chains of a run, each with the state that it has come to. */
  readonly abort: (run: object) => void;
  /** Ends the workers. */
  readonly close: () => Promise<void>;
}

const isNode = (): boolean => typeof process !== 'undefined' && typeof process.versions?.node === 'string';

const platformHere = async (): Promise<Platform> => (isNode() ? (await import('./spawn.node.ts')).platform : (await import('./spawn.browser.ts')).platform);

const failed = (reason: string): KindlingError =>
  kindlingError('Unsupported', {
    message: `the worker of a chain failed: ${reason}`,
    remedy: "The other chains are not touched; chainMethod: 'sequential' runs all in this thread",
  });

const makePool = (platform: Platform, size: number): WorkerPool => {
  let isClosed = false;
  let slots: readonly Slot[] = [];
  let queue: readonly Submission[] = [];

  const finish = (slot: Slot, outcome: Outcome): void => {
    const submission = slot.busy;
    slot.busy = undefined;
    slot.port.hold(false);
    next();
    submission?.settle(outcome);
  };

  const answered = (slot: Slot, answer: Answer): void => {
    const { busy } = slot;
    if (busy === undefined) return;
    if (answer.kind === 'batch') busy.onBatch(answer.batch);
    else if (answer.kind === 'end') finish(slot, { state: asState(answer.state, busy.job.settings.metric) });
    else finish(slot, { error: failed(answer.message) });
  };

  const spawn = (): Slot => {
    const slot: Slot = { port: platform.spawn(), job: undefined, busy: undefined };
    slot.port.listen(
      (answer) => answered(slot, answer),
      (reason) => {
        // The place of a worker that is gone is free for another.
        slots = slots.filter((own) => own !== slot);
        void slot.port.terminate();
        finish(slot, { error: failed(reason) });
      },
    );
    slots = [...slots, slot];
    return slot;
  };

  const next = (): void => {
    const [first, ...rest] = queue;
    if (first === undefined || isClosed) return;
    const slot = slots.find(({ busy, job }) => busy === undefined && job === first.job) ?? slots.find(({ busy }) => busy === undefined);
    if (slot === undefined && slots.length >= size) return;
    queue = rest;
    const free = slot ?? spawn();
    free.busy = first;
    free.port.hold(true);
    if (free.job !== first.job) {
      free.job = first.job;
      free.port.post({ kind: 'job', job: first.job });
    }
    free.port.post({ kind: 'task', task: first.task });
    next();
  };

  return {
    size,
    submit: (submission) => {
      if (isClosed) throw kindlingError('InvalidArgument', { message: 'the workers have been closed', remedy: 'Make new ones with workerPool' });
      queue = [...queue, submission];
      next();
    },
    abort: (run) => {
      const waiting = queue.filter((one) => one.run === run);
      queue = queue.filter((one) => one.run !== run);
      for (const { busy, port } of slots) if (busy?.run === run) port.post({ kind: 'abort' });
      for (const { settle, task } of waiting) settle({ state: task.state });
    },
    close: async () => {
      isClosed = true;
      const [all, waiting] = [slots, queue];
      [slots, queue] = [[], []];
      await Promise.all(all.map(({ port }) => port.terminate()));
      const reason = { error: failed('it was closed') };
      for (const { busy } of all) busy?.settle(reason);
      for (const { settle } of waiting) settle(reason);
    },
  };
};

export interface WorkerPoolOptions {
  /** How many workers there are at most; as many as processors. They start when they are needed. */
  readonly size?: number | undefined;
}

/**
 * Workers that are kept from run to run, so that only the first waits for them to start: pass them as `workers` to `MCMC`, and `close` them
 * at the end.
 *
 * @throws InvalidArgument for a size that is no whole number from 1
 * @example
 * const model = () => sample('x', dist.Normal(0, 1));
 * const workers = await workerPool({ size: 2 });
 * const mcmc = MCMC(NUTS(model), { numWarmup: 50, numSamples: 50, numChains: 2, chainMethod: 'parallel', workers });
 * const { samples } = await mcmc.run(random.PRNGKey(0), []);
 * await workers.close();
 * samples.x.shape; // [2, 50]
 */
export const workerPool = async (options: WorkerPoolOptions = {}): Promise<WorkerPool> => {
  checkOptions('workerPool', options, ['size']);
  const { size } = options;
  if (size !== undefined && (!Number.isInteger(size) || size < 1)) {
    throw kindlingError('InvalidArgument', { message: 'a pool has a whole number of workers', given: String(size), expected: '1 or more' });
  }
  const platform = await platformHere();
  return makePool(platform, size ?? platform.processors());
};

const jobs = new WeakMap<object, Map<string, Job>>();

/** The same job for the same problem and columns, so that a worker that has it is not sent it again. */
const jobOf = ({ prepared, layout }: Run): Job => {
  const known = jobs.get(prepared) ?? new Map<string, Job>();
  jobs.set(prepared, known);
  const text = JSON.stringify([layout.sites, layout.extras]);
  const job = known.get(text) ?? { step: prepared.problem.step, settings: prepared.settings, layout };
  known.set(text, job);
  return job;
};

/** Runs the chains of a run in workers. What a callback throws ends the run. */
export const runInWorkers = async (run: Run, numWorkers: number | undefined, given: WorkerPool | undefined): Promise<readonly (Outcome | undefined)[]> => {
  const { tasks, signal, reporter } = run;
  const count = tasks.filter((task) => task !== undefined).length;
  const platform = await platformHere();
  const pool = given ?? makePool(platform, Math.min(numWorkers ?? platform.processors(), count));
  const job = jobOf(run);
  const token = {};
  const onAbort = (): void => pool.abort(token);
  try {
    const outcomes = tasks.map((task, chain) =>
      task === undefined
        ? Promise.resolve(undefined)
        : new Promise<Outcome>((resolve, reject) => {
            const onBatch = ({ numbers, count: drawn, progress, isDone }: Batch): void => {
              try {
                run.onBatch(chain, numbers, drawn);
                reporter.note(chain, progress, isDone);
              } catch (error) {
                reject(error);
              }
            };
            pool.submit({ job, task, run: token, onBatch, settle: resolve });
          }),
    );
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    return await Promise.all(outcomes);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    pool.abort(token);
    if (given === undefined) await pool.close();
  }
};
