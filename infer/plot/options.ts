/** PlotOptions: a picture as plain data, in the words of Observable Plot, so that it can be made, posted and compared without loading Plot. */

/** The marks that a picture here may be made of: functions of `@observablehq/plot` by name. */
export type MarkName = 'areaY' | 'barX' | 'barY' | 'cell' | 'density' | 'dot' | 'frame' | 'line' | 'link' | 'rectY' | 'ruleX' | 'ruleY' | 'text';

/** One mark: its name, its rows, and Plot's options for it (channels name fields of the rows). */
export interface MarkOptions {
  readonly mark: MarkName;
  readonly data: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Plot's options of a scale, of which only the ones used here are named. */
export interface ScaleOptions {
  readonly label?: string;
  readonly labelAnchor?: 'center' | 'top' | 'right' | 'bottom' | 'left';
  readonly labelArrow?: 'none' | 'auto';
  readonly type?: 'linear' | 'log' | 'symlog' | 'categorical' | 'band' | 'point';
  readonly domain?: readonly (number | string)[];
  readonly range?: readonly (number | string)[];
  readonly ticks?: number | readonly number[];
  readonly tickFormat?: string;
  readonly constant?: number;
  readonly grid?: boolean;
  readonly nice?: boolean;
}

/** A picture. `width`, `height` and margins are pixels; `title` is drawn inside the picture, so that a saved file keeps it. */
export interface PlotOptions {
  readonly title?: string;
  readonly ariaDescription?: string;
  readonly width?: number;
  readonly height?: number;
  readonly marginLeft?: number;
  readonly marginRight?: number;
  readonly marginTop?: number;
  readonly marginBottom?: number;
  readonly x?: ScaleOptions;
  readonly y?: ScaleOptions;
  readonly color?: ScaleOptions;
  readonly marks: readonly MarkOptions[];
}
