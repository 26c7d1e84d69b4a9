/** The Kullback–Leibler divergence of two distributions, from a table of closed forms. */
import { sumRightmost } from '../../bijectors/bijector.ts';
import type { Bijector } from '../../bijectors/bijector.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { asKey, type Key } from '../../random/key.ts';
import { scoped } from '../../scope.ts';
import { broadcastShapes, sameShape, showShape, tryBroadcast } from '../../shape.ts';
import { tensorsIn } from '../../tree.ts';
import { isArray, isConcrete, isTensor, toNDArray, type AnyArray } from '../../value.ts';
import { isDistribution, type Distribution } from '../distribution.ts';
import { discrete } from './discrete.ts';
import { integrals } from './integrals.ts';
import { locationScale } from './locationScale.ts';
import { moments } from './moments.ts';
import { multivariate } from './multivariate.ts';
import { positive } from './positive.ts';
import type { KLRule } from './rule.ts';

export interface KLOptions {
  /** With a key, a pair without a closed form is estimated from draws of `p` instead of refused. */
  readonly key?: Key | undefined;
  /** How many draws; 1,000 by default. */
  readonly numSamples?: number | undefined;
}

const pair = (p: string, q: string): string => `${p} ‖ ${q}`;

const table: ReadonlyMap<string, KLRule['kl']> = new Map(
  [...locationScale, ...positive, ...moments, ...integrals, ...discrete, ...multivariate].map(({ p, q, kl }) => [pair(p, q), kl]),
);

/** What `expand`, `toEvent` and `mask` were done to. */
const coreOf = (d: Distribution): Distribution => (d.wraps === undefined ? d : coreOf(d.wraps.base));

const isSameArray = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (!isArray(a) || !isArray(b) || !sameShape(a.shape, b.shape) || !isConcrete(a) || !isConcrete(b)) return false;
  const [left, right] = [toNDArray(a).data, toNDArray(b).data];
  return left.every((value, i) => value === right[i]);
};

const isBijector = (value: unknown): value is Bijector => typeof value === 'object' && value !== null && 'logAbsDetJacobian' in value;

/** Whether two bijectors are the same map, as far as can be seen: of one name, made of the same parts. */
const isSameMap = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((part, i) => isSameMap(part, b[i]));
  if (!isBijector(a) || !isBijector(b)) return isSameArray(a, b);
  if (a === b) return true;
  const names = Object.keys(a.params);
  // A map without parameters is one of a kind; others of the same name may still close over different functions.
  return (
    a.name === b.name && names.length > 0 && names.length === Object.keys(b.params).length && names.every((name) => isSameMap(a.params[name], b.params[name]))
  );
};

const isTransformed = (d: Distribution): boolean => isBijector(d.params['transform']);

type Attempt = AnyArray | undefined;

/** Axes summed over which the divergence does not vary count as often as they are long. */
const summedOver = (kl: AnyArray, batch: readonly number[], n: number): AnyArray => sumRightmost(ops.broadcastTo(kl, broadcastShapes(kl.shape, batch)), n);

const ofEvents = (p: Distribution, q: Distribution): Attempt => {
  const [one, other] = [p.wraps, q.wraps];
  if (one?.kind !== 'event' || other?.kind !== 'event') {
    const nameOf = (d: Distribution): string => (d.wraps?.kind === 'event' && d.wraps.reinterpreted === 1 ? `event(${coreOf(d).name})` : d.name);
    return table.get(pair(nameOf(p), nameOf(q)))?.(p, q);
  }
  const shared = Math.min(one.reinterpreted, other.reinterpreted);
  const [left, right] = [one.base.toEvent(one.reinterpreted - shared), other.base.toEvent(other.reinterpreted - shared)];
  const kl = divergence(left, right);
  return kl && summedOver(kl, broadcastShapes(left.batchShape, right.batchShape), shared);
};

/** The divergence, of a shape that broadcasts to the batch shape of both; `undefined` where no rule leads to one. */
const divergence = (p: Distribution, q: Distribution): Attempt => {
  if (coreOf(p).name === 'Delta') {
    // All of p lies at one point, with the density that it says of itself.
    const v = p.mean;
    return ops.sub(p.logProb(v), q.logProb(v));
  }
  const [one, other] = [p.wraps, q.wraps];
  if (one?.kind === 'expanded') return divergence(one.base, q);
  if (other?.kind === 'expanded') return divergence(p, other.base);
  if (one?.kind === 'masked' || other?.kind === 'masked') {
    const kl = divergence(one?.kind === 'masked' ? one.base : p, other?.kind === 'masked' ? other.base : q);
    const masks = [one, other].flatMap((wrap) => (wrap?.kind === 'masked' ? [wrap.mask] : []));
    return kl && ops.where(masks.length === 2 ? ops.logicalAnd(masks[0]!, masks[1]!) : masks[0]!, kl, 0);
  }
  if (one !== undefined || other !== undefined) return ofEvents(p, q);
  if (isTransformed(p) && isTransformed(q) && isSameMap(p.params['transform'], q.params['transform'])) {
    const [left, right] = [p.params['base'] as Distribution, q.params['base'] as Distribution];
    const kl = divergence(left, right);
    // A transform of vectors has taken batch axes of the base into its event.
    return kl && summedOver(kl, broadcastShapes(left.batchShape, right.batchShape), left.batchShape.length - p.batchShape.length);
  }
  return table.get(pair(p.name, q.name))?.(p, q);
};

const estimate = (p: Distribution, q: Distribution, key: Key, numSamples: number): AnyArray => {
  const x = p.expand(broadcastShapes(p.batchShape, q.batchShape)).sample(asKey(key), [numSamples]);
  return ops.mean(ops.sub(p.logProb(x), q.logProb(x)), 0);
};

/**
 * KL(p ‖ q) = E[log p(x) − log q(x)], x ~ p, by a closed form, of the batch shapes of both broadcast together. Infinity where p puts mass
 * outside the support of q. `Delta` is any point with its log-density: KL = logDensity − log q(v). Masked batches count 0. Two
 * transformed distributions of one transform have the divergence of their bases.
 *
 * @param options - `key` and `numSamples`: for a pair without a closed form, the mean over that many draws of p
 * @throws Unsupported for a pair without a closed form, where no key is given; InvalidShape for events of different shapes
 * @see Kullback, Leibler (1951), On information and sufficiency, eq. 2.4
 * @example
 * klDivergence(dist.Normal(0, 1), dist.Normal(1, 1)); // 0.5
 */
export const klDivergence = (p: Distribution, q: Distribution, { key, numSamples = 1000 }: KLOptions = {}): AnyArray => {
  if (!isDistribution(p) || !isDistribution(q)) {
    throw kindlingError('InvalidArgument', { message: 'klDivergence takes two distributions', given: isDistribution(p) ? 'one' : typeof p });
  }
  const batch = tryBroadcast(p.batchShape, q.batchShape);
  if (!sameShape(p.eventShape, q.eventShape) || batch === undefined) {
    throw kindlingError('InvalidShape', {
      message: 'a divergence needs distributions of one event shape, and batches that broadcast',
      given: [p, q].map((d) => `${d.name} of batch shape ${showShape(d.batchShape)}, event shape ${showShape(d.eventShape)}`).join('; '),
    });
  }
  return scoped(
    () => {
      const kl = divergence(p, q) ?? (key === undefined ? undefined : estimate(p, q, key, numSamples));
      if (kl === undefined) {
        throw kindlingError('Unsupported', {
          message: `the divergence of ${p.name} from ${q.name} has no closed form here`,
          remedy: 'Ask for an estimate: klDivergence(p, q, { key, numSamples })',
        });
      }
      return sameShape(kl.shape, batch) && !isTensor(kl) ? kl : ops.broadcastTo(kl, batch);
    },
    (result) => tensorsIn(result),
  );
};
