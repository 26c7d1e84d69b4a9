/** What a web worker runs. */
import { serve } from './serve.ts';
import type { Answer, Request } from './port.ts';

/** What is used of a worker's global scope, typed here so that the library needs no DOM types. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  readonly postMessage: (message: Answer, transfer: readonly ArrayBuffer[]) => void;
}

const scope = globalThis as unknown as WorkerScope;
const handle = serve({
  answer: (answer, transfer) => scope.postMessage(answer, transfer),
  turn: () => new Promise((resolve) => void setTimeout(resolve, 0)),
});
scope.onmessage = ({ data }) => handle(data);
