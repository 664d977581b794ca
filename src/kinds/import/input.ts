/** The input of a creation: parsed once, here, with the field that is wrong named in every refusal. */
import { z } from 'zod';
import { fold, isReserved } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';
import { badInput } from '../../errors.ts';

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

const FIELDS = z.object({
  database: z.string(),
  table: checked('table', (name) =>
    isReserved(name) ? 'begins with sqlite_ or _signalbox_, which are reserved' : nameWrong(name),
  ),
  /** None: the table is there already. */
  columns: or(COLUMNS, []),
  into: or(z.array(z.string()).min(1, { error: 'into is empty' }), null),
  sources: z
    .array(z.string())
    .min(1, { error: 'sources is empty' })
    .max(MAX_SOURCES, { error: `sources are more than ${MAX_SOURCES}` }),
  format: z.enum(['CSV', 'NDJSON']).default('CSV'),
  csv: CSV.nullish(),
  decompress: z.enum(['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']).default('AUTO'),
  rejectLimit: atLeast(0, 'rejectLimit').default(0),
  maxRowsPerSecond: or(atLeast(1, 'maxRowsPerSecond'), null),
});

/** Objects say themselves what CSV has to be told. */
const INPUT = FIELDS.superRefine(({ format, csv, into }, context) => {
  if (format === 'CSV') return;
  const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
  if (csv) wrong('csv', `csv is not for format ${format}`);
  if (into !== null) wrong('into', `into is not for format ${format}: keys name the columns`);
}).transform((input) => ({ ...input, csv: input.csv ?? CSV.parse({}) }));

export type Input = z.output<typeof INPUT>;
export type GivenInput = z.input<typeof INPUT>;
export type GivenCsv = Input['csv'];
