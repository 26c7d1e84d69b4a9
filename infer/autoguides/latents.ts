/** The latent sites of a model, packed into one unconstrained vector in the order of the model. */
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import type { Bijector } from '../../core/bijectors/bijector.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { constraintFromJSON, constraintToJSON, type ConstraintJSON } from '../../core/constraints/json.ts';
import { kindlingError } from '../../core/errors.ts';
import type { NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { PRNGKey, type Key } from '../../core/random/key.ts';
import type { Model } from '../../core/runtime.ts';
import { scoped } from '../../core/scope.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { isLatent } from '../../core/site.ts';
import { toNDArray, type AnyArray } from '../../core/value.ts';
import { block } from '../../transforms/handlers/block.ts';
import { InitMessenger, type InitFn } from '../../transforms/handlers/init.ts';
import { seed } from '../../transforms/handlers/seed.ts';
import { trace } from '../../transforms/handlers/trace.ts';
import { initToUniform } from '../initialization.ts';
import { checkInitNames } from '../initNames.ts';

/** What a guide must know of a latent site. */
export interface Latent {
  readonly name: string;
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  readonly support: Constraint;
}

export interface LatentJSON extends Omit<Latent, 'support'> {
  readonly support: ConstraintJSON;
}

export const latentToJSON = ({ support, ...rest }: Latent): LatentJSON => ({ ...rest, support: constraintToJSON(support) });
export const latentFromJSON = ({ support, ...rest }: LatentJSON): Latent => ({ ...rest, support: constraintFromJSON(support) });

/** Runs a model hidden from the handlers around, and gives its latent sites with plain numbers in their supports. */
const latentsOfRun = <Args extends readonly unknown[]>(model: Model<Args>, args: Args, key: Key): readonly Latent[] =>
  block()(() =>
    scoped(
      () =>
        // Starts well inside the supports: draws of a vague prior can make a model meet values that it can't compute with.
        [...trace(InitMessenger(initToUniform())(seed(key)(model)))(...args).sites.values()].filter(isLatent).map((site) => {
          const local = site.plates.find(({ size, subsampleSize }) => subsampleSize < size);
          if (local !== undefined) {
            throw kindlingError('Unsupported', {
              site: site.name,
              message: `a latent site inside the subsampled plate "${local.name}" has no fixed place in a guide`,
              remedy: 'Write a guide by hand whose parameters belong to the elements, or drop subsampleSize',
            });
          }
          if (site.fn.isDiscrete) {
            throw kindlingError('Unsupported', {
              site: site.name,
              message: `a guide over continuous latents can't hold the discrete ${site.fn.name}`,
              remedy: 'Sum the site out of the model, or hide it from the guide with block({ hide }) and give it a guide of its own',
            });
          }
          return {
            name: site.name,
            batchShape: [...site.sampleShape, ...site.fn.batchShape],
            eventShape: site.fn.eventShape,
            support: constraintFromJSON(constraintToJSON(site.fn.support)),
          };
        }),
      () => [],
    ),
  )();

const describe = (latents: readonly Latent[]): string => JSON.stringify(latents.map(latentToJSON));

/**
 * The latent sites of a model at some arguments. Two runs with different draws must agree on them.
 *
 * @throws Unsupported for a model without latents, with discrete ones, or whose sites or supports depend on what is drawn
 */
export const findLatents = <Args extends readonly unknown[]>(model: Model<Args>, args: Args): readonly Latent[] => {
  const [first, second] = [0, 1].map((i) => latentsOfRun(model, args, PRNGKey(i))) as [readonly Latent[], readonly Latent[]];
  if (first.length === 0) {
    throw kindlingError('Unsupported', {
      message: 'the model has no latent sites for a guide',
      remedy: 'A sample statement without obs is latent; for a model without any, optimise its params with a guide that does nothing',
    });
  }
  if (describe(first) !== describe(second)) {
    const other = first.find((latent, i) => second[i] === undefined || describe([latent]) !== describe([second[i]]));
    throw kindlingError('Unsupported', {
      site: other?.name,
      message: 'the shape or the support of a latent site depends on what other sites draw',
      remedy: 'State it on a fixed support and transform it: for Uniform(0, x), draw u ~ Uniform(0, 1) and use x·u',
    });
  }
  return first;
};

/** A latent site's place in the vector. */
interface Slot {
  readonly latent: Latent;
  readonly bijector: Bijector;
  readonly shape: Shape;
  readonly offset: number;
  readonly size: number;
}

/** The way between the sites and the vector. */
export interface Packing {
  readonly dim: number;
  readonly slots: readonly Slot[];
}

export const packingOf = (latents: readonly Latent[]): Packing => {
  let dim = 0;
  const slots = latents.map((latent) => {
    const bijector = bijectTo(latent.support);
    const shape = bijector.inverseShape([...latent.batchShape, ...latent.eventShape]);
    const slot = { latent, bijector, shape, offset: dim, size: sizeOf(shape) };
    dim += slot.size;
    return slot;
  });
  return { dim, slots };
};

/** The part of `[…, dim]` that belongs to a slot, in the slot's shape. */
export const partOf = (flat: AnyArray, { offset, size, shape }: Slot): AnyArray => {
  const lead = flat.shape.slice(0, -1);
  return ops.reshape(ops.slice(flat, [...lead.map(() => 0), offset], [...lead, size]), [...lead, ...shape]);
};

/** The values of all sites from vectors `[…, dim]`, with the same leading axes. */
export const unpack = (flat: AnyArray, { slots }: Packing): Readonly<Record<string, AnyArray>> =>
  Object.fromEntries(slots.map((slot) => [slot.latent.name, slot.bijector.forward(partOf(flat, slot))]));

/** A start in its site's shape; one number serves for all elements. */
const wholeStart = (site: string, start: NDArray, full: Shape): NDArray => {
  if (!sameShape(start.shape, full) && sizeOf(start.shape) !== 1) {
    throw kindlingError('InvalidShape', { site, message: 'the start has the wrong shape', given: showShape(start.shape), expected: showShape(full) });
  }
  return toNDArray(ops.broadcastTo(start, full));
};

/** The vector of where an initialisation strategy starts each site. */
export const startVector = <Args extends readonly unknown[]>(model: Model<Args>, args: Args, packing: Packing, initFn: InitFn, key: Key): NDArray =>
  scoped(
    () => {
      const exact = new Map<string, NDArray>();
      // The start is kept as it was made: the trace has it rounded to a tensor.
      const remember: InitFn = (site) => {
        const given = initFn(site);
        if (given === undefined) return undefined;
        const start = wholeStart(site.name, toNDArray(given), [...site.sampleShape, ...site.fn.batchShape, ...site.fn.eventShape]);
        exact.set(site.name, start);
        return start;
      };
      const run = block()(() => trace(InitMessenger(remember)(seed(key)(model)))(...args))();
      checkInitNames(initFn, run);
      const parts = packing.slots.map(({ latent, bijector, shape }) => {
        const start = exact.get(latent.name) ?? toNDArray(run.sites.get(latent.name)!.value);
        const x = toNDArray(bijector.inverse(start));
        const isInside = toNDArray(latent.support.check(start)).data.every((ok) => ok !== 0);
        if (!isInside || !x.data.every(Number.isFinite)) {
          throw kindlingError('InvalidArgument', {
            site: latent.name,
            message: 'the start does not lie inside the support',
            given: start.toString(),
            expected: latent.support.name,
            remedy: 'Choose another initLocFn, or give the site a value inside with initToValue',
          });
        }
        return ops.reshape(x, [sizeOf(shape)]);
      });
      return toNDArray(ops.concat(parts));
    },
    () => [],
  );
