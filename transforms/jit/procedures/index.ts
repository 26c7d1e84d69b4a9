/** The kernels that are computed by procedures: those that are neither elementwise, nor sums, nor index maps. */
import { cumulativeRules } from './cumulative.ts';
import { eighRules } from './eigh.ts';
import { gatherRules } from './gather.ts';
import { linalgRules } from './linalg.ts';
import type { ProcedureRule } from './loops.ts';
import { luRules } from './lu.ts';
import { qrRules } from './qr.ts';
import { reductionRules } from './reduce.ts';
import { sortRules } from './sort.ts';

export type { ProcedureRule } from './loops.ts';

/** By the kernel's name. */
export const procedureRules: Readonly<Record<string, ProcedureRule>> = {
  ...reductionRules,
  ...cumulativeRules,
  ...gatherRules,
  ...linalgRules,
  ...luRules,
  ...eighRules,
  ...qrRules,
  ...sortRules,
};
