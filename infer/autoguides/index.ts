/** Guides made from models. */
export { AutoContinuous, type AutoContinuousOptions, type InitScale, type PosteriorContext, type PosteriorFamily } from './autoContinuous.ts';
export { AutoDiagonalNormal } from './autoDiagonalNormal.ts';
export { AutoGuide, type Guide, type GuideJSON, type GuideParams, type GuideParts, type SiteArrays } from './autoGuide.ts';
