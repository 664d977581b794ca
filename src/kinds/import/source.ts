/** Looks at a source when a job is created: what it is, where its rows begin, and which columns they fill. */
import type { ColumnShape } from '../../databases/database.ts';
import { fold } from '../../databases/names.ts';
import { badInput } from '../../errors.ts';
import { type Places, Transient } from '../../jobs/kind.ts';
import { openStored, type Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { type CsvPlace, CsvRowTooLong, readCsv } from './csv.ts';
import { MAX_ROW_BYTES, type Source } from './details.ts';
import type { GivenCsv, Input } from './input.ts';
import { show } from './show.ts';

/** @throws badInput naming the source */
export const lookAt = async (url: string, field: string, input: Input, places: Places): Promise<Source> => {
  try {
    const stored = openStored(url, places);
    const { size, version } = await stored.stat();
    if (size === 0) throw badInput(field, `${stored.url} is empty`);
    if (input.decompress) await refuseCompressed(stored, field);
    const skipped = await behindLines(stored, input.csv.skip, field);
    if (!input.csv.header) {
      return { url: stored.url, size, version, begin: skipped, fields: fieldsInto(input.columns, input.into) };
    }
    const header = await readHeader(stored, input.csv, skipped, field);
    const fields = fieldsNamed(input.columns, header.names, `${stored.url} line ${header.line}`, field);
    return { url: stored.url, size, version, begin: header.end, fields };
  } catch (error) {
    if (error instanceof StorageError || error instanceof Transient) throw badInput(field, error.message);
    throw error;
  }
};

/** The columns that `into` names, or all. @throws badInput */
const fieldsInto = (columns: readonly ColumnShape[], into: readonly string[] | null): readonly number[] => {
  if (into === null) return [...columns.keys()];
  return indexesOf(columns, into, (i, message) => badInput(`input.into.${i}`, message), 'input.into');
};

const fieldsNamed = (columns: readonly ColumnShape[], names: readonly string[], where: string, field: string) =>
  indexesOf(columns, names, (i, message) => badInput(field, `${where}: ${message}, in position ${i + 1}`), field);

const indexesOf = (
  columns: readonly ColumnShape[],
  names: readonly string[],
  refused: (i: number, message: string) => Error,
  field: string,
): readonly number[] => {
  const places = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const indexes: number[] = [];
  for (const [i, name] of names.entries()) {
    const index = places.get(fold(name));
    if (index === undefined) throw refused(i, `${show(name)} is not a column of the table`);
    if (indexes.includes(index)) throw refused(i, `column ${show(name)} is named twice`);
    indexes.push(index);
  }
  const given = new Set(indexes);
  const missing = columns.find((column, i) => !given.has(i) && isRequired(column));
  if (missing === undefined) return indexes;
  throw badInput(field, `column ${show(missing.name)} is not named, but is NOT NULL and has no default`);
};

const isRequired = ({ nullable, primaryKey, default: literal, type }: ColumnShape) =>
  (!nullable || (primaryKey && !/^integer$/i.test(type))) && literal === null;

const MAGIC = ['1f8b', '28b52ffd', '425a68'];

const refuseCompressed = async (stored: Stored, field: string) => {
  const start = Buffer.from(await firstBytes(stored)).toString('hex');
  if (!MAGIC.some((magic) => start.startsWith(magic)) && !/\.(gz|br|zst|bz2)$/i.test(stored.url)) return;
  throw badInput(field, `${stored.url} is compressed, which is not supported yet`);
};

const firstBytes = async (stored: Stored): Promise<Uint8Array> => {
  for await (const chunk of stored.read(0, patient())) return chunk.subarray(0, 4);
  return new Uint8Array();
};

/** The place behind so many lines, whatever is in them. */
const behindLines = async (stored: Stored, lines: number, field: string): Promise<CsvPlace> => {
  let left = lines;
  let byte = 0;
  if (left === 0) return { byte, line: 1 };
  for await (const chunk of stored.read(0, patient())) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      left--;
      if (left === 0) return { byte: byte + at + 1, line: lines + 1 };
    }
    byte += chunk.length;
  }
  throw badInput(field, `${stored.url} has ${lines - left} line breaks: there is nothing behind ${lines} lines`);
};

interface Header {
  readonly names: readonly string[];
  readonly line: number;
  readonly end: CsvPlace;
}

const readHeader = async (stored: Stored, csv: GivenCsv, from: CsvPlace, field: string): Promise<Header> => {
  const { delimiter, quote, comment } = csv;
  const format = { delimiter, quote, comment, nullif: null, maxRowBytes: MAX_ROW_BYTES };
  try {
    for await (const block of readCsv(stored.read(from.byte, patient()), format, from)) {
      const fault = block.faults.get(0);
      const line = block.lines[0] ?? from.line;
      if (fault) throw badInput(field, `${stored.url} line ${line}: the header has ${fault.reason}`);
      const names = (block.rows[0] ?? []).map((name) => name ?? '');
      return { names, line, end: { byte: block.ends[0] ?? 0, line: block.nextLines[0] ?? line } };
    }
  } catch (error) {
    if (error instanceof CsvRowTooLong) throw badInput(field, `${stored.url}: ${error.message}`);
    throw error;
  }
  throw badInput(field, `${stored.url} has no header`);
};

/** A creation is waited for by a person: no source may hold it up. */
const patient = () => AbortSignal.timeout(10_000);
