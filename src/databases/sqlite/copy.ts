/**
 * Copies a table from an attached database, some rows at a time, in the order in which it is stored. How far it came
 * is read from the copy itself: its last row.
 */
import type Sqlite from 'better-sqlite3';
import { fold, quote } from './names.ts';

export interface CopyOrder {
  /** The attached database, and the table in it. */
  readonly schema: string;
  readonly table: string;
  /** Of the same shape, in the main database. */
  readonly into: string;
}

/** Copies so many more rows, inside a transaction, and tells how many there were. */
export type Copy = (rows: number) => number;

/** @throws Error for a table whose rows cannot be told apart by any name */
export const copierOf = (sql: Sqlite.Database, { schema, table, into }: CopyOrder): Copy => {
  const { columns, key } = shapeOf(sql, schema, table);
  const names = columns.map(quote).join(', ');
  const from = `${quote(schema)}.${quote(table)}`;
  // Whatever the table says of conflicts: a row that is refused is a fault, and none is left out.
  const put = `INSERT OR ABORT INTO main.${quote(into)} (${names}) SELECT ${names} FROM ${from}`;
  const first = sql.prepare(`${put} ORDER BY ${orderOf(key)} LIMIT ?`);
  const next = sql.prepare(`${put} WHERE ${behind(key, `main.${quote(into)}`)} ORDER BY ${orderOf(key)} LIMIT ?`);
  const any = sql.prepare(`SELECT 1 FROM main.${quote(into)}`);
  return (rows) => (any.get() === undefined ? first : next).run(rows).changes;
};

/** @throws Error as `copierOf` does */
export const checkCopyable = (sql: Sqlite.Database, table: string): void => void shapeOf(sql, 'main', table);

interface KeyPart {
  readonly name: string;
  /** As it is compared. */
  readonly text: string;
  readonly isDescending: boolean;
}

interface Shape {
  /** Those that can be given, and the rowid. */
  readonly columns: readonly string[];
  readonly key: readonly KeyPart[];
}

const shapeOf = (sql: Sqlite.Database, schema: string, table: string): Shape => {
  const parts = sql.prepare('SELECT name, pk, hidden FROM pragma_table_xinfo(?, ?)').all(table, schema) as {
    readonly name: string;
    readonly pk: number;
    readonly hidden: number;
  }[];
  const given = parts.filter(({ hidden }) => hidden === 0).map(({ name }) => name);
  const index = sql
    .prepare("SELECT name FROM pragma_index_list(?, ?) WHERE origin = 'pk'")
    .pluck()
    .get(table, schema) as string | undefined;
  const { wr } = sql.prepare('SELECT wr FROM pragma_table_list(?) WHERE schema = ?').get(table, schema) as {
    readonly wr: number;
  };
  if (wr === 1 && index !== undefined) return { columns: given, key: keyOf(sql, schema, table, index) };
  const alias = index === undefined ? parts.find(({ pk }) => pk > 0)?.name : undefined;
  if (alias !== undefined) return { columns: given, key: [part(alias)] };
  const taken = new Set(parts.map(({ name }) => fold(name)));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  if (rowid === undefined) {
    throw new Error(`table ${quote(table)} has columns named rowid, oid and _rowid_: its rows cannot be told apart`);
  }
  return { columns: [rowid, ...given], key: [part(rowid)] };
};

const part = (name: string): KeyPart => ({ name: quote(name), text: quote(name), isDescending: false });

const keyOf = (sql: Sqlite.Database, schema: string, table: string, index: string): readonly KeyPart[] => {
  const parts = sql
    .prepare('SELECT name, coll, "desc" FROM pragma_index_xinfo(?, ?) WHERE key = 1 ORDER BY seqno')
    .all(index, schema) as { readonly name: string; readonly coll: string; readonly desc: 0 | 1 }[];
  const key = parts.map(({ name, desc }) => ({ ...part(name), isDescending: desc === 1 }));
  const plan = sql.prepare(
    `EXPLAIN QUERY PLAN SELECT 1 FROM ${quote(schema)}.${quote(table)} ORDER BY ${orderOf(key)}`,
  );
  const isStored = !(plan.all() as { readonly detail: string }[]).some(({ detail }) => detail.includes('TEMP B-TREE'));
  // A key whose collation is not that of its columns: said, it is right, but no index finds a place in it.
  return isStored ? key : key.map((one, i) => ({ ...one, text: `${one.text} COLLATE ${quote(parts[i]?.coll ?? '')}` }));
};

const orderOf = (key: readonly KeyPart[], isBackwards = false): string =>
  key.map(({ text, isDescending }) => `${text}${isDescending === isBackwards ? '' : ' DESC'}`).join(', ');

/** What is behind the last row of the copy. Where all parts run the same way, an index finds it. */
const behind = (key: readonly KeyPart[], copy: string): string => {
  // A plus: a column's affinity on this side would keep the index from being used.
  const lastOf = (names: readonly string[]) =>
    `(SELECT ${names.map((name) => `+${name}`).join(', ')} FROM ${copy} ORDER BY ${orderOf(key, true)} LIMIT 1)`;
  const [{ isDescending } = { isDescending: false }] = key;
  if (key.every((one) => one.isDescending === isDescending)) {
    return `(${key.map(({ text }) => text).join(', ')}) ${isDescending ? '<' : '>'} ${lastOf(key.map(({ name }) => name))}`;
  }
  const cases = key.map(({ name, text, isDescending: goesDown }, i) =>
    [
      ...key.slice(0, i).map((before) => `${before.text} = ${lastOf([before.name])}`),
      `${text} ${goesDown ? '<' : '>'} ${lastOf([name])}`,
    ].join(' AND '),
  );
  return `(${cases.map((text) => `(${text})`).join(' OR ')})`;
};
