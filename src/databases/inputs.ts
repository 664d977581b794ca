/** Parts that the inputs of several kinds share: names of tables and columns, and columns to create. */
import { z } from 'zod';
import { isReserved } from './reserved.ts';
import { show } from './show.ts';

const MAX_NAME = 255;
const MAX_SQL = 10_000;

/** Omitted and null mean the same. */
export const or = <S extends z.ZodType, D>(schema: S, missing: D) =>
  schema.nullish().transform((value) => value ?? missing);

/** Same as `or`; the API shows the default, which zod omits from the JSON Schema of a transform. */
export const orDefault = <S extends z.ZodType, D>(schema: S, missing: D, description: string) =>
  or(schema, missing).meta({ defaultValue: missing, description });

/** A text in which `problemOf` finds no problem. A message is `column "" is empty`. */
export const checked = (what: string, problemOf: (value: string) => string | null) =>
  z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: `${what} ${show(value)} ${problem}` });
  });

const nameProblem = (name: string): string | null => {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'contains a NUL character';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  return name.length > MAX_NAME ? `is longer than ${MAX_NAME} characters` : null;
};

/** The name of an existing object, or of a column. */
export const nameOf = (what: string) => checked(what, nameProblem);

/** A name that is not reserved for SQLite or Signalbox. */
export const ownNameOf = (what: string) =>
  checked(what, (name) =>
    isReserved(name) ? 'begins with sqlite_ or _signalbox_, which are reserved' : nameProblem(name),
  );

/** A piece of SQL. */
export const sqlText = z.string().max(MAX_SQL, {
  error: ({ path = [] }) => `${String(path.at(-1))} is longer than ${MAX_SQL} characters`,
});

/** No table of SQLite has more columns. */
const MAX_COLUMNS = 2_000;

/** A list with an entry for each of some columns. */
export const forColumns = <S extends z.ZodType>(entry: S) => atMost(MAX_COLUMNS, 'columns', z.array(entry));

/** A list of at most so many entries. */
export const atMost = <S extends z.ZodType>(most: number, what: string, list: z.ZodArray<S>) =>
  list.max(most, {
    error: ({ input, path = [] }) =>
      `${String(path.at(-1))} has ${(input as readonly unknown[]).length} ${what}: at most ${most} are allowed`,
  });

export const COLUMN_INPUT = z
  .object({
    name: nameOf('column name').describe('The name, which is literal: it is never split at a dot.'),
    type: sqlText.describe(
      'A type that docs/types.md lists: one of SQLite, or a common name of PostgreSQL, CockroachDB or MySQL.',
    ),
    nullable: orDefault(z.boolean(), true, 'Whether the column may hold NULL.'),
    primaryKey: orDefault(z.boolean(), false, 'Whether the column is part of the primary key.'),
    default: or(sqlText, null).describe("The default: an SQL literal such as `0` or `'none'`. None if omitted."),
  })
  .meta({ id: 'ColumnInput', description: 'A column to create.' });
