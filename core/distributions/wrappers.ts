/** What makes one distribution of another: a wider batch, batch axes taken as one event, a mask. */
import { sumRightmost } from '../bijectors/bijector.ts';
import { independent } from '../constraints/index.ts';
import { kindlingError } from '../errors.ts';
import * as ops from '../ops/index.ts';
import { broadcastShapes, broadcastsTo, checkShape, sameShape, showShape, tryBroadcast, type Shape } from '../shape.ts';
import type { AnyArray } from '../value.ts';
import { addAxes, ones, withRank } from './axes.ts';
import type { Distribution, DistributionParts } from './distribution.ts';

type Make = (parts: DistributionParts) => Distribution;

/** A distribution taken apart whose batch shape has become one of `extra` more axes, and what is made of it then. */
const apartBy = (parts: DistributionParts, extra: number, remake: (base: Distribution, lead: Shape) => Distribution): DistributionParts['apart'] =>
  parts.apart === undefined
    ? undefined
    : () => {
        const { arrays, rebuild } = parts.apart!();
        return {
          arrays: arrays.map((x) => withRank(x, x.shape.length + extra)),
          rebuild: (given, lead) => remake(rebuild(given, [...lead, ...ones(extra)]), lead),
        };
      };

export const expand = (parts: DistributionParts, shape: Shape, make: Make): Distribution => {
  checkShape(`the expanded ${parts.name}`, shape);
  if (sameShape(shape, parts.batchShape)) return make(parts);
  if (!broadcastsTo(parts.batchShape, shape)) {
    throw kindlingError('InvalidShape', {
      message: `${parts.name} can't be expanded`,
      given: `batch shape ${showShape(parts.batchShape)} to ${showShape(shape)}`,
      expected: 'a shape to which the batch shape broadcasts',
    });
  }
  const apart = apartBy(parts, shape.length - parts.batchShape.length, (base, lead) => base.expand([...lead, ...shape]));
  return make({ ...parts, batchShape: shape, apart, wraps: { kind: 'expanded', base: make(parts) } });
};

export const toEvent = (parts: DistributionParts, n: number, make: Make): Distribution => {
  if (n === 0) return make(parts);
  if (!Number.isInteger(n) || n < 0 || n > parts.batchShape.length) {
    throw kindlingError('InvalidShape', {
      message: `toEvent(${n}) needs as many batch axes`,
      given: `${parts.name} of batch shape ${showShape(parts.batchShape)}`,
      remedy: 'Expand the distribution first: expand(shape).toEvent(n)',
    });
  }
  const base = make(parts);
  const batchShape = parts.batchShape.slice(0, -n);
  const moved = parts.batchShape.slice(-n);
  return make({
    ...parts,
    batchShape,
    eventShape: [...moved, ...parts.eventShape],
    support: independent(parts.support, n),
    apart: apartBy(parts, 0, (made) => made.toEvent(n)),
    // An expanded batch no longer ends with the base's own axes: they follow as part of the event.
    draw: (key, shape) => parts.draw(key, [...shape, ...moved]),
    logProb: (value) => sumRightmost(spreadOver(base.logProb(value), moved), n),
    mean: () => base.mean,
    variance: () => base.variance,
    cdf: undefined,
    icdf: undefined,
    entropy: parts.entropy === undefined ? undefined : () => sumRightmost(base.entropy(), n),
    // The members would be a product over the axes moved, one too many to list.
    enumerate: undefined,
    wraps: { kind: 'event', base, reinterpreted: n },
  });
};

/** A log-density widened to the trailing axes over which it will be summed. */
const spreadOver = (x: AnyArray, trailing: Shape): AnyArray => {
  const shape = tryBroadcast(x.shape, trailing);
  return shape === undefined || sameShape(shape, x.shape) ? x : ops.broadcastTo(x, shape);
};

export const masked = (parts: DistributionParts, mask: AnyArray, make: Make): Distribution => {
  const batchShape = tryBroadcast(mask.shape, parts.batchShape);
  if (batchShape === undefined) {
    throw kindlingError('InvalidShape', {
      message: `a mask does not fit ${parts.name}`,
      given: `${showShape(mask.shape)} for batch shape ${showShape(parts.batchShape)}`,
    });
  }
  const base = make(parts);
  // What the mask hides may lie outside the support or be NaN: it counts 0 all the same, and the base sees a point of the support instead.
  const { support, eventShape } = parts;
  return make({
    ...parts,
    batchShape,
    support: { ...support, params: { ...support.params, mask }, check: (value) => ops.logicalOr(ops.logicalNot(mask), support.check(value)) },
    logProb: (value) => {
      const shown = addAxes(mask, eventShape.length);
      return ops.where(mask, base.logProb(ops.where(shown, value, support.feasible(broadcastShapes(shown.shape, value.shape)))), 0);
    },
    // At other parameters the mask would be forgotten.
    family: undefined,
    wraps: { kind: 'masked', base, mask },
    apart: maskedApart(parts, mask, batchShape.length),
  });
};

const maskedApart = (parts: DistributionParts, mask: AnyArray, rank: number): DistributionParts['apart'] => {
  const base = apartBy(parts, rank - parts.batchShape.length, (made) => made);
  if (base === undefined) return undefined;
  return () => {
    const { arrays, rebuild } = base();
    return { arrays: [...arrays, withRank(mask, rank)], rebuild: (given, lead) => rebuild(given.slice(0, -1), lead).mask(given.at(-1)!) };
  };
};
