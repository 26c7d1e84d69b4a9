/** The batching rule of every kernel, by name. */
import { axisRules } from './axisRules.ts';
import { customRules } from './customRule.ts';
import { elementwiseRules } from './elementwiseRules.ts';
import { gatherRules } from './gatherRules.ts';
import type { BatchRule } from './lanes.ts';
import { linalgRules } from './linalgRules.ts';

export const batchRules: Readonly<Record<string, BatchRule>> = { ...elementwiseRules, ...axisRules, ...linalgRules, ...gatherRules, ...customRules };
