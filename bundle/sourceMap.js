/** Source maps of a text into which characters are put: https://tc39.es/ecma426/. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The first number of a segment, and how many digits it has: of five bits each, the lowest first, and a sixth where more follow. The lowest bit is the sign. */
const firstNumber = (segment) => {
  let [value, length, digit] = [0, 0, 32];
  while (digit & 32) {
    digit = DIGITS.indexOf(segment[length]);
    value |= (digit & 31) << (5 * length++);
  }
  return [value & 1 ? -(value >> 1) : value >> 1, length];
};

const digitsOf = (value) => {
  let [rest, digits] = [value < 0 ? (-value << 1) | 1 : value << 1, ''];
  do {
    digits += DIGITS[(rest & 31) | (rest > 31 ? 32 : 0)];
    rest >>= 5;
  } while (rest > 0);
  return digits;
};

/** A line's mappings after one character was put in at each of `columns`. Of a segment's numbers the first is the column in the line, from the last one on. */
const shiftLine = (line, columns) => {
  let [column, before, count] = [0, 0, 0];
  return line
    .split(',')
    .map((segment) => {
      const [delta, length] = firstNumber(segment);
      column += delta;
      while (columns[count] <= column) count++;
      const digits = digitsOf(column + count - before);
      before = column + count;
      return digits + segment.slice(length);
    })
    .join(',');
};

/** The map of `text` after one character was put in at each of `offsets`, which ascend. What stood at such an offset is mapped where it now stands. */
export const shiftMap = (map, text, offsets) => {
  const ends = [...text.matchAll(/\n|$/g)].map(({ index }) => index);
  let [start, next] = [0, 0];
  const mappings = map.mappings.split(';').map((line, i) => {
    const columns = [];
    while (offsets[next] <= ends[i]) columns.push(offsets[next++] - start);
    start = ends[i] + 1;
    return line === '' ? line : shiftLine(line, columns);
  });
  return { ...map, mappings: mappings.join(';') };
};
