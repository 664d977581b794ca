/** The input of a creation. The parser and the API type are both derived from this one declaration. */
import { z } from 'zod';
import { COLUMN_INPUT, checked, or, orDefault, ownNameOf } from '../../databases/inputs.ts';
import { show } from '../../databases/show.ts';
import { parseInput as parse } from '../../jobs/declare.ts';

const MAX_SOURCES = 1_000;

const character = (what: string) =>
  checked(what, (value) => (/^[^\0\r\n\u0080-\uffff]$/.test(value) ? null : 'must be one ASCII character'));

const atLeast = (least: number, what: string) =>
  z
    .int({ error: ({ input }) => `${what} ${show(String(input))} must be a whole number` })
    .min(least, { error: ({ input }) => `${what} ${input} must be at least ${least}` });

const COLUMNS = z.array(COLUMN_INPUT).min(1, { error: 'columns is empty: omit it for a table that exists' });

const CSV = z
  .object({
    delimiter: orDefault(character('delimiter'), ',', 'The ASCII character between fields.'),
    quote: character('quote')
      .nullable()
      .default('"')
      .describe('The ASCII character around quoted fields. null: no field is quoted.'),
    comment: or(character('comment'), null).describe('Lines that begin with this character are skipped.'),
    nullif: or(z.string(), null).describe(
      "The text that represents NULL. If omitted, an empty unquoted field is NULL and an empty quoted field is ''.",
    ),
    skip: orDefault(atLeast(0, 'skip'), 0, 'The number of lines to skip at the start of each source.'),
    header: orDefault(z.boolean(), true, 'Whether the first line after `skip` names the columns.'),
  })
  .superRefine(({ delimiter, quote, comment }, context) => {
    const addIssue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (quote === delimiter) addIssue('quote', `quote ${show(quote)} is the delimiter too`);
    if (comment === delimiter) addIssue('comment', `comment ${show(comment)} is the delimiter too`);
    if (comment !== null && comment === quote) addIssue('comment', `comment ${show(comment)} is the quote too`);
  })
  .meta({ id: 'CsvOptions', description: 'How CSV is parsed. TSV is CSV with the delimiter "\\t".' });

const FORMAT = z.enum(['CSV', 'NDJSON']).meta({
  id: 'ImportFormat',
  description: 'The format of the sources.',
  values: {
    CSV: 'Rows of fields that are separated by a delimiter (RFC 4180, with options).',
    NDJSON: 'One JSON object on each line. Its keys name the columns.',
  },
});

const COMPRESSION = z.enum(['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']).meta({
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

/** NDJSON needs neither option: its keys name the columns. */
export const INPUT = z
  .object({
    database: z.string().describe('The name of the target database.'),
    table: ownNameOf('table').describe('The name of the target table. Names are literal and never split at a dot.'),
    /** Empty if the table already exists. */
    columns: or(COLUMNS, []).describe('Creates the table with these columns. If omitted, the table must exist.'),
    into: or(z.array(z.string()).min(1, { error: 'into is empty' }), null).describe(
      'The columns that the fields of a row fill, in order, if no header names them.',
    ),
    sources: z
      .array(z.string())
      .min(1, { error: 'sources is empty' })
      .max(MAX_SOURCES, {
        error: ({ input }) =>
          `sources has ${(input as readonly unknown[]).length} URLs: at most ${MAX_SOURCES} are allowed`,
      })
      .describe('From 1 to 1,000 URLs, which are read in order: nodelocal:, s3:, azure:, gs:, http: or https:.'),
    format: FORMAT.default('CSV').describe('The format of all sources.'),
    csv: CSV.nullish().describe('How CSV is parsed. Only with format CSV.'),
    decompress: COMPRESSION.default('AUTO').describe('How all sources are compressed.'),
    rejectLimit: atLeast(0, 'rejectLimit')
      .default(0)
      .describe('The number of bad rows to set aside, with source, line and reason, before another one fails the job.'),
    maxRowsPerSecond: or(atLeast(1, 'maxRowsPerSecond'), null).describe(
      'Limits the load on a database that is in use. No limit if omitted.',
    ),
  })
  .superRefine(({ format, csv, into }, context) => {
    if (format === 'CSV') return;
    const addIssue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (csv) addIssue('csv', `csv is not for format ${format}`);
    if (into !== null) addIssue('into', `into is not for format ${format}: keys name the columns`);
  })
  .transform((input) => ({ ...input, csv: input.csv ?? CSV.parse({}) }))
  .meta({ id: 'CreateImportInput', description: 'An import to create.' });

export type Input = z.output<typeof INPUT>;
export type GivenInput = z.input<typeof INPUT>;
export type CsvOptions = Input['csv'];

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (input: unknown): Input => parse(INPUT, input);
