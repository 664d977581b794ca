/** The grammar of IMPORT. The options are those of CockroachDB's CSV that imports here have, and some of our own. */
import { flagValue, givenValue, inputOf, type OptionTable, oneOf, parseOptions, wholeValue } from './options.ts';
import { columnDefinition } from './parse-schema-change.ts';
import type { Reader } from './reader.ts';
import type { Creation } from './statement.ts';
import { tableName } from './tables.ts';

const COMPRESSIONS = {
  auto: 'AUTO',
  none: 'NONE',
  gzip: 'GZIP',
  bzip: 'BZIP2',
  bzip2: 'BZIP2',
  brotli: 'BROTLI',
  zstd: 'ZSTD',
};
const CONFLICTS = { fail: 'FAIL', skip: 'SKIP', replace: 'REPLACE', update: 'UPDATE' };

const OPTIONS: OptionTable = {
  detached: (option, reader) => ({ detached: flagValue(option, reader) }),
  delimiter: (option, reader) => ({ csv: { delimiter: givenValue(option, reader) } }),
  fields_terminated_by: (option, reader) => ({ csv: { delimiter: givenValue(option, reader) } }),
  fields_enclosed_by: (option, reader) => ({ csv: { quote: givenValue(option, reader) } }),
  fields_escaped_by: (option, reader) => ({ csv: { escape: givenValue(option, reader) } }),
  comment: (option, reader) => ({ csv: { comment: givenValue(option, reader) } }),
  nullif: (option, reader) => ({ csv: { nullif: givenValue(option, reader) } }),
  allow_quoted_null: (option, reader) => ({ csv: { quotedNulls: flagValue(option, reader) } }),
  skip: (option, reader) => ({ csv: { skip: wholeValue(option, reader), header: false } }),
  header: (option, reader) => ({ csv: { header: flagValue(option, reader) } }),
  decompress: (option, reader) => ({ decompress: oneOf(option, COMPRESSIONS, reader) }),
  reject_limit: (option, reader) => ({ rejectLimit: wholeValue(option, reader) }),
  on_conflict: (option, reader) => ({ onConflict: oneOf(option, CONFLICTS, reader) }),
  encoding: (option, reader) => ({ encoding: givenValue(option, reader) }),
  validate_only: (option, reader) => ({ validateOnly: flagValue(option, reader) }),
  max_rows_per_second: (option, reader) => ({ maxRowsPerSecond: wholeValue(option, reader) }),
};

const FORMATS: Readonly<Record<string, string>> = {
  csv: 'CSV',
  delimited: 'MYSQL_OUTFILE',
  parquet: 'PARQUET',
  pgcopy: 'PGCOPY',
};

export const parseImport = (reader: Reader): Creation => {
  const isNew = reader.accept('table');
  if (!isNew) reader.expect('into');
  const { database, table } = tableName(reader);
  const shape = isNew ? readColumns(reader) : readInto(reader);
  const formatAt = reader.position();
  const word = reader.name().toLowerCase();
  const format = Object.hasOwn(FORMATS, word) ? FORMATS[word] : undefined;
  if (format === undefined)
    reader.fail(
      `${word.toUpperCase()} is not a format: CSV, DELIMITED, PGCOPY and PARQUET are`,
      formatAt,
      'notSupported',
    );
  reader.expect('data', '(');
  const sources = reader.listOf(() => reader.textLiteral());
  reader.expect(')');
  const { detached, csv, ...options } = inputOf(parseOptions(reader), OPTIONS, 'IMPORT', reader);
  return {
    is: 'create',
    typeName: 'IMPORT',
    tag: 'IMPORT',
    input: {
      ...(database === null ? {} : { database }),
      table,
      ...shape,
      sources,
      format,
      ...options,
      ...(format === 'PARQUET' ? {} : { csv: csvOf(format, csv) }),
    },
    detached: detached === true,
  };
};

/** CSV of CockroachDB has no header unless rows are skipped; the other formats never have one. */
const csvOf = (format: string | undefined, csv: unknown) => {
  const given = typeof csv === 'object' && csv !== null ? csv : {};
  if (format === 'CSV') return { header: false, ...given };
  return { delimiter: '\t', quote: null, escape: '\\', nullif: '\\N', header: false, ...given };
};

const readColumns = (reader: Reader) => {
  if (!reader.accept('('))
    return reader.fail('IMPORT TABLE needs the columns of the table in parentheses', reader.position());
  const columns: ReturnType<typeof columnDefinition>[] = [];
  const keys: string[] = [];
  do {
    if (reader.accept('primary', 'key')) {
      reader.expect('(');
      keys.push(...reader.listOf(() => reader.name()));
      reader.expect(')');
    } else columns.push(columnDefinition(reader));
  } while (reader.accept(','));
  reader.expect(')');
  return {
    columns: columns.map((column) =>
      keys.includes(column.name) ? { ...column, primaryKey: true, nullable: false } : column,
    ),
  };
};

const readInto = (reader: Reader) => {
  if (!reader.accept('(')) return {};
  const into = reader.listOf(() => reader.name());
  reader.expect(')');
  return { into };
};
