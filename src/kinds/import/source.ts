/** Probes a source when a job is created: its format, the start of its rows, and the columns that they fill. */
import { badInput, unavailable } from '../../errors.ts';
import { type Environment, Transient } from '../../jobs/kind.ts';
import { type Compression, findCompression, readDecompressed } from '../../storage/compression/compression.ts';
import { openStored } from '../../storage/open.ts';
import type { Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { type CsvPlace, CsvRowTooLong, readCsv } from './csv.ts';
import { MAX_ROW_BYTES, type Source } from './details.ts';
import { fieldsInto, fieldsNamed } from './fields.ts';
import type { GivenCsv, Input } from './input.ts';

/** Short, because a person is waiting. */
const LOOK_MS = 10_000;

/** @throws badInput naming the source */
export const lookAt = async (url: string, field: string, input: Input, environment: Environment): Promise<Source> => {
  const signal = AbortSignal.timeout(LOOK_MS);
  try {
    const stored = openStored(url, environment);
    const { columns, csv, format, decompress } = input;
    const { size, version } = await stored.stat(signal);
    if (size === 0) throw new StorageError(`${stored.url} is empty`);
    const compression = decompress === 'AUTO' ? await findCompression(stored, signal) : decompress;
    const probe = { stored, compression, signal };
    const source = { url: stored.url, size, version, compression };
    if (format === 'NDJSON') {
      await checkReadable(probe);
      return { ...source, begin: { byte: 0, line: 1 }, fields: fieldsInto(columns, null) };
    }
    const skipped = await behindLines(probe, csv.skip);
    if (!csv.header) return { ...source, begin: skipped, fields: fieldsInto(columns, input.into) };
    const { names, line, end } = await readHeader(probe, csv, skipped);
    return { ...source, begin: end, fields: fieldsNamed(columns, names, `${source.url} line ${line}`, field) };
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    if (signal.aborted) throw badInput(field, `source ${field} has no beginning that is found in ${LOOK_MS / 1000} s`);
    throw error;
  }
};

interface Look {
  readonly stored: Stored;
  readonly compression: Compression;
  readonly signal: AbortSignal;
}

const textOf = ({ stored, compression, signal }: Look, fromByte: number) =>
  readDecompressed(stored, compression, fromByte, signal).chunks;

/** Reads the first piece: this detects a source that is not compressed as the input or its name specifies. */
const checkReadable = async (probe: Look): Promise<void> => {
  for await (const _ of textOf(probe, 0)) return;
};

/** The offset after this many lines, regardless of their content. */
const behindLines = async (probe: Look, lines: number): Promise<CsvPlace> => {
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
  throw new StorageError(`${probe.stored.url} has ${lines - left} line breaks: there is nothing behind ${lines} lines`);
};

interface Header {
  readonly names: readonly string[];
  readonly line: number;
  readonly end: CsvPlace;
}

const readHeader = async (probe: Look, csv: GivenCsv, from: CsvPlace): Promise<Header> => {
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
    if (error instanceof CsvRowTooLong) throw new StorageError(`${stored.url}: ${error.message}`);
    throw error;
  }
  throw new StorageError(`${stored.url} has no header`);
};
