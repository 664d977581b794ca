/**
 * One JSON object per line, whose keys name columns. Numbers keep the digits with which they are written: lossless-json
 * parses a line with a number that JSON.parse would change. Objects and arrays become JSON text. A blank line is
 * skipped. If a key occurs twice, the last value counts, as in JavaScript.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { type CsvFault, INVALID_UTF8, RowTooLongError, rawText } from './csv-block.ts';
import { LF } from './csv-row.ts';
import type { TableColumn } from './details.ts';
import { type KeyOptions, type KeyRules, keyRules } from './fields.ts';
import type { ColumnRules } from './port.ts';
import type { Cell, RowBlock } from './rows.ts';
import { bomIn, type Offset, readWindows } from './windows.ts';

/** @throws RowTooLongError after the last row that could be returned */
export const readNdjson = (
  chunks: AsyncIterable<Uint8Array>,
  columns: readonly TableColumn[],
  rules: ColumnRules,
  options: KeyOptions & { readonly maxRowBytes: number },
  from: Offset,
  windowBytes?: number,
): AsyncGenerator<RowBlock, void, void> => {
  const keys = keyRules(columns, rules, options);
  const { maxRowBytes } = options;
  return readWindows(
    chunks,
    from,
    (bytes, offset, last) => blocksOf(bytes, offset, keys, maxRowBytes, last),
    windowBytes,
  );
};

const MAX_BLOCK_ROWS = 4096;

function* blocksOf(
  bytes: Buffer,
  from: Offset,
  keys: KeyRules,
  maxRowBytes: number,
  last: boolean,
): Generator<RowBlock, Offset, void> {
  const bom = bomIn(bytes, from);
  const window = { bytes: bytes.subarray(bom), base: from.byte + bom, last };
  const text = isAscii(window.bytes) ? window.bytes.toString('latin1') : null;
  const cursor = { byte: 0, line: from.line };
  for (;;) {
    const { block, tooLong } = takeBlock(window, text, cursor, keys, maxRowBytes);
    if (block.rows.length > 0) yield block;
    if (tooLong) throw new RowTooLongError(cursor.line, maxRowBytes);
    if (block.rows.length < MAX_BLOCK_ROWS) return { byte: window.base + cursor.byte, line: cursor.line };
  }
}

interface JsonWindow {
  readonly bytes: Buffer;
  readonly base: number;
  readonly last: boolean;
}

const takeBlock = (
  { bytes, base, last }: JsonWindow,
  ascii: string | null,
  cursor: { byte: number; line: number },
  keys: KeyRules,
  maxRowBytes: number,
) => {
  const rows: (readonly Cell[])[] = [];
  const shapes: (readonly number[])[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const lines: number[] = [];
  const nextLines: number[] = [];
  const faults = new Map<number, CsvFault>();
  const text = (i: number) => rawText(bytes, starts[i] ?? 0, (ends[i] ?? 0) - base);
  const lastLine = (i: number) => lines[i] ?? 0;
  const block: RowBlock = { rows, shapes, ends, lines, nextLines, faults, lastLine, text };
  while (rows.length < MAX_BLOCK_ROWS && cursor.byte < bytes.length) {
    const feed = bytes.indexOf(LF, cursor.byte);
    const end = feed === -1 ? bytes.length : feed;
    if (end - cursor.byte > maxRowBytes) return { block, tooLong: true };
    if (feed === -1 && !last) break;
    const start = cursor.byte;
    const line = cursor.line;
    cursor.byte = feed === -1 ? end : feed + 1;
    cursor.line += feed === -1 ? 0 : 1;
    const row = readLine(ascii?.slice(start, end) ?? decoded(bytes.subarray(start, end)), keys);
    if (row === 'blank') continue;
    starts.push(start);
    ends.push(base + cursor.byte);
    lines.push(line);
    nextLines.push(cursor.line);
    if ('reason' in row) faults.set(rows.length, { ...row, text: text(rows.length) });
    rows.push('reason' in row ? [] : row.cells);
    // Uses the columns of the row before it, so that a bad row does not end a run of rows that are inserted together.
    shapes.push('reason' in row ? (shapes.at(-1) ?? keys.all) : row.fields);
  }
  return { block, tooLong: false };
};

const decoded = (line: Buffer): string | null => (isUtf8(line) ? line.toString('utf8') : null);

interface JsonRow {
  readonly cells: readonly Cell[];
  /** The columns that the cells fill. */
  readonly fields: readonly number[];
}
interface Fault {
  readonly reason: string;
}

/** The content of a line; null if it is not valid UTF-8. */
const readLine = (line: string | null, keys: KeyRules): JsonRow | Fault | 'blank' => {
  if (line !== null && /^[ \t\r]*$/.test(line)) return 'blank';
  return readObject(line, keys);
};

export const NOT_AN_OBJECT = 'not a JSON object';

/** The values of an object, as JSON text; null if that is not valid UTF-8. */
export const readObject = (text: string | null, keys: KeyRules): JsonRow | Fault => {
  if (text === null) return { reason: INVALID_UTF8 };
  const object = parseObject(text);
  if (object === null) return { reason: NOT_AN_OBJECT };
  const shape = keys.shapeOf(Object.keys(object));
  if ('reason' in shape) return shape;
  const { fields, names, untyped } = shape;
  const escapes = text.includes('\\u');
  const cells: Cell[] = new Array(fields.length);
  for (let i = 0; i < fields.length; i++) {
    const name = names[i] ?? '';
    const cell = cellOf(object[name], untyped[i] ?? false);
    if (cell === undefined) return { reason: `key ${JSON.stringify(name)} is nested too deep` };
    if (escapes && typeof cell === 'string' && (cell.includes('\0') || !cell.isWellFormed())) {
      return { reason: `key ${JSON.stringify(name)} holds a NUL character or half a surrogate pair` };
    }
    cells[i] = cell;
  }
  return { cells, fields };
};

type JsonObject = Readonly<Record<string, unknown>>;

/*
 * Matches a number that JSON.parse does not return as it is written: 16 digits or more, an exponent, a trailing zero or
 * many leading ones, or -0. JSON punctuation surrounds it; a match inside a string only costs time.
 */
const CHANGED = /[:,[]\s*(?:-0|-?(?:[\d.]{16,}|\d+\.\d*0|0\.0{6}\d*|\d[\d.]*[eE][+-]?\d+))\s*[,}\]]/;

const parseObject = (line: string): JsonObject | null => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return CHANGED.test(line) ? parseLossless(line) : (value as JsonObject);
  } catch {
    return null;
  }
};

const parseLossless = (line: string): JsonObject =>
  parse(line, null, {
    parseNumber: (digits) => new LosslessNumber(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  }) as JsonObject;

/** `untyped`: the column stores any type unchanged; any other column converts text that looks like a number. */
const cellOf = (value: unknown, untyped: boolean): Cell | undefined => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return untyped ? BigInt(value) : value;
  if (typeof value === 'number') return untyped ? numberOf(String(value)) : String(value);
  if (isLosslessNumber(value)) return untyped ? numberOf(value.value) : value.value;
  try {
    return stringify(value);
  } catch {
    return undefined;
  }
};

const MOST = 2n ** 63n;

const numberOf = (digits: string): number | bigint => {
  if (!/^-?\d+$/.test(digits)) return Number(digits);
  const whole = BigInt(digits);
  return whole >= -MOST && whole < MOST ? whole : Number(digits);
};
