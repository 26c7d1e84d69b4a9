/** The batching rule of a value with a gradient of its own, whose pullback is to run in every lane. */
import { CustomGradient, type CustomGradientAttrs } from '../../core/kernels/customGradient.ts';
import { apply } from '../../core/ops/apply.ts';
import { spread, type BatchRule } from './lanes.ts';

const customGradient: BatchRule = ({ attrs, operands: [value, ...rest], size }) => {
  const batched = (attrs as CustomGradientAttrs).batch(rest.map(({ isBatched }) => isBatched));
  return apply(CustomGradient, [spread(value!, size), ...rest.map(({ x }) => x)], batched);
};

export const customRules: Readonly<Record<string, BatchRule>> = { CustomGradient: customGradient };
