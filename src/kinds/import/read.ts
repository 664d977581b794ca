/** The rows of a source from an offset on, in any format and compression. */
import { readDecompressed } from '../../storage/compression/compression.ts';
import type { Stored } from '../../storage/storage.ts';
import { RowTooLongError, readCsv } from './csv.ts';
import type { Details, Source } from './details.ts';
import { withoutKey } from './fields.ts';
import { readNdjson } from './ndjson.ts';
import type { ColumnRules } from './port.ts';
import type { ReadBlock, RowBlock } from './rows.ts';
import { MAX_ROW_BYTES, type Offset } from './windows.ts';

/** @throws Error naming the source */
export async function* readSource(
  stored: Stored,
  source: Source,
  details: Details,
  rules: ColumnRules,
  from: Offset,
  signal: AbortSignal,
): AsyncGenerator<ReadBlock, void, void> {
  const { chunks, storedBytes } = readDecompressed(stored, source.compression, from.byte, signal);
  const isPlain = source.compression === 'NONE';
  try {
    for await (const block of rowsIn(chunks, details, rules, from)) {
      yield { ...block, storedBytes: isPlain ? null : storedBytes() };
    }
  } catch (error) {
    if (!(error instanceof RowTooLongError)) throw error;
    throw new Error(`${stored.url} line ${error.line}: the row is longer than ${MAX_ROW_BYTES / 1024 / 1024} MiB`);
  }
}

const rowsIn = (
  chunks: AsyncIterable<Uint8Array>,
  { format, csv, columns, existing }: Details,
  rules: ColumnRules,
  from: Offset,
): AsyncIterable<RowBlock> => {
  if (format === 'CSV') return readCsv(chunks, { ...csv, maxRowBytes: MAX_ROW_BYTES }, from);
  return readNdjson(chunks, existing ? withoutKey(columns) : columns, rules, MAX_ROW_BYTES, from);
};
