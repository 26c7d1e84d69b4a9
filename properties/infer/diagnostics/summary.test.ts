/** What summary, printSummary and toArviz say of runs and of draws. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, makeNDArray, type NDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import * as random from '../../../core/random/index.ts';
import { toNDArray } from '../../../core/value.ts';
import * as diagnostics from '../../../infer/diagnostics/index.ts';
import { laws } from '../../laws.ts';
import { assertClose } from '../../laws/numeric.ts';
import { refused } from '../../laws/shelfLaws.ts';

const { hpdi, printSummary, rhat, summary, toArviz } = diagnostics;
const key = random.PRNGKey(8);
const samples = { mu: random.normal(key, [4, 200]), theta: ops.mul(3, random.normal(random.foldIn(key, 1), [4, 200, 2, 3])) };
const quiet = { print: () => undefined };

const element = (x: NDArray, at: number): NDArray => toNDArray(ops.reshape(ops.gather(ops.reshape(x, [4, 200, 6]), [at], 2), [4, 200]));

const stats = (edit: Readonly<Record<string, NDArray>> = {}): Readonly<Record<string, NDArray>> => ({
  diverging: toNDArray(ops.zeros([4, 200])),
  treeDepth: toNDArray(ops.fill([4, 200], 3)),
  energy: random.normal(random.foldIn(key, 2), [4, 200]),
  potentialEnergy: random.normal(random.foldIn(key, 3), [4, 200]),
  ...edit,
});

const said = (run: object): string => printSummary({ samples, maxTreeDepth: 10, ...run } as diagnostics.DrawsBySite, quiet);

const first = (values: readonly number[]): NDArray =>
  makeNDArray(
    Float64Array.from({ length: 800 }, (_, i) => values[i] ?? 0),
    [4, 200],
  );

const python = process.env['KINDLING_PEERS'] ?? 'python3';

const hasArviz = (): boolean => {
  try {
    execFileSync(python, ['-W', 'ignore', '-c', 'import arviz'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const script = `
import arviz, json, sys
data = arviz.from_json(sys.argv[1])
table = arviz.summary(data, round_to='none', hdi_prob=0.9, stat_funcs=None)
loo = arviz.loo(data)
print(json.dumps({'groups': sorted(data.groups()), 'rows': {name: row.to_dict() for name, row in table.iterrows()}, 'elpd': float(loo.elpd_loo),
  'coords': list(data.posterior.coords['school'].values), 'diverging': int(data.sample_stats.diverging.sum())}))
`;

laws('summary', {
  'has a row for each number, named by its place': () =>
    assert.deepEqual(
      summary({ samples }).map(({ name }) => name),
      ['mu', 'theta[0,0]', 'theta[0,1]', 'theta[0,2]', 'theta[1,0]', 'theta[1,1]', 'theta[1,2]'],
    ),

  'says of each number what the diagnostics say of its draws': () => {
    const row = summary({ samples }, { prob: 0.8, sites: ['theta'] })[4]!;
    const own = element(toNDArray(samples.theta), 4);
    const [low, high] = hpdi(own, 0.8);
    assertClose(
      [row.mean, row.sd, row.median, row.hpdiLow, row.hpdiHigh, row.mcseMean, row.essBulk, row.essTail, row.rhat],
      [
        toNDArray(ops.mean(own)).item(),
        Math.sqrt(toNDArray(ops.sum(ops.square(ops.sub(own, ops.mean(own))))).item() / 799),
        toNDArray(ops.median(ops.reshape(own, [800]))).item(),
        low,
        high,
        diagnostics.mcse(own),
        diagnostics.ess(own),
        diagnostics.essTail(own),
        rhat(own),
      ],
      { relative: 1e-12 },
    );
  },

  'takes the draws of a guide, which are one chain': () => {
    const rows = summary({ x: random.normal(key, [500]) });
    assert.deepEqual([rows.length, rows[0]!.name, Number.isNaN(rows[0]!.rhat)], [1, 'x', true]);
    refused('InvalidShape', ['x', '[draws'], () => summary({ x: array(1) }));
    refused('InvalidShape', ['mu', 'no draws'], () => summary({ samples: { mu: ops.zeros([4, 0]) } }));
    refused('InvalidArgument', ['promise', 'await'], () => summary(Promise.resolve({ samples }) as never));
    refused('InvalidArgument', ['await mcmc.run'], () => summary({ run: () => ({ samples }) } as never));
    refused('InvalidArgument', ['undefined'], () => toArviz(undefined as never));
    refused('InvalidArgument', ['a record of y', '.y'], () => diagnostics.loo({ y: ops.zeros([2, 9, 3]) } as never));
    refused('InvalidArgument', ['undefined'], () => diagnostics.waic(undefined as never));
    refused('InvalidArgument', ['zeta', 'mu'], () => summary({ samples }, { sites: ['zeta'] }));
  },

  'is printed in the layout of NumPyro': () => {
    const lines: string[] = [];
    const text = printSummary({ samples }, { print: (line) => lines.push(line) });
    assert.deepEqual(lines, [text]);
    const [header, mu] = text.split('\n');
    assert.match(header!, /^ +mean +std +median +5\.0% +95\.0% +mcse +ess_bulk +ess_tail +r_hat$/);
    assert.match(mu!, /^ +mu( +-?\d+\.\d\d){4,6}( +\d+){2} +\d\.\d{3}$/);
    assert.equal(header!.length, mu!.length);
  },

  'finds nothing wrong where nothing is': () => {
    const text = said({ stats: stats() });
    assert.match(text, /Number of divergences: 0\nNo problems found\.$/);
  },

  'tells each problem with its remedy': () => {
    const few = { samples: { mu: random.normal(key, [2, 3]) }, stats: { diverging: toNDArray(ops.zeros([2, 3])) } } as diagnostics.DrawsBySite;
    assert.match(printSummary(few, quiet), /! No effective sample size for mu: .*4 draws/);
    assert.match(said({ stats: stats({ diverging: first([1, 0, 1]) }) }), /Number of divergences: 2\n! 2 divergent transitions \(0\.25%\).*targetAcceptProb/);
    assert.match(said({ stats: stats({ treeDepth: first([10]) }) }), /! 1 draws .*depth 10.*maxTreeDepth/);
    const walk = makeNDArray(
      Float64Array.from({ length: 800 }, (_, i) => i % 200),
      [4, 200],
    );
    assert.match(said({ stats: stats({ energy: walk }) }), /E-BFMI below 0\.3 \(0\.00 in chain 0/);
    const apart = ops.add(samples.mu, ops.reshape([0, 0, 0, 5], [4, 1]));
    assert.match(said({ samples: { mu: apart }, stats: stats() }), /! R-hat above 1\.01 \(up to \d\.\d+\) for mu.*\n! Fewer than 400 effective draws .*for mu/);
    assert.match(said({ stats: stats(), failures: [{ chain: 2, error: new Error('no start') }] }), /! Chain 2 failed and is left out: no start/);
  },

  'is written for ArviZ with numbers that Python reads': () => {
    const text = toArviz({ x: array([1, NaN, -Infinity, -0]) }, { observedData: { y: [1, 2] }, coords: { school: ['a'] }, dims: { y: ['school'] } });
    assert.equal(text, '{"posterior":{"x":[[1,NaN,-Infinity,-0.0]]},"observed_data":{"y":[1,2]},"coords":{"school":["a"]},"dims":{"y":["school"]}}');
  },

  ...(hasArviz()
    ? {
        'ArviZ reads it, and its summary agrees': () => {
          const folder = mkdtempSync(join(tmpdir(), 'kindling-'));
          try {
            const path = join(folder, 'run.json');
            const schools = { theta: ops.reshape(ops.slice(samples.theta, [0, 0, 0, 0], [4, 200, 1, 3]), [4, 200, 3]), mu: samples.mu };
            const run = { samples: schools, stats: stats({ diverging: first([1]) }) };
            const logLikelihood = { y: ops.mul(-0.5, ops.square(schools.theta)) };
            writeFileSync(
              path,
              toArviz(run, {
                logLikelihood,
                observedData: { y: [1, 2, 3] },
                coords: { school: ['a', 'b', 'c'] },
                dims: { theta: ['school'] },
              }),
            );
            const told = JSON.parse(execFileSync(python, ['-W', 'ignore', '-c', script, path], { encoding: 'utf8' })) as {
              readonly groups: readonly string[];
              readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
              readonly elpd: number;
              readonly coords: readonly string[];
              readonly diverging: number;
            };
            assert.deepEqual(
              [told.groups, told.coords, told.diverging],
              [['log_likelihood', 'observed_data', 'posterior', 'sample_stats'], ['a', 'b', 'c'], 1],
            );
            assertClose(told.elpd, diagnostics.loo(toNDArray(logLikelihood.y)).elpd, { relative: 1e-4 }, 'elpd');
            const rows = summary(run);
            const theirs = ['theta[a]', 'theta[b]', 'theta[c]', 'mu'].map((name) => told.rows[name]!);
            rows.forEach((row, i) =>
              assertClose(
                [row.mean, row.sd, row.hpdiLow, row.hpdiHigh, row.mcseMean, row.essBulk, row.essTail, row.rhat],
                ['mean', 'sd', 'hdi_5%', 'hdi_95%', 'mcse_mean', 'ess_bulk', 'ess_tail', 'r_hat'].map((name) => theirs[i]![name]!),
                { relative: 1e-6 },
                row.name,
              ),
            );
          } finally {
            rmSync(folder, { recursive: true });
          }
        },
      }
    : {
        'ArviZ is not here to read it': () => {
          console.log('no Python with ArviZ at KINDLING_PEERS: what it reads is not checked');
        },
      }),
});
