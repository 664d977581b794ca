import { isAscii, isUtf8 } from 'node:buffer';
import { scanOptionRow } from './csv-option-row.ts';
import { breaksIn, CR, LF, type RowFault, type Rules, scanRow } from './csv-row.ts';

export const INVALID_UTF8 = 'invalid UTF-8';

export interface CsvFault {
  /** A message in lower case. */
  readonly reason: string;
  /** The number of the field in its row, from 1. */
  readonly column?: number;
  /** The job fails, whatever the number of rows that may be rejected. */
  readonly isFatal?: true;
  /** The raw text of the row. */
  readonly text: string;
}

/**
 * A run of complete rows, in parallel arrays for speed. A field may share memory with the whole window that it was read
 * from, so copy fields that are kept for long.
 */
export interface CsvBlock {
  readonly rows: readonly (readonly (string | null)[])[];
  /** Absolute byte offset of the end of row i: a parse resumes there. */
  readonly ends: ArrayLike<number>;
  /** The line on which row i begins, from 1. Physical lines count, including those inside quotes. */
  readonly lines: ArrayLike<number>;
  /** The line number with which a parse resumes after row i. */
  readonly nextLines: ArrayLike<number>;
  /** The malformed rows, by index; their `rows[i]` is []. */
  readonly faults: ReadonlyMap<number, CsvFault>;
  /** The line on which row i ends. */
  lastLine(i: number): number;
  /** The raw text of row i without its line break; invalid UTF-8 becomes U+FFFD. */
  text(i: number): string;
}

/** A row, or a line of comment, is longer than `maxRowBytes`. The rows before it were already returned. */
export class RowTooLongError extends Error {
  override readonly name = 'RowTooLongError';
  readonly line: number;

  constructor(line: number, limit: number) {
    super(`the row on line ${line} is longer than ${limit} bytes`);
    this.line = line;
  }
}

/** A section of the source that begins with a row, as bytes and as text. */
export interface Window {
  readonly bytes: Buffer;
  /** Byte offset of its beginning in the source. */
  readonly base: number;
  /** True at the end of the source; any other window ends in a line break. */
  readonly last: boolean;
  readonly text: string;
  /** `raw`: the window contains NUL or invalid UTF-8. Text has one character per byte; fields are decoded singly. */
  readonly encoding: 'ascii' | 'utf8' | 'raw';
  /** Line breaks are LF or CR LF only, so that counting line feeds is enough. */
  readonly countsFeeds: boolean;
}

/** How far a window has been read: the same position as an index into its text and into its bytes. */
export interface Cursor {
  at: number;
  byte: number;
  line: number;
}

// A few milliseconds of work: a reader can be stopped between two blocks.
const MAX_BLOCK_ROWS = 4096;

/**
 * Delimiters, quotes and line breaks are ASCII, which is never part of a longer UTF-8 sequence. Rows therefore split at
 * the same bytes under either decoding, and one invalid byte affects no other row.
 */
export function openWindow(bytes: Buffer, base: number, last: boolean): Window {
  const clean = !bytes.includes(0);
  const encoding = clean && isAscii(bytes) ? 'ascii' : clean && isUtf8(bytes) ? 'utf8' : 'raw';
  const text = bytes.toString(encoding === 'utf8' ? 'utf8' : 'latin1');
  return { bytes, base, last, text, encoding, countsFeeds: !(bytes.includes(CR) && /\r(?!\n)/.test(text)) };
}

/** Reads the next rows of a window and moves the cursor past them. Returns no rows if no complete one is left. */
export function takeBlock(window: Window, cursor: Cursor, rules: Rules): CsvBlock {
  const rows: (string | null)[][] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const lines: number[] = [];
  const nextLines: number[] = [];
  const faults = new Map<number, CsvFault>();
  const text = (i: number) => rawText(window.bytes, starts[i] ?? 0, (ends[i] ?? 0) - window.base);
  const lastLine = (i: number) =>
    (nextLines[i] ?? 0) - (isBreak(window.bytes[(ends[i] ?? 0) - window.base - 1]) ? 1 : 0);

  while (rows.length < MAX_BLOCK_ROWS && cursor.at < window.text.length) {
    const row =
      rules.options === null
        ? scanRow(window.text, cursor.at, rules, window.last)
        : scanOptionRow(window.text, cursor.at, rules, rules.options, window.last);
    if (row === null) break;
    const size = byteLength(window, cursor.at, row.next);
    if (size - (row.next - row.end) > rules.maxRowBytes) {
      if (rows.length > 0) break; // read again in the next block, after the rows before it were returned
      throw new RowTooLongError(cursor.line, rules.maxRowBytes);
    }
    const start = cursor.byte;
    const line = cursor.line;
    cursor.line += (window.countsFeeds ? lineFeeds : breaksIn)(window.text, cursor.at, row.next);
    cursor.at = row.next;
    cursor.byte += size;
    if (row.fields === null) continue;

    const fault = row.fault ?? (window.encoding === 'raw' ? decode(row.fields) : null);
    starts.push(start);
    ends.push(window.base + cursor.byte);
    lines.push(line);
    nextLines.push(cursor.line);
    if (fault !== null) faults.set(rows.length, { ...fault, text: text(rows.length) });
    rows.push(fault === null ? row.fields : []);
  }
  return { rows, ends, lines, nextLines, faults, lastLine, text };
}

const isBreak = (byte: number | undefined): boolean => byte === LF || byte === CR;

/** Decodes, in place, fields that hold one character per byte. Returns the fault of the first one that is invalid. */
function decode(fields: (string | null)[]): RowFault | null {
  for (const [i, field] of fields.entries()) {
    if (field === null || !/[\0\u0080-\u00ff]/.test(field)) continue;
    const bytes = Buffer.from(field, 'latin1');
    if (bytes.includes(0)) return { reason: 'a NUL byte', column: i + 1 };
    if (!isUtf8(bytes)) return { reason: INVALID_UTF8, column: i + 1 };
    fields[i] = bytes.toString('utf8');
  }
  return null;
}

function byteLength(window: Window, from: number, to: number): number {
  return window.encoding === 'utf8' ? Buffer.byteLength(window.text.slice(from, to)) : to - from;
}

function lineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    count++;
    if (at === to - 1) break; // avoids a search through the next row
  }
  return count;
}

/** The text of a row without its line break. */
export function rawText(bytes: Buffer, start: number, end: number): string {
  let stop = end;
  if (stop > start && isBreak(bytes[stop - 1])) {
    const isFeed = bytes[stop - 1] === LF;
    stop--;
    while (isFeed && stop > start && bytes[stop - 1] === CR) stop--;
  }
  return bytes.toString('utf8', start, stop);
}
