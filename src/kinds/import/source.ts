/** Probes a source when a job is created: its format, the start of its rows, and the columns that they fill. */
import { badInput, unavailable } from '../../errors.ts';
import { type Environment, Transient } from '../../jobs/kind.ts';
import { type Compression, findCompression, readDecompressed } from '../../storage/compression/compression.ts';
import { openStored } from '../../storage/open.ts';
import type { Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { RowTooLongError, readCsv } from './csv.ts';
import type { Source, TableColumn } from './details.ts';
import { fieldsInto, fieldsNamed } from './fields.ts';
import type { CsvOptions, Input } from './input.ts';
import type { ColumnRules } from './port.ts';
import { MAX_ROW_BYTES, type Offset } from './windows.ts';

/** Short, because a person is waiting. */
const PROBE_LIMIT_MS = 10_000;

/** The columns that a row can fill. */
interface Fillable {
  readonly columns: readonly TableColumn[];
  readonly rules: ColumnRules;
}

/** @throws badInput naming the source */
export const probeSource = async (
  url: string,
  field: string,
  input: Pick<Input, 'csv' | 'format' | 'decompress' | 'into'>,
  { columns, rules }: Fillable,
  environment: Environment,
): Promise<Source> => {
  const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
  try {
    const stored = openStored(url, environment);
    const { csv, format, decompress } = input;
    const { size, version } = await stored.stat(signal);
    if (size === 0) throw new StorageError(`${stored.url} is empty`);
    const compression = decompress === 'AUTO' ? await findCompression(stored, signal) : decompress;
    const probe = { stored, compression, signal };
    const source = { url: stored.url, size, version, compression };
    if (format === 'NDJSON') {
      await checkReadable(probe);
      return { ...source, begin: { byte: 0, line: 1 }, fields: fieldsInto(columns, null, rules) };
    }
    const skipped = await offsetAfterLines(probe, csv.skip);
    if (!csv.header) return { ...source, begin: skipped, fields: fieldsInto(columns, input.into, rules) };
    const { names, line, end } = await readHeader(probe, csv, skipped);
    return { ...source, begin: end, fields: fieldsNamed(columns, names, rules, `${source.url} line ${line}`, field) };
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    if (signal.aborted) throw badInput(field, `source ${field} was not read within ${PROBE_LIMIT_MS / 1000} s`);
    throw error;
  }
};

interface Probe {
  readonly stored: Stored;
  readonly compression: Compression;
  readonly signal: AbortSignal;
}

const textOf = ({ stored, compression, signal }: Probe, fromByte: number) =>
  readDecompressed(stored, compression, fromByte, signal).chunks;

/** Reads the first piece: this detects a source that is not compressed as the input or its name specifies. */
const checkReadable = async (probe: Probe): Promise<void> => {
  for await (const _ of textOf(probe, 0)) return;
};

/** The offset after this many lines, regardless of their content. */
const offsetAfterLines = async (probe: Probe, lines: number): Promise<Offset> => {
  let left = lines;
  let byte = 0;
  if (left === 0) return { byte, line: 1 };
  for await (const chunk of textOf(probe, 0)) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      left--;
      if (left === 0) return { byte: byte + at + 1, line: lines + 1 };
    }
    byte += chunk.length;
  }
  throw new StorageError(
    `${probe.stored.url} has ${lines - left} line breaks: nothing follows the ${lines} lines to skip`,
  );
};

interface Header {
  readonly names: readonly string[];
  readonly line: number;
  readonly end: Offset;
}

const readHeader = async (probe: Probe, csv: CsvOptions, from: Offset): Promise<Header> => {
  const { stored } = probe;
  const { delimiter, quote, comment } = csv;
  const format = { delimiter, quote, comment, nullif: null, maxRowBytes: MAX_ROW_BYTES };
  try {
    for await (const block of readCsv(textOf(probe, from.byte), format, from)) {
      const fault = block.faults.get(0);
      const line = block.lines[0] ?? from.line;
      if (fault) throw new StorageError(`${stored.url} line ${line}: the header has ${fault.reason}`);
      const names = (block.rows[0] ?? []).map((name) => name ?? '');
      return { names, line, end: { byte: block.ends[0] ?? 0, line: block.nextLines[0] ?? line } };
    }
  } catch (error) {
    if (error instanceof RowTooLongError) throw new StorageError(`${stored.url}: ${error.message}`);
    throw error;
  }
  throw new StorageError(`${stored.url} has no header`);
};
