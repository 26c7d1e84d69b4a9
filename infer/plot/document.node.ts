/** A document in Node, by linkedom. */
import type { PlotDocument } from './document.ts';
import { loadPeer } from './peer.ts';

/**
 * An empty HTML document without a window. Throws Unsupported where linkedom is not installed. Its entry for workers is the same code in one
 * module, which loads five times as fast as the hundred of its main one.
 */
export const makeDocument = async (): Promise<PlotDocument> => {
  const { parseHTML } = await loadPeer('linkedom@0.18.12', () => import('linkedom/worker'));
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: PlotDocument };
  return document;
};
