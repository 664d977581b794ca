/**
 * The log of a changefeed in the database that it watches, and its other objects there. All functions run inside a
 * transaction.
 */

import type Sqlite from 'better-sqlite3';
import type { Owner } from '../../../jobs/kind.ts';
import { quote } from '../names.ts';
import { afterColumn, beforeColumn, feedNames } from './names.ts';
import { readWatchedTable, TableError, type WatchedTable } from './table.ts';
import { triggersOf, type Watching } from './triggers.ts';

/** One version of the column map of a table's entries. Its names are stored, in a table and a column named `shape`. */
export interface ColumnMap {
  readonly id: number;
  /** The position of the table among those that the feed watches. */
  readonly place: number;
  readonly table: string;
  readonly columns: readonly string[];
  /** The positions of the primary key's columns. */
  readonly key: readonly number[];
  /** The unique indexes that the triggers cover. */
  readonly uniques: readonly string[];
  readonly diff: boolean;
}

const MAX_COLUMNS = 1_900;

export const createLog = (sql: Sqlite.Database, owner: Owner, limitBytes: number): void => {
  const { log, meter, notes, columnMaps } = feedNames(owner);
  // AUTOINCREMENT would permanently leave a table of SQLite's own behind; instead, the newest row is never deleted.
  sql.exec(`
    CREATE TABLE ${quote(log)} (seq INTEGER PRIMARY KEY, shape, op, at, size);
    INSERT INTO ${quote(log)} VALUES (1, 0, 'B', 0, 0);
    CREATE TABLE ${quote(meter)} (gone INTEGER NOT NULL, "full" INTEGER NOT NULL, at INTEGER NOT NULL, taken INTEGER NOT NULL, given INTEGER NOT NULL);
    CREATE TABLE ${quote(notes)} (_signalbox_id INTEGER PRIMARY KEY, _signalbox_table);
    CREATE TABLE ${quote(columnMaps)} (id INTEGER PRIMARY KEY, shape TEXT NOT NULL);`);
  sql.prepare(`INSERT INTO ${quote(meter)} VALUES (0, ?, 0, 0, 0)`).run(limitBytes);
};

/**
 * Creates the triggers of a table, and returns the column map version of its entries from now on.
 * @throws TableError
 */
export const watchTable = (
  sql: Sqlite.Database,
  { owner, place, diff }: Omit<Watching, 'columnMapId'>,
  name: string,
): ColumnMap => {
  const table = readWatchedTable(sql, name);
  const columns = table.columns.length;
  if (columns * (diff ? 2 : 1) > MAX_COLUMNS) {
    throw new TableError(`table ${JSON.stringify(table.name)} has too many columns for a feed: ${columns}`);
  }
  const names = feedNames(owner);
  widen(sql, names.log, columns, diff);
  widen(sql, names.notes, columns, false);
  const described = describe(table, place, diff);
  const { lastInsertRowid } = sql
    .prepare(`INSERT INTO ${quote(names.columnMaps)} (shape) VALUES (?)`)
    .run(JSON.stringify(described));
  const columnMap = { ...described, id: Number(lastInsertRowid) };
  for (const trigger of triggersOf({ owner, place, columnMapId: columnMap.id, diff }, table)) sql.exec(trigger.sql);
  checkTriggers(sql, table);
  return columnMap;
};

export const readColumnMaps = (sql: Sqlite.Database, owner: Owner): readonly ColumnMap[] => {
  const rows = sql.prepare(`SELECT id, shape FROM ${quote(feedNames(owner).columnMaps)} ORDER BY id`).all() as {
    readonly id: number;
    readonly shape: string;
  }[];
  return rows.map(({ id, shape }) => ({ ...JSON.parse(shape), id }));
};

export const describe = (table: WatchedTable, place: number, diff: boolean): Omit<ColumnMap, 'id'> => ({
  place,
  table: table.name,
  columns: table.columns,
  key: table.key.map((column) => column.place),
  uniques: table.uniques.map((unique) => JSON.stringify([unique.name, unique.parts, unique.where])),
  diff,
});

const widen = (sql: Sqlite.Database, table: string, columns: number, withBefore: boolean) => {
  const existing = new Set(sql.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]);
  for (let place = 0; place < columns; place++) {
    for (const column of [afterColumn(place), ...(withBefore ? [beforeColumn(place)] : [])]) {
      if (!existing.has(column)) sql.exec(`ALTER TABLE ${quote(table)} ADD COLUMN ${column}`);
    }
  }
};

/** SQLite compiles a trigger when it first fires; an error would then fail another program's write. */
const checkTriggers = (sql: Sqlite.Database, { name, key }: WatchedTable) => {
  const column = quote(key[0]?.name ?? '');
  try {
    sql.prepare(`EXPLAIN INSERT INTO ${quote(name)} DEFAULT VALUES`);
    sql.prepare(`EXPLAIN UPDATE ${quote(name)} SET ${column} = ${column}`);
    sql.prepare(`EXPLAIN DELETE FROM ${quote(name)}`);
  } catch (error) {
    throw new TableError(`table ${JSON.stringify(name)} cannot be watched: ${(error as Error).message}`);
  }
};
