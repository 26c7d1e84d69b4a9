/** The memories that a chain has in the module of its step. */
import type { Memory } from '../../core/loop/expression.ts';
import { metricSize, type MetricShape } from './metric.ts';
import type { OWN } from './stepPorts.ts';
import { TABLE_SIZE } from './ziggurat.ts';

export type OwnMemories = Readonly<Record<keyof typeof OWN, Memory>>;

export const makeOwnMemories = (shape: MetricShape): OwnMemories => {
  const { dim } = shape;
  const memory = (name: keyof typeof OWN, size: number): Memory => ({ name, size });
  return {
    q: memory('q', dim),
    gradient: memory('gradient', dim),
    energies: memory('energies', 2),
    momentum: memory('momentum', dim),
    velocity: memory('velocity', dim),
    uniform: memory('uniform', 1),
    state: memory('state', 4),
    origin: memory('origin', 4),
    layers: memory('layers', TABLE_SIZE),
    roots: memory('roots', dim),
    count: memory('count', 1),
    mean: memory('mean', dim),
    m2: memory('m2', metricSize(shape)),
    before: memory('before', dim),
  };
};
