/** plate: independence along one batch axis, with subsampling that keeps the density unbiased. */
import { kindlingError } from './errors.ts';
import { checkOptions, requireFunction } from './options.ts';
import * as ops from './ops/index.ts';
import { permutation } from './random/draws.ts';
import { keyOf, requireName } from './primitives.ts';
import { activePlates, runPlates, send, withHandler, type ActivePlate, type Handler } from './runtime.ts';
import { broadcastShapes, sameShape, showShape, type Shape } from './shape.ts';
import type { FactorSite, PlateSite, SampleSite } from './site.ts';
import { isTensor, toTensor, type Input, type Value } from './value.ts';

export interface PlateOptions {
  /** How many of the `size` elements this run works on; their log-probabilities are scaled up by size / subsampleSize. */
  readonly subsampleSize?: number | undefined;
  /** The batch axis, negative; by default the first free one from the right. */
  readonly dim?: number | undefined;
}

const checkCount = (plate: string, what: string, count: unknown, most: number): void => {
  if (isTensor(count)) {
    throw kindlingError('InvalidArgument', {
      message: `the ${what} of plate "${plate}" is traced: it came in as an argument of the model`,
      expected: 'a number that is known before the model runs',
      remedy: 'Take it from the shape of the data, close over it, or make that argument static: jit(f, { static: [i] })',
    });
  }
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > most) {
    throw kindlingError('InvalidArgument', {
      message: `the ${what} of plate "${plate}" is not possible`,
      given: String(count),
      expected: most === Infinity ? 'a whole number from 1' : `a whole number from 1 to ${most}`,
    });
  }
};

const freeDim = (taken: readonly ActivePlate[]): number => {
  let dim = -1;
  while (taken.some((plate) => plate.dim === dim)) dim--;
  return dim;
};

const chooseDim = (site: PlateSite<Value | undefined>, outer: readonly ActivePlate[], known: ActivePlate | undefined): number => {
  const { name, size, subsampleSize, dim } = site;
  const mismatch = (message: string, remedy: string): never => {
    throw kindlingError('PlateMismatch', { message: `plate "${name}" ${message}`, remedy });
  };
  if (outer.some((plate) => plate.name === name)) mismatch('is entered inside itself', 'Give the inner plate another name');
  if (known !== undefined && (known.size !== size || known.subsampleSize !== subsampleSize)) {
    mismatch(
      `has size ${size} (of which ${subsampleSize} at a time), but it had ${known.size} (${known.subsampleSize}) before`,
      'Give one of them another name',
    );
  }
  if (known !== undefined && dim !== undefined && known.dim !== dim) {
    mismatch(`has dim ${dim}, but it had ${known.dim} before`, 'Give one of them another name, or both the same dim');
  }
  if (dim !== undefined && (!Number.isInteger(dim) || dim >= 0))
    mismatch(`has dim ${dim}, which is not a negative integer`, 'Batch axes count from the right: -1 is the last');
  const chosen = known?.dim ?? dim ?? freeDim(outer);
  const clash = outer.find((plate) => plate.dim === chosen);
  if (clash !== undefined) mismatch(`takes dim ${chosen}, which plate "${clash.name}" around it has`, 'Pass { dim } to one of them');
  return chosen;
};

const drawIndices = (site: PlateSite<Value | undefined>): Value =>
  toTensor(site.subsampleSize === site.size ? ops.range(0, site.size) : ops.slice(permutation(keyOf(site), site.size), 0, site.subsampleSize));

/** Indices may come from a handler, such as the replay of a guide that has this plate too. */
const checkIndices = ({ name, value, size, subsampleSize }: PlateSite<Value | undefined>): void => {
  if (sameShape(value!.shape, [subsampleSize])) return;
  throw kindlingError('PlateMismatch', {
    message: `plate "${name}" is given indices that it has no use for`,
    given: `shape ${showShape(value!.shape)}`,
    expected: `shape [${subsampleSize}], of the ${size} elements`,
    remedy: 'Use one subsampleSize for the plate in model and guide',
  });
};

/** A batch shape within a plate. */
const widenedShape = (site: string, what: string, batchShape: Shape, plate: ActivePlate): Shape => {
  const extent = batchShape.at(plate.dim) ?? 1;
  if (extent !== 1 && extent !== plate.subsampleSize) {
    throw kindlingError('PlateMismatch', {
      site,
      message: `the ${what} does not fit plate "${plate.name}"`,
      given: `batch shape ${showShape(batchShape)}`,
      expected: `extent 1 or ${plate.subsampleSize} at dim ${plate.dim}`,
      remedy: 'Move axes that belong to one observation into the event with toEvent(n), or index the parameters with the plate’s indices',
    });
  }
  return broadcastShapes(batchShape, [plate.subsampleSize, ...new Array<number>(-plate.dim - 1).fill(1)]);
};

/** A sample site with the axis of a plate. */
export const widenedSample = (site: SampleSite<Value | undefined>, plate: ActivePlate): SampleSite<Value | undefined> => ({
  ...site,
  fn: site.fn.expand(widenedShape(site.name, 'distribution', site.fn.batchShape, plate)),
});

/** A term is stated once for each element, as any other statement of the body. */
export const widenedFactor = (site: FactorSite<Value | undefined>, plate: ActivePlate): FactorSite<Value | undefined> => ({
  ...site,
  value: ops.broadcastTo(site.value!, widenedShape(site.name, 'term', site.value!.shape, plate)),
});

const scaled = (scale: Input, by: number): Input => (by === 1 ? scale : typeof scale === 'number' ? scale * by : ops.mul(scale, by));

const plateHandler = (plate: ActivePlate): Handler => {
  const { name, size, subsampleSize, dim } = plate;
  const frame = { name, size, subsampleSize, dim };
  return {
    process: (message) => {
      if (message.type !== 'sample' && message.type !== 'factor') return message;
      const widened = message.type === 'sample' ? widenedSample(message, plate) : widenedFactor(message, plate);
      return { ...widened, plates: [...message.plates, frame], scale: scaled(message.scale, size / subsampleSize) };
    },
  };
};

/** Sends a plate outwards, which gives it its dim and its indices, and notes it in this run. */
export const meetPlate = (request: PlateSite<Value | undefined>): ActivePlate => {
  const outer = activePlates();
  const known = runPlates();
  const site = send(request, (message) => {
    const before = known.get(message.name);
    return { ...message, dim: chooseDim(message, outer, before), value: message.value ?? before?.indices ?? drawIndices(message) };
  });
  checkIndices(site);
  const { name, size, subsampleSize, dim, value } = site;
  const active: ActivePlate = { name, size, subsampleSize, dim: dim!, indices: value! };
  known.set(name, active);
  return active;
};

/**
 * Declares the statements of a body independent along one batch axis, and gives the body the indices of this run.
 *
 * Entered again in the same run, a plate keeps its dim and its indices.
 *
 * @param size - the number of elements, known before the model runs
 * @returns a function that runs a body of the indices (int32, shape `[subsampleSize]`) and returns what it returns
 * @throws PlateMismatch for a name that had another size or dim, a dim that is taken, a distribution that does not fit
 * @example
 * const model = () => plate('data', 3)(() => sample('x', dist.Normal(0, 1)));
 * seed(random.PRNGKey(0))(model)().shape; // [3]
 */
export const plate = (name: string, size: number, options: PlateOptions = {}): (<A>(body: (indices: Value) => A) => A) => {
  requireName('plate', name);
  // At once: with its body as the third argument, a plate would never run.
  checkOptions('plate', options, ['subsampleSize', 'dim']);
  return <A>(body: (indices: Value) => A): A => {
    requireFunction(`plate "${name}" takes its body`, body, `Write plate('${name}', size)((indices) => …)`);
    checkCount(name, 'size', size, Infinity);
    const { subsampleSize = size, dim } = options;
    checkCount(name, 'subsampleSize', subsampleSize, size);
    const active = meetPlate({ type: 'plate', name, size, subsampleSize, dim, value: undefined });
    return withHandler(plateHandler(active), () => body(active.indices), active);
  };
};
