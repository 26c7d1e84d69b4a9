/** A variable of a procedure together with its value: what routines are written with. */
import type { Expr, Operand } from './expression.ts';
import { makeVariable, setTo, valueOf, type Step } from './procedure.ts';

export interface Local {
  /** The value where the expression stands. */
  readonly value: Expr;
  readonly set: (to: Operand) => Step;
}

/** A new variable; it is 0 until it is set. */
export const makeLocal = (name: string): Local => {
  const variable = makeVariable(name);
  return { value: valueOf(variable), set: (to) => setTo(variable, to) };
};
