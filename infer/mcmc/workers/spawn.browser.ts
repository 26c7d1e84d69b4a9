/** Web workers. */
import type { Answer, Platform, Request } from './port.ts';

/** What is used of the browser, typed here so that the library needs no DOM types. */
interface WebWorker {
  readonly postMessage: (message: Request) => void;
  readonly terminate: () => void;
  onmessage: ((event: { readonly data: Answer }) => void) | null;
  onerror: ((event: { readonly message?: string | undefined }) => void) | null;
}

declare const Worker: new (url: URL, options: { readonly type: 'module' }) => WebWorker;

const { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number | undefined } | undefined };

export const platform: Platform = {
  processors: () => navigator?.hardwareConcurrency ?? 2,
  spawn: () => {
    // Bundlers for browsers look for this very expression: they emit what the worker runs, and put its place here.
    const worker = new Worker(new URL('./entry.browser.js', import.meta.url), { type: 'module' });
    return {
      post: (request) => worker.postMessage(request),
      listen: (onAnswer, onFailure) => {
        worker.onmessage = ({ data }) => onAnswer(data);
        worker.onerror = ({ message }) => onFailure(message ?? 'it could not be started');
      },
      hold: () => undefined,
      terminate: () => {
        worker.terminate();
        return Promise.resolve();
      },
    };
  },
};
