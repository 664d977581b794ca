/** Names of tables in statements about jobs: t, db.t, db.public.t and db.*. */
import type { Reader } from './reader.ts';

export interface TableName {
  readonly database: string | null;
  readonly table: string;
  readonly at: number;
}

export const tableName = (reader: Reader): TableName => {
  const at = reader.position();
  const parts = [reader.name()];
  while (reader.accept('.')) parts.push(reader.isNext('*') ? star(reader) : reader.name());
  if (parts.length > 3) reader.fail(`${parts.join('.')} has too many parts`, at);
  // The schema is always public.
  const isPublic = parts.length === 3 ? parts[1] === 'public' : false;
  if (parts.length === 3 && !isPublic) reader.fail(`there is no schema ${parts[1]}: only public`, at, 'undefinedTable');
  const [first = '', last] = parts.length === 3 ? [parts[0], parts[2]] : parts;
  if (last === undefined) return { database: null, table: first, at };
  return parts.length === 2 && first === 'public'
    ? { database: null, table: last, at }
    : { database: first, table: last, at };
};

const star = (reader: Reader): string => {
  reader.expect('*');
  return '*';
};

/** The one database of several tables; null: none is named. */
export const databaseOf = (tables: readonly TableName[], reader: Reader): string | null => {
  const names = [...new Set(tables.map(({ database }) => database).filter((name) => name !== null))];
  const [name = null, other] = names;
  if (other !== undefined) {
    const at = tables.find(({ database }) => database === other)?.at;
    reader.fail('the tables of one statement must be of one database', at, 'notSupported');
  }
  return name;
};

/** The tables by name; null: db.*, all of them. */
export const tablesOf = (tables: readonly TableName[], reader: Reader): readonly string[] | null => {
  if (!tables.some(({ table }) => table === '*')) return tables.map(({ table }) => table);
  if (tables.length > 1) reader.fail('db.* stands for all tables, and must be alone', tables[1]?.at);
  return null;
};
