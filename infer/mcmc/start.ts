/** Where a chain starts: a point at which the potential and its gradient are finite, found by a strategy within 100 tries. */
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import { isKindlingError, kindlingError } from '../../core/errors.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { foldIn, siteKey, type Key } from '../../core/random/key.ts';
import { uniform } from '../../core/random/draws.ts';
import type { Model } from '../../core/runtime.ts';
import { sameShape, showShape, sizeOf, tryBroadcast } from '../../core/shape.ts';
import type { FactorSite, SampleSite } from '../../core/site.ts';
import { asArray, toNDArray, toNumber } from '../../core/value.ts';
import { InitMessenger, type InitFn } from '../../transforms/handlers/init.ts';
import { substitute } from '../../transforms/handlers/values.ts';
import { siteLogProb } from '../../transforms/logDensity.ts';
import { checkInitNames } from '../initNames.ts';
import type { Dynamics } from './dynamics.ts';
import { inScope, partOf, traceAlone, type Latents, type LatentSlot } from './latents.ts';

const TRIES = 100;

/** Refuses a start of another shape than the site, or on the border of its support or beyond it. */
const checkStart = (site: Pick<SampleSite, 'name' | 'fn' | 'isStack'>, { shape }: LatentSlot, start: NDArray): void => {
  const broadcast = tryBroadcast(start.shape, shape);
  if (broadcast === undefined || !sameShape(broadcast, shape)) {
    throw kindlingError('InvalidShape', {
      site: site.name,
      message: 'initStrategy starts the site in another shape',
      given: showShape(start.shape),
      expected: showShape(shape),
    });
  }
  // Of a site that stands for all times of a scan, the support is not whole yet.
  if (site.isStack === true || toNDArray(bijectTo(site.fn.support).inverse(start)).data.every(Number.isFinite)) return;
  throw kindlingError('InvalidParameter', {
    site: site.name,
    message: 'initStrategy starts the site outside its support, or on its border',
    given: showNumbers(start),
    expected: `a value within ${site.fn.support.name}`,
  });
};

/** The vector of where a strategy starts each site. */
const pointBy = (model: Model, args: readonly unknown[], { slots, dim }: Latents, initFn: InitFn, key: Key): Float64Array => {
  const z = new Float64Array(dim);
  if ('radius' in initFn && typeof initFn.radius === 'number') {
    // On this scale a uniform start needs no run of the model.
    const { radius } = initFn;
    for (const { name, offset, unconstrainedShape } of slots) {
      if (radius !== 0) z.set(uniform(siteKey(key, name), unconstrainedShape, { minval: -radius, maxval: radius }).data, offset);
    }
    return z;
  }
  const exact = new Map<string, NDArray>();
  // The start is kept as it was made: the trace has it rounded to a tensor.
  const remember: InitFn = (site) => {
    const given: unknown = initFn(site);
    if (typeof given === 'function') {
      throw kindlingError('InvalidArgument', {
        message: 'initStrategy gave a function for a site, not a value',
        remedy: 'Strategies are made by a call: initStrategy: initToMedian()',
      });
    }
    if (given === undefined) return undefined;
    const start = toNDArray(asArray(given as NDArray));
    const slot = slots.find(({ name }) => name === site.name);
    if (slot !== undefined) checkStart(site, slot, start);
    exact.set(site.name, start);
    return start;
  };
  const run = traceAlone(model, args, InitMessenger(remember), key);
  checkInitNames(initFn, run);
  const { sites } = run;
  for (const { name, offset, shape, unconstrainedShape } of slots) {
    const site = sites.get(name) as SampleSite;
    const value = exact.get(name) ?? toNDArray(site.value);
    const x = toNDArray(bijectTo(site.fn.support).inverse(ops.broadcastTo(value, shape)));
    z.set(toNDArray(ops.broadcastTo(x, unconstrainedShape)).data, offset);
  }
  return z;
};

const FEW = 6;

const showNumbers = (x: NDArray): string => {
  const first = Array.from(x.data.subarray(0, FEW), (v) => String(Number(v.toPrecision(6)))).join(', ');
  return x.shape.length === 0 ? first : `[${first}${x.data.length > FEW ? ', …' : ''}] of shape ${showShape(x.shape)}`;
};

/** Which observations have no finite log-density: how many, and the first with its value. */
const faultyObservations = (site: SampleSite, each: NDArray): string | undefined => {
  const at = each.data.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return undefined;
  const count = each.data.reduce((sum, x) => sum + Number(!Number.isFinite(x)), 0);
  const shape = [...each.shape, ...site.fn.eventShape];
  const size = sizeOf(site.fn.eventShape);
  const { data } = toNDArray(ops.broadcastTo(site.value, shape));
  const value = makeNDArray(data.slice(at * size, (at + 1) * size), site.fn.eventShape);
  const total = each.data.length;
  const first =
    total === 1 ? `value ${showNumbers(value)}` : `${count} of ${total} values have none, the first at index ${indexAt(at, each.shape)}: ${showNumbers(value)}`;
  return `${first}, support ${site.fn.support.name}`;
};

/** The index of an element in row-major order. */
const indexAt = (at: number, shape: readonly number[]): string => {
  const index = shape.reduceRight<readonly [readonly number[], number]>(
    ([places, left], extent) => [[left % extent, ...places], Math.floor(left / extent)],
    [[], at],
  )[0];
  return index.length === 1 ? String(index[0]) : `[${index.join(', ')}]`;
};

/** What a site tells of itself at the point that was tried last. */
const describeSite = (site: SampleSite | FactorSite, slot: LatentSlot | undefined, gradient: Float64Array): string => {
  const each = toNDArray(siteLogProb(site));
  const density = toNumber(ops.sum(each));
  const isObserved = site.type === 'sample' && site.isObserved;
  const own = slot === undefined ? undefined : gradient.subarray(slot.offset, slot.offset + slot.size);
  const parts = [
    slot === undefined || site.type === 'factor' ? undefined : `support ${site.fn.support.name}`,
    slot === undefined ? undefined : `tried ${showNumbers(toNDArray(site.value))}`,
    `log-density ${density}${Number.isFinite(density) ? '' : ' (not finite)'}`,
    isObserved ? faultyObservations(site, each) : undefined,
    own === undefined ? undefined : own.every(Number.isFinite) ? 'gradient finite' : 'gradient not finite',
  ];
  const kind = site.type === 'factor' ? ' (factor)' : isObserved ? ' (observed)' : '';
  return `${site.name}${kind}: ${parts.filter((part) => part !== undefined).join(', ')}`;
};

const describeAt = (model: Model, args: readonly unknown[], { slots }: Latents, z: Float64Array, gradient: Float64Array): readonly string[] => {
  const vector = asArray(z);
  const bySlot = new Map(slots.map((slot) => [slot.name, slot]));
  const fill = substitute((site) => {
    const slot = bySlot.get(site.name);
    return slot === undefined || site.type !== 'sample' ? undefined : bijectTo(site.fn.support).forward(partOf(vector, slot));
  });
  const { sites } = traceAlone(model, args, fill);
  return [...sites.values()].flatMap((site) => (site.type === 'sample' || site.type === 'factor' ? [describeSite(site, bySlot.get(site.name), gradient)] : []));
};

const noStart = (model: Model, args: readonly unknown[], latents: Latents, z: Float64Array, { gradient, potential }: Dynamics): Error => {
  const failed = gradient.slice();
  let sites: readonly string[] = [];
  let cause: unknown;
  try {
    sites = inScope(() => describeAt(model, args, latents, z, failed));
  } catch (error) {
    cause = error;
    sites = [`running the model there fails: ${error instanceof Error ? error.message : String(error)}`];
  }
  return kindlingError('NonFinite', {
    message: `no start was found in ${TRIES} tries at which the log-density and its gradient are finite`,
    given: `at the last, log-density ${-potential[0]!}; ${sites.join('; ')}`,
    remedy:
      'A site whose log-density is not finite is at fault: check that the data lie in the support of their distribution and that parameters stay ' +
      'within their constraints; or start elsewhere, with initStrategy: initToMedian(), initToFeasible() or initToValue({ … })',
    cause,
  });
};

/**
 * A start for a chain: the first try, of those by keys foldIn(key, t), that is good. `dynamics` is left there.
 *
 * @throws NonFinite with what each site had to say, where none is
 */
export const findStart = (model: Model, args: readonly unknown[], latents: Latents, initFn: InitFn, key: Key, dynamics: Dynamics): Float64Array => {
  let z: Float64Array = new Float64Array(latents.dim);
  let refused: Error | undefined;
  for (let t = 0; t < TRIES; t++) {
    try {
      z = inScope(() => pointBy(model, args, latents, initFn, foldIn(key, t)));
    } catch (error) {
      // A model may refuse what a strategy drew, such as a matrix that is not positive definite, and take the next.
      if (!(error instanceof Error) || !isKindlingError(error) || error._tag !== 'InvalidParameter') throw error;
      refused = error;
      continue;
    }
    refused = undefined;
    if (z.every(Number.isFinite) && dynamics.evaluate(z)) return z;
  }
  if (refused !== undefined) throw refused;
  throw noStart(model, args, latents, z, dynamics);
};
