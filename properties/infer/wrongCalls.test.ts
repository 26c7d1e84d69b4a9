/** Calls that are wrong: each is an error of ours that says what is, never a TypeError from within, nor a number that means nothing. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as kindling from '../../infer/kindling.ts';
import { laws } from '../laws.ts';

/** What JavaScript lets through: calls without the help of types. */
type Loose = (...args: readonly unknown[]) => Loose & Readonly<Record<string, Loose>>;

const all = kindling as unknown as Readonly<Record<string, Loose>> &
  Readonly<Record<'ops' | 'random' | 'dist' | 'constraints' | 'bijectors', Readonly<Record<string, Loose>>>>;
const {
  ops,
  random,
  dist,
  constraints,
  bijectors,
  grad,
  valueAndGrad,
  jacobian,
  hessian,
  jvp,
  vjp,
  customGrad,
  jit,
  vmap,
  scan,
  cond,
  foriLoop,
  whileLoop,
  map,
} = all;
const { seed, trace, substitute, condition, intervene, replay, block, mask, scope, lift, reparam, InitMessenger, handle, plate, sample, param } = all;
const { logDensity, potentialEnergy, constrain, unconstrain, bijectTo, defineDistribution, defineKernel } = all;
const { SVI, TraceELBO, adam, sgd, AutoDiagonalNormal, initToValue, initToMedian, initToUniform, NUTS, Predictive, logLikelihood } = all;
const { loo, waic, essQuantile, mcseQuantile } = all;

/** By what the message has to say. */
type Calls = Readonly<Record<string, readonly [call: () => unknown, says: RegExp]>>;

const key = kindling.random.PRNGKey(0);
const twice = (x: kindling.Input): unknown => kindling.ops.mul(x, 2);
const normal = kindling.dist.Normal(0, 1);
const model = (y?: kindling.Input): void => void kindling.sample('y', kindling.dist.Normal(kindling.sample('mu', kindling.dist.Normal(0, 1)), 1), { obs: y });
const guide = kindling.AutoDiagonalNormal(model);
const svi = kindling.SVI(model, guide, kindling.adam(0.1), kindling.TraceELBO());
const run = svi.run as unknown as (...args: readonly unknown[]) => Promise<unknown>;
const known = { auto_loc: [0], auto_scale: [1] };
const inModel = (f: Loose | (() => unknown)): unknown => seed!(key)(f)();

const refuses = async (calls: Calls): Promise<void> => {
  for (const [name, [call, says]] of Object.entries(calls)) {
    const before = tf.memory().numTensors;
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(kindling.isKindlingError(error), `${name}: ${String(error)}`);
        assert.match(error.message, says, name);
        for (const part of ['Given:', 'Expected:']) assert.ok(error.message.split(part).length <= 2, `${name} says twice: ${error.message}`);
        return true;
      },
      name,
    );
    assert.equal(tf.memory().numTensors, before, `${name} leaves tensors`);
  }
};

laws('infer: wrong calls', {
  'of derivatives': () =>
    refuses({
      'no function': [() => grad!(), /grad takes a function.*Given: nothing/],
      'a number for it': [() => valueAndGrad!(3), /valueAndGrad takes a function.*Given: 3/],
      'an argument that is not there': [() => grad!(twice, 5)(1), /no argument 5.*1 arguments/],
      'a negative one': [() => grad!(twice, -1), /argnums.*Given: -1/],
      'an option of that name': [() => grad!(twice, { argnums: 0 }), /argnums.*a record of argnums.*grad\(f, 1\)/],
      'a name': [() => grad!(twice, 'x'), /argnums.*"x"/],
      null: [() => grad!(twice, null), /argnums/],
      'one twice': [() => grad!(twice, [0, 0]), /argnums.*\[0, 0\].*different/],
      'of a jacobian': [() => jacobian!(twice, 0.5), /argnums says by which arguments jacobian/],
      'of no jacobian': [() => jacobian!(), /jacobian takes a function/],
      'of a hessian': [() => hessian!(twice, true), /hessian/],
      'jvp without a list': [() => jvp!(twice, 1, 1), /primals of jvp are a list.*jvp\(f, \[x\], \[dx\]\)/],
      'jvp without tangents': [() => jvp!(twice, [1]), /tangents of jvp/],
      'jvp of nothing': [() => jvp!(), /jvp takes a function/],
      'vjp of nothing': [() => vjp!(), /vjp takes a function/],
      'customGrad without a rule': [() => customGrad!(twice), /rule of customGrad must be a record/],
      'customGrad without backward': [() => customGrad!(twice, {}), /needs backward/],
      'an array taken apart': [() => grad!((x: Iterable<unknown>) => [...x][0])([1, 2]), /iterated over.*unstack/],
    }),

  'of jit and what it records': () =>
    refuses({
      'no function': [() => jit!(), /jit takes a function/],
      'an array taken apart': [() => jit!(([a]: readonly unknown[]) => a)([1, 2]), /iterated over.*shape \[2\].*unstack/],
      'for … of': [() => jit!((x: Iterable<unknown>) => Array.from(x).length)([1, 2]), /iterated over/],
      item: [() => jit!((x: kindling.NDArray) => x.item())(1), /recorded value has no item\(\)/],
      toArray: [() => jit!((x: kindling.NDArray) => x.toArray())(1), /recorded value has no toArray\(\)/],
      map: [() => jit!((x: readonly number[]) => x.map((v) => v))([1, 2]), /recorded value has no map\(\).*vmap/],
      'in a model': [() => inModel(() => Array.from(sample!('x', normal) as unknown as Iterable<unknown>)), /iterated over/],
    }),

  'of vmap, scan, cond and loops': () =>
    refuses({
      'vmap of nothing': [() => vmap!(), /vmap takes a function/],
      'an axis that is not there': [() => vmap!(twice, 2)([1, 2]), /no axis 2/],
      'axes of another structure': [() => vmap!(twice, [0, 0])([1]), /inAxes does not fit/],
      'axes as an option': [() => vmap!(twice, { inAxes: 0 })([1]), /inAxes does not fit/],
      'scan of nothing': [() => scan!(), /scan takes a function/],
      'a carry of another structure': [() => scan!((c: unknown, x: unknown) => [{ a: c }, x], 0, [1, 2]), /differ in structure/],
      'a carry of another shape': [() => scan!((_: unknown, x: unknown) => [[1, 2], x], 0, [1, 2]), /differ.*float\[\], then float\[2\]/],
      'no carry': [() => scan!((_: unknown, x: unknown) => [undefined, x], 0, [1, 2]), /differ/],
      'no pair': [() => scan!((c: unknown) => c, 0, [1, 2]), /\[carry, y\]/],
      'a vector carried and taken apart': [() => scan!(([a, b]: readonly unknown[], x: unknown) => [[a, b], x], [0, 0], [1, 2]), /iterated over/],
      'cond with one function': [() => cond!(false, twice), /cond takes what to do where the predicate does not hold/],
      'cond with numbers': [() => cond!(true, 1, 2), /cond takes what to do.*Given: 1/],
      'foriLoop without a body': [() => foriLoop!(0, 3), /foriLoop takes its body/],
      'whileLoop without a body': [() => whileLoop!(twice), /whileLoop takes its body/],
      'map of nothing': [() => map!(), /map takes a function/],
    }),

  'of statements': () =>
    refuses({
      'a plate without a body': [() => plate!('a', 3)(), /plate "a" takes its body/],
      'a plate with its body beside its size': [() => plate!('a', 3, twice), /options of plate/],
      'options of a sample site that are none': [() => inModel(() => sample!('x', normal, 3)), /options of sample.*Given: 3/],
      'an observation in their place': [() => inModel(() => sample!('x', normal, [1, 2])), /options of sample.*obs/],
      'an option that is misspelt': [() => inModel(() => sample!('x', normal, { obsmask: true })), /no option obsmask.*Did you mean obsMask\?/],
      'a constraint by its name': [() => inModel(() => param!('a', 1, { constraint: 'positive' })), /constraint is a constraint.*"positive"/],
      'a constraint that is not called': [() => inModel(() => param!('a', 1, { constraint: constraints['interval'] })), /the function interval/],
      'an option of param': [() => inModel(() => param!('a', 1, { constraints: 1 })), /Did you mean constraint\?/],
    }),

  'of handlers': () =>
    refuses({
      'a model that is none': [() => seed!(key)(3), /a handler takes a model.*Given: 3/],
      'a model that is called already': [() => seed!(key)(seed!(key)(model)()), /a handler takes a model.*nothing/],
      'trace of nothing': [() => trace!(), /trace takes a model/],
      'trace of a promise': [() => trace!(async () => Promise.resolve())(), /promise.*async.*return the array, and read it afterwards/],
      'substitute of nothing': [() => substitute!(), /substitute takes values by site name.*substitute\(\{ x: 1 \}\)/],
      'condition on a list': [() => condition!([1]), /condition takes values by site name.*a list of 1/],
      'condition on a map': [() => condition!(new Map([['x', 1]])), /condition takes values by site name.*a Map of 1/],
      'substitute by an array': [() => substitute!(kindling.array([1])), /substitute takes values.*an array of shape \[1\]/],
      'substitute by a typed array': [() => substitute!(new Float64Array(2)), /substitute takes values.*a Float64Array of 2/],
      'intervene with a number': [() => intervene!(3), /intervene takes values/],
      'replay of nothing': [() => replay!(), /replay takes a trace.*nothing/],
      'replay of a model': [() => replay!(model), /replay takes a trace.*the function model/],
      'replay of values': [() => replay!({ mu: 1 }), /replay takes a trace.*a record of mu.*substitute/],
      'block of a list': [() => block!(['mu']), /options of block.*hide/],
      'an option of block': [() => block!({ hides: ['mu'] }), /Did you mean hide\?/],
      'mask by a number': [() => mask!(3), /mask takes booleans/],
      'scope without a prefix': [() => scope!(), /scope needs a name/],
      'lift by a number': [() => lift!(3), /lift takes a prior/],
      'lift by a map': [() => lift!(new Map()), /lift takes a prior.*a Map of 0/],
      'lift by numbers': [() => lift!({ w: 3 }), /lift takes a prior/],
      'reparam of nothing': [() => reparam!(), /what reparam is told must be a record/],
      'reparam by a number': [() => reparam!({ mu: 3 }), /reparameterisation of "mu"/],
      'InitMessenger of nothing': [() => InitMessenger!(), /InitMessenger takes a strategy/],
      'handle of nothing': [() => handle!(), /handle takes a function/],
      'logDensity of one value': [() => logDensity!(model, 1, {}), /logDensity takes the arguments of the model as a list/],
      'logDensity without values': [() => logDensity!(model, [1]), /substitute takes values/],
      'potentialEnergy of one value': [() => potentialEnergy!(model, 1, { mu: 0 }), /as a list/],
      'constrain of nothing': [() => constrain!(), /constrain takes a model/],
      'potentialEnergy at an array': [() => potentialEnergy!(model, [1], kindling.array([1])), /values of sites must be a record.*\[1\]/],
      'unconstrain without values': [() => unconstrain!(model, [1]), /values of sites must be a record/],
    }),

  'of distributions, constraints and arrays': () =>
    refuses({
      'a parameter that is no array': [() => dist['Normal']!('a', 1), /parameter loc of Normal: an array was expected.*string/],
      'a parameter by name that is no array': [() => dist['Gamma']!({ rate: 'a' }), /parameter rate of Gamma: an array was expected.*string/],
      'a ragged parameter': [() => dist['Normal']!([[1, 2], [3]], 1), /parameter loc of Normal/],
      'a parameter that is misspelt': [() => dist['Normal']!({ lok: 0 }), /no parameter lok.*Did you mean loc\?/],
      'a transform that is none': [() => dist['TransformedDistribution']!(normal, 3), /takes bijectors.*Given: 3/],
      'no transform': [() => dist['TransformedDistribution']!(normal), /takes bijectors/],
      'a bijector onto nothing': [() => bijectTo!(), /bijectTo takes a constraint.*nothing/],
      'a bijector onto a name': [() => bijectTo!('positive'), /bijectTo takes a constraint.*"positive"/],
      'an interval without ends': [() => constraints['interval']!(), /interval needs low/],
      'an interval with one': [() => constraints['interval']!(0), /interval needs high/],
      'a half-line without an end': [() => constraints['greaterThan']!(), /greaterThan needs low/],
      'a bijector of parts that are none': [() => bijectors['compose']!(3), /compose takes bijectors/],
      'an inverse of nothing': [() => bijectors['inverseOf']!(), /inverseOf takes bijectors.*nothing/],
      'a bijector without functions': [() => bijectors['makeBijector']!('twice'), /makeBijector.*must be a record/],
      'a constraint of nothing': [() => constraints['independent']!(), /independent takes a constraint/],
      'no paddings': [() => ops['pad']!([1]), /pad takes/],
      'parts by name': [() => ops['split']!([1], 'a'), /split takes a list/],
      'axes by name': [() => ops['transpose']!([[1]], 'ij'), /transpose takes a list/],
      'a level by name': [() => ops['quantile']!([1, 2], 'a'), /levels from 0 to 1/],
      'keys by name': [() => random['split']!(key, 'two'), /split takes the number of keys/],
      'a shape of draws that is a number': [() => random['categorical']!(key, [0, 1], 3), /draws of categorical is none/],
      'a family without parts': [() => defineDistribution!({}), /family of distributions has/],
      'a kernel without parts': [() => defineKernel!(), /a kernel has/],
      'a shape that is a number': [() => ops['reshape']!([1, 2], 2), /reshape takes a list.*Given: 2/],
      'a shape of fractions': [() => ops['reshape']!([1, 2], new Float32Array([0.5, 4])), /reshape takes a list.*Given: a Float32Array of 2/],
      'zeros of a number': [() => ops['zeros']!(3), /shape of what zeros, ones or fill makes is none/],
      'ones of a name': [() => ops['ones']!(['a']), /is none/],
      'a negative extent': [() => ops['zeros']!([-1]), /is none/],
      'nothing to stack': [() => ops['stack']!([]), /stack takes a list of one array or more/],
      'one array to concatenate': [() => ops['concat']!(1), /concat takes a list/],
      'broadcasting to nothing': [() => ops['broadcastTo']!([1]), /broadcastTo makes is none/],
      'slices from nowhere': [() => ops['slice']!([1]), /slice takes a list/],
      'tiles of nothing': [() => ops['tile']!([1]), /tile takes a list/],
      'a range without an end': [() => ops['range']!(3), /range takes numbers/],
      'an identity of nothing': [() => ops['eye']!(), /what eye makes is none/],
      'oneHot without a depth': [() => ops['oneHot']!([0]), /what oneHot makes is none/],
      'a dtype that is none': [() => ops['cast']!([1], 'f32'), /cast takes a dtype.*f32/],
      'an axis by name': [() => ops['sum']!([1], 'rows'), /axis rows does not exist/],
      'einsum without an equation': [() => ops['einsum']!([1]), /einsum takes an equation first/],
      'an option of triangularSolve': [() => ops['triangularSolve']!([[1]], [1], { upper: true }), /no option upper/],
      'bounds of uniform by position': [() => random['uniform']!(key, [2], 0, 1), /options of random\.uniform.*minval/],
      'an option of uniform': [() => random['uniform']!(key, [2], { minVal: 0 }), /Did you mean minval\?/],
      'a permutation of −1': [() => random['permutation']!(key, -1), /permutation takes.*-1/],
    }),

  'of inference': () =>
    refuses({
      'SVI without a guide': [() => SVI!(model), /the guide is none/],
      'SVI with what makes guides': [
        () => SVI!(model, AutoDiagonalNormal, adam!(0.1), TraceELBO!())['init']!(key, 1),
        /AutoDiagonalNormal takes a model\. Given: an array of shape \[\].*Write AutoDiagonalNormal\(model\)/,
      ],
      'an option of a run': [() => run(key, 3, [1], { progres: true }), /svi\.run has no option progres.*Did you mean progress\?/],
      'options that are null': [() => run(key, 3, [1], null), /options of svi\.run/],
      'starts that are no record': [() => run(key, 3, [1], { initParams: 3 }), /initParams must be a record/],
      'a controller for a signal': [() => run(key, 3, [1], { signal: new AbortController() }), /controller\.signal/],
      'progress by a number': [() => run(key, 3, [1], { progress: 3 }), /progress says how/],
      'an option of TraceELBO': [() => TraceELBO!({ particles: 3 }), /TraceELBO has no option particles/],
      'a number for its options': [() => TraceELBO!(3), /options of TraceELBO/],
      'an option of adam': [() => adam!(0.1, { beta1: 0.9 }), /adam has no option beta1/],
      'an option of sgd': [() => sgd!(0.1, { momentun: 0.9 }), /Did you mean momentum\?/],
      'a guide of nothing': [() => AutoDiagonalNormal!(), /AutoDiagonalNormal takes a model/],
      'an option of a guide': [() => AutoDiagonalNormal!(model, { initLoc: 1 }), /no option initLoc.*Did you mean initLocFn\?/],
      'a strategy that is none': [() => AutoDiagonalNormal!(model, { initLocFn: 3 }), /initLocFn says where/],
      'a scale below 0': [() => AutoDiagonalNormal!(model, { initScale: -1 }), /initScale must be positive/],
      'no probabilities': [() => (guide.bind(1).quantiles as unknown as Loose)(known), /list of probabilities/],
      'no parameters': [() => (guide.bind(1).samplePosterior as unknown as Loose)(key), /asked with must be a record/],
      'an option of samplePosterior': [() => (guide.bind(1).samplePosterior as unknown as Loose)(key, known, { shape: [1] }), /no option shape/],
      'no key': [() => (guide.bind(1).samplePosterior as unknown as Loose)(undefined, known), /a key was expected/],
      'no values': [() => initToValue!(), /initToValue takes must be a record/],
      'an array for values': [() => initToValue!(kindling.array([1])), /initToValue takes must be a record.*an array of shape \[1\]/],
      'a map for values': [() => initToValue!(new Map([['mu', 1]])), /initToValue takes must be a record.*a Map of 1/],
      'an array of starts': [() => run(key, 3, [1], { initParams: new Float32Array(1) }), /initParams must be a record.*a Float32Array of 1/],
      'an array for parameters': [() => (guide.bind(1).samplePosterior as unknown as Loose)(key, kindling.array([1])), /asked with must be a record/],
      'draws without names': [() => Predictive!(model, { posteriorSamples: kindling.array([1, 2]) })(key), /must be a record.*Name the site/],
      'a map of draws': [() => logLikelihood!(model, new Map([['mu', [1]]]), 1), /must be a record.*a Map of 1.*Name the site/],
      'draws that are not there yet': [() => Predictive!(model, { posteriorSamples: Promise.resolve({}) })(key), /a promise.*await/],
      'a number for a strategy’s options': [() => initToMedian!(3), /options of initToMedian/],
      'a strategy that is not called': [() => NUTS!(model, { initStrategy: initToUniform })['init']!(key, 1, [1]), /Call it: initToUniform\(\)/],
      'a fallback that is none': [() => initToValue!({}, { fallback: 3 }), /fallback of initToValue/],
      'a radius below 0': [() => initToUniform!({ radius: -1 }), /radius/],
      'a depth that is null': [() => NUTS!(model, { maxTreeDepth: null }), /maxTreeDepth/],
      'NUTS without a key': [() => NUTS!(model)['init']!(undefined, 1, [1]), /a key was expected/],
      'Predictive of nothing': [() => Predictive!(), /Predictive takes a model/],
      'Predictive without draws or a count': [() => Predictive!(model, {}), /needs numSamples/],
      'Predictive by a guide that is none': [() => Predictive!(model, { guide: 3, params: {}, numSamples: 1 }), /guide of Predictive/],
      'logLikelihood of nothing': [() => logLikelihood!(), /logLikelihood takes a model/],
    }),

  'of diagnostics': () =>
    refuses({
      'loo of NaN': [() => loo!([[1, NaN, 2, 3, 4]]), /holds NaN.*1 of 5 values, in 1 of 1 observations; the first at observation 0 in draw 1/],
      'waic of NaN': [
        () =>
          waic!([
            [
              [1, 2],
              [NaN, 3],
              [NaN, NaN],
            ],
          ]),
        /3 of 6 values, in 2 of 2 observations; the first at observation 0 in draw 1/,
      ],
      'an option of loo': [() => loo!([[1, 2, 3, 4, 5]], { r_eff: 1 }), /no option r_eff.*Did you mean reff\?/],
      'an efficiency of 0': [() => loo!([[1, 2, 3, 4, 5]], { reff: 0 }), /reff is above 0/],
      'weights of nothing': [() => all['paretoSmoothed']!(), /paretoSmoothed takes a list/],
      'a level that is missing': [() => essQuantile!([1, 2, 3, 4]), /level of a quantile/],
      'a level above 1': [() => mcseQuantile!([1, 2, 3, 4], 2), /level of a quantile.*Given: 2/],
    }),

  'and a typed array is a list of numbers where a shape, axes or extents are given': () => {
    const x = kindling.array([1, 2, 3, 4]);
    const square = ops['reshape']!(x, new Int32Array([2, -1])) as unknown as kindling.NDArray;
    assert.deepEqual([square.shape, Array.isArray(square.shape)], [[2, 2], true]);
    const shapes = [
      ops['transpose']!(square, new Uint8Array([1, 0])),
      ops['slice']!(square, new Int32Array([0, 1]), new Int32Array([2, 1])),
      ops['tile']!(square, new Int32Array([1, 2])),
      (ops['split']!(x, new Int32Array([1, 3])) as unknown as readonly Loose[])[1],
    ].map((made) => (made as unknown as kindling.NDArray).shape);
    assert.deepEqual(shapes, [[2, 2], [2, 1], [2, 4], [3]]);
  },

  'and what is −∞ or NaN where it means something stays': () => {
    assert.ok(Number.isFinite(kindling.waic([[[-1], [-2], [-3], [-4]]]).elpd));
    assert.ok(!Number.isNaN(kindling.loo([[[-1], [-2], [-Infinity], [-3], [-4], [-2]]]).pointwise.data[0]!));
    assert.deepEqual(kindling.hpdi([1, NaN, 3, 4], 0.5), [NaN, NaN]);
  },
});
