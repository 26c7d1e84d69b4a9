/** 'kindling/plot': results as pictures, drawn by the optional `@observablehq/plot`. */
export { elboPlot } from './elbo.ts';
export { overlayPlot } from './overlay.ts';
export type { LossPlotOptions } from './losses.ts';
export type { MarkName, MarkOptions, PlotOptions, ScaleOptions } from './options.ts';
export type { PlotDocument } from './document.ts';
export { toPlot, toSVG, type PlotLibrary } from './toSVG.ts';
