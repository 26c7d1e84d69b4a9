/** The fields of a run's draws: the sites that are kept, and what `extraFields` asks for besides. */
import { kindlingError } from '../../core/errors.ts';
import { didYouMean, unknownSite } from '../../core/nearest.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { sizeOf } from '../../core/shape.ts';
import type { Columns } from './collect.ts';
import { metricSize } from './metric.ts';
import { STAT_NAMES, type SampleStats } from './posterior.ts';
import type { Problem } from './problem.ts';
import type { DrawLayout, ExtraField } from './task.ts';

/** A column, and which numbers it takes. */
interface ExtraColumn {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float64' | 'int32';
  readonly size: number;
  readonly field: ExtraField;
  readonly from: number;
}

export interface RunColumns extends Columns {
  readonly extras: readonly ExtraColumn[];
}

const OWN_FIELDS: readonly ExtraField[] = ['z', 'zGrad', 'meanAcceptProb', 'i', 'adaptState.inverseMassMatrix'];

const extraColumn = ({ latents: { dim, slots }, metric }: Problem, name: string): ExtraColumn => {
  const column = (field: ExtraField, shape: readonly number[], dtype: ExtraColumn['dtype'] = 'float64', from = 0): ExtraColumn => ({
    name,
    field,
    shape,
    dtype,
    size: sizeOf(shape),
    from,
  });
  switch (name) {
    case 'z':
    case 'zGrad':
      return column(name, [dim]);
    case 'meanAcceptProb':
      return column(name, []);
    case 'i':
      return column(name, [], 'int32');
    case 'adaptState.inverseMassMatrix':
      return column(name, metricSize(metric) === dim && metric.blocks.length === 0 ? [dim] : [dim, dim]);
    default: {
      const slot = slots.find((one) => name === `z.${one.name}`);
      if (slot !== undefined) return column('z', slot.unconstrainedShape, 'float64', slot.offset);
      throw kindlingError('InvalidArgument', {
        message: 'extraFields names something that a draw has not',
        given: name,
        remedy: didYouMean(name, [...OWN_FIELDS, ...STAT_NAMES, ...slots.map((one) => `z.${one.name}`)]),
        expected: `${OWN_FIELDS.join(', ')}, z.site, ${STAT_NAMES.join(', ')}, or ~site to leave a site out`,
      });
    }
  }
};

/** The statistic that an extra field names, which is there anyway: NumPyro has the step size in the state of adaptation. */
const statOf = (name: string): keyof SampleStats | undefined => STAT_NAMES.find((stat) => stat === name.replace(/^adaptState\./, ''));

/** The statistics among the extra fields, under the names that were asked for. */
export const statFields = (extraFields: readonly string[], stats: SampleStats): Readonly<Record<string, NDArray>> =>
  Object.fromEntries(
    extraFields.flatMap((name) => {
      const stat = statOf(name);
      return stat === undefined ? [] : [[name, stats[stat]]];
    }),
  );

/** The columns of a run of a problem. */
export const columnsOf = (problem: Problem, extraFields: readonly string[]): RunColumns => {
  const left = extraFields.filter((name) => name.startsWith('~')).map((name) => name.slice(1).replace(/^z\./, ''));
  const unknown = left.find((name) => problem.sites.every((site) => site.name !== name));
  if (unknown !== undefined) {
    throw unknownSite(
      unknown,
      'extraFields leaves out a site that the model lacks',
      problem.sites.map(({ name }) => name),
    );
  }
  return {
    sites: problem.sites.filter(({ name }) => !left.includes(name)),
    extras: extraFields.filter((name) => !name.startsWith('~') && statOf(name) === undefined).map((name) => extraColumn(problem, name)),
  };
};

/** How draws fill these columns. */
export const layoutOf = ({ draw, sites: all }: Problem, { sites, extras }: RunColumns): DrawLayout => ({
  draw,
  sites: sites.map((site) => ({ output: all.indexOf(site), size: site.size })),
  extras: extras.map(({ field, size, from }) => ({ field, size, from })),
});
