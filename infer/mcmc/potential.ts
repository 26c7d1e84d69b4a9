/** Models on their unconstrained scale, for whoever has a sampler or an optimiser of their own: the potential energy, and the way there and back. */
import { bijectTo } from '../../core/bijectors/bijectTo.ts';
import type { Constraint } from '../../core/constraints/index.ts';
import { kindlingError } from '../../core/errors.ts';
import { isNDArray, type NDArray } from '../../core/ndarray.ts';
import { unknownSite } from '../../core/nearest.ts';
import { checkOptions, requireArgs, requireFunction, requireRecord } from '../../core/options.ts';
import * as ops from '../../core/ops/index.ts';
import type { Model } from '../../core/runtime.ts';
import { isLatent, type SampleSite } from '../../core/site.ts';
import { asArray, isTensor, toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { evaluator } from '../../transforms/derivatives/evaluate.ts';
import { substitute, type Values } from '../../transforms/handlers/values.ts';
import type { Trace } from '../../transforms/handlers/trace.ts';
import { tensorArgs, type Args } from '../arguments.ts';
import { potentialOf, runUnconstrained, traceAlone } from './latents.ts';

/** Values by site name, in the form in which they were given: tensors where one was among them. */
export type SiteValues<V extends Values> = Readonly<Record<string, FormOf<V>>>;

/** Tensors where one is among the values, else NDArrays. */
export type FormOf<V extends Values> = [Extract<V[keyof V], Value>] extends [never] ? NDArray : Value;

export interface ConstrainOptions {
  /** Whether deterministic sites are computed too; `false`. */
  readonly returnDeterministic?: boolean | undefined;
}

const latentSites = ({ sites }: Trace): readonly SampleSite[] => [...sites.values()].filter(isLatent);

const latentNames = (run: Trace): readonly string[] => latentSites(run).map(({ name }) => name);

const noValue = (site: string, given: readonly string[]): never => {
  throw kindlingError('MissingSite', {
    site,
    message: 'there is no unconstrained value for this latent site',
    given: given.length === 0 ? 'no values' : `values of ${given.join(', ')}`,
    remedy: `Pass one for each latent site, by its name, ${site}`,
  });
};

const asRun = (model: Model, args: readonly unknown[], names: readonly string[], xs: readonly Value[]): ReturnType<typeof runUnconstrained> => {
  const values = new Map(names.map((name, i) => [name, xs[i]!]));
  const run = runUnconstrained(model, tensorArgs(args), (name) => values.get(name) ?? noValue(name, names));
  const latent = latentNames(run.trace);
  const unknown = names.find((name) => !latent.includes(name));
  if (unknown !== undefined) throw unknownSite(unknown, 'the model has no latent site of this name', latent);
  return run;
};

const VALUES = '{ site: value, … }, after the model and the list of its arguments';

const checkValues = (who: string, model: unknown, args: unknown, values: unknown): void => {
  requireFunction(`${who} takes a model`, model);
  requireRecord('the values of sites', values, VALUES);
  requireArgs(who, args);
};

/** Evaluates `f`, which names its results as it goes, at a record of values. */
const byName = <V extends Values>(values: V, f: (xs: readonly Value[]) => readonly (readonly [string, AnyArray])[]): SiteValues<V> => {
  const arrays = Object.values(values).map(asArray);
  let names: readonly string[] = [];
  const both = evaluator((xs) => {
    const results = f(xs);
    names = results.map(([name]) => name);
    return results.map(([, value]) => toTensor(value));
  }, arrays.some(isTensor));
  const results = both(arrays);
  return Object.fromEntries(names.map((name, i) => [name, results[i]!])) as SiteValues<V>;
};

/**
 * The potential energy of a model: −log of its joint density at unconstrained values, with the logarithms of the Jacobians of the bijections
 * onto the supports. Differentiable, and to be compiled as any function.
 *
 * @param args - the model's arguments, as a list
 * @param unconstrained - a value for each latent site by name, of the unconstrained shape
 * @returns a scalar
 * @throws MissingSite where a latent site has no value, or a value is for no latent site
 * @see Stan Reference Manual, "Constraint transforms"
 * @example
 * const model = () => sample('x', dist.Exponential(1));
 * potentialEnergy(model, [], { x: 0 }).item(); // 1
 */
export const potentialEnergy = <A extends readonly unknown[], V extends Values>(model: Model<A>, args: Args<A>, unconstrained: V): FormOf<V> => {
  checkValues('potentialEnergy', model, args, unconstrained);
  return byName(unconstrained, (xs) => [['potential', potentialOf(asRun(model as unknown as Model, args, Object.keys(unconstrained), xs))]])['potential']!;
};

/**
 * The values of the latent sites in their supports, from those on the unconstrained scale.
 *
 * @throws MissingSite where a latent site has no value, or a value is for no latent site
 * @example
 * const model = () => sample('x', dist.Exponential(1));
 * constrain(model, [], { x: 0 }).x.item(); // 1
 */
export const constrain = <A extends readonly unknown[], V extends Values>(
  model: Model<A>,
  args: Args<A>,
  unconstrained: V,
  options: ConstrainOptions = {},
): SiteValues<V> => {
  checkValues('constrain', model, args, unconstrained);
  checkOptions('constrain', options, ['returnDeterministic']);
  const { returnDeterministic = false } = options;
  return byName(unconstrained, (xs) => {
    const { sites } = asRun(model as unknown as Model, args, Object.keys(unconstrained), xs).trace;
    return [...sites.values()].flatMap((site) =>
      isLatent(site) || (returnDeterministic && site.type === 'deterministic') ? [[site.name, site.value] as const] : [],
    );
  });
};

const isIn = (values: Values, { type, name }: { readonly type: string; readonly name: string }): boolean => type === 'sample' && Object.hasOwn(values, name);

/**
 * The unconstrained values of the latent sites, from those in their supports: the inverse of `constrain`.
 *
 * @throws MissingSite where a latent site has no value, or a value is for no latent site; InvalidParameter for a number outside its support
 * @example
 * const model = () => sample('x', dist.Exponential(1));
 * unconstrain(model, [], { x: 1 }).x.item(); // 0
 */
export const unconstrain = <A extends readonly unknown[], V extends Values>(model: Model<A>, args: Args<A>, constrained: V): SiteValues<V> => {
  checkValues('unconstrain', model, args, constrained);
  const names = Object.keys(constrained);
  const unconstrained = byName(constrained, (xs) => {
    const values: Record<string, Input> = Object.fromEntries(names.map((name, i) => [name, xs[i]!]));
    const run = traceAlone(model as unknown as Model, tensorArgs(args), substitute(values));
    const latent = latentSites(run);
    const known = latentNames(run);
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw unknownSite(unknown, 'the model has no latent site of this name', known);
    const missing = latent.find((site) => !isIn(values, site))?.name;
    if (missing !== undefined) {
      throw kindlingError('MissingSite', { site: missing, message: 'there is no value for this latent site', expected: known.join(', ') });
    }
    return latent.map((site) => [site.name, inverseAt(site.fn.support, values[site.name]!)] as const);
  });
  for (const [site, x] of Object.entries(unconstrained)) {
    if (isNDArray(x) && x.data.some(Number.isNaN)) {
      throw kindlingError('InvalidParameter', { site, message: 'the value has no place on the unconstrained scale: it is outside the support of its site' });
    }
  }
  return unconstrained;
};

const inverseAt = (support: Constraint, value: Input): AnyArray => ops.add(bijectTo(support).inverse(value), 0);
