/** Probes a source when a job is created: its format, the start of its rows, and the columns that they fill. */
import { show } from '../../databases/show.ts';
import { badInput, unavailable } from '../../errors.ts';
import { type Environment, Transient } from '../../jobs/kind.ts';
import { findCompression } from '../../storage/compression/compression.ts';
import { openStored } from '../../storage/open.ts';
import { probeLimit } from '../../storage/probe.ts';
import type { Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { filesNamed } from '../../storage/wildcards.ts';
import { RowTooLongError, readCsv } from './csv.ts';
import { csvFormat, type StoredCsv, storedCsv } from './csv-options.ts';
import { CR, LF } from './csv-row.ts';
import { csvLine } from './csv-write.ts';
import type { Source, TableColumn } from './details.ts';
import { type EncodedText, findEncoding, readText, UTF8 } from './encoding.ts';
import { fieldsInto, fieldsMapped, fieldsNamed, type MappedFields } from './fields.ts';
import { type Input, MAX_SOURCES } from './input.ts';
import { jsonStart } from './json.ts';
import { keyOptions, keysOf } from './keys.ts';
import { columnsOfParquet, openParquet } from './parquet.ts';
import type { ColumnRules } from './port.ts';
import type { Offset } from './windows.ts';
import { xlsxStart } from './xlsx/xlsx.ts';

/** More would be read with each job. */
const MAX_HEAD_BYTES = 64 * 1024;

/** Short, because a person is waiting. */
const PROBE_LIMIT_MS = 10_000;

/** The columns that a row can fill. */
export interface Fillable {
  readonly columns: readonly TableColumn[];
  readonly rules: ColumnRules;
}

/** The part of an import's input that determines how sources are read. */
export type Reading = Pick<
  Input,
  'csv' | 'format' | 'decompress' | 'encoding' | 'into' | 'fields' | 'sources' | 'unknownKeys' | 'sheet'
>;

/** @throws badInput naming the source */
export const probeSource = async (
  url: string,
  field: string,
  input: Reading,
  { columns, rules }: Fillable,
  environment: Environment,
): Promise<Source> => {
  return probed(url, field, environment, async (stored, signal) => {
    const { csv, format } = input;
    const { size, version } = await stored.stat(signal);
    const isOneOfMany = input.sources.length > 1;
    const nothing = { begin: { byte: 0, line: 1 }, fields: [] };
    if (size === 0 && !isOneOfMany) throw new StorageError(`${stored.url} is empty`);
    if (size === 0) return { url: stored.url, size, version, compression: 'NONE', ...nothing };
    if (format === 'PARQUET') {
      const parquet = await openParquet(stored, signal);
      const { indexes } = columnsOfParquet(parquet, columns, rules, keyOptions(keysOf(input)));
      return { url: stored.url, size, version, compression: 'NONE', begin: { byte: 0, line: 1 }, fields: indexes };
    }
    if (format === 'XLSX') {
      const { sheet, names, width, begin } = await xlsxStart(stored, input, signal);
      const where = `sheet ${show(sheet)} of ${stored.url}${names === null ? '' : ` row ${begin.line - 1}`}`;
      const filled = columnsFilled(columns, input, names, width, rules, where, field);
      const head = names === null ? {} : { head: `${csvLine(names)}\n` };
      return { url: stored.url, size, version, compression: 'NONE', sheet, ...head, begin, ...filled };
    }
    const { probe, isEmpty } = await openProbe(stored, input, environment, signal);
    const { compression, encoding } = probe;
    const source = { url: stored.url, size, version, compression, ...(encoding === UTF8 ? {} : { encoding }) };
    if (isOneOfMany && isEmpty) return { ...source, ...nothing };
    if (format === 'JSON') {
      const names = new Set(columns.map(({ name }) => rules.fold(name)));
      const { begin, isArray, isWrapped } = await jsonStart(textOf(probe, 0), (key) => names.has(rules.fold(key)));
      const layout = { ...(isArray ? { isArray } : {}), ...(isWrapped ? { isWrapped } : {}) };
      return { ...source, begin, ...layout, fields: fieldsInto(columns, null, rules) };
    }
    if (format === 'NDJSON') {
      return { ...source, begin: { byte: 0, line: 1 }, fields: fieldsInto(columns, null, rules) };
    }
    const skipped = await offsetAfterLines(probe, csv.skip);
    const options = storedCsv(format, csv);
    if (!csv.header) {
      const first = input.fields === null ? null : await readFirstRow(probe, options, skipped, 'first row');
      const width = first?.fields.length ?? 0;
      const filled = columnsFilled(columns, input, null, width, rules, source.url, field);
      return { ...source, ...(await headOf(probe, skipped, skipped)), begin: skipped, ...filled };
    }
    const { fields: names, line, end } = await readHeader(probe, options, skipped);
    const where = `${source.url} line ${line}`;
    const filled = columnsFilled(columns, input, names, names.length, rules, where, field);
    return { ...source, ...(await headOf(probe, skipped, end)), begin: end, ...filled };
  });
};

/** The text before the rows: lines to skip, of which only the number counts, and the header. */
const headOf = async (probe: Probe, skipped: Offset, { byte }: Offset): Promise<Pick<Source, 'head' | 'isHeadCut'>> => {
  if (byte === 0) return {};
  if (byte <= MAX_HEAD_BYTES) return { head: await textBetween(probe, 0, byte) };
  const head = '\n'.repeat(skipped.line - 1);
  if (byte - skipped.byte <= MAX_HEAD_BYTES) {
    return { head: `${head}${byte === skipped.byte ? '' : await textBetween(probe, skipped.byte, byte)}` };
  }
  return { head, isHeadCut: true };
};

const textBetween = async (probe: Probe, from: number, to: number): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let bytes = from;
  for await (const chunk of textOf(probe, from)) {
    pieces.push(chunk);
    bytes += chunk.length;
    if (bytes >= to) break;
  }
  const text = Buffer.concat(pieces)
    .toString('utf8', 0, to - from)
    .replace(from === 0 ? /^\ufeff/ : '', '');
  return /[\r\n]$/.test(text) ? text : `${text}\n`;
};

/**
 * The columns that the fields of a row fill.
 * @param names the header; null if there is none
 * @param width the number of fields of a row
 */
const columnsFilled = (
  columns: readonly TableColumn[],
  { fields, into }: Reading,
  names: readonly string[] | null,
  width: number,
  rules: ColumnRules,
  where: string,
  field: string,
): MappedFields => {
  if (fields !== null) return fieldsMapped(columns, fields, names, width, rules, where);
  if (names === null) return { fields: fieldsInto(columns, into, rules) };
  return fieldsNamed(columns, names, rules, where, field);
};

/** Reads something of a source while a person waits. @throws badInput naming the source; UNAVAILABLE */
export const probed = async <T>(
  url: string,
  field: string,
  environment: Environment,
  read: (stored: Stored, signal: AbortSignal) => Promise<T>,
): Promise<T> => inTime(field, (signal) => read(openStored(url, environment), signal));

const inTime = async <T>(field: string, read: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  using limit = probeLimit(PROBE_LIMIT_MS);
  const { signal } = limit;
  try {
    return await read(signal);
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    if (signal.aborted) throw unavailable(`source ${field} was not read within ${PROBE_LIMIT_MS / 1000} s`);
    throw error;
  }
};

export interface NamedSource {
  readonly url: string;
  /** The field of the input that names it. */
  readonly field: string;
}

/** The sources that URLs of the input name: wildcards name those that are there now, in order. @throws badInput */
export const findSources = async (
  urls: readonly string[],
  environment: Environment,
): Promise<readonly NamedSource[]> => {
  const found: NamedSource[] = [];
  for (const [i, url] of urls.entries()) {
    const field = `input.sources.${i}`;
    const named = await inTime(field, (signal) => filesNamed(url, environment, MAX_SOURCES, signal));
    found.push(...named.map((one) => ({ url: one, field })));
    if (found.length > MAX_SOURCES) throw badInput(field, `sources name more than ${MAX_SOURCES} files`);
  }
  return found;
};

export interface Probe extends EncodedText {
  readonly signal: AbortSignal;
}

/** Reads the start: this detects a source that is not compressed as the input or its name specifies. */
export const openProbe = async (
  stored: Stored,
  { decompress, encoding: given }: Pick<Input, 'decompress' | 'encoding'>,
  { maxWindowBytes }: Environment,
  signal: AbortSignal,
): Promise<{ readonly probe: Probe; readonly isEmpty: boolean }> => {
  const compression = decompress === 'AUTO' ? await findCompression(stored, signal) : decompress;
  const file = { stored, compression, maxWindowBytes };
  const { encoding, isEmpty } = await findEncoding(given, file, signal);
  if (encoding === null) {
    throw new StorageError(`${stored.url}: its encoding was not detected: name it in encoding, such as windows-1252`);
  }
  return { probe: { ...file, encoding, signal }, isEmpty };
};

export const textOf = (probe: Probe, fromByte: number) => readText(probe, fromByte, probe.signal).chunks;

/** The offset after this many lines, regardless of their content. */
export const offsetAfterLines = async (probe: Probe, lines: number): Promise<Offset> => {
  let left = lines;
  let byte = 0;
  if (left === 0) return { byte, line: 1 };
  /** CRs that may belong to an LF in the next piece. */
  let crs = 0;
  for await (const chunk of textOf(probe, 0)) {
    for (const code of chunk) {
      if (crs > 0 && code !== LF) {
        left -= code === CR ? 0 : crs;
        if (left <= 0) return { byte, line: lines + 1 };
      }
      crs = code === CR ? crs + 1 : 0;
      byte += 1;
      if (code === LF) left -= 1;
      if (left === 0) return { byte, line: lines + 1 };
    }
  }
  throw new StorageError(
    `${probe.stored.url} has ${lines - left} line breaks: nothing follows the ${lines} lines to skip`,
  );
};

interface FirstRow {
  readonly fields: readonly string[];
  readonly line: number;
  readonly end: Offset;
}

const readHeader = async (probe: Probe, csv: StoredCsv, from: Offset): Promise<FirstRow> => {
  const header = await readFirstRow(probe, csv, from, 'header');
  if (header === null) throw new StorageError(`${probe.stored.url} has no header`);
  return header;
};

/** Null if there is no row. */
export const readFirstRow = async (
  probe: Probe,
  csv: StoredCsv,
  from: Offset,
  what: 'header' | 'first row',
): Promise<FirstRow | null> => {
  const { stored } = probe;
  // A header names its fields, whatever they are called.
  const format = { ...csvFormat(csv, 0), nullif: null, nulls: [] };
  try {
    for await (const block of readCsv(textOf(probe, from.byte), format, from)) {
      const fault = block.faults.get(0);
      const line = block.lines[0] ?? from.line;
      if (fault) throw new StorageError(`${stored.url} line ${line}: the ${what} has ${fault.reason}`);
      const fields = (block.rows[0] ?? []).map((name) => name ?? '');
      return { fields, line, end: { byte: block.ends[0] ?? 0, line: block.nextLines[0] ?? line } };
    }
  } catch (error) {
    if (error instanceof RowTooLongError) throw new StorageError(`${stored.url}: ${error.message}`);
    throw error;
  }
  return null;
};
