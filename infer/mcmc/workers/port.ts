/** What chains need of a worker, on any platform, and the messages that go to it and come back: plain data alone. */
import type { ModuleImage } from '../image.ts';
import type { ChainSettings } from '../settings.ts';
import type { HMCState } from '../state.ts';
import type { Batch, DrawLayout, Task } from '../task.ts';

/** A compiled problem and how to sample it: all that a worker knows of a model. */
export interface Job {
  readonly step: ModuleImage;
  readonly settings: ChainSettings;
  readonly layout: DrawLayout;
}

/** To a worker: a job to keep in place of the one before, a chain of it to run, or the wish to end that. */
export type Request = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'task'; readonly task: Task } | { readonly kind: 'abort' };

/** From a worker, about its task. */
export type Answer =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'end'; readonly state: HMCState }
  | { readonly kind: 'failed'; readonly message: string };

/** The end of a channel to a worker that this thread holds. */
export interface WorkerPort {
  readonly post: (request: Request) => void;
  /** Has answers told to `onAnswer`, and the end of a worker that failed to `onFailure`. */
  readonly listen: (onAnswer: (answer: Answer) => void, onFailure: (reason: string) => void) => void;
  /** Whether the worker keeps the program from ending. */
  readonly hold: (isHeld: boolean) => void;
  readonly terminate: () => Promise<void>;
}

/** What a platform has of workers. */
export interface Platform {
  readonly spawn: () => WorkerPort;
  readonly processors: () => number;
}
