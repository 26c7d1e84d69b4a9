/** The inside of a worker: runs chains of a compiled problem, without tfjs, the compiler, or any code of the user. */
import { makeChain, type Chain } from '../chain.ts';
import { asState } from '../state.ts';
import { beginWork, makeDrawWriter, type DrawWriter, type Task } from '../task.ts';
import type { Answer, Job, Request } from './port.ts';

/** Between slices a worker looks whether it is to stop. */
const SLICE_MS = 50;

/** What a worker answers by, and how it lets messages in. */
export interface Inside {
  readonly answer: (answer: Answer, transfer: readonly ArrayBuffer[]) => void;
  readonly turn: () => Promise<void>;
}

/** Makes what handles the requests to a worker. */
export const serve = ({ answer, turn }: Inside): ((request: Request) => void) => {
  let current: { readonly job: Job; readonly chain: Chain; readonly write: DrawWriter } | undefined;
  let isAborted = false;

  const run = async (task: Task): Promise<void> => {
    const { job, chain, write } = current!;
    const work = beginWork(chain, job.layout, write, { ...task, state: asState(task.state, job.settings.metric) });
    for (;;) {
      await turn();
      if (isAborted) break;
      const batch = work.advance(SLICE_MS);
      answer({ kind: 'batch', batch }, [batch.numbers.buffer]);
      if (batch.isDone) break;
    }
    answer({ kind: 'end', state: work.save() }, []);
  };

  return (request) => {
    if (request.kind === 'abort') isAborted = true;
    else if (request.kind === 'job') {
      const { job } = request;
      const chain = makeChain(job.step, job.settings);
      current = { job, chain, write: makeDrawWriter(job.layout, chain) };
    } else {
      isAborted = false;
      run(request.task).catch((error: unknown) => answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }, []));
    }
  };
};
