/** The kernels that are computed by procedures: those that are neither elementwise, nor sums, nor index maps. */
import { cumulativeRules } from './cumulative.ts';
import { gatherRules } from './gather.ts';
import { linalgRules } from './linalg.ts';
import type { ProcedureRule } from './loops.ts';
import { reductionRules } from './reduce.ts';

export type { ProcedureRule } from './loops.ts';

/** By the kernel's name. */
export const procedureRules: Readonly<Record<string, ProcedureRule>> = { ...reductionRules, ...cumulativeRules, ...gatherRules, ...linalgRules };
