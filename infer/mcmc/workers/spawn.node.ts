/** Worker threads of Node. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Answer, Platform } from './port.ts';

export const platform: Platform = {
  processors: () => availableParallelism(),
  spawn: () => {
    const worker = new Worker(new URL('./entry.node.js', import.meta.url));
    worker.unref();
    let isEnding = false;
    return {
      post: (request) => worker.postMessage(request),
      listen: (onAnswer, onFailure) => {
        worker.on('message', (answer: Answer) => onAnswer(answer));
        worker.on('error', (error: unknown) => onFailure(error instanceof Error ? error.message : String(error)));
        worker.on('exit', (code) => {
          if (!isEnding) onFailure(`it ended with code ${code}`);
        });
      },
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
      terminate: async () => {
        isEnding = true;
        await worker.terminate();
      },
    };
  },
};
