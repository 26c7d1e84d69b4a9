/** The test command notices every way in which a test file can fail to say that it passed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { laws } from './laws.ts';
import { scratchFolder } from './root.ts';
import { runTestFile, type Outcome } from './testFile.ts';

const folder = scratchFolder('test-files');

const outcomeOf = async (name: string, code: string, timeoutSeconds = 60): Promise<Pick<Outcome, 'passed' | 'failed' | 'complaint'>> => {
  const path = join(folder, `${name}.js`);
  writeFileSync(path, code);
  const { passed, failed, complaint } = await runTestFile(path, timeoutSeconds, false);
  return { passed, failed, complaint };
};

const one = "import { test } from 'uvu'; test('right', () => {});";

laws('the test command', {
  'counts what passes': async () => {
    assert.equal(await outcomeOf('right', `${one} test('too', () => {}); test.run();`), { passed: 2, failed: 0, complaint: undefined });
  },
  'counts what fails': async () => {
    const wrong = `${one} test('wrong', () => { throw new Error('wrong'); }); test.run();`;
    assert.equal(await outcomeOf('wrong', wrong), { passed: 1, failed: 1, complaint: undefined });
  },
  'a suite that never runs': async () => {
    assert.equal(await outcomeOf('forgotten', one), { passed: 0, failed: 1, complaint: 'printed no totals (exit code 0)' });
  },
  'a suite whose reference values are not there': async () => {
    const away = "console.log('  skipped: reference/none.json is not here');";
    assert.equal(await outcomeOf('away', away), { passed: 0, failed: 0, complaint: undefined });
    const broken = { passed: 0, failed: 1, complaint: 'printed no totals (exit code 3)' };
    assert.equal(await outcomeOf('broken', `${away} process.exit(3);`), broken);
  },
  'a suite without tests': async () => {
    assert.equal(await outcomeOf('empty', "import { suite } from 'uvu'; suite('none').run();"), { passed: 0, failed: 1, complaint: 'ran no test' });
  },
  'a crash while loading': async () => {
    assert.equal(await outcomeOf('crash', `${one} test.run(); null.x;`), { passed: 0, failed: 1, complaint: 'printed no totals (exit code 1)' });
  },
  'a crash after the totals': async () => {
    const late = `${one} test.run(); process.on('exit', () => process.exit(9));`;
    assert.equal(await outcomeOf('late', late), { passed: 1, failed: 1, complaint: 'exit code 9 although every test passed' });
  },
  'totals that a test prints': async () => {
    const liar = `${one} test('liar', () => { console.log('  Total:     9\\n  Passed:    9\\n  Skipped:   0'); throw new Error('no'); }); test.run();`;
    assert.equal(await outcomeOf('liar', liar), { passed: 1, failed: 1, complaint: undefined });
  },
  'a file that does not end': async () => {
    const endless = `${one} test.run(); setInterval(() => {}, 1000);`;
    assert.equal(await outcomeOf('endless', endless, 2), { passed: 1, failed: 1, complaint: 'was stopped after 2 s' });
  },
});
