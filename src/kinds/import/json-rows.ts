/** Collects JSON objects as rows, block by block. */
import { type CsvFault, RowTooLongError, rawText } from './csv-block.ts';
import { LF } from './csv-row.ts';
import type { KeyRules } from './fields.ts';
import type { JsonRow } from './json-object.ts';
import type { Cell, RowBlock } from './rows.ts';

const MAX_BLOCK_ROWS = 4096;

/** A section of the source. */
export interface JsonWindow {
  readonly bytes: Buffer;
  /** Byte offset of its beginning in the source. */
  readonly base: number;
  readonly last: boolean;
}

/** The rows of one block. */
export interface JsonRows {
  readonly block: RowBlock;
  isFull(): boolean;
  /** Adds a row between two offsets in the window. `next` is the line with which a parse resumes. */
  add(start: number, end: number, line: number, next: number, row: JsonRow | Omit<CsvFault, 'text'>): void;
}

/** What ended a block. */
export type Taken = 'rows' | 'tooLong';

/**
 * Yields blocks until the window has no complete row left.
 * @param cursor its line is the one of the next row
 * @param take adds the next rows
 * @throws RowTooLongError after the last row that could be returned
 */
export function* blocksIn(
  window: JsonWindow,
  keys: KeyRules,
  cursor: { readonly line: number },
  maxRowBytes: number,
  take: (rows: JsonRows) => Taken,
): Generator<RowBlock, void, void> {
  for (;;) {
    const rows = collectRows(window, keys);
    const taken = take(rows);
    if (rows.block.rows.length > 0) yield rows.block;
    if (taken === 'tooLong') throw new RowTooLongError(cursor.line, maxRowBytes);
    if (!rows.isFull()) return;
  }
}

const collectRows = ({ bytes, base }: JsonWindow, keys: KeyRules): JsonRows => {
  const rows: (readonly Cell[])[] = [];
  const shapes: (readonly number[])[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const lines: number[] = [];
  const nextLines: number[] = [];
  const faults = new Map<number, CsvFault>();
  const text = (i: number) => rawText(bytes, starts[i] ?? 0, (ends[i] ?? 0) - base);
  const lastLine = (i: number) => {
    const end = (ends[i] ?? 0) - base;
    return (nextLines[i] ?? 0) - (end > (starts[i] ?? 0) && bytes[end - 1] === LF ? 1 : 0);
  };
  return {
    block: { rows, shapes, ends, lines, nextLines, faults, lastLine, text },
    isFull: () => rows.length >= MAX_BLOCK_ROWS,
    add: (start, end, line, next, row) => {
      starts.push(start);
      ends.push(base + end);
      lines.push(line);
      nextLines.push(next);
      if ('reason' in row) faults.set(rows.length, { ...row, text: text(rows.length) });
      rows.push('reason' in row ? [] : row.cells);
      // Uses the columns of the row before it, so that a bad row does not end a run of rows that are inserted together.
      shapes.push('reason' in row ? (shapes.at(-1) ?? keys.all) : row.fields);
    },
  };
};
