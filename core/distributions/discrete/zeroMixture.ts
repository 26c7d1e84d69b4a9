/** What distributions with a gate for zeros share: the methods that they are made of, and how these become distributions. */
import type { Constraint } from '../../constraints/index.ts';
import * as ops from '../../ops/index.ts';
import type { Key } from '../../random/key.ts';
import type { Shape } from '../../shape.ts';
import type { AnyArray } from '../../value.ts';
import { withRank } from '../axes.ts';
import { apartBy, commonBatch } from '../combinators/parts.ts';
import { makeDistribution, type Distribution } from '../distribution.ts';
import { defineDistribution, type Constructor, type ParamsOf, type ParamSpec } from '../family.ts';
import type { NamedGate } from './gate.ts';

/** The methods of a base distribution behind a gate. */
export interface ZeroMixture {
  readonly draw: (key: Key, shape: Shape) => AnyArray;
  readonly logProb: (value: AnyArray) => AnyArray;
  readonly mean: () => AnyArray;
  readonly variance: () => AnyArray;
  readonly cdf: (value: AnyArray) => AnyArray;
}

/** A family of such distributions, by the names of the parameters of gate and base. */
export const zeroMixtureFamily = <Names extends string>(
  name: string,
  params: { readonly [Name in Names]: ParamSpec },
  support: Constraint,
  of: (params: ParamsOf<Names>) => ZeroMixture,
): Constructor<Names> =>
  defineDistribution({
    name,
    params,
    support,
    isReparameterized: false,
    sample: (given, key, shape) => of(given).draw(key, shape),
    logProb: (given, x) => of(given).logProb(x),
    mean: (given) => of(given).mean(),
    variance: (given) => of(given).variance(),
    cdf: (given, x) => of(given).cdf(x),
  });

const holdsZero: ReadonlySet<string> = new Set(['nonnegativeInteger', 'boolean', 'nonnegative', 'real']);

/** A support with 0 besides. */
export const withZero = (support: Constraint): Constraint =>
  holdsZero.has(support.kind)
    ? support
    : { ...support, name: `${support.name}, or 0`, check: (value) => ops.logicalOr(support.check(value), ops.equal(value, 0)) };

/** The members of a finite support along one axis. */
export const membersOf = (base: Distribution): AnyArray => ops.reshape(base.enumerateSupport(false), [-1]);

/** A base distribution behind a gate as a distribution. */
export const zeroMixture = (
  name: string,
  base: Distribution,
  gate: NamedGate,
  methods: ZeroMixture,
  remake: (base: Distribution, gate: AnyArray) => Distribution,
): Distribution => {
  const batchShape = commonBatch(name, { baseDist: base.batchShape, [gate.name]: gate.array.shape });
  const rank = batchShape.length;
  return makeDistribution({
    ...methods,
    name,
    params: { baseDist: base, [gate.name]: gate.array },
    batchShape,
    eventShape: [],
    support: withZero(base.support),
    isReparameterized: false,
    apart: apartBy(
      [{ fn: base, missing: rank - base.batchShape.length }],
      () => [withRank(gate.array, rank)],
      ([fn], [array], lead) => remake(fn!, array!).expand([...lead, ...batchShape]),
    ),
    enumerate: base.hasEnumerateSupport ? () => membersOf(base) : undefined,
  });
};
