/** The handler stack: how a statement of a model reaches the handlers around it. The stack is the one mutable cell of core. */
import type * as tf from '@tensorflow/tfjs-core';
import { situated } from './errors.ts';
import { requireFunction } from './options.ts';
import { scoped } from './scope.ts';
import type { Message, PlateFrame } from './site.ts';
import { tensorsWithin } from './tree.ts';
import type { Value } from './value.ts';

/** A model: any function whose statements are `sample`, `param` and their like. */
export type Model<Args extends readonly unknown[] = readonly unknown[], A = unknown> = (...args: Args) => A;

/** What a handler does with a site: on its way out, and on its way back with a value. Each returns the site, the same or a new one. */
export interface Handler {
  readonly process?: (message: Message) => Message;
  readonly postprocess?: (message: Message) => Message;
}

/** A plate whose body is running. */
export interface ActivePlate extends PlateFrame {
  readonly indices: Value;
}

/** What lasts as long as one run, a call of `trace` or else the outermost handled call: the plates met so far, by name. */
interface Run {
  readonly plates: Map<string, ActivePlate>;
  /** The statement that came back last, for errors that are thrown after it. */
  last: string | undefined;
}

interface Frame {
  readonly handler: Handler;
  readonly plate?: ActivePlate | undefined;
  readonly outer: Frame | undefined;
  readonly run: Run;
  /** Told when a statement asks what plates are around it. */
  readonly onLook?: (() => void) | undefined;
  /** It only watches what goes by. */
  readonly isWatch?: true | undefined;
}

let top: Frame | undefined;

/** How many handlers are around the running statement; 0 outside any model. */
export const stackDepth = (): number => {
  let depth = 0;
  for (let frame = top; frame !== undefined; frame = frame.outer) depth++;
  return depth;
};

/** Whether a handler around the running statement could answer it: watches and barriers do not. */
export const isHandled = (): boolean => {
  for (let frame = top; frame !== undefined; frame = frame.outer) if (frame.isWatch !== true && frame.onLook === undefined) return true;
  return false;
};

/** The plates whose bodies are running, the innermost first. */
export const activePlates = (): readonly ActivePlate[] => {
  const plates: ActivePlate[] = [];
  for (let frame = top; frame !== undefined; frame = frame.outer) {
    frame.onLook?.();
    if (frame.plate !== undefined) plates.push(frame.plate);
  }
  return plates;
};

/** The plates met in this run, to which one that is met for the first time is added. */
export const runPlates = (): Map<string, ActivePlate> => top?.run.plates ?? new Map<string, ActivePlate>();

const withTop = <A>(frame: Frame | undefined, f: () => A): A => {
  const saved = top;
  top = frame;
  try {
    return f();
  } finally {
    top = saved;
  }
};

const newRun = (last?: string): Run => ({ plates: new Map(), last });

/** A run within another, which begins at the place where that one is. */
const innerRun = (): Run => newRun(top?.run.last);

/** Where in a model an error was thrown, as far as its statements tell. */
const whereabouts = (inner: Frame): string => {
  const { last } = inner.run;
  const plates: string[] = [];
  for (let frame: Frame | undefined = inner; frame !== undefined; frame = frame.outer) if (frame.plate !== undefined) plates.push(`"${frame.plate.name}"`);
  const within = plates.length === 0 ? '' : `, in plate ${plates.join(' in ')}`;
  return `${last === undefined ? 'before its first statement' : `after site "${last}"`}${within}`;
};

/** As `withTop`, for a frame of a model: an error that names no site is told with where it was thrown. */
const inModel = <A>(frame: Frame, f: () => A): A => {
  try {
    return withTop(frame, f);
  } catch (error) {
    throw situated(error, () => whereabouts(frame));
  }
};

/** Runs `f` with a handler inside all those that are there. */
export const withHandler = <A>(handler: Handler, f: () => A, plate?: ActivePlate): A => inModel({ handler, plate, outer: top, run: top?.run ?? newRun() }, f);

/** As `withHandler`, for a run of its own: the plates that were met before are forgotten within. */
export const withHandlerOfRun = <A>(handler: Handler, f: () => A): A => inModel({ handler, outer: top, run: newRun() }, f);

/**
 * As `withHandlerOfRun`, for the body of a loop, which need not be in a model. An error is told where it was thrown by the model around, if
 * there is one; here only if the body has stated something, of which the model does not know yet.
 */
export const withHandlerOfBody = <A>(handler: Handler, f: () => A): A => {
  const frame: Frame = { handler, outer: top, run: innerRun() };
  const { last } = frame.run;
  try {
    return withTop(frame, f);
  } catch (error) {
    throw frame.run.last === last ? error : situated(error, () => whereabouts(frame));
  }
};

/** Runs `f`; `onReach` is told of each statement that goes beyond the handlers within, before one around sees it. What it throws, the statement throws. */
export const withWatch = <A>(onReach: (message: Message) => void, f: () => A): A => {
  const process = (message: Message): Message => {
    onReach(message);
    return message;
  };
  return withTop({ handler: { process }, outer: top, run: innerRun(), isWatch: true }, f);
};

/**
 * Runs `f` as if no handler were around it. `onReach` is told when a statement of it goes beyond the handlers within `f`, so that one
 * around might have answered; what it throws, the statement throws.
 */
export const withBarrier = <A>(onReach: () => void, f: () => A): A => {
  const process = (message: Message): Message => {
    onReach();
    return message;
  };
  return withTop({ handler: { process }, outer: undefined, run: innerRun(), onLook: onReach }, f);
};

/** A site that has gone outwards through the handlers, and has not come back yet. */
export interface Journey<M extends Message> {
  /** What the handlers made of it on its way. */
  readonly message: M;
  /** Runs `f` where the journey ended: within the handlers beyond the one that hid the site. */
  readonly atEnd: <A>(f: () => A) => A;
  /** Sends the site, with a value, back inwards. */
  readonly back: (message: M) => M;
}

/** Sends a site outwards through the handlers until one hides it. A handler runs with only those further out on the stack. */
export const depart = <M extends Message>(message: M): Journey<M> => {
  const passed: Frame[] = [];
  let frame = top;
  let at: M = message;
  while (frame !== undefined && at.isHidden !== true) {
    const { handler, outer } = frame;
    if (handler.process !== undefined) at = withTop(outer, () => handler.process!(at) as M);
    passed.push(frame);
    frame = outer;
  }
  const end = frame;
  return {
    message: at,
    atEnd: (f) => withTop(end, f),
    back: (given) =>
      passed.reduceRight((back, { handler, outer }) => {
        const { postprocess } = handler;
        return postprocess === undefined ? back : withTop(outer, () => postprocess(back) as M);
      }, given),
  };
};

/**
 * Sends a site outwards through the handlers until one hides it, has `act` give it what it still lacks, and sends it back inwards.
 * A handler runs with only those further out on the stack, and so does `act` after a handler has hidden the site.
 */
export const send = <M extends Message>(message: M, act: (message: M) => M): M => {
  const journey = depart(message);
  const site = journey.back(journey.atEnd(() => act(journey.message)));
  if (top !== undefined && message.type !== 'prngKey' && message.type !== 'plate') top.run.last = message.name;
  return site;
};

/** Runs `f` in a tensor scope of its own where it is the outermost handled call; `kept` finds the tensors of its result. */
export const outermost = <A>(f: () => A, kept: (result: A) => readonly tf.Tensor[]): A => (top === undefined ? scoped(f, kept) : f());

/**
 * Makes a handler of models from a function that makes its state: called anew for each run, so that a handled model is a value.
 * The tensors that an outermost run leaves behind are freed, but for those of its result.
 *
 * @example
 * const shout = handle(() => ({ process: (site) => (site.type === 'sample' ? { ...site, name: site.name.toUpperCase() } : site) }));
 * [...trace(shout(seed(random.PRNGKey(0))(() => sample('x', dist.Normal(0, 1)))))().sites.keys()]; // ['X']
 */
export const handle = (make: () => Handler): (<Args extends readonly unknown[], A>(model: Model<Args, A>) => Model<Args, A>) => {
  requireFunction('handle takes a function that makes a handler', make, 'Write handle(() => ({ process: (site) => site }))');
  return <Args extends readonly unknown[], A>(model: Model<Args, A>): Model<Args, A> => {
    requireFunction('a handler takes a model', model, 'For example seed(key)(model), or pipe(model, seed(key))');
    return (...args) => outermost(() => withHandler(make(), () => model(...args)), tensorsWithin);
  };
};
