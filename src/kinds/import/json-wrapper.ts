/**
 * An object around the rows, as many services send them: `{"data":[{…},{…}],"total":2}`. It is the only value of the
 * text, and one of its keys holds an array of objects. Its other keys are not read.
 */
import { endOfValue, isSeparator } from './json-scan.ts';

const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, QUOTE, COLON] = Buffer.from('{}[":') as unknown as readonly [
  number,
  number,
  number,
  number,
  number,
];

export interface Wrapper {
  readonly key: string;
  /** The index after the bracket that opens the array. */
  readonly begin: number;
}

/**
 * @param start the index of the object
 * @param isWhole the bytes are all of the text; otherwise an object that goes on behind them is taken for the only one
 */
export const findWrapper = (bytes: Buffer, start: number, isWhole: boolean): Wrapper | null => {
  const end = endOfValue(bytes, start);
  if (end === null ? isWhole : skip(bytes, end) < bytes.length || !isWhole) return null;
  const found: Wrapper[] = [];
  for (let at = skip(bytes, start + 1); at < bytes.length && bytes[at] !== CLOSE_OBJECT; ) {
    if (bytes[at] !== QUOTE) return null;
    const afterKey = endOfValue(bytes, at);
    if (afterKey === null) break;
    const key = keyOf(bytes.toString('utf8', at, afterKey));
    at = skip(bytes, afterKey);
    if (bytes[at] !== COLON || key === null) return null;
    at = skip(bytes, at + 1);
    if (bytes[at] === OPEN_ARRAY && bytes[skip(bytes, at + 1)] === OPEN_OBJECT) found.push({ key, begin: at + 1 });
    const afterValue = endOfValue(bytes, at);
    if (afterValue === null) break;
    at = skip(bytes, afterValue);
  }
  const [wrapper, second] = found;
  return wrapper === undefined || second !== undefined ? null : wrapper;
};

const keyOf = (text: string): string | null => {
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
};

const skip = (bytes: Buffer, from: number): number => {
  let at = from;
  while (at < bytes.length && isSeparator(bytes[at] ?? 0)) at += 1;
  return at;
};
