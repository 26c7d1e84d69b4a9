/** The statements of a scan's body: what the handlers outside say of them is asked once for all times, and they go outwards as stacks. */
import { kindlingError } from '../../core/errors.ts';
import * as ops from '../../core/ops/index.ts';
import { missingKey, requestKey } from '../../core/primitives.ts';
import { meetPlate } from '../../core/plate.ts';
import { foldIn, PRNGKey, type Key } from '../../core/random/key.ts';
import { depart, send, type Journey } from '../../core/runtime.ts';
import { showShape } from '../../core/shape.ts';
import type { DeterministicSite, FactorSite, SampleSite } from '../../core/site.ts';
import { avalOf, dtypeOf, tensorDType, toTensor, type AnyArray, type Aval, type Value } from '../../core/value.ts';
import type { LoopNode } from '../jit/graph.ts';
import { recordBody } from '../jit/record.ts';
import { applyLoop } from './applyLoop.ts';
import { bothMasks, bothScales, lazily, makeStacker, stackStatement, wholeOf, type Stacked, type StackedSite } from './stacks.ts';
import { noteStatements, type Answers, type OpenSample, type Statement, type Statements, type Told } from './statements.ts';

type Arrays = readonly AnyArray[];

/** What a loop runs on. */
export interface LoopInputs {
  readonly init: Arrays;
  readonly xs: Arrays;
  readonly length: number;
  readonly reverse: boolean;
}

/** A loop, its operands, and what remains to be done with its parts. */
export interface SitedLoop {
  readonly node: LoopNode;
  readonly operands: Arrays;
  /** Sends the stacked sites outwards. Gives the parts of the body itself. */
  readonly finish: (parts: Arrays) => Arrays;
}

/** A body as it was recorded. */
interface Recorded extends Statements {
  readonly node: LoopNode;
  readonly operands: Arrays;
  /** The stacked sites by name, from the parts of the loop. */
  readonly stacked: (parts: Arrays) => ReadonlyMap<string, StackedSite>;
}

/** A body, from what is carried and the slices. */
type Body = (values: readonly Value[]) => Arrays;

/** Records a body whose statements are told what `answersAt` says, given slices of the `told` arrays and the time. */
const recordWith = (
  body: Body,
  avals: readonly Aval[],
  { init, xs, length, reverse }: LoopInputs,
  told: readonly (readonly [name: string, stack: Value, isWhole: boolean])[],
  answersAt: (slices: ReadonlyMap<string, Value>, time: Value) => Answers,
): Recorded => {
  const extra = told.map(([, stack]) => ({ ...avalOf(stack), shape: stack.shape.slice(1) }));
  const given = new Set(told.flatMap(([name, , isWhole]) => (isWhole ? [name] : [])));
  const makers = new Map<string, Stacked<StackedSite>>();
  let [statements, plain]: [Statements, number] = [{ sites: new Map(), requests: [] }, 0];
  const { graph, captured } = recordBody(
    (values) => {
      const slices = new Map(told.map(([name], i) => [name, values[avals.length + i]!]));
      const [outputs, noted] = noteStatements('scan', answersAt(slices, values.at(-1)!), () => body(values.slice(0, avals.length)));
      const stacker = makeStacker();
      for (const site of noted.sites.values()) {
        const make = stackStatement(stacker, site, length, given.has(site.name));
        if (make !== undefined) makers.set(site.name, make);
      }
      [statements, plain] = [noted, outputs.length];
      return [...outputs, ...stacker.arrays];
    },
    [...avals, ...extra, { shape: [], dtype: 'int32' }],
  );
  const times = ops.range(0, length);
  const operands = [...captured, ...init, ...xs, ...told.map(([, stack]) => stack), times];
  const counts = { fixedCount: captured.length, carryCount: init.length };
  const node: LoopNode = { kind: 'loop', aval: { shape: [0], dtype: 'float' }, length, reverse, body: graph, operands: [], ...counts };
  /** What is the same at all times need not be stacked. */
  const wholeStack = (parts: Arrays, output: number): AnyArray => {
    const from = graph.nodes[graph.outputs[output]!]!;
    const fixed = from.kind === 'input' && from.index < captured.length ? captured[from.index] : undefined;
    return fixed === undefined ? parts[output]! : ops.broadcastTo(ops.expandDims(fixed, 0), [length, ...fixed.shape]);
  };
  const stacked: Recorded['stacked'] = (parts) => {
    const stacks = graph.outputs.slice(plain).map((_, k) => wholeStack(parts, plain + k));
    return new Map([...makers].map(([name, make]) => [name, make(stacks)] as const));
  };
  return { ...statements, node, operands, stacked };
};

/** What is found out of a sample site before its values are known. */
interface Asked {
  readonly journey: Journey<SampleSite<Value | undefined>>;
  /** What stood for the observed values of all times on the way. */
  readonly stand: Value | undefined;
  /** The values that a handler outside has for it, one for each time. */
  readonly given: Value | undefined;
  /** How many of these count: the times after them draw. */
  readonly known: number;
  readonly key: Key | undefined;
}

/** Values for the first times, followed by zeros for all others. */
const padded = (given: Value, length: number): Value => {
  const [known, ...rest] = given.shape as [number, ...number[]];
  return toTensor(ops.concat([given, ops.cast(ops.zeros([length - known, ...rest]), tensorDType(dtypeOf(given)))], 0));
};

/** Asks the handlers outside what they say of a sample site of all times. */
const ask = (site: Statement & { readonly type: 'sample' }, length: number, fnOf: () => SampleSite['fn']): Asked => {
  const { name, infer, plates, key, isObserved, value } = site;
  const { name: family, batchShape, eventShape, isDiscrete, isReparameterized } = wholeOf(site);
  const stackShape = [length, ...batchShape];
  const stand = isObserved ? toTensor(ops.zeros([length, ...value.shape]), dtypeOf(value)) : undefined;
  const journey = depart<SampleSite<Value | undefined>>({
    type: 'sample',
    name,
    fn: lazily({ name: family, batchShape: stackShape, eventShape, isDiscrete, isReparameterized }, fnOf),
    value: stand,
    isObserved,
    scale: 1,
    mask: undefined,
    plates,
    infer,
    key,
    sampleShape: [],
    ownBatchShape: stackShape,
    isStack: true,
  });
  const { message } = journey;
  const given = message.value === stand ? undefined : message.value;
  const known = given?.shape[0] ?? length;
  if (given !== undefined && (given.shape.length === 0 || known > length)) {
    throw kindlingError('InvalidShape', {
      site: name,
      message: 'the value given for a site of a scan does not have a row for each time',
      given: showShape(given.shape),
      expected: `${length} along the first axis, or fewer where the later times are to be drawn`,
    });
  }
  const isDrawn = (message.value === undefined || known < length) && key === undefined;
  return {
    journey,
    stand,
    given: given === undefined || known === length ? given : padded(given, length),
    known,
    key: isDrawn ? journey.atEnd(() => message.key ?? requestKey(message.name)) : undefined,
  };
};

const toldOf = ({ journey: { message }, given, known, key, stand }: Asked, site: OpenSample, length: number, slice: Value | undefined, time: Value): Told => {
  const own = site.key ?? (key === undefined ? undefined : foldIn(key, time));
  if (given === undefined) return { key: own, isRedrawn: stand !== undefined && message.value === undefined };
  const { isObserved } = message;
  if (known === length) return { value: slice, isObserved };
  if (own === undefined) throw missingKey(site.name);
  return { value: toTensor(ops.where(ops.less(time, known), slice!, site.fn.sample(own, site.sampleShape))), isObserved };
};

/** The infer of a site that a handler made latent says what it was observed to be. */
const withObserved = (infer: SampleSite['infer'], stand: Value | undefined, observed: Value | undefined): SampleSite['infer'] =>
  stand !== undefined && infer['obs'] === stand ? { ...infer, obs: observed } : infer;

/** Sends the sites of all times outwards, in the order of the body. */
const sendStacks = (sites: Statements['sites'], asked: ReadonlyMap<string, Asked>, stacks: ReadonlyMap<string, StackedSite>, length: number): void => {
  for (const { name, ...site } of sites.values()) {
    const stack = stacks.get(name);
    if (stack === undefined) continue;
    if (stack.type === 'sample') {
      const { journey, given, known, stand } = asked.get(name)!;
      const { message } = journey;
      const { observed, ...own } = stack;
      journey.back({
        ...message,
        ...own,
        value: given !== undefined && known === length ? given : own.value,
        scale: bothScales(own.scale, message.scale),
        mask: bothMasks(own.mask, message.mask),
        infer: withObserved(message.infer, stand, observed),
        isStack: undefined,
      });
    } else if (stack.type === 'factor')
      send<FactorSite<Value | undefined>>({ ...(site as FactorSite), ...stack, name, isHidden: undefined }, (message) => message);
    else send<DeterministicSite<Value | undefined>>({ ...stack, name }, (message) => message);
  }
};

/** For learning what statements there are: keys of no meaning, so that what is drawn has the right shape. */
const trial = (_: ReadonlyMap<string, Value>, time: Value): Answers => {
  const key = foldIn(PRNGKey(0), time);
  return { sample: () => ({ key }), key: () => key, plate: () => ({ key }) };
};

/** A loop of which the body's statements are heard outside as stacks. */
export const loopWithSites = (body: Body, avals: readonly Aval[], inputs: LoopInputs): SitedLoop => {
  const first = recordWith(body, avals, inputs, [], trial);
  const { node, operands, sites, requests } = first;
  if (sites.size === 0 && requests.length === 0) {
    // Nobody asks for the time.
    const graph = { ...node.body, inputCount: node.body.inputCount - 1 };
    return { node: { ...node, body: graph }, operands: operands.slice(0, -1), finish: (parts) => parts };
  }
  const { length } = inputs;
  let trialStacks: ReadonlyMap<string, StackedSite> | undefined;
  const fnOf = (name: string) => (): SampleSite['fn'] => {
    const stack = (trialStacks ??= first.stacked(applyLoop(node, operands))).get(name)!;
    return (stack as StackedSite & { readonly type: 'sample' }).fn;
  };
  const asked = new Map<string, Asked>();
  const indices = new Map<string, Value>();
  for (const site of sites.values()) {
    if (site.type === 'sample') asked.set(site.name, ask(site, length, fnOf(site.name)));
    else if (site.type === 'plate') {
      const { type, name, size, subsampleSize, dim } = site;
      indices.set(name, meetPlate({ type, name, size, subsampleSize, dim, value: undefined }).indices);
    }
  }
  const keys = requests.map((name) => requestKey(name));
  const told = [...asked].flatMap(([name, { given, known }]) => (given === undefined ? [] : [[name, given, known === length] as const]));
  const answersAt = (slices: ReadonlyMap<string, Value>, time: Value): Answers => ({
    sample: (site) => {
      const one = asked.get(site.name);
      return one === undefined ? {} : toldOf(one, site, length, slices.get(site.name), time);
    },
    key: (i) => {
      const key = keys[i];
      return key === undefined ? undefined : foldIn(key, time);
    },
    plate: ({ name }) => ({ value: indices.get(name) }),
  });
  const second = recordWith(body, avals, inputs, told, answersAt);
  return {
    node: second.node,
    operands: second.operands,
    finish: (parts) => {
      sendStacks(second.sites, asked, second.stacked(parts), length);
      return parts;
    },
  };
};
