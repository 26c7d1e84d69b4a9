/** Numbers that stand in the formulas of several distributions. */

/** ½ log 2π. */
export const HALF_LOG_2PI = 0.91893853320467274178;
/** Euler's constant γ. */
export const EULER_GAMMA = 0.57721566490153286061;
