/** Within a branch of a selection, other selections by the same mask are decided: what they choose between on the other side is never seen. */
import { operandsOf, type Expr } from '../../core/loop/expression.ts';

/** Nodes of a branch that are looked through: a mask is most often asked again nearby. */
const NEARBY = 200;

/** The nodes near a root that may hold a selection by the mask, in the order in which they are found, if one is among them. */
const nearby = (root: Expr, mask: Expr, mayAsk: (e: Expr) => boolean): readonly Expr[] => {
  if (!mayAsk(root)) return [];
  const found = new Set([root]);
  let isAsked = false;
  for (const e of found) {
    isAsked ||= e.op === 'select' && e.args[0] === mask;
    for (const part of operandsOf(e)) if (found.size < NEARBY && mayAsk(part)) found.add(part);
  }
  return isAsked ? [...found] : [];
};

/** What is asked of the builder. */
export interface Asked {
  /** Whether a selection by the mask may be within a node. */
  readonly mayAsk: (e: Expr) => boolean;
  /** Makes a node again of other operands. */
  readonly rebuild: (e: Expr, args: readonly Expr[]) => Expr;
}

/** A branch under a mask that holds, or does not. */
export const decided = (branch: Expr, mask: Expr, holds: boolean, { mayAsk, rebuild }: Asked): Expr => {
  const near = new Set(nearby(branch, mask, mayAsk));
  if (near.size === 0) return branch;
  const done = new Map<Expr, Expr>();
  const isOpen = (e: Expr): boolean => near.has(e) && !done.has(e);
  const partsOf = (e: Expr): readonly Expr[] => (e.op === 'select' && e.args[0] === mask ? [e.args[holds ? 1 : 2]] : operandsOf(e));
  const at = (e: Expr): Expr => done.get(e) ?? e;
  const stack = isOpen(branch) ? [branch] : [];
  while (stack.length > 0) {
    const e = stack.at(-1)!;
    const parts = partsOf(e);
    const waiting = done.has(e) ? [] : parts.filter(isOpen);
    if (waiting.length > 0) {
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    if (done.has(e)) continue;
    const isChosen = e.op === 'select' && e.args[0] === mask;
    done.set(e, isChosen ? at(parts[0]!) : parts.every((part) => at(part) === part) ? e : rebuild(e, parts.map(at)));
  }
  return at(branch);
};
