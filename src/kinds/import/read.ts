/** The rows of a source from an offset on, in any format and compression. */
import type { CompressedFile } from '../../storage/compression/compression.ts';
import { RowTooLongError, readCsv } from './csv.ts';
import { INVALID_UTF8 } from './csv-block.ts';
import { csvFormat } from './csv-options.ts';
import { type Details, hasKeys, type Source } from './details.ts';
import { readText, UTF8 } from './encoding.ts';
import { withoutKey } from './fields.ts';
import { readJson } from './json.ts';
import { keyOptions } from './keys.ts';
import { rowMapper } from './map-rows.ts';
import { readNdjson } from './ndjson.ts';
import { columnsOfParquet, openParquet, readParquet } from './parquet.ts';
import type { ColumnRules } from './port.ts';
import type { ReadBlock, RowBlock } from './rows.ts';
import { MAX_ROW_BYTES, type Offset } from './windows.ts';
import { readXlsx } from './xlsx/xlsx.ts';

/** @throws Error naming the source */
export async function* readSource(
  { stored, maxWindowBytes }: Omit<CompressedFile, 'compression'>,
  source: Source,
  details: Details,
  rules: ColumnRules,
  from: Offset,
  signal: AbortSignal,
): AsyncGenerator<ReadBlock, void, void> {
  if (details.format === 'PARQUET') {
    const { columns, existing } = details;
    const parquet = await openParquet(stored, signal);
    const filled = columnsOfParquet(parquet, existing ? withoutKey(columns) : columns, rules, keyOptions(details));
    yield* readParquet(parquet, filled, from.byte);
    return;
  }
  const mapRows = hasKeys(details.format)
    ? null
    : rowMapper(source, details.csv, details.columns, rules, details.format === 'XLSX');
  if (details.format === 'XLSX') {
    const blocks = readXlsx(stored, source, details, rules, from.byte, signal);
    for await (const block of blocks) yield mapRows === null ? block : { ...block, ...mapRows(block) };
    return;
  }
  const { compression, encoding = UTF8 } = source;
  const { chunks, storedBytes } = readText({ stored, maxWindowBytes, compression, encoding }, from.byte, signal);
  const isPlain = compression === 'NONE' && encoding === UTF8;
  try {
    for await (const read of rowsIn(chunks, source, details, rules, from)) {
      const block = encoding === UTF8 ? read : withFaultsIn(encoding, read);
      yield { ...(mapRows === null ? block : mapRows(block)), storedBytes: isPlain ? null : storedBytes() };
    }
  } catch (error) {
    if (!(error instanceof RowTooLongError)) throw error;
    throw new Error(`${stored.url} line ${error.line}: the row is longer than ${MAX_ROW_BYTES / 1024 / 1024} MiB`);
  }
}

/** The faults name the encoding of the source, not the one to which it is transcoded. */
const withFaultsIn = (encoding: string, block: RowBlock): RowBlock => {
  if (block.faults.size === 0) return block;
  const faults = [...block.faults].map(
    ([row, fault]) =>
      [row, fault.reason === INVALID_UTF8 ? { ...fault, reason: `invalid ${encoding}` } : fault] as const,
  );
  return { ...block, faults: new Map(faults) };
};

const rowsIn = (
  chunks: AsyncIterable<Uint8Array>,
  source: Source,
  details: Details,
  rules: ColumnRules,
  from: Offset,
): AsyncIterable<RowBlock> => {
  const { format, csv, columns, existing } = details;
  if (!hasKeys(format)) {
    return readCsv(chunks, csvFormat(csv, source.mapping?.width ?? source.fields.length), from);
  }
  const options = { ...keyOptions(details), maxRowBytes: MAX_ROW_BYTES };
  const fillable = existing ? withoutKey(columns) : columns;
  if (format === 'NDJSON') return readNdjson(chunks, fillable, rules, options, from);
  return readJson(
    chunks,
    fillable,
    rules,
    { ...options, isArray: source.isArray ?? false, isWrapped: source.isWrapped ?? false },
    from,
  );
};
