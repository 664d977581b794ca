import { type CsvBlock, type Cursor, openWindow, RowTooLongError, takeBlock } from './csv-block.ts';
import { LF, type Rules } from './csv-row.ts';
import { bomIn, type Offset, readWindows } from './windows.ts';

/*
 * A tokenizer for RFC 4180 that reads a stream in bounded memory, distinguishes quoted from unquoted fields and returns
 * the byte offset of the end of every row. Where the RFC leaves a choice:
 * - LF and CR LF end a row. A CR that no LF follows is data in an unquoted field, and text after a closing quote.
 * - An empty line is skipped and is not a row; `""` is a row with one empty field. Spaces are data.
 * - A quote is special only at the beginning of a field. If one occurs inside an unquoted field, or if text follows a
 *   closing quote, the row is malformed up to the next line feed, and parsing continues there.
 * - Skipped lines, blank or comment, belong to no row: the end offset of a row lies before the skipped lines that
 *   follow it.
 */

export { type CsvBlock, type CsvFault, RowTooLongError } from './csv-block.ts';

export interface CsvFormat {
  /** Exactly one ASCII character, neither a line break nor the quote. */
  readonly delimiter: string;
  /** One ASCII character; null disables quoting. */
  readonly quote: string | null;
  /** Lines that begin with this one ASCII character are skipped. */
  readonly comment: string | null;
  /** An unquoted field equal to this is NULL. If null, an empty unquoted field is NULL; a quoted one is ''. */
  readonly nullif: string | null;
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
  const formats = rulesOf(format);
  yield* readWindows(chunks, from, (bytes, offset, last) => blocksOf(bytes, offset, formats, last), windowBytes);
}

function* blocksOf(bytes: Buffer, from: Offset, formats: Formats, last: boolean): Generator<CsvBlock, Offset, void> {
  const bom = bomIn(bytes, from);
  const base = from.byte + bom;
  const body = bytes.subarray(bom);
  const complete = last ? body.length : body.lastIndexOf(LF) + 1;

  const window = openWindow(body.subarray(0, complete), base, last);
  const rules = window.encoding === 'raw' ? formats.raw : formats.decoded;
  const cursor: Cursor = { at: 0, byte: 0, line: from.line };
  for (let block = takeBlock(window, cursor, rules); block.rows.length > 0; block = takeBlock(window, cursor, rules)) {
    yield block;
  }
  // One byte more may still be the CR of a line break.
  if (!last && body.length - cursor.byte > rules.maxRowBytes + 1) {
    throw new RowTooLongError(cursor.line, rules.maxRowBytes);
  }
  return { byte: base + cursor.byte, line: cursor.line };
}

/** The rules for decoded text, and for text that has one character per byte. */
interface Formats {
  readonly decoded: Rules;
  readonly raw: Rules;
}

function rulesOf({ delimiter, quote, comment, nullif, maxRowBytes }: CsvFormat): Formats {
  const marks = [delimiter, quote, comment].filter((mark) => mark !== null);
  for (const mark of marks) {
    if (!/^[^\0\r\n\u0080-\uffff]$/.test(mark)) throw new RangeError('a mark of CSV is one ASCII character');
  }
  if (new Set(marks).size < marks.length) throw new RangeError('delimiter, quote and comment are different characters');
  const nullText = nullif ?? '';
  const decoded = {
    delimiter: delimiter.charCodeAt(0),
    quote: quote?.charCodeAt(0) ?? -1,
    comment: comment?.charCodeAt(0) ?? -1,
    nullText,
    maxRowBytes,
  };
  return { decoded, raw: { ...decoded, nullText: Buffer.from(nullText).toString('latin1') } };
}
