/** Progress: lines that tell step, loss and speed, fit the terminal, and come rarely where there is none. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grouped } from '../../infer/grouped.ts';
import { terminalProgress } from '../../infer/progress.node.ts';
import { formatBar, formatLine, type ProgressInfo } from '../../infer/progress.ts';
import { laws } from '../laws.ts';

const info: ProgressInfo = { step: 15_000, numSteps: 30_000, loss: 4812.345, stepsPerSecond: 812 };

const anyInfo = fc.record({
  step: fc.integer({ min: 0, max: 1e6 }),
  numSteps: fc.integer({ min: 1, max: 1e6 }),
  loss: fc.double(),
  stepsPerSecond: fc.double({ min: 0 }),
});

/** What a run of ten steps writes, each step taking `ms` by the clock. */
const written = (ms: number, isTTY: boolean, numSteps: number = 10): readonly string[] => {
  const texts: string[] = [];
  let time = 0;
  const show = terminalProgress({ stream: { write: (text) => texts.push(text), isTTY, columns: 80 }, now: () => time });
  for (let step = 1; step <= numSteps; step++) {
    time += ms;
    show({ step, numSteps, loss: 1, stepsPerSecond: 1000 / ms });
  }
  return texts;
};

laws('infer/progress', {
  'a line tells step, loss and speed': () =>
    assert.equal(formatLine(info), ' 50 %  step 15,000/30,000  loss = −ELBO: 4,812.35 (averaged)  812 steps/s  19 s left'),
  'a bar tells the same': () => assert.equal(formatBar(info, 80), ' 50 % ██████░░░░░░ 15,000/30,000  loss = −ELBO: 4,812.35  812 steps/s  19 s left'),
  'thousands are apart as toLocaleString writes them': () =>
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 0, max: 4 }), (sixteenths, digits) => {
        // Sixteenths have four decimals; with fewer, the two may round a half to different sides.
        const x = digits === 4 ? sixteenths / 16 : sixteenths;
        return grouped(x, digits) === x.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
      }),
    ),
  'a bar never exceeds the terminal': () =>
    fc.assert(fc.property(anyInfo, fc.integer({ min: 0, max: 200 }), (any, columns) => formatBar(any, columns, 'label').length <= columns)),
  'a terminal gets one line that is redrawn, and ended once': () => {
    const texts = written(1000, true);
    assert.equal(texts.length, 10);
    assert.ok(texts.every((text, i) => text.startsWith('\r') && text.endsWith('\n') === (i === 9)));
    assert.ok(written(1, true, 1000).length < 20);
  },
  'elsewhere lines come when both ten seconds and a tenth have passed, and at the end': () => {
    assert.equal(written(1, false).length, 1);
    assert.equal(written(5_000, false).length, 5);
    assert.equal(written(60_000, false).length, 10);
    assert.equal(written(1_000, false, 1000).length, 10);
    assert.ok(written(60_000, false).every((text) => !text.includes('\r') && text.endsWith('\n')));
  },
  'one function serves one run after another': () => {
    const texts: string[] = [];
    const show = terminalProgress({ stream: { write: (text) => texts.push(text) }, now: () => 0 });
    for (const step of [1, 2, 3, 1, 2, 3]) show({ ...info, step, numSteps: 3 });
    assert.equal(texts.length, 2);
  },
});
