/** The statements of two branches of which both are recorded: the handlers outside hear of each but once, with what the selection gives. */
import { kindlingError, type KindlingError } from '../../core/errors.ts';
import type { Distribution } from '../../core/distributions/distribution.ts';
import { meetPlate } from '../../core/plate.ts';
import { requestKey } from '../../core/primitives.ts';
import * as ops from '../../core/ops/index.ts';
import { depart, send, type Journey } from '../../core/runtime.ts';
import { sameShape, showShape } from '../../core/shape.ts';
import type { DeterministicSite, FactorSite, SampleSite } from '../../core/site.ts';
import { toTensor, type AnyArray, type Input, type Value } from '../../core/value.ts';
import { bothMasks, bothScales } from '../scan/stacks.ts';
import { noteStatements, type Answers, type OpenSample, type Statement, type Statements, type Told } from '../scan/statements.ts';

/** What was found out of a sample site when the first branch came to it. */
interface Asked {
  readonly journey: Journey<OpenSample>;
  readonly told: Told;
}

const inOneBranch = (site: string): KindlingError =>
  kindlingError('MissingSite', { site, message: 'one branch of cond states this, the other does not', remedy: 'State the same sites in both branches' });

const differ = (site: string, what: string, given: string): KindlingError =>
  kindlingError('InvalidArgument', {
    site,
    message: `the two branches of cond differ in ${what}`,
    given,
    remedy: 'State the same kind of site in both branches',
  });

const ask = (site: OpenSample): Asked => {
  const journey = depart<OpenSample>({ ...site, scale: 1, mask: undefined });
  const { message } = journey;
  if (message.value !== undefined) return { journey, told: message.value === site.value ? {} : { value: message.value, isObserved: message.isObserved } };
  const key = message.key ?? journey.atEnd(() => requestKey(message.name));
  return { journey, told: { key, isRedrawn: site.value !== undefined } };
};

const select = (chosen: AnyArray, name: string, a: AnyArray, b: AnyArray): Value => {
  if (a === b) return toTensor(a);
  if (!sameShape(a.shape, b.shape)) throw differ(name, 'its shape', `${showShape(a.shape)} and ${showShape(b.shape)}`);
  return toTensor(ops.where(chosen, a, b));
};

const selectDistribution = (chosen: AnyArray, name: string, a: Distribution, b: Distribution): Distribution => {
  const [first, second] = [a.apart?.(), b.apart?.()];
  const isAlike = first !== undefined && second !== undefined && a.name === b.name && first.arrays.length === second.arrays.length;
  if (!isAlike) throw differ(name, 'the family of its distribution', `${a.name} and ${b.name}`);
  if (!sameShape(a.batchShape, b.batchShape) || !sameShape(a.eventShape, b.eventShape)) {
    throw differ(name, 'its shape', [a, b].map((fn) => showShape([...fn.batchShape, ...fn.eventShape])).join(' and '));
  }
  return first.rebuild(
    first.arrays.map((x, i) => ops.where(chosen, x, second.arrays[i]!)),
    [],
  );
};

/** A factor or mask that may be missing in a branch. */
const selectEither = (chosen: AnyArray, a: Input | undefined, b: Input | undefined, otherwise: Input): Input | undefined =>
  a === b ? a : ops.where(chosen, a ?? otherwise, b ?? otherwise);

const sendBoth = (chosen: AnyArray, a: Statement, b: Statement, asked: Asked | undefined): void => {
  const { name } = a;
  const value = select(chosen, name, a.value, b.value);
  if (a.type === 'deterministic') send<DeterministicSite<Value | undefined>>({ type: 'deterministic', name, value }, (message) => message);
  else if (a.type === 'plate') meetPlate({ ...a, value, isHidden: undefined });
  else {
    const other = b as SampleSite | FactorSite;
    const scale = selectEither(chosen, a.scale, other.scale, 1)!;
    const mask = selectEither(chosen, a.mask, other.mask, true);
    if (a.type === 'factor') {
      send<FactorSite<Value | undefined>>({ type: 'factor', name, value, scale, mask, plates: a.plates }, (message) => message);
      return;
    }
    const { journey } = asked!;
    if (a.isObserved !== (b as SampleSite).isObserved)
      throw differ(name, 'whether it is observed', `${a.isObserved} and ${String((b as SampleSite).isObserved)}`);
    const fn = selectDistribution(chosen, name, a.fn, (b as SampleSite).fn);
    const { message } = journey;
    journey.back({ ...message, fn, value, isObserved: a.isObserved, scale: bothScales(scale, message.scale), mask: bothMasks(mask, message.mask) });
  }
};

/** Records both branches, and sends outwards what they state. */
export const runBranches = <A>(chosen: AnyArray, f: () => A, g: () => A): readonly [A, A] => {
  const asked = new Map<string, Asked>();
  const others: Pick<Answers, 'key' | 'plate'> = { key: (_, name) => requestKey(name), plate: ({ name, key }) => ({ key: key ?? requestKey(name) }) };
  const askFirst = (site: OpenSample): Told => {
    const answer = ask(site);
    asked.set(site.name, answer);
    return answer.told;
  };
  const tellAgain = ({ name }: OpenSample): Told => {
    const known = asked.get(name);
    if (known === undefined) throw inOneBranch(name);
    return known.told;
  };
  const [first, { sites }] = noteStatements('cond', { ...others, sample: askFirst }, f);
  const [second, { sites: again }]: readonly [A, Statements] = noteStatements('cond', { ...others, sample: tellAgain }, g);
  const lonely = [...sites.keys()].find((name) => again.get(name)?.type !== sites.get(name)!.type) ?? [...again.keys()].find((name) => !sites.has(name));
  if (lonely !== undefined) throw inOneBranch(lonely);
  for (const [name, site] of sites) sendBoth(chosen, site, again.get(name)!, asked.get(name));
  return [first, second];
};
