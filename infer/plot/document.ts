/** The document that pictures are drawn in: the page's own in a browser, one without a window elsewhere. */

/** What drawing needs of a DOM document; any browser's, linkedom's or jsdom's will do. */
export interface PlotDocument {
  createElement(name: string): unknown;
  createElementNS(namespace: string, name: string): unknown;
}

/** The page's document, or a fresh one of linkedom; the file that names linkedom is loaded only outside a browser. */
export const findDocument = async (): Promise<PlotDocument> => {
  const page = (globalThis as { readonly document?: PlotDocument }).document;
  return page ?? (await import('./document.node.ts')).makeDocument();
};
