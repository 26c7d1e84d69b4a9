/** Number literals that tfjs rounds to float32 before a recording sees them. */

/** Beyond this size an array is data, not a literal. */
const LITERAL_SIZE = 16;

/** The decimal of fewest digits that rounds to a given single. */
const shortestDecimal = (single: number): string => {
  for (let digits = 1; digits < 9; digits++) {
    const text = single.toPrecision(digits);
    if (Math.fround(Number(text)) === single) return String(Number(text));
  }
  return String(Number(single.toPrecision(9)));
};

/** A number among these that someone wrote down as another: as 0.1, which as a single is 0.10000000149. */
export const findRounded = (values: ArrayLike<number>): string | undefined => {
  if (values.length > LITERAL_SIZE) return undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value) || Math.fround(value) !== value) continue;
    const text = shortestDecimal(value);
    if (Number(text) !== value) return text;
  }
  return undefined;
};
