/** One JSON object per line, whose keys name columns. A blank line is skipped. */
import { isAscii, isUtf8 } from 'node:buffer';
import { LF } from './csv-row.ts';
import type { TableColumn } from './details.ts';
import { type KeyOptions, type KeyRules, keyRules } from './fields.ts';
import { type JsonFault, type JsonRow, readObject } from './json-object.ts';
import { blocksIn, type JsonRows, type JsonWindow, type Taken } from './json-rows.ts';
import type { ColumnRules } from './port.ts';
import type { RowBlock } from './rows.ts';
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
  yield* blocksIn(window, keys, cursor, maxRowBytes, (rows) =>
    takeLines(window, text, cursor, keys, maxRowBytes, rows),
  );
  return { byte: window.base + cursor.byte, line: cursor.line };
}

const takeLines = (
  { bytes, last }: JsonWindow,
  ascii: string | null,
  cursor: { byte: number; line: number },
  keys: KeyRules,
  maxRowBytes: number,
  rows: JsonRows,
): Taken => {
  while (!rows.isFull() && cursor.byte < bytes.length) {
    const feed = bytes.indexOf(LF, cursor.byte);
    const end = feed === -1 ? bytes.length : feed;
    if (end - cursor.byte > maxRowBytes) return 'tooLong';
    if (feed === -1 && !last) break;
    const start = cursor.byte;
    const line = cursor.line;
    cursor.byte = feed === -1 ? end : feed + 1;
    cursor.line += feed === -1 ? 0 : 1;
    const row = readLine(ascii?.slice(start, end) ?? decoded(bytes.subarray(start, end)), keys);
    if (row !== 'blank') rows.add(start, cursor.byte, line, cursor.line, row);
  }
  return 'rows';
};

const decoded = (line: Buffer): string | null => (isUtf8(line) ? line.toString('utf8') : null);

/** The content of a line; null if it is not valid UTF-8. */
const readLine = (line: string | null, keys: KeyRules): JsonRow | JsonFault | 'blank' => {
  if (line !== null && /^[ \t\r]*$/.test(line)) return 'blank';
  return readObject(line, keys);
};
