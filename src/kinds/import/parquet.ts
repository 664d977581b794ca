/**
 * Parquet: the columns of the file are the keys of its rows. A run continues at the number of a row; a group of rows is
 * read at once, so the largest group bounds the memory.
 */
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Transient } from '../../jobs/kind.ts';
import type { Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import type { CsvFault } from './csv-block.ts';
import type { TableColumn } from './details.ts';
import { type KeyOptions, keyRules } from './fields.ts';
import { isMap, isNested, nestedReader } from './parquet-nested.ts';
import { columnTypeOf, type RawValue, type ValueReader, valueReader } from './parquet-values.ts';
import type { ColumnRules } from './port.ts';
import { bytesIn } from './ranges.ts';
import type { Cell, ReadBlock } from './rows.ts';

export interface ParquetFile {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** The columns; `type` is null for those of a type that cannot be imported. */
  readonly fields: readonly { readonly name: string; readonly type: string | null }[];
  readonly size: number;
  readonly url: string;
  readonly signal: AbortSignal;
}

const MAX_GROUP_BYTES = 512 * 1024 * 1024;

/** @throws StorageError if it is no Parquet that can be read */
export const openParquet = async (stored: Stored, signal: AbortSignal): Promise<ParquetFile> => {
  const { size } = await stored.stat(signal);
  const { url } = stored;
  if (size === null) throw new StorageError(`${url} has no known size, which Parquet needs`);
  const file = {
    byteLength: size,
    slice: async (from: number, to = size) => (await bytesIn(stored, from, to, signal)).buffer,
  };
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file, { geoparquet: false });
  } catch (error) {
    throw isOfStorage(error, signal) ? error : new StorageError(`${url} is not a whole Parquet file`);
  }
  const large = metadata.row_groups.find(({ total_byte_size: bytes }) => bytes > MAX_GROUP_BYTES);
  if (large !== undefined) {
    throw new StorageError(
      `${url} has a row group of ${large.total_byte_size} bytes: at most 512 MiB are read at once`,
    );
  }
  const fields = parquetSchema(metadata).children.map((tree) => {
    const type = isNested(tree) ? (nestedReader(tree) === null ? null : 'JSON') : columnTypeOf(tree.element);
    return { name: tree.element.name, type };
  });
  return { file, metadata, fields, size, url, signal };
};

/** Any other error is one of the library: the content is not as it should be. */
const isOfStorage = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted || error instanceof StorageError || error instanceof Transient;

interface ParquetColumns {
  /** The columns of the table that are filled. */
  readonly indexes: readonly number[];
  readonly names: readonly string[];
  readonly readers: readonly ValueReader[];
}

/** Which columns of the table are filled from which of the file. @throws StorageError for one that cannot be */
export const columnsOfParquet = (
  { fields, metadata, url }: ParquetFile,
  columns: readonly TableColumn[],
  rules: ColumnRules,
  options: KeyOptions,
): ParquetColumns => {
  const shape = keyRules(columns, rules, options).shapeOf(fields.map(({ name }) => name));
  if ('reason' in shape) throw new StorageError(`${url}: ${shape.reason}`);
  const trees = new Map(parquetSchema(metadata).children.map((tree) => [tree.element.name, tree]));
  const readers = shape.names.map((name, i) => {
    const tree = name === '__proto__' ? undefined : trees.get(name);
    const type = columns[shape.fields[i] ?? 0]?.type ?? '';
    // Both take hexadecimal digits after `\x`, so that bytes cannot be mistaken for such digits.
    const isBytes = rules.isBytes(type) || /blob/i.test(type);
    const target = { untyped: shape.untyped[i] ?? false, isBytes };
    const reader = tree === undefined ? null : isNested(tree) ? nestedReader(tree) : valueReader(tree.element, target);
    if (reader !== null) return reader;
    throw new StorageError(`${url}: column ${JSON.stringify(name)} is of a type that cannot be imported`);
  });
  return { indexes: shape.fields, names: shape.names, readers };
};

const BLOCK_ROWS = 4096;

/** The rows from a row number on, which is the offset in bytes of other formats. */
export async function* readParquet(
  parquet: ParquetFile,
  { names, readers }: ParquetColumns,
  fromRow: number,
): AsyncGenerator<ReadBlock, void, void> {
  const total = Number(parquet.metadata.num_rows);
  const metadata = withoutTypes(parquet.metadata);
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const first = Math.max(fromRow, groupStart);
    groupStart = groupEnd;
    if (first >= groupEnd) continue;
    const rows = await readRows(parquet, metadata, names, first, groupEnd);
    for (let at = 0; at < rows.length; at += BLOCK_ROWS) {
      const part = rows.slice(at, at + BLOCK_ROWS);
      const done = (first + at + part.length) / total;
      yield { ...blockOf(part, names, readers, first + at), storedBytes: Math.floor(parquet.size * done) };
    }
  }
}

type RawRow = Readonly<Record<string, RawValue>>;

const readRows = async (
  { file, url, signal }: ParquetFile,
  metadata: FileMetaData,
  names: readonly string[],
  rowStart: number,
  rowEnd: number,
): Promise<readonly RawRow[]> => {
  let rows: readonly RawRow[] = [];
  const onComplete = (found: readonly RawRow[]) => {
    rows = found;
  };
  const how = { columns: [...names], rowStart, rowEnd, compressors, utf8: false, geoparquet: false } as const;
  const parsers = { timestampFromNanoseconds: (nanos: bigint) => nanos };
  try {
    await parquetRead({ ...how, columns: [...names], file, metadata, parsers, rowFormat: 'object', onComplete });
  } catch (error) {
    throw isOfStorage(error, signal) ? error : new StorageError(`${url} is damaged: ${(error as Error).message}`);
  }
  if (rows.length !== rowEnd - rowStart) throw new StorageError(`${url} has fewer rows than it says`);
  return rows;
};

/** Without the types that the library would convert, not always exactly. */
const withoutTypes = (metadata: FileMetaData): FileMetaData => ({
  ...metadata,
  schema: metadata.schema.map((element) => {
    if (element.num_children !== undefined && element.num_children > 0 && !isMap(element)) return element;
    const { converted_type: _converted, logical_type: _logical, ...plain } = element;
    return plain;
  }),
});

const blockOf = (
  raw: readonly RawRow[],
  names: readonly string[],
  readers: readonly ValueReader[],
  firstRow: number,
): Omit<ReadBlock, 'storedBytes'> => {
  const faults = new Map<number, CsvFault>();
  const text = (i: number) => {
    const row = raw[i] ?? {};
    const read = names.map((name, at) => {
      const value = row[name] ?? null;
      return [name, value === null ? null : (readers[at]?.read(value) ?? value)] as const;
    });
    return JSON.stringify(Object.fromEntries(read), shown);
  };
  const rows = raw.map((row, i) => {
    const cells: Cell[] = [];
    for (const [at, name] of names.entries()) {
      const value = row[name] ?? null;
      const cell = value === null ? null : readers[at]?.read(value);
      if (cell === undefined) {
        faults.set(i, {
          reason: `key ${JSON.stringify(name)} holds ${readers[at]?.reason}`,
          text: text(i),
        });
        return [];
      }
      cells.push(cell);
    }
    return cells;
  });
  const numbers = raw.map((_, i) => firstRow + i + 1);
  const nextLines = numbers.map((number) => number + 1);
  return { rows, ends: numbers, lines: numbers, nextLines, faults, lastLine: (i) => numbers[i] ?? 0, text };
};

const shown = (_: string, value: unknown) => {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value;
};
