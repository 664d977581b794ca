import { type CsvBlock, CsvRowTooLong, type Cursor, openWindow, takeBlock } from './csv-block.ts';
import { LF, type Rules } from './csv-row.ts';

/*
 * A tokenizer for RFC 4180 that reads a stream in bounded memory, tells quoted from unquoted fields and knows the byte
 * behind every row. What the RFC leaves open:
 * - LF and CR LF end a row. A CR without an LF behind it is data in an unquoted field, and text behind a closing quote.
 * - A line without a character is no row but skipped; `""` is a row with one empty field. Spaces are data.
 * - A quote counts at the beginning of a field only. Where one stands inside an unquoted field, or something follows
 *   a closing one, the row is a fault up to the next line feed, and parsing goes on behind it.
 * - Skipped lines, blank or comment, belong to no row: the place behind a row lies before those that follow it.
 */

export { type CsvBlock, type CsvFault, CsvRowTooLong } from './csv-block.ts';

export interface CsvFormat {
  /** Exactly one ASCII character, not a line break, not the quote. */
  readonly delimiter: string;
  /** One ASCII character; null switches quoting off. */
  readonly quote: string | null;
  /** Lines that begin with this one ASCII character are skipped. */
  readonly comment: string | null;
  /** An unquoted field equal to it is NULL. null: an empty unquoted field is NULL, a quoted empty one is ''. */
  readonly nullif: string | null;
  /** The longest row or comment line, line break not counted; more ends the parse. Twice as much must fit in a string. */
  readonly maxRowBytes: number;
}

/** Where a parse begins; {byte: 0, line: 1} for a whole source. `byte` counts bytes of the (decompressed) text. */
export interface CsvPlace {
  readonly byte: number;
  readonly line: number;
}

const WINDOW_BYTES = 256 * 1024;
// A slow source shows its rows after this long, at its next chunk, instead of when a window is full.
const PATIENCE_MS = 100;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads rows from a source whose chunks begin at `from`: 0, or the end of a row. Holds a window in memory, or twice
 * the longest row. `windowBytes` is for tests, where windows meet inside rows.
 * @throws CsvRowTooLong behind the last row that could be handed out; RangeError for a format that makes no sense.
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  format: CsvFormat,
  from: CsvPlace,
  windowBytes = WINDOW_BYTES,
): AsyncGenerator<CsvBlock, void, void> {
  const formats = rulesOf(format);
  let place = from;
  let window = Buffer.allocUnsafeSlow(windowBytes);
  let filled = 0;
  let carried = 0;
  let scannedAt = performance.now();

  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + window.length - filled);
      window.set(part, filled);
      filled += part.length;
      taken += part.length;
      const late = performance.now() - scannedAt >= PATIENCE_MS;
      // A row that is not complete is read again from its beginning, so only when there is twice as much of it.
      if (filled < window.length && !(late && filled >= 2 * carried)) continue;

      const base: number = place.byte;
      place = yield* blocksOf(window.subarray(0, filled), place, formats, false);
      const rest = window.subarray(place.byte - base, filled);
      carried = rest.length;
      // Always a new one: blocks that were handed out still point into the old.
      window = Buffer.allocUnsafeSlow(Math.max(windowBytes, 2 * carried));
      window.set(rest);
      filled = carried;
      scannedAt = performance.now();
    }
  }
  yield* blocksOf(window.subarray(0, filled), place, formats, true);
}

function* blocksOf(
  bytes: Buffer,
  from: CsvPlace,
  formats: Formats,
  last: boolean,
): Generator<CsvBlock, CsvPlace, void> {
  const bom = from.byte === 0 && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
  const base = from.byte + bom;
  const body = bytes.subarray(bom);
  const complete = last ? body.length : body.lastIndexOf(LF) + 1;

  const window = openWindow(body.subarray(0, complete), base, last);
  const rules = window.encoding === 'raw' ? formats.raw : formats.decoded;
  const cursor: Cursor = { at: 0, byte: 0, line: from.line };
  for (let block = takeBlock(window, cursor, rules); block.rows.length > 0; block = takeBlock(window, cursor, rules)) {
    yield block;
  }
  // One byte more may still turn out to be the CR of a line break.
  if (!last && body.length - cursor.byte > rules.maxRowBytes + 1) {
    throw new CsvRowTooLong(cursor.line, rules.maxRowBytes);
  }
  return { byte: base + cursor.byte, line: cursor.line };
}

/** The rules for text that is decoded, and for text that is one character a byte. */
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
