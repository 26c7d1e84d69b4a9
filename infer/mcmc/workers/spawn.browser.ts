/** Web workers. */
import type { Answer, Platform, Request } from './port.ts';

/** What is used of the browser, typed here so that the library needs no DOM types. */
interface WebWorker {
  readonly postMessage: (message: Request) => void;
  readonly terminate: () => void;
  onmessage: ((event: { readonly data: Answer }) => void) | null;
  onerror: ((event: { readonly message?: string | undefined }) => void) | null;
}

interface Browser {
  readonly Worker: new (url: URL, options: { readonly type: 'module' }) => WebWorker;
  readonly navigator?: { readonly hardwareConcurrency?: number | undefined } | undefined;
}

const browser = globalThis as unknown as Browser;

export const platform: Platform = {
  processors: () => browser.navigator?.hardwareConcurrency ?? 2,
  spawn: () => {
    const worker = new browser.Worker(new URL('./entry.browser.js', import.meta.url), { type: 'module' });
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
