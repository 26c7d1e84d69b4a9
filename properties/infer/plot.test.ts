/** Pictures of losses: plain data, few points however long the run, readable axes, and SVG that any viewer of XML can read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { extremesByBin, movingAverage } from '../../infer/plot/decimate.ts';
import { elboPlot, overlayPlot, toSVG, type PlotOptions } from '../../infer/plot/index.ts';
import { findDocument } from '../../infer/plot/document.ts';
import { makeDocument } from '../../infer/plot/document.node.ts';
import { loadPeer } from '../../infer/plot/peer.ts';
import { laws } from '../laws.ts';

const losses = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 300 });

const pointsOf = ({ marks }: PlotOptions): number => marks.filter(({ mark }) => mark === 'line').reduce((sum, { data }) => sum + data.length, 0);

/** A run that falls from 10⁶ to 5,000 with spikes. */
const longRun = Float64Array.from({ length: 30_000 }, (_, i) => 5000 + 1e6 * Math.exp(-i / 1500) + (i % 97 === 0 ? 400 : 0));

const throwsTagged = (tag: string, act: () => unknown): void => assert.throws(act, (error) => error instanceof Error && '_tag' in error && error._tag === tag);

const numberOfTags = (svg: string, pattern: RegExp): number => [...svg.matchAll(pattern)].length;

laws('infer/plot', {
  'binning keeps the extremes, the order and the budget': () =>
    fc.assert(
      fc.property(losses, fc.integer({ min: 2, max: 100 }), (values, budget) => {
        const points = extremesByBin(values, 1, budget);
        assert.ok(points.length <= Math.max(budget, 2));
        assert.ok(points.every(({ step }, i) => i === 0 || step > points[i - 1]!.step));
        assert.ok(points.every(({ step, loss }) => values[step - 1] === loss));
        assert.equal(Math.min(...points.map(({ loss }) => loss)), Math.min(...values));
        assert.equal(Math.max(...points.map(({ loss }) => loss)), Math.max(...values));
      }),
    ),
  'a moving average stays within the losses and spans the run': () =>
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 50 }), (values, window) => {
        const points = movingAverage(values, 1, window, 40);
        assert.ok(points.length <= 40 && points[0]!.step === 1 && points.at(-1)!.step === values.length);
        const slack = 1e-6;
        assert.ok(points.every(({ loss }) => loss >= Math.min(...values) - slack && loss <= Math.max(...values) + slack));
      }),
    ),
  'a window of one step is the curve itself': () => assert.deepEqual(movingAverage([3, 1, 2], 1, 1, 10), extremesByBin([3, 1, 2], 1, 10)),
  'a full window averages as many steps as it says': () => assert.equal(movingAverage([0, 0, 8, 4, 0, 0], 1, 2, 6)[3]!.loss, 6),
  'options are plain data': () => {
    const options = elboPlot(longRun, { title: 'a title' });
    assert.deepEqual(structuredClone(options), options);
    assert.deepEqual(JSON.parse(JSON.stringify(options)), options);
  },
  '30,000 steps give a small picture with a log axis and labels': async () => {
    const options = elboPlot(longRun, { title: 'Whole' });
    assert.ok(pointsOf(options) <= 2000);
    assert.equal(options.y?.type, 'log');
    const svg = await toSVG(options);
    assert.ok(svg.length < 60_000, `${svg.length} characters`);
    for (const text of ['>step<', '>loss = −ELBO<', '>Whole<', '>30,000<', '>100k<']) assert.ok(svg.includes(text), text);
    assert.equal(svg, await toSVG(options));
  },
  'from counts from either end, and steps keep their numbers': () => {
    const last = elboPlot(longRun, { from: -1000 });
    assert.deepEqual(last, elboPlot(longRun, { from: 29_000 }));
    assert.deepEqual((last.marks[0]!.data[0] as { readonly step: number }).step, 29_001);
    assert.equal(last.y?.type, 'linear');
    assert.deepEqual(elboPlot([1, 2, 3], { from: -1000 }), elboPlot([1, 2, 3]));
  },
  'losses on both sides of zero that span orders of magnitude get a symlog axis with zero among its ticks': () => {
    const { y } = elboPlot(longRun.map((loss) => loss - 5300));
    assert.equal(y?.type, 'symlog');
    assert.ok((y.ticks as readonly number[]).includes(0) && (y.ticks as readonly number[]).includes(1e5));
  },
  'losses that are not finite leave a gap, not a broken picture': async () => {
    const svg = await toSVG(elboPlot([NaN, 5, Infinity, 4, -Infinity, 3]));
    assert.ok(!/NaN|Infinity/.test(svg));
  },
  'an overlay names its curves within the picture': async () => {
    const svg = await toSVG(overlayPlot({ '1 particle': [5, 3, 4], '100 <particles> & "more"': [4, 3.5, 3] }, { title: 'a < b' }));
    for (const text of ['1 particle', '100 &lt;particles&gt; &amp; &quot;more&quot;', 'a &lt; b']) assert.ok(svg.includes(text), text);
    assert.equal(numberOfTags(svg, /<svg/g), 1);
    assert.ok(!svg.includes('<figure'));
  },
  'an overlay shares the points among its curves': () => assert.ok(pointsOf(overlayPlot({ a: longRun, b: longRun, c: longRun })) <= 2000),
  'a figure that Plot makes for a legend is reduced to its picture': async () => {
    const options = overlayPlot({ a: [1, 2] });
    const legend = { ...options, color: { type: 'categorical' as const, domain: ['p', 'q'], legend: true } };
    assert.match(await toSVG(legend), /^<svg [^]*class="kindling-plot"/);
  },
  'losses of any size make a picture, and so do equal ones': () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: -1e290, max: 1e290, noNaN: true }), { minLength: 1 }), fc.nat(20), async (values, scale) => {
        const tame = values.map((value) => 10 ** scale * Math.cbrt(value % 1000));
        for (const curve of [values, tame, [values[0]!, values[0]!]]) assert.ok(!(await toSVG(elboPlot(curve))).includes('NaN'));
      }),
      { numRuns: 20 },
    ),
  'what cannot be drawn is an error that says so': () => {
    throwsTagged('InvalidArgument', () => elboPlot([]));
    throwsTagged('InvalidArgument', () => elboPlot([1, 2], { from: 2 }));
    throwsTagged('InvalidArgument', () => elboPlot([1, 2], { from: 0.5 }));
    throwsTagged('InvalidArgument', () => elboPlot([1, 2], { window: 0 }));
    throwsTagged('InvalidArgument', () => overlayPlot({}));
    throwsTagged('NonFinite', () => elboPlot([NaN, Infinity]));
  },
  'a page draws in its own document, or in the one it gives': async () => {
    const page = await makeDocument();
    assert.equal(await toSVG(elboPlot([2, 1]), page), await toSVG(elboPlot([2, 1])));
    Object.assign(globalThis, { document: page });
    try {
      assert.equal(await findDocument(), page);
    } finally {
      Reflect.deleteProperty(globalThis, 'document');
    }
  },
  'a missing package is named with the command that installs it': async () => {
    const missing = Object.assign(new Error("Cannot find package 'x'"), { code: 'ERR_MODULE_NOT_FOUND' });
    await assert.rejects(
      loadPeer('x@1.2.3', () => Promise.reject(missing)),
      /npm install x@1\.2\.3/,
    );
    const broken = new Error('a fault inside');
    await assert.rejects(
      loadPeer('x', () => Promise.reject(broken)),
      (error) => error === broken,
    );
  },
});
