/**
 * The log of a changefeed in the database that it watches, and its other objects there. All functions run inside a
 * transaction.
 */

import Sqlite from 'better-sqlite3';
import type { Owner } from '../../../jobs/kind.ts';
import { quote } from '../names.ts';
import { afterColumn, beforeColumn, feedNames } from './names.ts';
import { readWatchedTable, TableError, type WatchedTable } from './table.ts';
import { droppable, triggersOf, viewOf, type Watching } from './triggers.ts';

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
  /** The table's CREATE TABLE; null in the column maps of an older version. */
  readonly text: string | null;
}

const MAX_COLUMNS = 1_900;

/** @param first the first position; each generation of a log begins at a later one than all before: see `nextFirst` */
export const createLog = (sql: Sqlite.Database, owner: Owner, limitBytes: number, first = 1): void => {
  const { log, meter, notes, columnMaps } = feedNames(owner);
  // AUTOINCREMENT would permanently leave a table of SQLite's own behind; instead, the newest row is never deleted.
  sql.exec(`
    CREATE TABLE ${quote(log)} (seq INTEGER PRIMARY KEY, shape, op, at, size);
    INSERT INTO ${quote(log)} VALUES (${first}, 0, 'B', 0, 0);
    CREATE TABLE ${quote(meter)} (gone INTEGER NOT NULL, "full" INTEGER NOT NULL, at INTEGER NOT NULL, taken INTEGER NOT NULL, given INTEGER NOT NULL);
    CREATE TABLE ${quote(notes)} (_signalbox_id INTEGER PRIMARY KEY, _signalbox_table);
    CREATE TABLE ${quote(columnMaps)} (id INTEGER PRIMARY KEY, shape TEXT NOT NULL);`);
  sql.prepare(`INSERT INTO ${quote(meter)} VALUES (0, ?, 0, 0, 0)`).run(limitBytes);
  completeLog(sql, owner);
};

const GENERATION = 1e12;

/** The generation of the log that a position is in. It is the leading part of the position, so generations sort. */
export const generationOf = (position: number): number => Math.floor(position / GENERATION);

/** The first position of the generation after this position's. */
export const nextFirst = (position: number): number => (generationOf(position) + 1) * GENERATION + 1;

/** The first table of the feed that is missing; null if there is none. */
export const missingTable = (sql: Sqlite.Database, owner: Owner): string | null => {
  const { log, meter, notes, columnMaps } = feedNames(owner);
  const find = sql.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  return [log, meter, notes, columnMaps].find((name) => find.get(name) === undefined) ?? null;
};

/** Adds what the log of an older version lacks. */
export const completeLog = (sql: Sqlite.Database, owner: Owner): void => {
  const { log, columnMaps, indexes, keys, groups } = feedNames(owner);
  // `text`: of the table, if it is not that of the column map. `how`: the operation.
  addColumns(sql, log, ['text', 'how']);
  // `object`: the table in the catalogue. `last`: the newest object there when it was inspected.
  addColumns(sql, columnMaps, ['text', 'object', 'last', 'lastText']);
  sql.exec(`CREATE TABLE IF NOT EXISTS ${quote(indexes)} (shape INTEGER NOT NULL, object INTEGER NOT NULL, sql TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ${quote(keys)} (_signalbox_map INTEGER);
    CREATE TABLE IF NOT EXISTS ${quote(groups)} (last INTEGER PRIMARY KEY)`);
  // If another program dropped it, the triggers still need its columns.
  const width = Math.max(0, ...readColumnMaps(sql, owner).map(({ columns }) => columns.length));
  addColumns(sql, keys, afterColumns(width));
};

const afterColumns = (width: number): readonly string[] =>
  Array.from({ length: width }, (_, position) => afterColumn(position));

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
  const positions = Array.from({ length: columns }, (_, position) => position);
  addColumns(sql, names.log, [...positions.map(afterColumn), ...(diff ? positions.map(beforeColumn) : [])]);
  for (const keyed of [names.notes, names.keys]) addColumns(sql, keyed, afterColumns(columns));
  const described = describe(table, place, diff);
  const { text, ...shape } = described;
  const { lastInsertRowid } = sql
    .prepare(
      `INSERT INTO ${quote(names.columnMaps)} (shape, text, object)
       SELECT ?, ?, rowid FROM sqlite_master WHERE type = 'table' AND name = ?`,
    )
    .run(JSON.stringify(shape), text, table.name);
  const columnMap = { ...described, id: Number(lastInsertRowid) };
  const recordIndex = sql.prepare(
    `INSERT INTO ${quote(names.indexes)} SELECT ?, rowid, sql FROM sqlite_master WHERE type = 'index' AND name = ?`,
  );
  for (const { name: index } of droppable(table)) recordIndex.run(columnMap.id, index);
  const watching = { owner, place, columnMapId: columnMap.id, diff };
  const statements = [viewOf(watching, table)?.sql ?? '', ...triggersOf(watching, table).map((trigger) => trigger.sql)];
  for (const statement of statements) sql.exec(statement);
  recordCatalogue(sql, owner, columnMap.id);
  checkTriggers(sql, owner, table, statements);
  return columnMap;
};

/**
 * Records where the catalogue ends, so that the triggers see when an object is created. Call it when the column map is
 * that of the table as it is.
 */
export const recordCatalogue = (sql: Sqlite.Database, owner: Owner, columnMapId: number): void => {
  const last = sql.prepare('SELECT rowid, sql FROM sqlite_master ORDER BY rowid DESC LIMIT 1').raw().get() as unknown[];
  sql
    .prepare(`UPDATE ${quote(feedNames(owner).columnMaps)} SET last = ?, lastText = ? WHERE id = ?`)
    .run(...last, columnMapId);
};

export const readColumnMaps = (sql: Sqlite.Database, owner: Owner): readonly ColumnMap[] => {
  const rows = sql.prepare(`SELECT id, shape, text FROM ${quote(feedNames(owner).columnMaps)} ORDER BY id`).all() as {
    readonly id: number;
    readonly shape: string;
    readonly text: string | null;
  }[];
  return rows.map(({ id, shape, text }) => ({ ...JSON.parse(shape), text, id }));
};

/** The column map of a table's entries from now on. */
export const newestColumnMap = (sql: Sqlite.Database, owner: Owner, place: number): ColumnMap => {
  const columnMap = readColumnMaps(sql, owner).findLast((known) => known.place === place);
  if (columnMap === undefined) throw new Error(`the column map of table ${place} of the feed is missing`);
  return columnMap;
};

export const describe = (table: WatchedTable, place: number, diff: boolean): Omit<ColumnMap, 'id'> => ({
  place,
  table: table.name,
  columns: table.columns,
  key: table.key.map((column) => column.place),
  uniques: table.uniques.map((unique) => JSON.stringify([unique.name, unique.parts, unique.where, unique.sql])),
  diff,
  text: table.sql,
});

/** False for the log of an older version until the feed runs. */
export const isCompleteLog = (sql: Sqlite.Database, owner: Owner): boolean =>
  sql.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'how'").get(feedNames(owner).log) !== undefined;

/** Adds columns for keys of this many columns. */
export const addLogColumns = (sql: Sqlite.Database, owner: Owner, columns: number): void =>
  addColumns(sql, feedNames(owner).log, afterColumns(columns));

const addColumns = (sql: Sqlite.Database, table: string, columns: readonly string[]) => {
  const existing = new Set(sql.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]);
  for (const column of columns) {
    if (!existing.has(column)) sql.exec(`ALTER TABLE ${quote(table)} ADD COLUMN ${column}`);
  }
};

/**
 * SQLite compiles a trigger when it first fires; an error would then fail another program's write. The triggers are
 * compiled on a copy without the triggers of other programs: these may need what only their program has, and so may
 * the table itself.
 */
const checkTriggers = (sql: Sqlite.Database, owner: Owner, { name, key, sql: text }: WatchedTable, own: string[]) => {
  const column = quote(key[0]?.name ?? '');
  const find = sql.prepare("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?").pluck();
  const tables = Object.values(feedNames(owner)).map((table) => find.get(table) as string);
  const probe = new Sqlite(':memory:');
  probe.pragma('foreign_keys = OFF');
  try {
    for (const statement of [text, ...tables, ...own]) probe.exec(statement);
    probe.prepare(`EXPLAIN INSERT INTO ${quote(name)} DEFAULT VALUES`);
    probe.prepare(`EXPLAIN UPDATE ${quote(name)} SET ${column} = ${column}`);
    probe.prepare(`EXPLAIN DELETE FROM ${quote(name)}`);
  } catch (error) {
    const message = (error as Error).message;
    if (/^no such (function|collation sequence)|^unsafe use of/.test(message)) return;
    throw new TableError(`table ${JSON.stringify(name)} cannot be watched: ${message}`);
  } finally {
    probe.close();
  }
};
