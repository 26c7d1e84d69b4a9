/** Values that are made when they are first asked for: a program uses a few of the functions that it loads, and making all would be felt at its start. */
export const lazily = <A extends object>(make: () => A): (() => A) => {
  let made: A | undefined;
  return () => (made ??= make());
};
