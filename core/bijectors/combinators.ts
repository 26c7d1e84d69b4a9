/** Bijectors of bijectors: on each of many members, the other way, one after another. */
import { independent, type Constraint } from '../constraints/index.ts';
import * as ops from '../ops/index.ts';
import type { AnyArray } from '../value.ts';
import { makeBijector, noVolume, requireBijectors, sumRightmost, type Bijector, type BijectorApart } from './bijector.ts';

/** What is made of a bijector, taken apart with it. */
const remade = (how: (form: string) => string, base: BijectorApart | undefined, make: (made: Bijector) => Bijector): BijectorApart | undefined =>
  base && { form: how(base.form), arrays: base.arrays, rebuild: (arrays) => make(base.rebuild(arrays)) };

/** `base` on each member of arrays with `reinterpreted` more axes. */
export const independentBijector = (base: Bijector, reinterpreted: number): Bijector => {
  requireBijectors('independent', [base]);
  if (reinterpreted === 0) return base;
  const summed = ([value, logDet]: readonly [AnyArray, AnyArray]): readonly [AnyArray, AnyArray] => [value, sumRightmost(logDet, reinterpreted)];
  return makeBijector(`independent(${base.name}, ${reinterpreted})`, {
    ...base,
    domainDim: base.domainDim + reinterpreted,
    codomainDim: base.codomainDim + reinterpreted,
    logDet: (x, y) => sumRightmost(base.logAbsDetJacobian(x, y), reinterpreted),
    forwardAndLogDet: (x) => summed(base.forwardAndLogDet(x)),
    inverseAndLogDet: (y) => summed(base.inverseAndLogDet(y)),
    codomain: (domain) => {
      const image = base.codomain(domain);
      return independent(image, Math.max(0, base.codomainDim + reinterpreted - image.eventDim));
    },
    apart: (rank) =>
      remade(
        (form) => `independent(${form}, ${reinterpreted})`,
        base.apart(rank),
        (made) => independentBijector(made, reinterpreted),
      ),
  });
};

const negated = ([value, logDet]: readonly [AnyArray, AnyArray]): readonly [AnyArray, AnyArray] => [value, ops.neg(logDet)];

interface InverseOptions {
  readonly name?: string;
  readonly codomain?: (domain: Constraint) => Constraint;
}

/** The map the other way. */
export const inverseOf = (base: Bijector, options: InverseOptions = {}): Bijector => {
  requireBijectors('inverseOf', [base]);
  const { name = `inverse(${base.name})`, codomain } = options;
  return makeBijector(name, {
    params: { base },
    domainDim: base.codomainDim,
    codomainDim: base.domainDim,
    forward: base.inverse,
    inverse: base.forward,
    logDet: (x, y) => ops.neg(base.logAbsDetJacobian(y, x)),
    forwardAndLogDet: (x) => negated(base.inverseAndLogDet(x)),
    inverseAndLogDet: (y) => negated(base.forwardAndLogDet(y)),
    forwardShape: base.inverseShape,
    inverseShape: base.forwardShape,
    apart: (rank) =>
      remade(
        (form) => `inverse(${form})`,
        base.apart(rank - base.codomainDim + base.domainDim),
        (made) => inverseOf(made, options),
      ),
    sign: base.sign,
    ...(codomain === undefined ? {} : { codomain }),
  });
};

/** Bijectors taken apart, as one of their composition. */
const together = (each: readonly BijectorApart[]): BijectorApart => {
  const starts = each.reduce<readonly number[]>((all, { arrays }) => [...all, all.at(-1)! + arrays.length], [0]);
  return {
    form: `compose(${each.map(({ form }) => form).join(', ')})`,
    arrays: each.flatMap(({ arrays }) => arrays),
    rebuild: (given) => compose(...each.map(({ rebuild }, i) => rebuild(given.slice(starts[i], starts[i + 1])))),
  };
};

/** First the first of `parts`, then the next, to the last. */
export const compose = (...parts: readonly Bijector[]): Bijector => {
  requireBijectors('compose', parts);
  const domainDim = parts.reduceRight((dim, part) => Math.max(part.domainDim, dim + part.domainDim - part.codomainDim), 0);
  const codomainDim = parts.reduce((dim, part) => Math.max(part.codomainDim, dim + part.codomainDim - part.domainDim), 0);
  /** The axes of an argument of the whole that each part finds. */
  const dims = parts.reduce<readonly number[]>((all, part) => [...all, all.at(-1)! + part.codomainDim - part.domainDim], [domainDim]);
  const surplus = (i: number): number => dims[i]! - parts[i]!.domainDim;
  const nothing = (x: AnyArray, dim: number): readonly [AnyArray, AnyArray] => [x, noVolume(x, dim)];
  const forwardTo = (x: AnyArray, count: number): readonly [AnyArray, AnyArray] =>
    parts.slice(0, count).reduce<readonly [AnyArray, AnyArray]>(
      ([at, total], part, i) => {
        const [next, logDet] = part.forwardAndLogDet(at);
        return [next, ops.add(total, sumRightmost(logDet, surplus(i)))];
      },
      nothing(x, domainDim),
    );
  return makeBijector(`compose(${parts.map((part) => part.name).join(', ')})`, {
    params: { parts },
    domainDim,
    codomainDim,
    forward: (x) => parts.reduce<AnyArray>((at, part) => part.forward(at), x),
    inverse: (y) => parts.reduceRight<AnyArray>((at, part) => part.inverse(at), y),
    logDet: (x, y) => {
      const last = parts.length - 1;
      if (last < 0) return noVolume(x, domainDim);
      const [at, total] = forwardTo(x, last);
      return ops.add(total, sumRightmost(parts[last]!.logAbsDetJacobian(at, y), surplus(last)));
    },
    forwardAndLogDet: (x) => forwardTo(x, parts.length),
    inverseAndLogDet: (y) =>
      parts.reduceRight<readonly [AnyArray, AnyArray]>(
        ([at, total], part, i) => {
          const [before, logDet] = part.inverseAndLogDet(at);
          return [before, ops.add(total, sumRightmost(logDet, surplus(i)))];
        },
        nothing(y, codomainDim),
      ),
    forwardShape: (shape) => parts.reduce((at, part) => part.forwardShape(at), shape),
    inverseShape: (shape) => parts.reduceRight((at, part) => part.inverseShape(at), shape),
    codomain: (domain) => parts.reduce((at, part) => part.codomain(at), domain),
    apart: (rank) => {
      const each = parts.map((part, i) => part.apart(rank + dims[i]! - domainDim));
      return each.every((part) => part !== undefined) ? together(each) : undefined;
    },
    sign: parts.reduce<1 | -1>((sign, part) => (sign === part.sign ? 1 : -1), 1),
  });
};
