/** The input of a creation: parsed once, here, with the field that is wrong named in every refusal. */
import { z } from 'zod';
import { fold, isReserved } from '../../databases/names.ts';
import { badInput } from '../../errors.ts';
import { show } from './show.ts';

/** @throws badInput naming the first field that is wrong */
export const parseInput = (input: unknown): Input => {
  const parsed = INPUT.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badInput(['input', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not the input of an import');
};

const MAX_NAME = 255;
const MAX_SOURCES = 10_000;

const nameWrong = (name: string): string | null => {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL character';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  if (name.length > MAX_NAME) return `is longer than ${MAX_NAME} characters`;
  return null;
};

/** A check that says what is wrong with a value, or null. */
const checked = (what: string, wrong: (value: string) => string | null) =>
  z.string().superRefine((value, context) => {
    const message = wrong(value);
    if (message !== null) context.addIssue({ code: 'custom', message: `${what} ${show(value)} ${message}` });
  });

const mark = (what: string) =>
  checked(what, (value) => (/^[^\0\r\n\u0080-\uffff]$/.test(value) ? null : 'is not one ASCII character'));

const COLUMN = z.object({
  name: checked('column name', nameWrong),
  type: z.string(),
  nullable: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
  primaryKey: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  default: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
});

const CSV = z
  .object({
    delimiter: mark('delimiter')
      .nullish()
      .transform((value) => value ?? ','),
    // Null switches quoting off.
    quote: mark('quote').nullable().default('"'),
    comment: mark('comment')
      .nullish()
      .transform((value) => value ?? null),
    nullif: z
      .string()
      .nullish()
      .transform((value) => value ?? null),
    skip: z
      .int({ error: 'skip is a whole number' })
      .min(0, { error: (issue) => `skip is ${issue.input}, below 0` })
      .nullish()
      .transform((value) => value ?? 0),
    header: z
      .boolean()
      .nullish()
      .transform((value) => value ?? true),
  })
  .superRefine(({ delimiter, quote, comment }, context) => {
    const clash = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (quote === delimiter) clash('quote', `quote ${show(quote)} is the delimiter too`);
    if (comment === delimiter) clash('comment', `comment ${show(comment)} is the delimiter too`);
    if (comment !== null && comment === quote) clash('comment', `comment ${show(comment)} is the quote too`);
  });

const COLUMNS = z
  .array(COLUMN)
  .min(1, { error: 'columns is empty' })
  .superRefine((columns, context) => {
    const seen = new Set<string>();
    for (const [i, { name }] of columns.entries()) {
      const message = `column ${show(name)} is named twice`;
      if (seen.has(fold(name))) context.addIssue({ code: 'custom', path: [i, 'name'], message });
      seen.add(fold(name));
    }
  });

const INPUT = z.object({
  database: z.string(),
  table: checked('table', (name) =>
    isReserved(name) ? 'begins with sqlite_ or _signalbox_, which are reserved' : nameWrong(name),
  ),
  columns: COLUMNS.nullish()
    .superRefine((columns, context) => {
      if (columns) return;
      const message = 'importing into an existing table is not supported yet: name the columns of a new one';
      context.addIssue({ code: 'custom', message });
    })
    .transform((columns) => columns ?? []),
  into: z
    .array(z.string())
    .min(1, { error: 'into is empty' })
    .nullish()
    .transform((value) => value ?? null),
  sources: z
    .array(z.string())
    .min(1, { error: 'sources is empty' })
    .max(MAX_SOURCES, { error: `more than ${MAX_SOURCES} sources` }),
  format: z
    .enum(['CSV', 'NDJSON'])
    .default('CSV')
    .refine((format) => format === 'CSV', {
      error: (issue) => `format ${issue.input} is not supported yet`,
    }),
  csv: CSV.nullish().transform((csv) => csv ?? CSV.parse({})),
  decompress: z
    .enum(['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2'])
    .default('AUTO')
    .refine((way) => way === 'AUTO' || way === 'NONE', { error: (issue) => `${issue.input} is not supported yet` })
    .transform((way) => way === 'AUTO'),
  rejectLimit: z
    .int()
    .min(0, { error: (issue) => `rejectLimit is ${issue.input}, below 0` })
    .default(0)
    .refine((limit) => limit === 0, { error: 'rejectLimit is not supported yet' }),
  maxRowsPerSecond: z
    .int()
    .min(1, { error: (issue) => `maxRowsPerSecond is ${issue.input}, below 1` })
    .nullish()
    .transform((value) => value ?? null),
});

export type Input = z.output<typeof INPUT>;
export type GivenInput = z.input<typeof INPUT>;
export type GivenColumn = Input['columns'][number];
export type GivenCsv = Input['csv'];
