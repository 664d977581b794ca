/** The options of CSV, as they are given at creation and as they are stored in the details of a job. */
import { z } from 'zod';
import { checked, or, orDefault } from '../../databases/inputs.ts';
import { show } from '../../databases/show.ts';
import type { CsvFormat } from './csv.ts';
import { MAX_ROW_BYTES } from './windows.ts';

const MAX_NULLS = 100;

const character = (what: string) =>
  checked(what, (value) => (/^[^\0\r\n\u0080-\uffff]$/.test(value) ? null : 'must be one ASCII character'));

export const atLeast = (least: number, what: string) =>
  z
    .int({ error: ({ input }) => `${what} ${show(String(input))} must be a whole number` })
    .min(least, { error: ({ input }) => `${what} ${input} must be at least ${least}` });

const DELIMITER = checked('delimiter', (value) =>
  /^[^\0\r\n"]{1,10}$/.test(value) && value.isWellFormed()
    ? null
    : 'must have 1 to 10 characters, none a line break or a quote',
);

const NUMBERS = z
  .object({
    decimal: character('decimal').default('.').describe('The character before the fraction.'),
    group: or(
      checked('group', (value) => (/^[^\0\r\n0-9]$/u.test(value) ? null : 'must be one character')),
      null,
    ).describe('The character between groups of three digits. None if omitted.'),
  })
  .superRefine(({ decimal, group }, context) => {
    if (decimal !== group && !/[0-9eE+-]/.test(decimal)) return;
    const message =
      decimal === group ? `decimal ${show(decimal)} is the group too` : `decimal ${show(decimal)} is part of a number`;
    context.addIssue({ code: 'custom', path: ['decimal'], message });
  })
  .meta({ id: 'NumberFormat', description: 'How numbers are written: `1.234,5` has decimal `,` and group `.`.' });

export const CSV = z
  .object({
    delimiter: orDefault(DELIMITER, ',', 'The text between fields, of 1 to 10 characters.'),
    quote: character('quote')
      .nullable()
      .default('"')
      .describe('The ASCII character around quoted fields. null: no field is quoted.'),
    comment: or(character('comment'), null).describe('Lines that begin with this character are skipped.'),
    nullif: or(z.string(), null)
      .describe(
        "The text that represents NULL. If omitted, an empty unquoted field is NULL and an empty quoted field is ''.",
      )
      .meta({ deprecation: 'Use nulls. Both together are an error.' }),
    nulls: or(z.array(z.string()).max(MAX_NULLS, { error: `nulls has more than ${MAX_NULLS} texts` }), null).describe(
      'Texts that represent NULL, in addition to an empty unquoted field.',
    ),
    quotedNulls: orDefault(
      z.boolean(),
      false,
      'Whether a quoted field can be NULL as well: for exports that quote everything.',
    ),
    escape: or(character('escape'), null).describe(
      'The ASCII character that makes the next one literal, inside and outside quotes.',
    ),
    trim: orDefault(z.boolean(), false, 'Removes spaces and tabs around fields, outside of their quotes.'),
    shortRows: orDefault(
      z.boolean(),
      false,
      'Whether a row may have too few fields: the other columns get their default, or NULL.',
    ),
    maxFieldLines: or(atLeast(1, 'maxFieldLines'), null).describe(
      'A quoted field that spans more lines fails the job. No limit if omitted.',
    ),
    numbers: or(NUMBERS, null).describe('How numbers are written. `1234.5` if omitted.'),
    skip: orDefault(atLeast(0, 'skip'), 0, 'The number of lines to skip at the start of each source.'),
    header: orDefault(z.boolean(), true, 'Whether the first line after `skip` names the columns.'),
  })
  .superRefine((csv, context) => {
    const { delimiter, quote, comment, escape: mark, nullif, nulls, trim } = csv;
    const addIssue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (quote !== null && delimiter.includes(quote)) addIssue('quote', `quote ${show(quote)} is the delimiter too`);
    if (comment === delimiter) addIssue('comment', `comment ${show(comment)} is the delimiter too`);
    if (comment !== null && comment === quote) addIssue('comment', `comment ${show(comment)} is the quote too`);
    if (mark !== null && mark === delimiter) addIssue('escape', `escape ${show(mark)} is the delimiter too`);
    if (nullif !== null && nulls !== null) addIssue('nulls', 'nulls and nullif are given: use nulls only');
    if (trim && /^[ \t]+$/.test(delimiter)) addIssue('trim', 'trim would remove the delimiter');
  })
  .meta({ id: 'CsvOptions', description: 'How CSV is parsed. TSV is CSV with the delimiter "\\t".' });

/** The same without defaults, for what is detected. */
export const DETECT_CSV = z
  .object({
    delimiter: DELIMITER.nullish().describe('The text between fields.'),
    quote: character('quote').nullish().describe('The character around quoted fields.'),
    escape: character('escape').nullish().describe('The character that makes the next one literal. None if omitted.'),
    comment: character('comment').nullish().describe('Lines that begin with this character are skipped.'),
    nulls: z.array(z.string()).nullish().describe('Texts that represent NULL, in addition to an empty unquoted field.'),
    quotedNulls: z.boolean().nullish().describe('Whether a quoted field can be NULL as well.'),
    trim: z.boolean().nullish().describe('Removes spaces and tabs around fields.'),
    shortRows: z.boolean().nullish().describe('Whether a row may have too few fields.'),
    skip: atLeast(0, 'skip').nullish().describe('The number of lines to skip.'),
    header: z.boolean().nullish().describe('Whether the first line after `skip` names the columns.'),
    numbers: NUMBERS.nullish().describe('How numbers are written.'),
  })
  .meta({ id: 'CsvDetectOptions', description: 'CsvOptions without defaults: what is left out is detected.' });

/** As they are given, with defaults. */
export type CsvOptions = z.output<typeof CSV>;

/** As they are stored. Options that are younger than a job are left out of it. */
export const STORED_CSV = z.object({
  delimiter: z.string(),
  quote: z.string().nullable(),
  comment: z.string().nullable(),
  nullif: z.string().nullable(),
  nulls: z.array(z.string()).readonly().exactOptional(),
  quotedNulls: z.boolean().exactOptional(),
  escape: z.string().nullable().exactOptional(),
  escapes: z.enum(['literal', 'pgcopy', 'mysql']).exactOptional(),
  trim: z.boolean().exactOptional(),
  shortRows: z.boolean().exactOptional(),
  maxFieldLines: z.number().nullable().exactOptional(),
  numbers: z.object({ decimal: z.string(), group: z.string().nullable() }).nullable().exactOptional(),
});
export type StoredCsv = z.output<typeof STORED_CSV>;

export const storedCsv = (format: string, csv: CsvOptions): StoredCsv => {
  const { skip: _skip, header: _header, nulls, ...stored } = csv;
  const escapes = format === 'PGCOPY' ? 'pgcopy' : format === 'MYSQL_OUTFILE' ? 'mysql' : 'literal';
  return { ...stored, nulls: nulls ?? [], escapes };
};

/** @param fields the number of fields of a row */
export const csvFormat = (csv: StoredCsv, fields: number): CsvFormat => ({
  ...csv,
  hasOneField: fields === 1,
  maxRowBytes: MAX_ROW_BYTES,
});

/** The options of the formats that databases write. In both an empty field is an empty text, and `\N` is NULL. */
export const DUMPED = { delimiter: '\t', quote: null, escape: '\\', nullif: '\\N', header: false } as const;
