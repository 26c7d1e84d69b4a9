/** Momenta as code: drawn from the metric, with their velocities. */
import type { Memory } from '../../core/loop/expression.ts';
import { writeAt, type Step } from '../../core/loop/procedure.ts';
import { scaleSteps, velocitySteps, type MetricMemories } from './metricCode.ts';
import type { DRAWS } from './stepPorts.ts';
import { makeStream, normalSteps } from './stream.ts';
import { TABLE_SIZE } from './ziggurat.ts';

/** The memories of what every transition draws. */
export type DrawMemories = Readonly<Record<keyof typeof DRAWS, Memory>>;

export const makeDrawMemories = (dim: number): DrawMemories => ({
  momentum: { name: 'momentum', size: dim },
  velocity: { name: 'velocity', size: dim },
  uniform: { name: 'uniform', size: 1 },
  state: { name: 'state', size: 4 },
  origin: { name: 'origin', size: 4 },
  layers: { name: 'layers', size: TABLE_SIZE },
  roots: { name: 'roots', size: dim },
});

/** Starts the random numbers of a transition. */
export const seedSteps = ({ state, origin }: DrawMemories): readonly Step[] => {
  const stream = makeStream(state);
  return [...stream.start(origin), ...stream.save];
};

/** Draws a momentum, and leaves its velocity. The uniform number is the one that would come next. */
export const drawSteps = ({ momentum, velocity, uniform, state, layers }: DrawMemories, metric: MetricMemories): readonly Step[] => {
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
