/** Powers of two that bring numbers to where their squares neither overflow nor vanish: to scale by them is exact. */

/** Numbers between these bounds stay as they are. */
export const LARGE: number = 2 ** 500;
export const SMALL: number = 2 ** -500;
/** What numbers beyond a bound are multiplied by. */
export const SHRINK: number = 2 ** -600;
export const GROW: number = 2 ** 600;

/** The factor for numbers of which the largest has this size. */
export const scaleOf = (largest: number): number => (largest > LARGE ? SHRINK : largest < SMALL ? GROW : 1);
