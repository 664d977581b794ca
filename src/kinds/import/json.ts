/**
 * JSON objects, however they are laid out: in an array or several, or one after the other, on as many lines as they
 * like, with white space, commas or record separators (RFC 7464) between them. The keys name columns, and the values
 * are stored as those of NDJSON are. A value that is no object is a bad row. Where an object is broken in a way that
 * leaves its end unknown, the job fails, whatever the number of rows that may be rejected.
 */
import { isUtf8 } from 'node:buffer';
import type { CsvFault } from './csv-block.ts';
import { LF } from './csv-row.ts';
import type { TableColumn } from './details.ts';
import { type KeyOptions, type KeyRules, keyRules } from './fields.ts';
import { type JsonRow, NOT_AN_OBJECT, readObject } from './json-object.ts';
import { blocksIn, type JsonRows, type JsonWindow, type Taken } from './json-rows.ts';
import { endOfValue, isSeparator, RECORD_SEPARATOR } from './json-scan.ts';
import { findWrapper } from './json-wrapper.ts';
import type { ColumnRules } from './port.ts';
import type { RowBlock } from './rows.ts';
import { bomIn, type Offset, readWindows } from './windows.ts';

export interface JsonOptions extends KeyOptions {
  /** The rows are elements of arrays; `from` is inside of one. */
  readonly isArray: boolean;
  /** What follows the array belongs to the object around it. */
  readonly isWrapped: boolean;
  readonly maxRowBytes: number;
}

/** @throws RowTooLongError after the last row that could be returned */
export const readJson = (
  chunks: AsyncIterable<Uint8Array>,
  columns: readonly TableColumn[],
  rules: ColumnRules,
  options: JsonOptions,
  from: Offset,
  windowBytes?: number,
): AsyncGenerator<RowBlock, void, void> =>
  readJsonKeys(chunks, keyRules(columns, rules, options), options, from, windowBytes);

export const readJsonKeys = (
  chunks: AsyncIterable<Uint8Array>,
  keys: KeyRules,
  { isArray, isWrapped, maxRowBytes }: Pick<JsonOptions, 'isArray' | 'isWrapped' | 'maxRowBytes'>,
  from: Offset,
  windowBytes?: number,
): AsyncGenerator<RowBlock, void, void> => {
  const reader: Reader = { keys, isArray, isWrapped, maxRowBytes, isOpen: isArray };
  return readWindows(chunks, from, (bytes, offset, last) => blocksOf(bytes, offset, reader, last), windowBytes);
};

interface Reader {
  readonly keys: KeyRules;
  readonly isArray: boolean;
  readonly isWrapped: boolean;
  readonly maxRowBytes: number;
  /** Inside of an array. */
  isOpen: boolean;
}

interface Cursor {
  at: number;
  line: number;
}

const [OPEN, CLOSE, OPEN_OBJECT] = Buffer.from('[]{') as unknown as readonly [number, number, number];

function* blocksOf(bytes: Buffer, from: Offset, reader: Reader, last: boolean): Generator<RowBlock, Offset, void> {
  const { keys, maxRowBytes } = reader;
  const cursor: Cursor = { at: bomIn(bytes, from), line: from.line };
  const window = { bytes, base: from.byte, last };
  yield* blocksIn(window, keys, cursor, maxRowBytes, (rows) => takeValues(window, cursor, reader, rows));
  return { byte: from.byte + cursor.at, line: cursor.line };
}

const takeValues = ({ bytes, last }: JsonWindow, cursor: Cursor, reader: Reader, rows: JsonRows): Taken => {
  const add = (end: number, row: JsonRow | Fault) => {
    const { at, line } = cursor;
    advance(bytes, cursor, end);
    rows.add(at, end, line, cursor.line, row);
  };
  while (!rows.isFull()) {
    if (reader.isWrapped && !reader.isOpen) advance(bytes, cursor, bytes.length);
    skipSeparators(bytes, cursor);
    const start = cursor.at;
    if (start === bytes.length) {
      if (last && reader.isOpen) add(start, { reason: 'the array is never closed', isFatal: true });
      if (last) reader.isOpen = false;
      break;
    }
    if (reader.isArray && bytes[start] === (reader.isOpen ? CLOSE : OPEN)) {
      reader.isOpen = !reader.isOpen;
      cursor.at += 1;
      continue;
    }
    const end = endOfValue(bytes, start);
    const size = (end ?? bytes.length) - start;
    if (size > reader.maxRowBytes) return 'tooLong';
    if (end === null && !last) break;
    const isOutside = reader.isArray && !reader.isOpen;
    add(
      end ?? bytes.length,
      isOutside
        ? { reason: 'a value behind the end of the array', isFatal: true }
        : readValue(bytes, start, end, reader.keys),
    );
  }
  return 'rows';
};

type Fault = Omit<CsvFault, 'text'>;

const readValue = (bytes: Buffer, start: number, end: number | null, keys: KeyRules): JsonRow | Fault => {
  const value = bytes.subarray(start, end ?? bytes.length);
  const text = isUtf8(value) ? value.toString('utf8') : null;
  const row = readObject(text, keys);
  if (!('reason' in row) || row.reason !== NOT_AN_OBJECT || text === null) return row;
  if (end === null) return { reason: 'the value is never closed', isFatal: true };
  const isBounded = bytes[end] === RECORD_SEPARATOR || !hasStrayQuote(text);
  return isBounded ? row : { reason: 'a quote in the wrong place', isFatal: true };
};

/** Longer values are not examined. */
const MAX_CHECKED = 1024 * 1024;

/** A quote too many or too few: what follows it is taken for the opposite of what it is. */
const hasStrayQuote = (text: string): boolean => {
  if (text.length > MAX_CHECKED) return true;
  const structure = text.replaceAll('\0', ' ').replace(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, '\0');
  return /"|\0\s*[^\s:,}\]]|[^\s:,{[]\s*\0/.test(structure.replace(/^\s*\0\s*$/, ''));
};

const skipSeparators = (bytes: Buffer, cursor: Cursor) => {
  for (; cursor.at < bytes.length; cursor.at += 1) {
    const byte = bytes[cursor.at] ?? 0;
    if (!isSeparator(byte)) return;
    if (byte === LF) cursor.line += 1;
  }
};

const advance = (bytes: Buffer, cursor: Cursor, end: number) => {
  for (let at = bytes.indexOf(LF, cursor.at); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) cursor.line += 1;
  cursor.at = end;
};

export interface JsonStart {
  readonly begin: Offset;
  /** The rows are elements of arrays. */
  readonly isArray: boolean;
  /** The array is in an object, which ends the text. */
  readonly isWrapped: boolean;
}

/** An object that is longer is taken for one around the rows, if it begins as one. */
export const EXAMINED_BYTES = 1024 * 1024;

/**
 * The start of the rows: inside of an array, if the text begins with one, or is an object around one.
 * @param isRow whether an object with such a key is a row itself
 * @param isSample the text is the beginning of a longer one
 */
export const jsonStart = async (
  chunks: AsyncIterable<Uint8Array>,
  isRow: (key: string) => boolean = () => false,
  isSample = false,
): Promise<JsonStart> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let isWhole = !isSample;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    size += chunk.length;
    if (size >= EXAMINED_BYTES) isWhole = false;
    if (size >= EXAMINED_BYTES || isArrayIn(pieces)) break;
  }
  const bytes = Buffer.concat(pieces);
  const cursor = { at: bomIn(bytes, FIRST), line: 1 };
  skipSeparators(bytes, cursor);
  const inside = (begin: number) => {
    advance(bytes, cursor, begin);
    return { byte: begin, line: cursor.line };
  };
  if (bytes[cursor.at] === OPEN) return { begin: inside(cursor.at + 1), isArray: true, isWrapped: false };
  const wrapper = bytes[cursor.at] === OPEN_OBJECT ? findWrapper(bytes, cursor.at, isWhole) : null;
  if (wrapper === null || isRow(wrapper.key)) return { begin: FIRST, isArray: false, isWrapped: false };
  return { begin: inside(wrapper.begin), isArray: true, isWrapped: true };
};

const FIRST: Offset = { byte: 0, line: 1 };

const isArrayIn = ([first = new Uint8Array()]: readonly Uint8Array[]): boolean => {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  const cursor = { at: bomIn(bytes, FIRST), line: 1 };
  skipSeparators(bytes, cursor);
  return bytes[cursor.at] === OPEN;
};
