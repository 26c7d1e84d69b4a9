/** Where in the user's code a kernel was called: the first stack frame that is neither ours nor tfjs's. */

/** The folder of the library's own modules; none where a bundler has put all code into one file. */
const home = /^(.*\/)transforms\/jit\/callSite\.[jt]s/.exec(import.meta.url)?.[1];

/** The place at the end of a line of a stack, as V8 (`at f (place)`) and the others (`f@place`) write it. */
const PLACE = /(?:\(|@|at (?:async )?)((?:[a-z-]+:\/\/|\/|[A-Z]:\\)[^()\s]*:\d+(?::\d+)?)\)?$/;

/** Source maps name the sources, which lie beside the folder of what was built of them. */
const homes = home === undefined ? [] : [home, home.replace(/dist\/$/, '')].flatMap((folder) => [folder, folder.replace('file://', '')]);

/** tfjs's own files, by the name of its package or, in its source maps, of its folders. */
const TFJS = /\/@tensorflow\/|\/tfjs-(?:core|backend-wasm)\/src\//;

const isOurs = (place: string): boolean =>
  homes.some((own) => ['core/', 'transforms/', 'infer/'].some((folder) => place.startsWith(`${own}${folder}`))) || TFJS.test(place);

/** How deep a stack is looked into: tfjs alone takes a dozen frames. */
const DEPTH = 200;

/** The place that called into the library, as `file:line:column`. */
export const callSite = (): string | undefined => {
  if (home === undefined) return undefined;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  const { stack = '' } = new Error('for its stack');
  Error.stackTraceLimit = stackTraceLimit;
  const places = stack.split('\n').map((line) => PLACE.exec(line.trim())?.[1]);
  return places.find((place) => place !== undefined && !isOurs(place) && !place.startsWith('node:'));
};
