/** The rows of a source from an offset on, in any format and compression. */
import { readDecompressed } from '../../storage/compression/compression.ts';
import type { Stored } from '../../storage/storage.ts';
import { CsvRowTooLong, readCsv } from './csv.ts';
import { type Details, MAX_ROW_BYTES, type Source } from './details.ts';
import { readNdjson } from './ndjson.ts';
import type { RowBlock } from './rows.ts';
import type { Place } from './windows.ts';

/** Rows, and the number of stored bytes read for them; null if that equals the end offset of each row. */
export type ReadBlock = RowBlock & { readonly storedBytes: number | null };

/** @throws Error naming the source */
export async function* readSource(
  stored: Stored,
  source: Source,
  details: Details,
  from: Place,
  signal: AbortSignal,
): AsyncGenerator<ReadBlock, void, void> {
  const { chunks, storedBytes } = readDecompressed(stored, source.compression, from.byte, signal);
  const isPlain = source.compression === 'NONE';
  try {
    for await (const block of rowsIn(chunks, details, from)) {
      yield { ...block, storedBytes: isPlain ? null : storedBytes() };
    }
  } catch (error) {
    if (!(error instanceof CsvRowTooLong)) throw error;
    throw new Error(`${stored.url} line ${error.line}: the row is longer than ${MAX_ROW_BYTES / 1024 / 1024} MiB`);
  }
}

const rowsIn = (
  chunks: AsyncIterable<Uint8Array>,
  { format, csv, columns, existing }: Details,
  from: Place,
): AsyncIterable<RowBlock> => {
  if (format === 'CSV') return readCsv(chunks, { ...csv, maxRowBytes: MAX_ROW_BYTES }, from);
  // Only the key columns of a new table can be omitted.
  const filled = existing ? columns.map((column) => ({ ...column, primaryKey: false })) : columns;
  return readNdjson(chunks, filled, MAX_ROW_BYTES, from);
};
