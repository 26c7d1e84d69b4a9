/** Where in the user's code something was called: the first line of a stack that is neither ours nor tfjs's. */

/** @internal The package's folder and what of it is code of ours, from where this module lies: among those that tsc makes, or within the package's bundle. */
export const ownFolders = (url: string): readonly string[] => {
  const bundled = /^(.*\/)dist\/bundle\/(?:kindling|chunks\/|plot\/|mcmc\/|progress)/.exec(url)?.[1];
  const built = /^(.*\/)core\/userPlace\.[jt]s/.exec(url)?.[1];
  // Source maps name the sources, which lie beside the folder of what was built of them.
  const roots = bundled !== undefined ? [bundled] : built !== undefined ? [built, built.replace(/dist\/$/, '')] : [];
  const folders = roots.flatMap((root) => ['core/', 'transforms/', 'infer/'].map((folder) => `${root}${folder}`));
  return bundled === undefined ? folders : [...folders, `${bundled}dist/bundle/`];
};

/** None where the user's bundler has put all code into one file: then nobody knows whose a line is. */
const own = ownFolders(import.meta.url).flatMap((folder) => [folder, folder.replace('file://', '')]);

/** The place at the end of a line of a stack, as V8 (`at f (place)`) and the others (`f@place`) write it. */
const PLACE = /(?:\(|@|at (?:async )?)((?:[a-z-]+:\/\/|\/|[A-Z]:\\)[^()\s]*:\d+(?::\d+)?)\)?$/;

/** tfjs's own files, by the name of its package or, in its source maps, of its folders. */
const TFJS = /\/@tensorflow\/|\/tfjs-(?:core|backend-wasm)\/src\//;

const isOurs = (place: string): boolean => own.some((folder) => place.startsWith(folder)) || TFJS.test(place);

/** The place in a stack at which the library was called, as `file:line:column`. */
export const userPlace = (stack: string): string | undefined => {
  if (own.length === 0) return undefined;
  const places = stack.split('\n').map((line) => PLACE.exec(line.trim())?.[1]);
  return places.find((place) => place !== undefined && !isOurs(place) && !place.startsWith('node:'));
};

/** The stack here, so many frames deep. */
export const stackHere = (depth: number): string => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = depth;
  const { stack = '' } = new Error('for its stack');
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
};
