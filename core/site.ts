/** Sites: the messages by which a model's statements and the handlers around it talk, as immutable tagged records. */
import type { Constraint } from './constraints/index.ts';
import type { Distribution } from './distributions/distribution.ts';
import type { Key } from './random/key.ts';
import type { Shape } from './shape.ts';
import type { AnyArray, Input, Value } from './value.ts';

/** One plate around a site. `dim` is negative: it counts batch axes from the right. */
export interface PlateFrame {
  readonly name: string;
  readonly size: number;
  readonly subsampleSize: number;
  readonly dim: number;
}

/** What handlers may tell an algorithm about a site. */
export type Infer = Readonly<Record<string, unknown>>;

/** What every site has while it passes through the handlers. */
interface Common<V> {
  readonly name: string;
  readonly value: V;
  readonly key?: Key | undefined;
  /** Set by `block`: handlers further out do not see the site. */
  readonly isHidden?: boolean | undefined;
}

export interface SampleSite<V = Value> extends Common<V> {
  readonly type: 'sample';
  readonly fn: Distribution;
  readonly isObserved: boolean;
  /** A factor of the log-probability. */
  readonly scale: Input;
  /** Where it is false, the log-probability counts as 0. */
  readonly mask: Input | undefined;
  /** The plates around the site, the innermost first. */
  readonly plates: readonly PlateFrame[];
  readonly infer: Infer;
  readonly sampleShape: Shape;
  /** The batch shape that the distribution had before plates widened it. */
  readonly ownBatchShape: Shape;
  /** Stands for the sites of all times of a scan, of whose distributions not all is known yet. */
  readonly isStack?: boolean | undefined;
}

export interface ParamSite<V = Value> extends Common<V> {
  readonly type: 'param';
  /** The start, in the constrained space, or a function that makes one from a key. */
  readonly init: Input | ((key: Key) => Input) | undefined;
  /** The start as it was given or made, before it was rounded to a tensor. */
  readonly start?: AnyArray | undefined;
  readonly constraint: Constraint;
  readonly eventDim: number | undefined;
  readonly infer: Infer;
}

export interface DeterministicSite<V = Value> extends Common<V> {
  readonly type: 'deterministic';
}

/** A term of the log-density; the value is the term. */
export interface FactorSite<V = Value> extends Common<V> {
  readonly type: 'factor';
  readonly scale: Input;
  readonly mask: Input | undefined;
  readonly plates: readonly PlateFrame[];
}

/** The value holds the indices. */
export interface PlateSite<V = Value> extends Common<V> {
  readonly type: 'plate';
  readonly size: number;
  readonly subsampleSize: number;
  readonly dim: number | undefined;
}

/** A request for a key; `name` is empty where it is not for a site. Never recorded. */
export interface KeyRequest extends Common<Key | undefined> {
  readonly type: 'prngKey';
}

/** A site of a finished trace. */
export type Site = SampleSite | ParamSite | DeterministicSite | FactorSite | PlateSite;

/** Whether a site is drawn: a sample without an observation. */
export const isLatent = (site: Site | undefined): site is SampleSite => site?.type === 'sample' && !site.isObserved;

/** A site on its way: a value is there once the model or a handler has given one. */
export type Message =
  | SampleSite<Value | undefined>
  | ParamSite<Value | undefined>
  | DeterministicSite<Value | undefined>
  | FactorSite<Value | undefined>
  | PlateSite<Value | undefined>
  | KeyRequest;
