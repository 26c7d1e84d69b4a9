/** From options to a picture: Observable Plot draws it, in a browser or in Node. */
import { findDocument, type PlotDocument } from './document.ts';
import type { MarkName, PlotOptions } from './options.ts';
import { loadPeer } from './peer.ts';
import { toXML, type DrawnElement } from './xml.ts';

/** What is used of `@observablehq/plot`, written out so that the types here need neither the package nor the DOM's. */
export interface PlotLibrary extends Readonly<Record<MarkName, (data: unknown, options: object) => unknown>> {
  plot(options: object): unknown;
}

const TITLE_HEIGHT = 40;

/**
 * The options as `Plot.plot` takes them: marks made, the title drawn as a mark.
 *
 * @param Plot - the namespace of `@observablehq/plot`
 * In a page: `document.body.append(Plot.plot(toPlot(elboPlot(losses), Plot)))`.
 */
export const toPlot = (options: PlotOptions, Plot: PlotLibrary): Readonly<Record<string, unknown>> => {
  const { title, marks, ...rest } = options;
  const heading = { frameAnchor: 'top-left', dy: 14 - TITLE_HEIGHT, fontSize: 15, fontWeight: 'bold', lineAnchor: 'top' };
  return {
    // Plot's own class name is random; a fixed one keeps the same losses the same file.
    className: 'kindling-plot',
    style: { background: 'white', color: '#222', fontSize: '12px' },
    ...(title === undefined ? {} : { marginTop: TITLE_HEIGHT, ariaLabel: title }),
    ...rest,
    marks: [...marks.map(({ mark, data, options: channels }) => Plot[mark](data, channels)), ...(title === undefined ? [] : [Plot.text([title], heading)])],
  };
};

/** Plot wraps a picture with a legend or a caption into a figure; of the svgs in it, the one with our class is the picture. */
const pictureOf = (drawn: DrawnElement): DrawnElement => {
  if (drawn.localName === 'svg') return drawn;
  const inside = [...drawn.querySelectorAll('svg')];
  return inside.findLast((svg) => svg.getAttribute('class')?.split(' ').includes('kindling-plot')) ?? inside.at(-1) ?? drawn;
};

/**
 * Draws a picture as the text of an SVG file.
 *
 * @param options - what `elboPlot` and its kind give
 * @param document - the document to draw in; by default the page's own, or in Node one of linkedom
 * @throws Unsupported where `@observablehq/plot` (or, in Node, `linkedom`) is not installed: both are optional
 * @example
 * const svg = await toSVG(elboPlot([5, 3, 4, 2]));
 * svg.slice(0, 4); // '<svg'
 */
export const toSVG = async (options: PlotOptions, document?: PlotDocument): Promise<string> => {
  const Plot = (await loadPeer('@observablehq/plot@0.6.17', () => import('@observablehq/plot'))) as unknown as PlotLibrary;
  const page = document ?? (await findDocument());
  const svg = pictureOf(Plot.plot({ ...toPlot(options, Plot), document: page }) as DrawnElement);
  // A background by style is a browser's affair; other viewers of the file would show through to their own.
  const paper = page.createElementNS('http://www.w3.org/2000/svg', 'rect') as DrawnElement;
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: 'white' })) paper.setAttribute(name, value);
  svg.prepend(paper);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('xmlns:xlink', 'http://www.w3.org/1999/xlink');
  return `${toXML(svg)}\n`;
};
