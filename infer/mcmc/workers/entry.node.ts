/** What a worker thread of Node runs. */
import { parentPort } from 'node:worker_threads';
import { serve } from './serve.ts';
import type { Request } from './port.ts';

const port = parentPort;
if (port !== null) {
  const handle = serve({
    answer: (answer, transfer) => port.postMessage(answer, [...transfer]),
    turn: () => new Promise((resolve) => void setImmediate(resolve)),
  });
  port.on('message', (request: Request) => handle(request));
}
