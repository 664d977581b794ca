/** The first rows of a source, read when a person waits: for a preview, and to infer columns. */
import { badInput } from '../../errors.ts';
import type { Environment } from '../../jobs/kind.ts';
import { type Compression, firstBytes } from '../../storage/compression/compression.ts';
import { openStored } from '../../storage/open.ts';
import { redact } from '../../storage/url.ts';
import { storedCsv } from './csv-options.ts';
import { type Details, hasKeys, type Source, type TableColumn } from './details.ts';
import { detectDialect, detectFormat } from './detect.ts';
import { inferColumns } from './infer.ts';
import type { Input } from './input.ts';
import { EXAMINED_BYTES, jsonStart, readJsonKeys } from './json.ts';
import { keysOf } from './keys.ts';
import { openParquet } from './parquet.ts';
import type { ColumnRules } from './port.ts';
import { readSource } from './read.ts';
import type { ReadBlock } from './rows.ts';
import { offsetAfterLines, openProbe, probed, probeSource, type Reading, readFirstRow, textOf } from './source.ts';
import { MAX_ROW_BYTES } from './windows.ts';
import { isXlsx } from './xlsx/detect.ts';
import { sheetNames, xlsxStart, xlsxTexts } from './xlsx/xlsx.ts';

const SAMPLE_BYTES = 256 * 1024;
/** For objects so long that a sample does not contain one. */
const LONG_SAMPLE_BYTES = 32 * 1024 * 1024;
const SAMPLE_ROWS = 1_000;

export interface SampleText {
  readonly compression: Compression;
  readonly encoding: string;
  readonly text: string;
  /** The text is all of the source. */
  readonly isWhole: boolean;
}

/** @throws badInput naming the source; UNAVAILABLE */
export const sampleText = (
  url: string,
  field: string,
  how: Pick<Input, 'decompress' | 'encoding'>,
  environment: Environment,
  maxBytes = SAMPLE_BYTES,
): Promise<SampleText> =>
  probed(url, field, environment, async (stored, signal) => {
    const { probe } = await openProbe(stored, how, environment, signal);
    const { compression, encoding } = probe;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of textOf(probe, 0)) {
      pieces.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
    const text = Buffer.concat(pieces).subarray(0, maxBytes).toString('utf8');
    return { compression, encoding, text, isWhole: bytes < maxBytes };
  });

export type { Reading };
export { detectDialect, detectFormat };

/** The names of the fields of a source: its header, its keys, or `column1` and so on. */
export const fieldNames = async (
  url: string,
  field: string,
  reading: Reading,
  environment: Environment,
): Promise<readonly string[]> => {
  const { csv, format } = reading;
  if (format === 'PARQUET') return (await parquetFields(url, field, environment)).map(({ name }) => name);
  if (format === 'XLSX') {
    const { names, width } = await probed(url, field, environment, (stored, signal) =>
      xlsxStart(stored, reading, signal),
    );
    return names ?? numbered(width);
  }
  if (hasKeys(format)) {
    const keysOf = async (maxBytes: number) => {
      const { text, isWhole } = await sampleText(url, field, reading, environment, maxBytes);
      const keys = format === 'JSON' ? await keysOfValues(text, isWhole) : keysIn(text, isWhole);
      return keys.length > 0 || isWhole ? keys : null;
    };
    return (await keysOf(EXAMINED_BYTES)) ?? (await keysOf(LONG_SAMPLE_BYTES)) ?? [];
  }
  return probed(url, field, environment, async (stored, signal) => {
    const { probe } = await openProbe(stored, reading, environment, signal);
    const options = storedCsv(format, csv);
    const first = await readFirstRow(probe, options, await offsetAfterLines(probe, csv.skip), 'first row');
    const fields = first?.fields ?? [];
    return csv.header ? fields : numbered(fields.length);
  });
};

const numbered = (width: number) => Array.from({ length: width }, (_, i) => `column${i + 1}`);

const parquetFields = (url: string, field: string, environment: Environment) =>
  probed(url, field, environment, async (stored, signal) => (await openParquet(stored, signal)).fields);

const PARQUET = Buffer.from('PAR1').toString('hex');

/** The format of a source that is no text, by its content; null for any other. @throws badInput for one that is known */
export const binaryFormat = (
  url: string,
  field: string,
  environment: Environment,
): Promise<'PARQUET' | 'XLSX' | null> =>
  probed(url, field, environment, async (stored, signal) => {
    const start = await firstBytes(stored, signal);
    if (start.startsWith(PARQUET)) return 'PARQUET';
    return (await isXlsx(stored, start, signal)) ? 'XLSX' : null;
  });

/** What a preview of a workbook shows: the names of its sheets, and the texts of its first rows. */
export const xlsxSample = (url: string, field: string, sheet: string | null, skip: number, environment: Environment) =>
  probed(url, field, environment, async (stored, signal) => ({
    sheets: await sheetNames(stored, signal),
    texts: await xlsxTexts(stored, sheet, skip, signal),
  }));

/** The keys of the objects of a sample, in the order in which they first occur. */
const keysIn = (text: string, isWhole: boolean): readonly string[] => {
  const lines = text.split('\n');
  const keys = new Set<string>();
  for (const line of isWhole ? lines : lines.slice(0, -1)) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
      for (const key of Object.keys(value)) keys.add(key);
    } catch {
      // A bad row names no keys; the rows after it may.
    }
  }
  return [...keys];
};

/** The same for objects that are laid out in any way. The last one can be cut: a value without an end has no keys. */
const keysOfValues = async (text: string, isWhole: boolean): Promise<readonly string[]> => {
  const found = new Set<string>();
  const note = (keys: readonly string[]) => {
    for (const key of keys) found.add(key);
    return { reason: 'noted' };
  };
  const chunks = async function* () {
    yield Buffer.from(text);
  };
  const { begin, isArray, isWrapped } = await jsonStart(chunks(), () => false, !isWhole);
  const rest = async function* () {
    yield Buffer.from(text).subarray(begin.byte);
  };
  const rules = { all: [], shapeOf: note };
  const blocks = readJsonKeys(rest(), rules, { isArray, isWrapped, maxRowBytes: MAX_ROW_BYTES }, begin);
  while ((await blocks.next()).done !== true);
  return [...found];
};

/** The columns of a new table for a source, inferred from its first rows. */
export const inferredColumns = async (
  url: string,
  field: string,
  reading: Reading,
  rules: ColumnRules,
  environment: Environment,
): Promise<readonly TableColumn[]> => {
  const names = await fieldNames(url, field, reading, environment);
  if (names.length === 0) throw badInput(field, `${redact(url)} has no fields to infer columns from`);
  const any = names.map((name) => ({ name, type: 'TEXT', nullable: true, primaryKey: false, default: null }));
  // Fields are read by position: their names may be blank or occur twice.
  const fields = hasKeys(reading.format) ? null : positions(names);
  const plain = names.map((_, i) => ({ ...any[i], name: `column${i + 1}` })) as readonly TableColumn[];
  const columns = fields === null ? any : plain;
  const { blocks } = await sampleRows(url, field, { ...reading, into: null, fields }, columns, rules, environment);
  const rows = blocks.flatMap(({ rows, shapes }) =>
    rows.map((row, i) => {
      const shape = shapes?.[i];
      return shape === undefined ? row : names.map((_, at) => row[shape.indexOf(at)] ?? null);
    }),
  );
  const inferred = inferColumns(names, rows);
  if (reading.format !== 'PARQUET') return inferred;
  const declared = await parquetFields(url, field, environment);
  return inferred.map((column, i) => ({ ...column, type: declared[i]?.type ?? column.type }));
};

/** Maps fields to inferred columns; null if each column is called like its field. */
export const mappingTo = (
  { format, csv }: Pick<Reading, 'format' | 'csv'>,
  names: readonly string[],
  columns: readonly TableColumn[],
): Reading['fields'] => {
  const isNamed = hasKeys(format) || csv.header;
  if (isNamed && names.every((name, i) => name === columns[i]?.name)) return null;
  return columns.map(({ name }, i) => ({
    from: hasKeys(format) ? { name: names[i] ?? '' } : { position: i + 1 },
    column: name,
    dateFormat: null,
  }));
};

const positions = (names: readonly string[]) =>
  names.map((_, i) => ({ from: { position: i + 1 }, column: `column${i + 1}`, dateFormat: null }));

export interface SampleRows {
  readonly source: Source;
  readonly blocks: readonly ReadBlock[];
}

/** The first rows of a source as they are mapped to columns. */
export const sampleRows = async (
  url: string,
  field: string,
  reading: Reading,
  columns: readonly TableColumn[],
  rules: ColumnRules,
  environment: Environment,
): Promise<SampleRows> => {
  const source = await probeSource(url, field, reading, { columns, rules }, environment);
  const details = { format: reading.format, csv: storedCsv(reading.format, reading.csv), columns, existing: true };
  const mapped = { ...details, ...keysOf(reading) };
  const blocks = await probed(url, field, environment, async (_, signal) => {
    const found: ReadBlock[] = [];
    let rows = 0;
    const file = { stored: openStored(url, environment), maxWindowBytes: environment.maxWindowBytes };
    for await (const block of readSource(file, source, mapped as Details, rules, source.begin, signal)) {
      found.push(block);
      rows += block.rows.length;
      if (rows >= SAMPLE_ROWS) break;
    }
    return found;
  });
  return { source, blocks };
};
