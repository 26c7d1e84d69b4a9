/** Arbitrary model programs: small syntax trees with plates, parameters and observations, and the model that each of them describes. */
import fc from 'fast-check';
import * as constraints from '../../core/constraints/index.ts';
import * as dist from '../../core/distributions/index.ts';
import type { Distribution } from '../../core/distributions/index.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { plate } from '../../core/plate.ts';
import { deterministic, factor, param, sample, subsample } from '../../core/primitives.ts';
import type { Model } from '../../core/runtime.ts';
import { sizeOf } from '../../core/shape.ts';
import type { AnyArray, Value } from '../../core/value.ts';

/** base + slope · tanh(the value of an earlier statement, or a number in its place). */
export interface Expression {
  readonly base: number;
  readonly slope: number;
  readonly of: string | number | undefined;
}

export type FamilyName = 'normal' | 'beta' | 'gamma' | 'exponential' | 'uniform' | 'bernoulli';

export interface SampleStatement {
  readonly type: 'sample';
  readonly name: string;
  readonly family: FamilyName;
  readonly first: Expression;
  readonly second: Expression;
  /** Of the extents of all plates around, those of the innermost first. */
  readonly obs: NDArray | undefined;
}

export interface PlateStatement {
  readonly type: 'plate';
  readonly name: string;
  readonly size: number;
  readonly subsampleSize: number;
  readonly body: Program;
}

export type Statement =
  | SampleStatement
  | PlateStatement
  | { readonly type: 'param'; readonly name: string; readonly init: number; readonly isPositive: boolean }
  | { readonly type: 'deterministic' | 'factor'; readonly name: string; readonly term: Expression };

export type Program = readonly Statement[];

/** One part of a program that is still flat: `plate` opens a body that `end` closes. */
interface Token {
  readonly type: Statement['type'] | 'end';
  readonly family: FamilyName;
  readonly bases: readonly [number, number];
  readonly slope: number;
  readonly reference: number;
  readonly isObserved: boolean;
  readonly size: number;
  readonly left: number;
}

const tenths = (low: number, high: number): fc.Arbitrary<number> => fc.integer({ min: low * 10, max: high * 10 }).map((n) => n / 10);

const token: fc.Arbitrary<Token> = fc.record({
  type: fc.constantFrom<Token['type'][]>('sample', 'sample', 'sample', 'sample', 'plate', 'plate', 'end', 'param', 'deterministic', 'factor'),
  family: fc.constantFrom<FamilyName[]>('normal', 'beta', 'gamma', 'exponential', 'uniform', 'bernoulli'),
  bases: fc.tuple(tenths(-1, 1), tenths(-1, 1)),
  slope: tenths(-1, 1),
  reference: fc.nat(5),
  isObserved: fc.boolean(),
  size: fc.integer({ min: 1, max: 4 }),
  left: fc.nat(2),
});

const maxSamples = 6;
const maxDepth = 2;

/** Numbers in (0, 1) that look irregular and follow from their place. */
const spread = (count: number, shift: number): readonly number[] => Array.from({ length: count }, (_, i) => 0.05 + 0.9 * ((0.618034 * (i + 1 + shift)) % 1));

const observation = (family: FamilyName, u: number, low: number, width: number): number => {
  switch (family) {
    case 'normal':
      return 4 * u - 2;
    case 'beta':
      return u;
    case 'gamma':
    case 'exponential':
      return 3 * u;
    case 'uniform':
      return low + width * u;
    case 'bernoulli':
      return Number(u < 0.5);
  }
};

/** The half-width of exp in `positive`, so that scales stay between 1/3 and 3. */
const positiveOf = (real: number): number => Math.exp(real / 2);

const sampleOf = (name: string, t: Token, sizes: readonly number[], of: string | undefined): SampleStatement => {
  // The support of an observed uniform must not move away from the observation.
  const isFixed = of === undefined || (t.isObserved && t.family === 'uniform');
  const first = { base: t.bases[0], slope: isFixed ? 0 : t.slope, of: isFixed ? undefined : of };
  const second = { base: t.bases[1], slope: 0, of: undefined };
  if (!t.isObserved) return { type: 'sample', name, family: t.family, first, second, obs: undefined };
  const data = spread(sizeOf(sizes), t.reference).map((u) => observation(t.family, u, first.base, positiveOf(second.base)));
  return { type: 'sample', name, family: t.family, first, second, obs: makeNDArray(Float64Array.from(data), sizes) };
};

const programOf = (tokens: readonly Token[]): Program => {
  let at = 0;
  let samples = 0;
  let names = 0;
  const fresh = (letter: string): string => `${letter}${names++}`;
  const parse = (sizes: readonly number[], outer: readonly string[]): Program => {
    const body: Statement[] = [];
    const visible = [...outer];
    const add = (statement: Statement): void => {
      body.push(statement);
      if (statement.type !== 'factor' && statement.type !== 'plate') visible.push(statement.name);
    };
    while (at < tokens.length) {
      const t = tokens[at++]!;
      const of = visible[t.reference];
      if (t.type === 'end') {
        if (sizes.length > 0) break;
      } else if (t.type === 'plate') {
        if (sizes.length === maxDepth) continue;
        const name = fresh('n');
        add({ type: 'plate', name, size: t.size, subsampleSize: Math.max(1, t.size - t.left), body: parse([t.size, ...sizes], visible) });
      } else if (t.type === 'param') add({ type: 'param', name: fresh('p'), init: t.bases[0], isPositive: t.isObserved });
      else if (t.type === 'sample') {
        if (samples++ < maxSamples) add(sampleOf(fresh('x'), t, sizes, of));
      } else add({ type: t.type, name: fresh('t'), term: { base: t.bases[0], slope: t.slope, of } });
    }
    return body;
  };
  const program: Statement[] = [];
  while (at < tokens.length) program.push(...parse([], []));
  return statementsOf(program).some(({ type }) => type === 'sample') ? program : [...program, defaultSite];
};

const defaultSite: SampleStatement = {
  type: 'sample',
  name: 'x',
  family: 'normal',
  first: { base: 0.5, slope: 0, of: undefined },
  second: { base: 0, slope: 0, of: undefined },
  obs: undefined,
};

/** Programs of 1 to 6 sample sites, later ones depending on earlier ones, in up to two plates, with parameters, terms and observations. */
export const arbitraryProgram: fc.Arbitrary<Program> = fc.array(token, { minLength: 1, maxLength: 12 }).map(programOf);

/** All statements, those in plates too, in the order in which they run. */
export const statementsOf = (program: Program): readonly Statement[] =>
  program.flatMap((statement) => (statement.type === 'plate' ? [statement, ...statementsOf(statement.body)] : [statement]));

export const samplesOf = (program: Program): readonly SampleStatement[] =>
  statementsOf(program).flatMap((statement) => (statement.type === 'sample' ? [statement] : []));

export const latentsOf = (program: Program): readonly SampleStatement[] => samplesOf(program).filter(({ obs }) => obs === undefined);

export const platesOf = (program: Program): readonly PlateStatement[] =>
  statementsOf(program).flatMap((statement) => (statement.type === 'plate' ? [statement] : []));

/** The program with some of its statements replaced, those in plates too. */
export const mapProgram = (f: (statement: Statement) => Statement, program: Program): Program =>
  program.map((statement) => {
    const mapped = f(statement);
    return mapped.type === 'plate' ? { ...mapped, body: mapProgram(f, mapped.body) } : mapped;
  });

const expressionsOf = (statement: Statement): readonly Expression[] =>
  statement.type === 'sample' ? [statement.first, statement.second] : statement.type === 'deterministic' || statement.type === 'factor' ? [statement.term] : [];

/** The statements whose distribution or value changes with that of `name`, itself among them. */
export const descendantsOf = (program: Program, name: string): ReadonlySet<string> => {
  const found = new Set([name]);
  for (const statement of statementsOf(program)) {
    if (expressionsOf(statement).some(({ of }) => typeof of === 'string' && found.has(of))) found.add(statement.name);
  }
  return found;
};

/** The program whose statements see a number in place of a site: what `do` makes of it. */
export const mutilated = (program: Program, name: string, value: number): Program => {
  const cut = (e: Expression): Expression => (e.of === name ? { ...e, of: value } : e);
  return mapProgram((s) => {
    if (s.type === 'sample') return { ...s, first: cut(s.first), second: cut(s.second) };
    return s.type === 'deterministic' || s.type === 'factor' ? { ...s, term: cut(s.term) } : s;
  }, program);
};

export type Environment = Readonly<Record<string, Value>>;

const realValue = ({ base, slope, of }: Expression, values: Environment): AnyArray => {
  if (of === undefined) return makeNDArray(Float64Array.of(base), []);
  const x: AnyArray = typeof of === 'number' ? makeNDArray(Float64Array.of(of), []) : ops.cast(values[of]!, 'float32');
  return ops.add(base, ops.mul(slope, ops.tanh(x)));
};

const distributionOf = ({ family, first, second }: SampleStatement, values: Environment): Distribution => {
  const real = (e: Expression): AnyArray => realValue(e, values);
  const positive = (e: Expression): AnyArray => ops.exp(ops.div(real(e), 2));
  const above1 = (e: Expression): AnyArray => ops.add(1, positive(e));
  switch (family) {
    case 'normal':
      return dist.Normal(real(first), positive(second));
    case 'beta':
      return dist.Beta(above1(first), above1(second));
    case 'gamma':
      return dist.Gamma(above1(first), positive(second));
    case 'exponential':
      return dist.Exponential(positive(first));
    case 'uniform':
      return dist.Uniform(real(first), ops.add(real(first), positive(second)));
    case 'bernoulli':
      return dist.Bernoulli(ops.sigmoid(real(first)));
  }
};

/** The model of a program: it returns the value of every statement by name. `before` is called ahead of each. */
export const modelOf =
  (program: Program, before: (name: string) => void = () => undefined): Model<[], Environment> =>
  () => {
    const run = (body: Program, outer: Environment): Environment => {
      let values = outer;
      for (const s of body) {
        before(s.name);
        if (s.type === 'plate') values = plate(s.name, s.size, { subsampleSize: s.subsampleSize })(() => run(s.body, values));
        else values = { ...values, [s.name]: valueOf(s, values) };
      }
      return values;
    };
    return run(program, {});
  };

const valueOf = (s: Exclude<Statement, PlateStatement>, values: Environment): Value => {
  switch (s.type) {
    case 'sample':
      return sample(s.name, distributionOf(s, values), { obs: s.obs && subsample(s.obs) });
    case 'param':
      return param(s.name, s.isPositive ? positiveOf(s.init) : s.init, { constraint: s.isPositive ? constraints.positive : constraints.real });
    case 'deterministic':
      return deterministic(s.name, realValue(s.term, values));
    case 'factor':
      return factor(s.name, realValue(s.term, values));
  }
};
