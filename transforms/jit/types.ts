/** The types of compiled functions: what they take for the arguments of the plain function, and in which form they give its result. */
import type { NDArray } from '../../core/ndarray.ts';
import type { Key } from '../../core/random/key.ts';
import type { AnyArray, Input, Value } from '../../core/value.ts';

type Static = boolean | string | bigint | symbol | null | undefined | ((...args: never) => unknown);

/** What may be passed for an argument: numbers in any form where the function takes them in one. */
export type JitArg<T> = unknown extends T ? unknown : T extends Static | Key ? T : T extends Input ? Input : { readonly [K in keyof T]: JitArg<T[K]> };
export type JitArgs<A extends readonly unknown[]> = { readonly [K in keyof A]: JitArg<A[K]> };

/** Whether a tensor is in a tree of this type; `boolean` where that is not known. */
type HasTensor<T> = unknown extends T
  ? boolean
  : T extends Value
    ? true
    : T extends Static | Key | Input
      ? false
      : T extends readonly (infer E)[]
        ? HasTensor<E>
        : HasTensor<T[keyof T]>;

/** The form of results by one argument: some are sure of it, whatever the others are. */
type FormBy<T> = [HasTensor<T>] extends [false] ? 'none' : [HasTensor<T>] extends [true] ? 'some' : 'maybe';
type FormsBy<B extends readonly unknown[]> = { readonly [K in keyof B]: FormBy<B[K]> }[number];

/** Results are tensors where a tensor is among the arguments, else NDArrays. */
type FormFor<B extends readonly unknown[]> = 'some' extends FormsBy<B> ? Value : 'maybe' extends FormsBy<B> ? AnyArray : NDArray;

/** A boolean alone is static; among the other forms of an input it is one of them. */
type InForm<R, F> = unknown extends R ? unknown : [R] extends [boolean] ? R : [R] extends [Input] ? F : EachInForm<R, F>;
type EachInForm<R, F> = R extends Static | Key ? R : R extends Input ? F : { readonly [K in keyof R]: InForm<R[K], F> };

/** The result of a function of type `R` when it is compiled and called with arguments of type `B`. */
export type JitResult<R, B extends readonly unknown[]> = [R] extends [void] ? R : InForm<R, FormFor<B>>;
