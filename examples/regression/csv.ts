/** A user's table: from the text of a CSV file to columns of numbers, or one sentence on what to mend in the file. */
import { csvParseRows } from 'd3-dsv';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';

/** A table split into the columns that explain and the one that is explained. */
export interface Table {
  /** Names of the columns of x, in the order of the file. */
  readonly names: readonly string[];
  readonly target: string;
  /** By row, then by column. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/** A record of the file; `number` counts rows as a text editor or a spreadsheet does, the header being row 1. */
interface Row {
  readonly number: number;
  readonly cells: readonly string[];
}

interface Sheet {
  readonly names: readonly string[];
  readonly rows: readonly Row[];
}

interface NumericSheet {
  readonly names: readonly string[];
  readonly values: readonly (readonly number[])[];
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Only finite decimal numbers: `Number` would take an empty cell for 0 and `0x1F` for 31. */
const numberOf = (cell: string): number | undefined => {
  const text = cell.trim();
  const value = decimal.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
};

const isBlank = ({ cells }: Row): boolean => cells.every((cell) => cell.trim() === '') && cells.length <= 1;

const firstDuplicate = (names: readonly string[]): string | undefined => names.find((name, i) => names.indexOf(name) < i);

const checkHeader = (cells: readonly string[]): E.Either<string, readonly string[]> => {
  const names = cells.map((cell) => cell.trim());
  if (names.length < 2) {
    const separator = [';', '\t', '|'].find((mark) => names[0]?.includes(mark));
    if (separator !== undefined)
      return E.left(`The columns seem to be separated by "${separator === '\t' ? 'tab' : separator}"; save the file with commas between them.`);
    return E.left(`The file has one column, "${names[0]}"; a regression needs at least two, one of them the target.`);
  }
  if (names.every((name) => numberOf(name) !== undefined)) {
    return E.left('The first row holds numbers where the names of the columns should stand; put a row of names above it.');
  }
  const unnamed = names.indexOf('');
  if (unnamed >= 0) return E.left(`Column ${unnamed + 1} has no name in the first row; name it, or remove the column.`);
  const duplicate = firstDuplicate(names);
  if (duplicate !== undefined) return E.left(`Two columns are named "${duplicate}"; give each its own name.`);
  return E.right(names);
};

const toSheet = (text: string): E.Either<string, Sheet> => {
  const rows = csvParseRows(text.replace(/^\uFEFF/, ''))
    .map((cells, i): Row => ({ number: i + 1, cells }))
    .filter((row) => !isBlank(row));
  const header = rows[0];
  if (header === undefined) return E.left('The file is empty; it needs a row of column names and rows of numbers.');
  return pipe(
    checkHeader(header.cells),
    E.map((names) => ({ names, rows: rows.slice(1) })),
  );
};

const readCell = (name: string, row: number, cell: string): E.Either<string, number> => {
  if (cell.trim() === '') return E.left(`Row ${row}, column "${name}" is empty; fill the cell in, or remove the row or the column.`);
  const value = numberOf(cell);
  return value === undefined
    ? E.left(`Row ${row}, column "${name}" holds "${cell.trim()}", which is not a finite number; mend the cell, or remove the column.`)
    : E.right(value);
};

const readRow =
  (names: readonly string[]) =>
  ({ number, cells }: Row): E.Either<string, readonly number[]> => {
    if (cells.length !== names.length) {
      return E.left(
        `Row ${number} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} where the first row names ${names.length} columns; every row needs one cell for each.`,
      );
    }
    const values = cells.map((cell, i) => readCell(names[i]!, number, cell));
    return E.sequenceArray(values);
  };

const toNumbers = ({ names, rows }: Sheet): E.Either<string, NumericSheet> =>
  pipe(
    E.sequenceArray(rows.map(readRow(names))),
    E.map((values) => ({ names, values })),
  );

/** One more row than coefficients (a slope for each column, and the intercept), so that something is left to tell sigma by. */
const checkCount = (sheet: NumericSheet): E.Either<string, NumericSheet> => {
  const { length } = sheet.values;
  const least = sheet.names.length + 1;
  const columns = sheet.names.length - 1;
  if (length >= least) return E.right(sheet);
  const found = `The file has ${length === 0 ? 'no rows' : length === 1 ? '1 row' : `${length} rows`} of numbers`;
  return E.left(`${found}, too few for ${columns} ${columns === 1 ? 'column' : 'columns'} of x: it takes at least ${least}; add rows or remove columns.`);
};

const splitTarget =
  (target: string | undefined) =>
  ({ names, values }: NumericSheet): E.Either<string, Table> => {
    const at = target === undefined ? names.length - 1 : names.indexOf(target.trim());
    if (at < 0) return E.left(`There is no column named "${target}" to be the target; the columns are ${quoted(names)}.`);
    const others = <A>(row: readonly A[]): readonly A[] => row.toSpliced(at, 1);
    return E.right({ names: others(names), target: names[at]!, x: values.map(others), y: values.map((row) => row[at]!) });
  };

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

const checkConstant = (table: Table): E.Either<string, Table> => {
  if (isConstant(table.y))
    return E.left(`The target, column "${table.target}", is ${table.y[0]} in every row, so that there is nothing to explain; choose another target.`);
  const constant = table.names.find((_, i) => isConstant(table.x.map((row) => row[i]!)));
  if (constant === undefined) return E.right(table);
  return E.left(`Column "${constant}" holds the same value in every row, which cannot be told from the intercept; remove the column.`);
};

/**
 * Reads the text of a CSV file with a row of names above rows of numbers. Blank lines are passed over.
 *
 * @param target - the column to explain; the last unless given
 * @returns the table, or one sentence that says what is wrong, where, and how to mend it
 * @example
 * parseTable('a,b\n1,2\n2,x\n4,5\n'); // left('Row 3, column "b" holds "x", which is not a finite number; …')
 */
export const parseTable = (text: string, target?: string): E.Either<string, Table> =>
  pipe(toSheet(text), E.chain(toNumbers), E.chain(checkCount), E.chain(splitTarget(target)), E.chain(checkConstant));
