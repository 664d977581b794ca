/** Rows of SQLite's own tables and pragmas, each field checked. */
import type Sqlite from 'better-sqlite3';

type FieldType = 'text' | 'text?' | 'integer' | 'flag';
type Field<T extends FieldType> = T extends 'text'
  ? string
  : T extends 'text?'
    ? string | null
    : T extends 'flag'
      ? boolean
      : number;
type Row<F extends Readonly<Record<string, FieldType>>> = { readonly [Name in keyof F]: Field<F[Name]> };

/** Runs a query and checks each field of its rows. */
export const readRows = <F extends Readonly<Record<string, FieldType>>>(
  sql: Sqlite.Database,
  select: string,
  fields: F,
  ...values: readonly string[]
): readonly Row<F>[] => {
  const names = Object.entries(fields);
  return sql
    .prepare(select)
    .all(...values)
    .map((row) => {
      const found = new Map(Object.entries(row as object));
      return Object.fromEntries(names.map(([name, type]) => [name, checked(found.get(name), type, name)])) as Row<F>;
    });
};

const checked = (value: unknown, type: FieldType, name: string): unknown => {
  if (type === 'flag' && (value === 0 || value === 1)) return value === 1;
  if (type === 'integer' && typeof value === 'number') return value;
  if (/^text/.test(type) && typeof value === 'string') return value;
  if (type === 'text?' && value === null) return null;
  throw new Error(`the catalogue has ${String(value)} for ${name}`);
};
