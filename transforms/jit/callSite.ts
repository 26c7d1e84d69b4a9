/** Where in the user's code a kernel was called. */
import { stackHere, userPlace } from '../../core/userPlace.ts';

/** How deep a stack is looked into: tfjs alone takes a dozen frames. */
const DEPTH = 200;

/** The place that called into the library, as `file:line:column`. */
export const callSite = (): string | undefined => userPlace(stackHere(DEPTH));
