/** Elements as XML: `outerHTML` is HTML's, which leaves `<` in attributes and entities that an SVG file may not hold. */

/** What is read of a DOM node. */
export interface DrawnNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DrawnNode>;
}

/** What is read of, and written to, a DOM element. */
export interface DrawnElement extends DrawnNode {
  /** The name as it was made: an HTML document's `nodeName` is in capitals. */
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  querySelectorAll(selector: string): Iterable<DrawnElement>;
  getAttribute(name: string): string | null;
  prepend(child: DrawnElement): void;
  setAttribute(name: string, value: string): void;
}

const ELEMENT = 1;
const TEXT = 3;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character]!);

/** The XML of an element and all that is in it; comments are left out. */
export const toXML = (node: DrawnNode): string => {
  if (node.nodeType === TEXT) return escape(node.textContent ?? '');
  if (node.nodeType !== ELEMENT) return '';
  const { localName, attributes } = node as DrawnElement;
  const start = `${localName}${[...attributes].map(({ name, value }) => ` ${name}="${escape(value)}"`).join('')}`;
  const inside = [...node.childNodes].map(toXML).join('');
  return inside === '' ? `<${start}/>` : `<${start}>${inside}</${localName}>`;
};
