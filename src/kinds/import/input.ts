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
const MAX_SOURCES = 1_000;

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

/** Left out and null mean the same. */
const or = <T extends z.ZodType, D>(schema: T, missing: D) => schema.nullish().transform((value) => value ?? missing);

const mark = (what: string) =>
  checked(what, (value) => (/^[^\0\r\n\u0080-\uffff]$/.test(value) ? null : 'is not one ASCII character'));

const atLeast = (least: number, what: string) =>
  z.int({ error: `${what} is not a whole number` }).min(least, {
    error: ({ input }) => `${what} is ${input}, below ${least}`,
  });

const COLUMN = z.object({
  name: checked('column name', nameWrong),
  type: z.string(),
  nullable: or(z.boolean(), true),
  primaryKey: or(z.boolean(), false),
  default: or(z.string(), null),
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

const CSV = z
  .object({
    delimiter: or(mark('delimiter'), ','),
    // Null switches quoting off.
    quote: mark('quote').nullable().default('"'),
    comment: or(mark('comment'), null),
    nullif: or(z.string(), null),
    skip: or(atLeast(0, 'skip'), 0),
    header: or(z.boolean(), true),
  })
  .superRefine(({ delimiter, quote, comment }, context) => {
    const clash = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (quote === delimiter) clash('quote', `quote ${show(quote)} is the delimiter too`);
    if (comment === delimiter) clash('comment', `comment ${show(comment)} is the delimiter too`);
    if (comment !== null && comment === quote) clash('comment', `comment ${show(comment)} is the quote too`);
  });

const EXISTING = 'importing into an existing table is not supported yet: name the columns of a new one';

const INPUT = z.object({
  database: z.string(),
  table: checked('table', (name) =>
    isReserved(name) ? 'begins with sqlite_ or _signalbox_, which are reserved' : nameWrong(name),
  ),
  columns: or(COLUMNS, []).refine((columns) => columns.length > 0, { error: EXISTING }),
  into: or(z.array(z.string()).min(1, { error: 'into is empty' }), null),
  sources: z
    .array(z.string())
    .min(1, { error: 'sources is empty' })
    .max(MAX_SOURCES, { error: `sources are more than ${MAX_SOURCES}` }),
  format: z
    .enum(['CSV', 'NDJSON'])
    .default('CSV')
    .refine((format) => format === 'CSV', { error: ({ input }) => `format ${input} is not supported yet` }),
  csv: or(CSV, CSV.parse({})),
  /** Whether a source that is compressed is taken for what it is, and not as text. */
  decompress: z
    .enum(['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2'])
    .default('AUTO')
    .refine((way) => way === 'AUTO' || way === 'NONE', { error: ({ input }) => `${input} is not supported yet` })
    .transform((way) => way === 'AUTO'),
  rejectLimit: atLeast(0, 'rejectLimit')
    .default(0)
    .refine((limit) => limit === 0, { error: 'rejectLimit is not supported yet' }),
  maxRowsPerSecond: or(atLeast(1, 'maxRowsPerSecond'), null),
});

export type Input = z.output<typeof INPUT>;
export type GivenInput = z.input<typeof INPUT>;
export type GivenCsv = Input['csv'];
