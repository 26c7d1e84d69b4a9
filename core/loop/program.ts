/** Programs of the loop language: loops over one axis each, with statements that accumulate, store, or name a scalar. */
import type { Affine, Axis, Expr, Memory } from './expression.ts';

/** One result of a pass over an axis, or of scalar code. */
export type Statement =
  /** scalar `id` := Σ_axis body. */
  | { readonly kind: 'sum'; readonly id: number; readonly body: Expr }
  /** memory[index] := Σ_axis body, for each element of the free axis. */
  | { readonly kind: 'sumAlong'; readonly free: Axis; readonly memory: Memory; readonly index: Affine; readonly body: Expr }
  /** memory[index] := body, for each element of the axis. */
  | { readonly kind: 'store'; readonly memory: Memory; readonly index: Affine; readonly body: Expr }
  /** scalar `id` := body. */
  | { readonly kind: 'let'; readonly id: number; readonly body: Expr };

/** Statements that share one pass over an axis, or scalar code where there is none. */
export interface Loop {
  readonly axis: Axis | undefined;
  readonly statements: readonly Statement[];
}

/** Loops in order, over memories that are laid out before it runs. */
export interface Program {
  readonly memories: readonly Memory[];
  readonly loops: readonly Loop[];
}
