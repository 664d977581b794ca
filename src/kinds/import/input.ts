/** The input of a creation. The parser and the API type are both derived from this one declaration. */
import { z } from 'zod';
import { atMost, COLUMN_INPUT, checked, forColumns, or, ownNameOf } from '../../databases/inputs.ts';
import { parseInput as parse } from '../../jobs/declare.ts';
import { atLeast, CSV, DUMPED } from './csv-options.ts';
import { hasKeys } from './details.ts';
import { AUTO, encodingNamed, UTF8 } from './encoding.ts';
import { FIELDS } from './field-mapping.ts';

export const MAX_SOURCES = 1_000;

const COLUMNS = forColumns(COLUMN_INPUT).min(1, { error: 'columns is empty: omit it for a table that exists' });

export const FORMAT = z.enum(['CSV', 'NDJSON', 'JSON', 'PARQUET', 'XLSX', 'PGCOPY', 'MYSQL_OUTFILE']).meta({
  id: 'ImportFormat',
  description: 'The format of the sources.',
  values: {
    CSV: 'Rows of fields that are separated by a delimiter (RFC 4180, with options).',
    NDJSON: 'One JSON object on each line. Its keys name the columns.',
    JSON:
      'JSON objects in an array, or one after the other, on as many lines as they take; also in an array that is the value ' +
      'of a key of one object. Their keys name the columns.',
    PARQUET: 'Apache Parquet. Its columns, which must not be nested, name the columns, and its lines are rows, from 1.',
    XLSX: 'An Excel workbook. One of its sheets is read, and its lines are the numbers of rows.',
    PGCOPY: "The text format of PostgreSQL's COPY: tabs, backslashes, `\\\\N` for NULL, and no header.",
    MYSQL_OUTFILE: "What MySQL's SELECT … INTO OUTFILE writes: tabs, backslashes, `\\\\N` for NULL, and no header.",
  },
});

const UNKNOWN_KEYS = z.enum(['FAIL', 'IGNORE']).meta({
  id: 'UnknownKeyPolicy',
  description: 'What to do with a key that names no column.',
  values: { FAIL: 'The row is a bad row.', IGNORE: 'The value is ignored.' },
});

const CONFLICT_POLICY = z.enum(['FAIL', 'SKIP', 'REPLACE', 'UPDATE']).meta({
  id: 'ConflictPolicy',
  description:
    'What to do with a row that has the values of another row, existing or imported, in a primary key or unique index.',
  values: {
    FAIL: 'The row is a bad row.',
    SKIP: 'The existing row stays.',
    REPLACE:
      'The existing rows that conflict are deleted and the new one is inserted. ON DELETE actions and delete triggers run.',
    UPDATE:
      'The columns of the existing row that the source has are updated. If several rows conflict, the one with the same ' +
      'primary key, or else with the same values in the unique constraint or index that was created first.',
  },
});

export const COMPRESSION = z.enum(['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']).meta({
  id: 'Compression',
  description: 'How sources are compressed.',
  values: {
    AUTO: "By each source's content, or else the ending of its name.",
    NONE: 'Not compressed.',
    GZIP: 'The format of gzip (RFC 1952).',
    BROTLI: 'The format of Brotli (RFC 7932).',
    ZSTD: 'The format of Zstandard (RFC 8878).',
    BZIP2: 'The format of bzip2.',
  },
});

export const ENCODING = checked('encoding', (label) =>
  encodingNamed(label) === null
    ? 'is not known: use a label of the WHATWG Encoding Standard, such as windows-1252, or AUTO'
    : null,
);

type Problem = readonly [field: string, message: string];

/** The options that formats without text, or without sheets, do not have. */
const binaryProblems = ({ format, csv, decompress, encoding, sheet }: BinaryOptions): readonly Problem[] => {
  const problems: Problem[] = [];
  if (sheet !== null && format !== 'XLSX') problems.push(['sheet', `sheet is not for format ${format}`]);
  if (format !== 'PARQUET' && format !== 'XLSX') return problems;
  if (decompress !== 'AUTO' && decompress !== 'NONE') {
    problems.push(['decompress', `decompress is not for format ${format}: it is compressed inside`]);
  }
  if (encodingNamed(encoding) !== UTF8 && encodingNamed(encoding) !== AUTO) {
    problems.push(['encoding', `encoding is not for format ${format}: its text is in UTF-8`]);
  }
  if (format === 'PARQUET' || csv == null) return problems;
  const none = CSV.parse({});
  const option = OF_TEXT.find((name) => JSON.stringify(csv[name]) !== JSON.stringify(none[name]));
  return option === undefined ? problems : [...problems, [`csv.${option}`, `${option} is not for format XLSX`]];
};

interface BinaryOptions {
  readonly format: z.output<typeof FORMAT>;
  readonly csv?: z.output<typeof CSV> | null | undefined;
  readonly decompress: z.output<typeof COMPRESSION>;
  readonly encoding: string;
  readonly sheet: string | null;
}

/** Options of CSV that only a text can have. */
const OF_TEXT = ['delimiter', 'quote', 'comment', 'quotedNulls', 'escape', 'maxFieldLines', 'numbers'] as const;

/** The formats with keys need neither option: keys name the columns. */
export const INPUT = z
  .object({
    database: z.string().describe('The name of the target database.'),
    table: ownNameOf('table').describe('The name of the target table. Names are literal and never split at a dot.'),
    /** Empty if the table already exists. */
    columns: or(COLUMNS, []).describe('Creates the table with these columns. If omitted, the table must exist.'),
    inferColumns: z
      .boolean()
      .default(false)
      .describe('Creates the table with columns inferred from a sample, as importPreview shows them.'),
    into: or(forColumns(z.string()).min(1, { error: 'into is empty' }), null).describe(
      'The columns that the fields of a row fill, in order, if no header names them.',
    ),
    sources: atMost(MAX_SOURCES, 'URLs', z.array(z.string()))
      .min(1, { error: 'sources is empty' })
      .describe(
        'From 1 to 1,000 URLs, which are read in order: nodelocal:, s3:, azure:, gs:, http: or https:. In the path of any ' +
          'but the last two, `*` stands for any characters of a name, and `[0-9]` for one of a set: the files are listed, sorted, ' +
          'when the job is created.',
      ),
    format: FORMAT.default('CSV').describe('The format of all sources.'),
    csv: CSV.nullish().describe(
      'How rows are parsed, with format CSV, PGCOPY or MYSQL_OUTFILE. What it leaves out has the default of CSV. With ' +
        'format XLSX, only `skip`, `header`, `nulls`, `trim` and `shortRows`.',
    ),
    fields: or(FIELDS, null).describe('Which fields fill which columns; all others are ignored.'),
    unknownKeys: UNKNOWN_KEYS.default('FAIL').describe(
      'What to do with keys of NDJSON, JSON and Parquet that are no column.',
    ),
    decompress: COMPRESSION.default('AUTO').describe('How all sources are compressed.'),
    encoding: ENCODING.default('UTF-8').describe(
      'How the text of all sources is encoded: a label of the WHATWG Encoding Standard such as `windows-1252`, or `AUTO` ' +
        'to detect it in each source. A byte order mark overrides it. A row with bytes that the encoding does not ' +
        'define is a bad row.',
    ),
    onConflict: CONFLICT_POLICY.default('FAIL').describe(
      'What to do with a row that conflicts with another one. BAD_USER_INPUT if a cancel could not bring back the rows ' +
        'that it changes.',
    ),
    deferForeignKeys: z
      .boolean()
      .default(false)
      .describe(
        'Checks foreign keys when all rows are in, so that a row may come before the row that it refers to. Not for tables ' +
          'with triggers, and not with onConflict REPLACE or UPDATE in an existing table. Keys that are INITIALLY ' +
          'DEFERRED are always checked so where that is possible.',
      ),
    rejectLimit: atLeast(0, 'rejectLimit')
      .default(0)
      .describe('The number of bad rows to set aside, with source, line and reason, before another one fails the job.'),
    validateOnly: z
      .boolean()
      .default(false)
      .describe(
        'Reads all sources, and counts the rows as an import would: those to be inserted, those that conflict, and bad ' +
          'rows. Creates no table and changes no row; only rejected rows are kept. In an existing table, not with ' +
          'deferForeignKeys, triggers on INSERT or INITIALLY DEFERRED foreign keys, nor with onConflict REPLACE or UPDATE ' +
          'if the actions of foreign keys that refer to the table would run.',
      ),
    sheet: or(z.string(), null).describe('With format XLSX: the name of the sheet. The first one if omitted.'),
    maxRowsPerSecond: or(atLeast(1, 'maxRowsPerSecond'), null).describe(
      'Limits the load on a database that is in use. No limit if omitted.',
    ),
  })
  .superRefine(({ into, fields, unknownKeys, inferColumns, columns, ...input }, context) => {
    const { format, csv } = input;
    const addIssue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (inferColumns && columns.length > 0) addIssue('inferColumns', 'inferColumns and columns are given: use one');
    if (inferColumns && into !== null) addIssue('into', 'into needs columns: inferColumns makes one for each field');
    if (inferColumns && fields !== null)
      addIssue('fields', 'fields needs columns: inferColumns makes one for each field');
    if (fields !== null && into !== null) addIssue('into', 'into and fields are given: use fields only');
    for (const [field, message] of binaryProblems(input)) addIssue(field, message);
    if (!hasKeys(format)) {
      if (unknownKeys !== 'FAIL') addIssue('unknownKeys', `unknownKeys is not for format ${format}: it has no keys`);
      return;
    }
    if (csv) addIssue('csv', `csv is not for format ${format}`);
    if (into !== null) addIssue('into', `into is not for format ${format}: keys name the columns`);
    if (fields?.some(({ from }) => from.position !== undefined)) {
      addIssue('fields', `fields by position are not for format ${format}: use names`);
    }
  })
  .transform((input) => {
    const isDumped = input.format === 'PGCOPY' || input.format === 'MYSQL_OUTFILE';
    return { ...input, csv: input.csv ?? CSV.parse(isDumped ? DUMPED : {}) };
  })
  .meta({ id: 'CreateImportInput', description: 'An import to create.' });

export type Input = z.output<typeof INPUT>;
/** The input as requested, not checked yet. */
export type ImportRequest = z.input<typeof INPUT>;

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (input: unknown): Input => parse(INPUT, input);
