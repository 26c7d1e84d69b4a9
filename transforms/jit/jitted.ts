/** Which functions are compiled ones: so that a transform can reach the plain function within and compile what it makes of that. */

type AnyFunction = (...args: never) => unknown;

/** Compiles what a transform makes of the plain function, with the options of the compiled one. */
type Lift = (transform: (plain: never) => AnyFunction) => AnyFunction;

interface Jitted {
  readonly lift: Lift;
  /** What was made of it, by the name of the transform: asked for the same again, it need not be compiled again. */
  readonly made: Map<string, AnyFunction>;
}

const known = new WeakMap<object, Jitted>();

/** Notes that a function is compiled. */
export const noteJitted = (jitted: object, lift: Lift): void => {
  known.set(jitted, { lift, made: new Map() });
};

/**
 * `transform(f)`, compiled where `f` is.
 *
 * @param name - tells the transform, with its settings, from all others
 */
export const liftJit = <F extends AnyFunction, G extends AnyFunction>(f: F, name: string, transform: (plain: F) => G): G => {
  const jitted = known.get(f);
  if (jitted === undefined) return transform(f);
  const made = jitted.made.get(name) ?? jitted.lift(transform);
  jitted.made.set(name, made);
  return made as G;
};
