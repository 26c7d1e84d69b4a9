/** Momenta as code: drawn from the metric, with their velocities. */
import { writeAt, type Step } from '../../core/loop/procedure.ts';
import { scaleSteps, velocitySteps, type MetricMemories } from './metricCode.ts';
import type { OwnMemories } from './ownMemories.ts';
import { makeStream, normalSteps } from './stream.ts';

/** Starts the random numbers of a transition. */
export const seedSteps = ({ state, origin }: OwnMemories): readonly Step[] => {
  const stream = makeStream(state);
  return [...stream.start(origin), ...stream.save];
};

/** Draws a momentum, and leaves its velocity. The uniform number is the one that would come next. */
export const drawSteps = ({ momentum, velocity, uniform, state, layers }: OwnMemories, metric: MetricMemories): readonly Step[] => {
  const stream = makeStream(state);
  return [
    ...stream.load,
    ...normalSteps(stream, layers, momentum, momentum.size),
    ...stream.save,
    stream.next,
    writeAt(uniform, 0, stream.uniform),
    ...scaleSteps(metric, momentum),
    ...velocitySteps(metric, momentum, velocity),
  ];
};
