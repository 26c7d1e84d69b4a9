/** Traces as plain data: what two runs are compared by. */
import assert from 'node:assert/strict';
import type { Site } from '../../core/site.ts';
import { isTensor, toNDArray, type AnyArray, type Input } from '../../core/value.ts';
import type { Trace } from '../../transforms/handlers/trace.ts';
import { siteLogProb, traceLogDensity } from '../../transforms/logDensity.ts';
import type { Numbers, Run } from '../arbitraries/density.ts';

/** A value to the bit. */
export interface PlainArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const plainArray = (x: Input): PlainArray => {
  const { shape, data } = toNDArray(x);
  return { shape: [...shape], data: [...data] };
};

/** The number in a result of one element. */
export const numberOf = (x: AnyArray): number => toNDArray(x).item();

const plainSite = (site: Site): Readonly<Record<string, unknown>> => {
  const common = { type: site.type, value: plainArray(site.value) };
  if (site.type === 'plate') return { ...common, size: site.size, subsampleSize: site.subsampleSize, dim: site.dim };
  if (site.type !== 'sample' && site.type !== 'factor') return common;
  const counted = { ...common, plates: site.plates, scale: plainArray(site.scale), mask: site.mask === undefined ? undefined : plainArray(site.mask) };
  if (site.type === 'factor') return counted;
  const { fn, isObserved } = site;
  return { ...counted, isObserved, fn: fn.name, batchShape: [...fn.batchShape], logProb: plainArray(siteLogProb(site)) };
};

/** The sites in their order, with what they are and what they count. */
export const plainSites = ({ sites }: Pick<Trace, 'sites'>): readonly (readonly [string, unknown])[] =>
  [...sites].map(([name, site]) => [name, plainSite(site)] as const);

/** The values of all sites by name, to the bit. */
export const valuesOf = ({ sites }: Trace): Readonly<Record<string, PlainArray>> =>
  Object.fromEntries([...sites].map(([name, { value }]) => [name, plainArray(value)]));

/** As the independent evaluation takes it. */
export const runOf = ({ sites }: Trace): Run => Object.fromEntries([...sites].map(([name, { value }]): readonly [string, Numbers] => [name, toNDArray(value)]));

export const logDensityOf = (trace: Trace): number => numberOf(traceLogDensity(trace));

/** The tree with its tensors as plain data. */
export const plainTree = (tree: unknown): unknown => {
  if (isTensor(tree)) return plainArray(tree);
  if (Array.isArray(tree)) return tree.map(plainTree);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, plainTree(part)]));
};

/** The two are as near as float32 sums of this magnitude can be. */
export const assertNear = (actual: number, expected: number, magnitude: number = Math.abs(expected), label: string = 'value'): void => {
  const bound = 2e-5 * Math.max(1, magnitude);
  assert.ok(actual === expected || Math.abs(actual - expected) <= bound, `${label}: ${actual}, expected ${expected} ± ${bound}`);
};
