/** The improper uniform distribution. */
import { sumRightmost } from '../../bijectors/bijector.ts';
import * as constraints from '../../constraints/index.ts';
import type { Constraint } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { checkShape, type Shape } from '../../shape.ts';
import { asArray, type AnyArray } from '../../value.ts';
import { withRank } from '../axes.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { isConstraint, namedParts } from './parts.ts';

const noMoment = (): AnyArray => ops.fill([], NaN);

type Bounds = Readonly<Record<string, AnyArray>>;

const bounded: Readonly<Record<string, (bounds: Bounds) => Constraint>> = {
  interval: ({ low, high }) => constraints.interval(low!, high!),
  openInterval: ({ low, high }) => constraints.openInterval(low!, high!),
  greaterThan: ({ low }) => constraints.greaterThan(low!),
  greaterThanEq: ({ low }) => constraints.greaterThanEq(low!),
  lessThan: ({ high }) => constraints.lessThan(high!),
  lessThanEq: ({ high }) => constraints.lessThanEq(high!),
};

/** A constraint of the same kind with other bounds; one without a rule keeps its own. */
const withBounds = (support: Constraint, bounds: Bounds): Constraint => bounded[support.kind]?.(bounds) ?? support;

/**
 * ImproperUniform(support, batchShape, eventShape): log-density 0 on the support, which need not have a finite volume. It can't be drawn from:
 * where a start is needed, initToUniform or initToValue give one.
 *
 * @param support - a constraint; its members are what its own event axes span, the other axes of the event are independent
 * @param batchShape - [] by default
 * @param eventShape - [] by default; at least as many axes as the support has of its own
 * @example
 * dist.ImproperUniform(constraints.positive, [], [2]).logProb([1, 3]); // 0
 */
export const ImproperUniform: {
  (parts: { readonly support: Constraint; readonly batchShape?: Shape | undefined; readonly eventShape?: Shape | undefined }): Distribution;
  (support: Constraint, batchShape?: Shape, eventShape?: Shape): Distribution;
} = (...args: readonly unknown[]): Distribution => {
  const { support, batchShape = [], eventShape = [] } = namedParts('ImproperUniform', ['support', 'batchShape', 'eventShape'], args);
  if (!isConstraint(support)) {
    throw kindlingError('InvalidArgument', {
      message: 'support of ImproperUniform must be a constraint',
      given: typeof support,
      remedy: 'For example constraints.positive',
    });
  }
  const [batch, event] = [batchShape, eventShape] as [Shape, Shape];
  checkShape('the batch of ImproperUniform', batch);
  checkShape('the event of ImproperUniform', event);
  if (event.length < support.eventDim) {
    throw kindlingError('InvalidShape', {
      message: `eventShape of ImproperUniform has fewer axes than a member of ${support.name}`,
      given: `${event.length}`,
      expected: `at least ${support.eventDim}`,
    });
  }
  const whole = constraints.independent(support, event.length - support.eventDim);
  return makeDistribution({
    name: 'ImproperUniform',
    params: { support },
    batchShape: batch,
    eventShape: event,
    support: whole,
    isReparameterized: false,
    apart: () => {
      const names = Object.keys(support.params);
      return {
        arrays: names.map((name) => withRank(asArray(support.params[name]!), batch.length + support.eventDim)),
        rebuild: (given, lead) =>
          ImproperUniform(withBounds(support, Object.fromEntries(names.map((name, i) => [name, given[i]!]))), [...lead, ...batch], event),
      };
    },
    draw: () => {
      throw kindlingError('Unsupported', {
        message: 'ImproperUniform has no draws: it need not have a finite volume',
        remedy: 'Start from initToUniform or initToValue, or use a proper prior.',
      });
    },
    logProb: (x) => {
      const total = sumRightmost(x, event.length);
      // Of the value's own form, so that its gradient is there, and 0.
      return ops.where(ops.isNaN(total), NaN, ops.mulNoNan(0, total));
    },
    mean: noMoment,
    variance: noMoment,
  });
};
