/** The statements of a body that is recorded: what they are told in place of what the handlers outside would say, and what they say. */
import { kindlingError } from '../../core/errors.ts';
import type { Key } from '../../core/random/key.ts';
import { widenedFactor, widenedSample } from '../../core/plate.ts';
import { activePlates, withHandlerOfBody } from '../../core/runtime.ts';
import type { DeterministicSite, FactorSite, KeyRequest, Message, PlateSite, SampleSite } from '../../core/site.ts';
import type { Value } from '../../core/value.ts';

/** A statement with its value, and for a sample site that which it was observed to be before a handler outside made it latent. */
export type Statement = (SampleSite | DeterministicSite | FactorSite | PlateSite) & { readonly observed?: Value | undefined };

/** A sample site that may lack its value yet. */
export type OpenSample = SampleSite<Value | undefined>;

/** What a sample site is told: its value, or the key to draw one with; nothing to one that is to keep its own. */
export interface Told {
  readonly value?: Value | undefined;
  readonly isObserved?: boolean | undefined;
  readonly key?: Key | undefined;
  readonly isRedrawn?: boolean | undefined;
}

/** What the statements of a body are told, each asked with the handlers around the body on the stack. */
export interface Answers {
  readonly sample: (site: OpenSample) => Told;
  /** The key of the i-th request for one. */
  readonly key: (i: number, name: string) => Key | undefined;
  readonly plate: (site: PlateSite<Value | undefined>) => Pick<Told, 'value' | 'key'>;
}

/** What the statements of a body were: in order, and the names under which keys were asked for. */
export interface Statements {
  readonly sites: ReadonlyMap<string, Statement>;
  readonly requests: readonly string[];
}

const refuseParam = (name: string, within: string): never => {
  throw kindlingError('Unsupported', {
    site: name,
    message: `a parameter can't be stated within ${within}`,
    remedy: 'State it outside, and close over its value',
  });
};

const toldSample = (site: OpenSample, { value, isObserved, key, isRedrawn }: Told): OpenSample => {
  if (isRedrawn === true) return { ...site, value: undefined, isObserved: false, key: site.key ?? key };
  return { ...site, value: site.value ?? value, isObserved: isObserved ?? site.isObserved, key: site.key ?? key };
};

/** Runs a body with no handler beyond its own, and notes its statements. The plates that are around `within` widen them. */
export const noteStatements = <A>(within: string, answers: Answers, f: () => A): readonly [A, Statements] => {
  const sites = new Map<string, Statement>();
  /** What sample sites have when they come. */
  const own = new Map<string, OpenSample>();
  const requests: string[] = [];
  const keyFor = (request: KeyRequest): KeyRequest => ({
    ...request,
    isHidden: true,
    value: request.value ?? answers.key(requests.push(request.name) - 1, request.name),
  });
  const process = (message: Message): Message => {
    switch (message.type) {
      case 'param':
        return refuseParam(message.name, within);
      case 'prngKey':
        return keyFor(message);
      case 'plate':
        return { ...message, ...answers.plate(message), isHidden: true };
      case 'factor':
        return { ...activePlates().reduce(widenedFactor, message), isHidden: true };
      case 'sample': {
        own.set(message.name, message);
        const widened = activePlates().reduce(widenedSample, message);
        return { ...toldSample(widened, answers.sample(widened)), isHidden: true };
      }
      default:
        return { ...message, isHidden: true };
    }
  };
  const postprocess = (message: Message): Message => {
    if (message.type === 'prngKey' || message.type === 'param') return message;
    if (message.type === 'plate' && sites.has(message.name)) return message;
    if (sites.has(message.name)) {
      throw kindlingError('DuplicateSite', {
        site: message.name,
        message: `this name is there already within ${within}`,
        remedy: 'Give each statement a name of its own',
      });
    }
    const { value, key } = own.get(message.name) ?? {};
    sites.set(message.name, { ...(message as Statement), key, observed: value });
    return message;
  };
  return [withHandlerOfBody({ process, postprocess }, f), { sites, requests }];
};
