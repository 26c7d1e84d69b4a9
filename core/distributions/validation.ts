/** The switch of validation: whether distributions check their parameters. */

let isOn = true;

/** Whether parameters are checked. */
export const isValidating = (): boolean => isOn;

/**
 * Turns the checks of parameters on, as they are from the start, or off for all distributions made from then on; NumPyro's
 * `enable_validation`. Densities are −∞ outside the support all the same. Returns how it was before.
 *
 * @example
 * const before = enableValidation(false);
 * dist.Normal(0, -1).batchShape; // []
 * enableValidation(before); // false
 */
export const enableValidation = (on: boolean = true): boolean => {
  const before = isOn;
  isOn = on;
  return before;
};
