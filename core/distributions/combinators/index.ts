/** The distributions that are made of others, and those of certain values. */
export { LeftCensoredDistribution, RightCensoredDistribution } from './censored.ts';
export { Delta } from './delta.ts';
export { Empirical } from './empirical.ts';
export { FoldedDistribution } from './folded.ts';
export { ImproperUniform } from './improperUniform.ts';
export { IntervalCensoredDistribution } from './intervalCensored.ts';
export { Mixture } from './mixture.ts';
export type { MixtureDistribution } from './mixtureBase.ts';
export { MixtureGeneral } from './mixtureGeneral.ts';
export { MixtureSameFamily } from './mixtureSameFamily.ts';
export { TransformedDistribution } from './transformed.ts';
export { LeftTruncatedDistribution, RightTruncatedDistribution, TruncatedDistribution, TwoSidedTruncatedDistribution } from './truncated.ts';
export { LeftTruncatedGamma, RightTruncatedGamma, TruncatedCauchy, TruncatedGamma, TruncatedNormal, TwoSidedTruncatedGamma } from './truncatedFamilies.ts';
export { Unit } from './unit.ts';
export { ExpandedDistribution, Independent, MaskedDistribution } from './wrapped.ts';
