/** The effect handlers: functions from models to models, composed with `pipe`. */
export { block, type BlockOptions } from './block.ts';
export { mask, scale } from './density.ts';
export { InitMessenger, type InitFn } from './init.ts';
export { lift, type Prior } from './lift.ts';
export { auxiliary, LocScaleReparam, reparam, TransformReparam, type LatentSite, type LocScaleOptions, type Reparam } from './reparam.ts';
export { scope } from './scope.ts';
export { seed, type ModelTransform } from './seed.ts';
export { trace, type Trace } from './trace.ts';
export { condition, intervene, replay, substitute, uncondition, type ValueFn, type Values } from './values.ts';
