/** The probability of an extra or structural zero, by itself or by its log-odds. */
import { real, unitInterval } from '../../constraints/index.ts';
import { kindlingError } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { asArray, type AnyArray, type Input } from '../../value.ts';
import { checkParam } from '../family.ts';

const { log, log1p, neg, sigmoid, softplus, sub } = ops;

/** The probabilities g of zero and 1 − g of the rest, each to full precision, and their logarithms. */
export interface Gate {
  readonly zero: () => AnyArray;
  readonly rest: () => AnyArray;
  readonly logZero: () => AnyArray;
  readonly logRest: () => AnyArray;
}

export const gateOf = (gate: AnyArray): Gate => ({
  zero: () => gate,
  rest: () => sub(1, gate),
  logZero: () => log(gate),
  logRest: () => log1p(neg(gate)),
});

export const gateOfLogits = (logits: AnyArray): Gate => ({
  zero: () => sigmoid(logits),
  rest: () => sigmoid(neg(logits)),
  logZero: () => neg(softplus(neg(logits))),
  logRest: () => neg(softplus(logits)),
});

/** A gate as users give it: exactly one of the two. */
export interface GateOptions {
  /** The probability of the zero, from 0 to 1. */
  readonly gate?: Input | undefined;
  /** Its log-odds, any number. */
  readonly gateLogits?: Input | undefined;
}

/** The gate that was given, by its name and as an array. */
export interface NamedGate extends Gate {
  readonly name: 'gate' | 'gateLogits';
  readonly array: AnyArray;
}

/** The gate of a distribution from its options, checked. */
export const givenGate = (distribution: string, { gate, gateLogits }: GateOptions): NamedGate => {
  if ((gate === undefined) === (gateLogits === undefined)) {
    throw kindlingError('InvalidArgument', {
      message: `${distribution} takes either gate or gateLogits`,
      given: gate === undefined ? 'neither' : 'both',
      remedy: `For example { gate: 0.3 }`,
    });
  }
  const name = gate === undefined ? 'gateLogits' : 'gate';
  const array = asArray((gate ?? gateLogits)!);
  checkParam(distribution, name, array, gate === undefined ? real : unitInterval);
  return { name, array, ...(gate === undefined ? gateOfLogits(array) : gateOf(array)) };
};
