/** Whether a value is what a comment in the docs shows of it: numbers to the digits shown, the rest by structure or as text. */
import { inspect } from 'node:util';
import ts from 'typescript';
import { parse } from './sources.ts';

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', NaN],
  ['Infinity', Infinity],
]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** NDArrays, tensors, typed arrays and maps as plain arrays and records. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (!isRecord(value)) return value;
  if (typeof value['toArray'] === 'function') return (value['toArray'] as () => unknown).call(value);
  if (typeof value['arraySync'] === 'function') return (value['arraySync'] as () => unknown).call(value);
  return Object.getPrototypeOf(value) === Object.prototype ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)])) : value;
};

/**
 * How far a number may be from one that was written so: half of the last digit, but the 15th digit and those after it are the rounding's;
 * a whole number is exact, but for what float32 loses.
 */
const toleranceOf = (text: string): number => {
  const [, fraction = '', exponent = '0'] = /^[\d_]*(?:\.([\d_]*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  return fraction === '' ? 1e-6 * Math.max(1, Number(text)) : Math.max(0.5000001 * 10 ** (Number(exponent) - fraction.length), 1e-14 * Math.abs(Number(text)));
};

const matches = (shown: ts.Expression, value: unknown): boolean => {
  if (ts.isPrefixUnaryExpression(shown) && shown.operator === ts.SyntaxKind.MinusToken) return typeof value === 'number' && matches(shown.operand, -value);
  if (ts.isNumericLiteral(shown)) return typeof value === 'number' && Math.abs(value - Number(shown.text)) <= toleranceOf(shown.getText());
  if (ts.isStringLiteralLike(shown)) return value === shown.text;
  if (ts.isIdentifier(shown)) return constants.has(shown.text) && Object.is(constants.get(shown.text), value);
  if (ts.isArrayLiteralExpression(shown)) {
    return Array.isArray(value) && value.length === shown.elements.length && shown.elements.every((element, i) => matches(element, value[i]));
  }
  if (ts.isObjectLiteralExpression(shown)) {
    const entries = shown.properties.flatMap((property) => (ts.isPropertyAssignment(property) ? [property] : []));
    const nameOf = ({ name }: ts.PropertyAssignment): string => (ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText());
    if (!isRecord(value) || Object.keys(value).length !== entries.length) return false;
    return entries.every((entry) => nameOf(entry) in value && matches(entry.initializer, value[nameOf(entry)]));
  }
  if (shown.kind === ts.SyntaxKind.TrueKeyword) return value === true;
  if (shown.kind === ts.SyntaxKind.FalseKeyword) return value === false;
  return shown.kind === ts.SyntaxKind.NullKeyword && value === null;
};

const asExpression = (text: string): ts.Expression | undefined => {
  const { statements } = parse('shown.ts', `(${text})`);
  const only = statements.length === 1 ? statements[0] : undefined;
  if (only === undefined || !ts.isExpressionStatement(only) || !ts.isParenthesizedExpression(only.expression)) return undefined;
  return only.expression.expression;
};

/** Whether `shown` is `value`, as a literal or as the text that `String` or Node's `inspect` makes of it. */
export const isShown = (shown: string, value: unknown): boolean => {
  const expression = asExpression(shown);
  if (expression !== undefined && matches(expression, plain(value))) return true;
  return shown === String(value) || shown === inspect(plain(value), { breakLength: Infinity });
};

/** The value as a complaint shows it. */
export const show = (value: unknown): string => inspect(plain(value), { breakLength: Infinity, depth: 6 });
