/** The rows of a source, from a place on, whatever it is written and compressed in. */
import { readDecompressed } from '../../storage/compression/compression.ts';
import type { Stored } from '../../storage/storage.ts';
import { CsvRowTooLong, readCsv } from './csv.ts';
import { type Details, MAX_ROW_BYTES, type Source } from './details.ts';
import { readNdjson } from './ndjson.ts';
import type { RowBlock } from './rows.ts';
import type { Place } from './windows.ts';

/** Rows, and how much of what is stored was read for them; null when that is the place behind each. */
export type ReadBlock = RowBlock & { readonly storedBytes: number | null };

/** @throws Error that names the source */
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
  // Whether a key can be left out, only a new table's columns say.
  const filled = existing ? columns.map((column) => ({ ...column, primaryKey: false })) : columns;
  return readNdjson(chunks, filled, MAX_ROW_BYTES, from);
};
