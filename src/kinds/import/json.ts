/**
 * JSON objects, however they are laid out: in an array or several, or one after the other, on as many lines as they
 * like, with white space, commas or record separators (RFC 7464) between them. The keys name columns, and the values
 * are stored as those of NDJSON are. A value that is no object is a bad row. Where an object is broken in a way that
 * leaves its end unknown, the job fails, whatever the number of rows that may be rejected.
 */
import { isUtf8 } from 'node:buffer';
import { type CsvFault, RowTooLongError, rawText } from './csv-block.ts';
import { LF } from './csv-row.ts';
import type { TableColumn } from './details.ts';
import { type KeyOptions, type KeyRules, keyRules } from './fields.ts';
import { endOfValue, isSeparator, RECORD_SEPARATOR } from './json-scan.ts';
import { findWrapper } from './json-wrapper.ts';
import { NOT_AN_OBJECT, readObject } from './ndjson.ts';
import type { ColumnRules } from './port.ts';
import type { Cell, RowBlock } from './rows.ts';
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

const MAX_BLOCK_ROWS = 4096;
const [OPEN, CLOSE, OPEN_OBJECT] = Buffer.from('[]{') as unknown as readonly [number, number, number];

function* blocksOf(bytes: Buffer, from: Offset, reader: Reader, last: boolean): Generator<RowBlock, Offset, void> {
  const cursor: Cursor = { at: bomIn(bytes, from), line: from.line };
  for (;;) {
    const { block, tooLong } = takeBlock({ bytes, base: from.byte, last }, cursor, reader);
    if (block.rows.length > 0) yield block;
    if (tooLong) throw new RowTooLongError(cursor.line, reader.maxRowBytes);
    if (block.rows.length < MAX_BLOCK_ROWS) return { byte: from.byte + cursor.at, line: cursor.line };
  }
}

interface JsonWindow {
  readonly bytes: Buffer;
  readonly base: number;
  readonly last: boolean;
}

const takeBlock = ({ bytes, base, last }: JsonWindow, cursor: Cursor, reader: Reader) => {
  const rows: (readonly Cell[])[] = [];
  const shapes: (readonly number[])[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const lines: number[] = [];
  const nextLines: number[] = [];
  const faults = new Map<number, CsvFault>();
  const text = (i: number) => rawText(bytes, starts[i] ?? 0, (ends[i] ?? 0) - base);
  const block: RowBlock = { rows, shapes, ends, lines, nextLines, faults, lastLine: (i) => nextLines[i] ?? 0, text };

  const add = (end: number, read: () => ReturnType<typeof readValue>) => {
    starts.push(cursor.at);
    lines.push(cursor.line);
    advance(bytes, cursor, end);
    ends.push(base + end);
    nextLines.push(cursor.line);
    const row = read();
    if ('reason' in row) faults.set(rows.length, { ...row, text: text(rows.length) });
    rows.push('reason' in row ? [] : row.cells);
    shapes.push('reason' in row ? (shapes.at(-1) ?? reader.keys.all) : row.fields);
  };

  while (rows.length < MAX_BLOCK_ROWS) {
    if (reader.isWrapped && !reader.isOpen) advance(bytes, cursor, bytes.length);
    skipSeparators(bytes, cursor);
    const start = cursor.at;
    if (start === bytes.length) {
      if (last && reader.isOpen) add(start, () => ({ reason: 'the array is never closed', isFatal: true }));
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
    if (size > reader.maxRowBytes) return { block, tooLong: true };
    if (end === null && !last) break;
    const isOutside = reader.isArray && !reader.isOpen;
    add(end ?? bytes.length, () => {
      if (isOutside) return { reason: 'a value behind the end of the array', isFatal: true };
      return readValue(bytes, start, end, reader.keys);
    });
  }
  return { block, tooLong: false };
};

const readValue = (
  bytes: Buffer,
  start: number,
  end: number | null,
  keys: KeyRules,
): Exclude<ReturnType<typeof readObject>, { reason: string }> | Omit<CsvFault, 'text'> => {
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
const EXAMINED_BYTES = 1024 * 1024;

/**
 * The start of the rows: inside of an array, if the text begins with one, or is an object around one.
 * @param isRow whether an object with such a key is a row itself
 */
export const jsonStart = async (
  chunks: AsyncIterable<Uint8Array>,
  isRow: (key: string) => boolean = () => false,
): Promise<JsonStart> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let isWhole = true;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    size += chunk.length;
    isWhole = size < EXAMINED_BYTES;
    if (!isWhole || isArrayIn(pieces)) break;
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
