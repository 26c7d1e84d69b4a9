/** The regression of `npm start`: its command line, the tables that users bring, what it prints, and a small run from end to end. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { array, random, ready } from 'kindling';
import { main } from '../../examples/regression.ts';
import { parseTable } from '../../examples/regression/csv.ts';
import { fromTable, scaleHint, scalingOf, simulate, standardize } from '../../examples/regression/data.ts';
import { summarise, toOriginalScale } from '../../examples/regression/draws.ts';
import { fitter } from '../../examples/regression/fit.ts';
import { parseOptions, type Options } from '../../examples/regression/options.ts';
import { reportParameters, reportPosterior } from '../../examples/regression/report.ts';
import { laws } from '../laws.ts';
import { leastSquares } from './leastSquares.ts';

// `laws` starts the modules beside it; the examples load the bundle, which is a library of its own.
await ready();

const optionsOf = (...argv: string[]): Options => {
  const command = parseOptions(argv);
  assert.ok(E.isRight(command) && command.right._tag === 'fit', JSON.stringify(command));
  return command.right.options;
};

const isOneSentence = (text: string): boolean => text.endsWith('.') && !text.includes('\n');

const refusal = (outcome: E.Either<string, unknown>): string => {
  assert.ok(E.isLeft(outcome), 'it should have been refused');
  assert.ok(isOneSentence(outcome.left), outcome.left);
  return outcome.left;
};

/** Runs the program in a folder of its own, which is gone afterwards. */
const inFolder = async <A>(act: (folder: string) => Promise<A>): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), 'kindling-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const runMain = async (...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
  let out = '';
  let err = '';
  const code = await main(argv, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) } });
  return { code, out, err };
};

/** A small table whose truth is y = 1 + 2a − b + noise; column b is far from zero. */
const smallTable = (rows: number): { readonly x: number[][]; readonly y: number[]; readonly text: string } => {
  const [a, b, noise] = [...random.split(random.PRNGKey(7), 3)].map((key) => random.normal(key, [rows]).data);
  const x = Array.from({ length: rows }, (_, i) => [a![i]!, 50 + 3 * b![i]!]);
  const y = x.map(([left, right], i) => 1 + 2 * left! - right! + 2 * noise![i]!);
  return { x, y, text: ['a,b,y', ...x.map((row, i) => [...row, y[i]].join(','))].join('\n') };
};

laws('examples/regression: options', {
  'defaults are those of the mission': () => {
    const { steps, particles, rate, data, standardize: isStandardised } = optionsOf();
    assert.deepEqual([steps, particles, rate, data, isStandardised], [30_000, 1, 0.01, undefined, false]);
  },
  'values are read, by either spelling': () => {
    const options = optionsOf(
      '--steps',
      '200',
      '--seed=3',
      '--particles',
      '10',
      '--rate',
      '5e-3',
      '--out',
      'x y',
      '--data=t.csv',
      '--target',
      'z',
      '--standardize',
    );
    assert.deepEqual(options, { steps: 200, seed: 3, particles: 10, rate: 0.005, out: 'x y', data: 't.csv', target: 'z', standardize: true });
  },
  'any whole number of steps is read back': () =>
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e8 }), (steps) => optionsOf('--steps', String(steps)).steps === steps)),
  'counts that are no whole numbers in range are refused by name': () => {
    for (const name of ['steps', 'particles', 'seed']) {
      for (const value of ['-1', '1.5', 'abc', '', '1e3', '0x10', 'NaN', '99999999999999999999', ...(name === 'seed' ? [] : ['0'])]) {
        assert.match(refusal(parseOptions([`--${name}`, value])), new RegExp(`^--${name} takes a whole number`));
      }
    }
  },
  'a rate that is not above zero is refused': () => {
    for (const value of ['0', '-0.1', 'fast', '', 'Infinity', 'NaN']) assert.match(refusal(parseOptions(['--rate', value])), /^--rate takes a number above 0/);
  },
  'a value that is missing, empty or not wanted is refused': () => {
    assert.match(refusal(parseOptions(['--steps'])), /--steps needs a value/);
    for (const name of ['out', 'data', 'target']) assert.match(refusal(parseOptions([`--${name}=`])), new RegExp(`^--${name} takes`));
    assert.match(refusal(parseOptions(['--data', 'a.csv', '--standardize=no'])), /--standardize takes no value/);
  },
  'unknown options and stray words are refused by name': () => {
    assert.match(refusal(parseOptions(['--stepps', '3'])), /no option --stepps/);
    assert.match(refusal(parseOptions(['-s', '3'])), /no option -s/);
    assert.match(refusal(parseOptions(['data.csv'])), /"data\.csv" belongs to no option/);
    assert.match(refusal(parseOptions(['--toString'])), /no option --toString/);
  },
  'a target or a scale without a table is refused': () => {
    assert.match(refusal(parseOptions(['--target', 'y'])), /needs --data/);
    assert.match(refusal(parseOptions(['--standardize'])), /needs --data/);
  },
  'help lists every option and exits with 0': async () => {
    const { code, out, err } = await runMain('--help');
    assert.deepEqual([code, err], [0, '']);
    for (const name of ['steps', 'seed', 'particles', 'rate', 'out', 'data', 'target', 'standardize']) assert.ok(out.includes(`--${name} `), name);
  },
  'a wrong value goes to standard error with exit code 2': async () => {
    const { code, out, err } = await runMain('--steps', '0');
    assert.deepEqual([code, out, err], [2, '', '--steps takes a whole number from 1 to 100,000,000, not "0".\n']);
  },
});

const good = 'a,b,y\n1,2,3\n2,1,4\n5,2,7\n0,1,1\n';

/** Each wrong table with what its refusal must say. */
const wrongTables: Readonly<Record<string, readonly [text: string, says: RegExp, target?: string]>> = {
  'an empty file': ['', /empty/],
  'a file of blank lines': ['\n\n  \n', /empty/],
  'one column': ['y\n1\n2\n3\n', /one column, "y"/],
  semicolons: ['a;b\n1;2\n', /separated by ";".*commas/],
  tabs: ['a\tb\n1\t2\n', /separated by "tab"/],
  'no header': ['1,2\n3,4\n5,6\n', /first row holds numbers/],
  'a column without a name': ['a,,y\n1,2,3\n', /Column 2 has no name/],
  'a name given twice': ['a,a,y\n1,2,3\n', /Two columns are named "a"/],
  'a word among numbers': ['a,b,y\n1,2,3\n2,x,4\n5,2,7\n', /Row 3, column "b" holds "x"/],
  'a blank line counts as a row of the file': ['a,b,y\n1,2,3\n\n2,NA,4\n', /Row 4, column "b" holds "NA"/],
  'an infinite number': ['a,y\n1,2\n1e999,3\n', /Row 3, column "a"/],
  'a hexadecimal number': ['a,y\n1,2\n0x1F,3\n', /Row 3, column "a"/],
  'an empty cell': ['a,b,y\n1,2,3\n2,,4\n5,2,7\n', /Row 3, column "b" is empty/],
  'a row that is short': ['a,b,y\n1,2,3\n2,4\n5,2,7\n', /Row 3 has 2 cells .* 3 columns/],
  'a row that is long': ['a,b,y\n1,2,3,9\n', /Row 2 has 4 cells/],
  'a constant column': ['a,b,y\n1,2,3\n2,2,4\n5,2,7\n0,2,1\n', /Column "b" holds the same value/],
  'a constant target': ['a,b,y\n1,2,3\n2,1,3\n5,2,3\n0,7,3\n', /target, column "y", is 3 in every row/],
  'no rows': ['a,b,y\n', /no rows of numbers/],
  'too few rows': ['a,b,y\n1,2,3\n2,1,4\n5,2,7\n', /3 rows of numbers, too few for 2 columns of x: it takes at least 4/],
  'an unknown target': [good, /no column named "z".*"a", "b", "y"/, 'z'],
};

laws('examples/regression: tables', {
  'the last column is the target unless another is named': () => {
    assert.deepEqual(
      parseTable(good),
      E.right({
        names: ['a', 'b'],
        target: 'y',
        x: [
          [1, 2],
          [2, 1],
          [5, 2],
          [0, 1],
        ],
        y: [3, 4, 7, 1],
      }),
    );
    assert.deepEqual(
      parseTable(good, 'a'),
      E.right({
        names: ['b', 'y'],
        target: 'a',
        x: [
          [2, 3],
          [1, 4],
          [2, 7],
          [1, 1],
        ],
        y: [1, 2, 5, 0],
      }),
    );
  },
  'a byte-order mark, Windows line ends, quotes and blank lines do no harm': () =>
    assert.deepEqual(parseTable(`\uFEFF${good.replace('1,2,3', '" 1 ","2.0",+3e0').replaceAll('\n', '\r\n')}\r\n`), parseTable(good)),
  ...Object.fromEntries(
    Object.entries(wrongTables).map(
      ([name, [text, says, target]]) => [`refused: ${name}`, (): void => assert.match(refusal(parseTable(text, target)), says)] as const,
    ),
  ),
  'numbers are read to the last bit': () =>
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 5, maxLength: 20 }), (numbers) => {
        fc.pre(new Set(numbers).size > 1);
        const table = parseTable(['a,y', ...numbers.map((value, i) => `${String(value)},${i}`)].join('\n'));
        assert.deepEqual(
          E.isRight(table) && table.right.x.flat(),
          numbers.map((value) => (Object.is(value, -0) ? 0 : value)),
        );
      }),
    ),
  'a file that is missing, a folder, or wrong: exit code 2 and one sentence that names it': () =>
    inFolder(async (folder) => {
      const file = join(folder, 'wrong.csv');
      await writeFile(file, 'a,b\n1,x\n');
      for (const [path, says] of [
        [join(folder, 'none.csv'), /no such file/],
        [folder, /is a folder/],
        [file, /Row 2, column "b" holds "x"/],
      ] as const) {
        const { code, out, err } = await runMain('--data', path, '--out', join(folder, 'out'));
        assert.deepEqual([code, out], [2, '']);
        assert.ok(err.includes(path) && isOneSentence(err.trimEnd()), err);
        assert.match(err, says);
      }
    }),
  'a folder that cannot be made: exit code 2 before anything is fitted': () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const { code, err } = await runMain('--out', join(folder, 'file', 'below'));
      assert.deepEqual([code, isOneSentence(err.trimEnd())], [2, true]);
    }),
});

laws('examples/regression: data and report', {
  'the synthetic data are a function of the key': () => {
    const [one, same, other] = [3, 3, 4].map((seed) => simulate(random.PRNGKey(seed), 20, 8));
    assert.deepEqual(one, same);
    assert.notDeepEqual(one!.y.data, other!.y.data);
    assert.deepEqual([one!.x.shape, one!.y.shape, one!.truth!.beta.length, one!.coefficients[7]], [[20, 8], [20], 8, 'beta[7]']);
  },
  'least squares finds the truth again': () => {
    const { x, y, truth } = simulate(random.PRNGKey(1));
    const found = leastSquares(
      Array.from({ length: 2500 }, (_, i) => [...x.data.subarray(8 * i, 8 * i + 8)]),
      [...y.data],
    );
    [truth!.alpha, ...truth!.beta].forEach((value, j) => assert.ok(Math.abs(found.coefficients[j]! - value) < 4.5 * found.errors[j]!, `coefficient ${j}`));
    assert.ok(Math.abs(found.sigma / truth!.sigma - 1) < 0.07);
  },
  'standardised columns have mean 0 and sd 1': () => {
    const data = simulate(random.PRNGKey(2), 50, 3);
    const { x, y } = scalingOf(standardize(data, scalingOf(data)));
    for (const { mean, sd } of [...x, y]) assert.ok(Math.abs(mean) < 1e-12 && Math.abs(sd - 1) < 1e-12);
  },
  'draws go back to the scale of the data: least squares commutes with standardising': () => {
    const table = smallTable(30);
    const data = fromTable({ names: ['a', 'b'], target: 'y', x: table.x, y: table.y });
    const scaling = scalingOf(data);
    const { x, y } = standardize(data, scaling);
    const scaled = leastSquares(
      table.x.map((_, i) => [...x.data.subarray(2 * i, 2 * i + 2)]),
      [...y.data],
    );
    const [alpha, ...beta] = scaled.coefficients;
    const back = toOriginalScale({ alpha: Float64Array.of(alpha!), beta: Float64Array.from(beta), sigma: Float64Array.of(scaled.sigma) }, scaling);
    const direct = leastSquares(table.x, table.y);
    const pairs = [...back.alpha, ...back.beta, ...back.sigma].map((value, j) => [value, [...direct.coefficients, direct.sigma][j]!] as const);
    for (const [value, expected] of pairs) assert.ok(Math.abs(value - expected) < 1e-9 * (1 + Math.abs(expected)), `${value} is not ${expected}`);
  },
  'columns of unlike scales call for a hint, like ones do not': () => {
    assert.equal(
      scaleHint({
        x: [
          { mean: 0, sd: 1 },
          { mean: 2, sd: 3 },
        ],
        y: { mean: 40, sd: 9 },
      }),
      undefined,
    );
    assert.match(scaleHint({ x: [{ mean: 0, sd: 1 }], y: { mean: 0, sd: 500 } }) ?? '', /very different scales.*--standardize/);
    assert.match(scaleHint({ x: [{ mean: 1990, sd: 5 }], y: { mean: 0, sd: 4 } }) ?? '', /far from zero.*--standardize/);
  },
  'the posterior table is aligned, with the truth where it is known': () => {
    const rows = [
      { name: 'alpha', mean: 41.23456, sd: 0.0123, truth: 41.22 },
      { name: 'beta[0]', mean: -3.1, sd: 0.5, truth: -2.6 },
    ];
    assert.equal(
      reportPosterior(rows),
      [
        '  name         mean       sd     truth   (mean − truth)/sd',
        '  alpha     41.2346   0.0123   41.2200                1.18',
        '  beta[0]   -3.100    0.500    -2.600                -1.00',
      ].join('\n'),
    );
    assert.equal(reportPosterior([{ name: 'sigma', mean: 2, sd: 0.1, truth: undefined }]), '  name     mean      sd\n  sigma   2.000   0.100');
  },
  'parameters are listed by name and shape': () =>
    assert.equal(
      reportParameters({ auto_loc: array([1, -20.5, 3, 4, 5, 6]), auto_scale: array([0.1]) }),
      ['  auto_loc     [6]     1.00000  -20.50000    3.00000    4.00000    5.00000', '                       6.00000', '  auto_scale   [1]     0.10000'].join(
        '\n',
      ),
    ),
  'mean and sd of draws go to the right coefficient': () => {
    const data = fromTable({ names: ['a', 'b'], target: 'y', x: [[1, 2]], y: [1] });
    const rows = summarise({ alpha: Float64Array.of(1, 3), beta: Float64Array.of(10, 20, 12, 28), sigma: Float64Array.of(5, 5) }, data);
    assert.deepEqual(
      rows.map(({ name, mean }) => [name, mean]),
      [
        ['alpha', 2],
        ['beta[a]', 11],
        ['beta[b]', 24],
        ['sigma', 5],
      ],
    );
    assert.ok(Math.abs(rows[2]!.sd - Math.sqrt(32)) < 1e-12);
  },
});

laws('examples/regression: runs', {
  'the whole main job agrees with least squares: means within half an sd, sds within 15 %': async () => {
    const data = simulate(random.PRNGKey(0));
    const { x, y } = data;
    const fitted = await fitter(data, { particles: 1, rate: 0.01 })(random.PRNGKey(5), { steps: 30_000 });
    const expected = leastSquares(
      Array.from({ length: 2500 }, (_, i) => [...x.data.subarray(8 * i, 8 * i + 8)]),
      [...y.data],
    );
    const found = summarise(fitted.draw(random.PRNGKey(6), 3000), data);
    expected.coefficients.forEach((value, j) => {
      const { name, mean, sd } = found[j]!;
      assert.ok(Math.abs(mean - value) < 0.5 * sd, `${name}: ${mean} and ${value}, sd ${sd}`);
      assert.ok(Math.abs(sd / expected.errors[j]! - 1) < 0.15, `${name}: sd ${sd} and ${expected.errors[j]}`);
    });
    const sigma = found[9]!;
    assert.ok(Math.abs(sigma.mean - expected.sigma) < 0.5 * sigma.sd, `sigma: ${sigma.mean} and ${expected.sigma}`);
    assert.ok(Math.abs(sigma.sd / sigma.mean / (1 / Math.sqrt(5000)) - 1) < 0.15, `log sigma: sd ${sigma.sd / sigma.mean}`);
  },
  'the fit of standardised data agrees with least squares': async () => {
    const table = smallTable(100);
    const data = fromTable({ names: ['a', 'b'], target: 'y', x: table.x, y: table.y });
    const scaling = scalingOf(data);
    const standardised = standardize(data, scaling);
    const fitted = await fitter(standardised, { particles: 4, rate: 0.01 })(random.PRNGKey(0), { steps: 1500 });
    const { data: rows } = standardised.x;
    const expected = leastSquares(
      table.x.map((_, i) => [...rows.subarray(2 * i, 2 * i + 2)]),
      [...standardised.y.data],
    );
    const found = summarise(fitted.draw(random.PRNGKey(1), 3000), standardised);
    expected.coefficients.forEach((value, j) => {
      assert.ok(Math.abs(found[j]!.mean - value) < 0.5 * expected.errors[j]!, `mean of ${found[j]!.name}`);
      assert.ok(Math.abs(found[j]!.sd / expected.errors[j]! - 1) < 0.2, `sd of ${found[j]!.name}: ${found[j]!.sd}, ${expected.errors[j]!}`);
    });
  },
  'a whole run on a table: exit code 0, both scales, three pictures': () =>
    inFolder(async (folder) => {
      const file = join(folder, 'table.csv');
      await writeFile(file, smallTable(40).text);
      const hinted = await runMain('--data', file, '--steps', '20', '--out', join(folder, 'plain'));
      assert.equal(hinted.code, 0, hinted.err);
      assert.match(hinted.out, /Hint: .*--standardize/);
      const { code, out, err } = await runMain('--data', file, '--standardize', '--steps', '60', '--out', join(folder, 'pictures'));
      assert.equal(code, 0, err);
      for (const part of ['auto_loc', 'auto_scale', 'beta[a]', 'original scale', 'N = 40, P = 2']) assert.ok(out.includes(part), `${part} in:\n${out}`);
      assert.match(err, /loss = −ELBO: .* steps\/s/);
      for (const name of ['elbo.svg', 'elbo-last-1000.svg', 'elbo-first-300.svg']) {
        const path = join(folder, 'pictures', name);
        assert.ok(out.includes(path), path);
        assert.match(await readFile(path, 'utf8'), /^<svg [^]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/);
      }
    }),
  'a run on synthetic data shows the truth': () =>
    inFolder(async (folder) => {
      const { code, out, err } = await runMain('--steps', '10', '--out', folder);
      assert.equal(code, 0, err);
      for (const part of ['N = 2,500, P = 8', 'auto_loc     [10]', 'truth', 'beta[7]']) assert.ok(out.includes(part), `${part} in:\n${out}`);
    }),
});
