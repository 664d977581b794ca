import { type CsvBlock, type Cursor, openWindow, RowTooLongError, takeBlock } from './csv-block.ts';
import { ESCAPES, type EscapeStyle } from './csv-escapes.ts';
import { CR, LF, type Rules } from './csv-row.ts';
import { bomIn, type Offset, readWindows } from './windows.ts';

/*
 * A tokenizer for RFC 4180 that reads a stream in bounded memory, distinguishes quoted from unquoted fields and returns
 * the byte offset of the end of every row. Where the RFC leaves a choice:
 * - LF, CR LF, CR CR LF and CR end a row, also in one file.
 * - An empty line is skipped and is not a row, unless rows have one field; `""` is a row with one empty field. Spaces are
 *   data.
 * - A quote is special only at the beginning of a field. If one occurs inside an unquoted field, or if text follows a
 *   closing quote, the row is malformed up to the next line break, and parsing continues there. A quote that is never
 *   closed makes everything after it unreadable.
 * - Skipped lines, blank or comment, belong to no row: the end offset of a row lies before the skipped lines that
 *   follow it.
 */

export { type CsvBlock, type CsvFault, RowTooLongError } from './csv-block.ts';

export interface CsvFormat {
  /** One or more characters, none of them a line break or the quote. */
  readonly delimiter: string;
  /** One ASCII character; null disables quoting. */
  readonly quote: string | null;
  /** Lines that begin with this one ASCII character are skipped. */
  readonly comment: string | null;
  /** An unquoted field equal to this is NULL. If null, an empty unquoted field is NULL; a quoted one is ''. */
  readonly nullif: string | null;
  /** More unquoted fields that are NULL. */
  readonly nulls?: readonly string[];
  /** Quoted fields can be NULL, too. */
  readonly quotedNulls?: boolean;
  /** One ASCII character that makes the next one literal, quoted or not. */
  readonly escape?: string | null;
  /** The letters after `escape` that stand for other characters. */
  readonly escapes?: EscapeStyle;
  /** Removes spaces and tabs around fields. */
  readonly trim?: boolean;
  /** The number of lines that a quoted field may span. */
  readonly maxFieldLines?: number | null;
  /** Rows have one field, so that a blank line is one. */
  readonly hasOneField?: boolean;
  /**
   * The maximum length of a row or comment line, without its line break; a longer one ends the parse. Twice this length
   * must fit in a string.
   */
  readonly maxRowBytes: number;
}

/**
 * Reads rows from a source whose chunks begin at `from`: 0, or the end of a row. Holds in memory one window or twice
 * the longest row. `windowBytes` is for tests, so that window boundaries fall inside rows.
 * @throws RowTooLongError after the last row that could be returned; RangeError for an invalid format
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  format: CsvFormat,
  from: Offset,
  windowBytes?: number,
): AsyncGenerator<CsvBlock, void, void> {
  const formats = csvRules(format);
  yield* readWindows(chunks, from, (bytes, offset, last) => blocksOf(bytes, offset, formats, last), windowBytes);
}

function* blocksOf(bytes: Buffer, from: Offset, formats: Formats, last: boolean): Generator<CsvBlock, Offset, void> {
  const bom = bomIn(bytes, from);
  const base = from.byte + bom;
  const body = bytes.subarray(bom);
  const complete = last ? body.length : afterLastBreak(body);

  const window = openWindow(body.subarray(0, complete), base, last);
  const rules = window.encoding === 'raw' ? formats.raw : formats.decoded;
  const cursor: Cursor = { at: 0, byte: 0, line: from.line };
  for (let block = takeBlock(window, cursor, rules); block.rows.length > 0; block = takeBlock(window, cursor, rules)) {
    yield block;
  }
  // CRs at the end may still be part of a line break.
  if (!last && lengthWithoutCrs(body) - cursor.byte > rules.maxRowBytes) {
    throw new RowTooLongError(cursor.line, rules.maxRowBytes);
  }
  return { byte: base + cursor.byte, line: cursor.line };
}

/** The rules for decoded text, and for text that has one character per byte. */
export interface Formats {
  readonly decoded: Rules;
  readonly raw: Rules;
}

/** @throws RangeError for an invalid format */
export function csvRules(format: CsvFormat): Formats {
  const { delimiter, quote, comment, nullif, nulls = [], maxRowBytes, hasOneField = false } = format;
  const { escape: mark = null, escapes = 'literal', trim = false, quotedNulls = false, maxFieldLines = null } = format;
  for (const one of [quote, comment, mark]) {
    if (one !== null && !/^[^\0\r\n\u0080-\uffff]$/.test(one))
      throw new RangeError('a mark of CSV is one ASCII character');
  }
  if (delimiter === '' || /[\0\r\n]/.test(delimiter))
    throw new RangeError('a delimiter has no line break, and is not empty');
  const marks = [delimiter, quote, comment].filter((mark) => mark !== null);
  if (new Set(marks).size < marks.length) throw new RangeError('delimiter, quote and comment are different characters');
  const isPlain = /^[^\u0080-\uffff]$/.test(delimiter) && mark === null && !trim && !quotedNulls;
  const rules = (encode: (text: string) => string): Rules => ({
    delimiter: delimiter.charCodeAt(0),
    quote: quote?.charCodeAt(0) ?? -1,
    comment: comment?.charCodeAt(0) ?? -1,
    nullText: encode(nullif ?? ''),
    nulls: nulls.length === 0 ? null : new Set(nulls.map(encode)),
    blankIsRow: hasOneField,
    maxFieldLines: maxFieldLines ?? Number.POSITIVE_INFINITY,
    maxRowBytes,
    options: isPlain
      ? null
      : {
          delimiter: encode(delimiter),
          escapeCode: mark?.charCodeAt(0) ?? -1,
          escaped: ESCAPES[escapes],
          trim,
          quotedNulls,
          endMarker: escapes === 'pgcopy' && mark !== null ? `${mark}.` : null,
        },
  });
  return { decoded: rules((text) => text), raw: rules((text) => Buffer.from(text).toString('latin1')) };
}

/** The length up to the last line break. CRs at the end may belong to an LF that is not read yet. */
function afterLastBreak(bytes: Buffer): number {
  const end = lengthWithoutCrs(bytes);
  if (end === 0) return 0;
  return Math.max(bytes.lastIndexOf(LF, end - 1), bytes.lastIndexOf(CR, end - 1)) + 1;
}

function lengthWithoutCrs(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CR) end--;
  return end;
}
