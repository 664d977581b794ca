/**
 * Copies a table from an attached database in batches, in storage order. The position is read from the copy itself: it
 * is the last row there.
 */
import type Sqlite from 'better-sqlite3';
import { NO_ROWID, readTable, type Table } from './catalogue.ts';
import { quote } from './names.ts';

export interface CopyOrder {
  /** The schema name of the attached database, and the table in it. */
  readonly schema: string;
  readonly table: string;
  /** A table with the same columns in the main database. */
  readonly into: string;
}

/** Copies at most this many further rows, inside a transaction, and returns how many it copied. */
export type Copy = (rows: number) => number;

/** @throws Error for a table without a name that identifies its rows */
export const copierOf = (sql: Sqlite.Database, { schema, table, into }: CopyOrder): Copy => {
  const { columns, key } = shapeOf(sql, schema, table);
  const names = columns.map(quote).join(', ');
  const from = `${quote(schema)}.${quote(table)}`;
  // Whatever conflict clause the table declares, a rejected row is an error, and no row is skipped.
  const put = `INSERT OR ABORT INTO main.${quote(into)} (${names}) SELECT ${names} FROM ${from}`;
  const first = sql.prepare(`${put} ORDER BY ${orderOf(key)} LIMIT ?`);
  const next = sql.prepare(`${put} WHERE ${behind(key, `main.${quote(into)}`)} ORDER BY ${orderOf(key)} LIMIT ?`);
  const any = sql.prepare(`SELECT 1 FROM main.${quote(into)}`);
  return (rows) => (any.get() === undefined ? first : next).run(rows).changes;
};

/** @param shownAs its name in messages @throws Error as `copierOf` does */
export const checkCopyable = (sql: Sqlite.Database, table: string, shownAs = table): void =>
  void shapeOf(sql, 'main', table, shownAs);

interface KeyPart {
  readonly name: string;
  /** The name with its collation, as it is compared. */
  readonly text: string;
  readonly isDescending: boolean;
}

interface Shape {
  /** The columns that an INSERT can fill, and the rowid. */
  readonly columns: readonly string[];
  readonly key: readonly KeyPart[];
}

const shapeOf = (sql: Sqlite.Database, schema: string, name: string, shownAs = name): Shape => {
  const table = readTable(sql, name, schema);
  if (table === undefined) throw new Error(`there is no table ${quote(name)}`);
  const given = table.columns.filter(({ generated, hidden }) => !generated && !hidden).map((column) => column.name);
  if (table.withoutRowid) return { columns: given, key: keyOf(sql, schema, table) };
  if (table.alias !== null) return { columns: given, key: [part(table.alias)] };
  if (table.rowid === null) throw new Error(`table ${quote(shownAs)} ${NO_ROWID}`);
  return { columns: [table.rowid, ...given], key: [part(table.rowid)] };
};

const part = (name: string): KeyPart => ({ name: quote(name), text: quote(name), isDescending: false });

const keyOf = (sql: Sqlite.Database, schema: string, { name: table, key: parts }: Table): readonly KeyPart[] => {
  const key = parts.map(({ name, descending }) => ({ ...part(name), isDescending: descending }));
  const plan = sql.prepare(
    `EXPLAIN QUERY PLAN SELECT 1 FROM ${quote(schema)}.${quote(table)} ORDER BY ${orderOf(key)}`,
  );
  const isStored = !(plan.all() as { readonly detail: string }[]).some(({ detail }) => detail.includes('TEMP B-TREE'));
  // The collation of the key differs from that of its column. The comparison is correct with it, but cannot use an
  // index.
  return isStored
    ? key
    : key.map((one, i) => ({ ...one, text: `${one.text} COLLATE ${quote(parts[i]?.collation ?? '')}` }));
};

const orderOf = (key: readonly KeyPart[], isBackwards = false): string =>
  key.map(({ text, isDescending }) => `${text}${isDescending === isBackwards ? '' : ' DESC'}`).join(', ');

/** The rows after the last row of the copy. An index can be used if all parts have the same direction. */
const behind = (key: readonly KeyPart[], copy: string): string => {
  // The unary plus removes the column's affinity on this side, which would prevent the use of the index.
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
