/** Gradient descent with momentum, by its name. */
import { checkRate, checkShare, type Optimizer, type Schedule } from './optimizer.ts';
import { sgd } from './sgd.ts';

/**
 * m ← mass · m + g, then w ← w − rate · m.
 *
 * @param rate - the learning rate, positive, or a function of the step
 * @param mass - the share of the last step that is kept, from 0 up to, not including, 1
 * @see Polyak, "Some methods of speeding up the convergence of iteration methods" (1964)
 * @example
 * const optimizer = momentum(0.1, 0.5);
 * const [, state] = optimizer.update({ w: 2 }, optimizer.init({ w: 1 }), { w: 1 });
 * optimizer.update({ w: 0 }, state, { w: 0.8 })[0].w.item(); // -0.1
 */
export const momentum = (rate: Schedule, mass: number = 0.9): Optimizer => {
  checkRate('momentum', rate);
  checkShare('mass', mass);
  return sgd(rate, { momentum: mass });
};
