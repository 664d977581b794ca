/**
 * Reads the schema of a database in steps of a few milliseconds, so that it can run in a thread that serves other
 * requests.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import type { ColumnShape, DatabaseShape, IndexShape, TableShape } from '../database.ts';
import { describeTable, type ListedTable, listTables, readTable, type Table } from './catalogue.ts';
import { failureOf } from './errors.ts';
import { quote } from './names.ts';
import { openDatabase } from './open.ts';

/**
 * All tables in one snapshot, without the tables of SQLite and of jobs. Tables that cannot be counted within
 * `timeLimitMs` in total have no `rowCount`.
 * @throws Error with a readable message when the file cannot be read
 */
export const inspect = async (file: string, name: string, timeLimitMs: number): Promise<DatabaseShape> => {
  const deadline = performance.now() + timeLimitMs;
  const { sql, close } = openDatabase(file, name, { readonly: true, lockWaitMs: 100 });
  try {
    sql.exec('BEGIN');
    const tables: TableShape[] = [];
    for (const listed of listTables(sql).filter(({ type }) => type === 'table' || type === 'virtual')) {
      const table = readKnown(sql, listed);
      const rowCount = table?.type === 'table' ? await countRows(sql, table, deadline) : null;
      const [columns, indexes] = table === null ? [[], []] : [columnShapes(table), indexShapes(table)];
      tables.push({ name: listed.name, columns, indexes, rowCount });
      await turn();
    }
    return { tables };
  } catch (error) {
    throw new Error(messageOf(failureOf(error, name)), { cause: error });
  } finally {
    close();
  }
};

/**
 * The approximate number of rows of a table that is being written. Null if there is no such table or no time to count.
 */
export const rowCountOf = async (sql: Sqlite.Database, name: string, timeLimitMs: number): Promise<number | null> => {
  const table = readTable(sql, name);
  return table === undefined ? null : countRows(sql, table, performance.now() + timeLimitMs);
};

/** Null for a virtual table whose module is missing: nothing more is known of it. */
const readKnown = (sql: Sqlite.Database, listed: ListedTable): Table | null => {
  try {
    return describeTable(sql, listed);
  } catch (error) {
    if (listed.type === 'virtual') return null;
    throw error;
  }
};

const columnShapes = ({ columns, withoutRowid, alias }: Table): readonly ColumnShape[] =>
  columns
    .filter(({ hidden }) => !hidden)
    .map(({ name, type, notNull, keyPosition, ...column }) => ({
      name,
      type,
      // The rowid is never NULL, whatever the declaration says.
      nullable: !notNull && !(keyPosition > 0 && (withoutRowid || name === alias)),
      primaryKey: keyPosition > 0,
      default: column.default,
    }));

/** The indexes made by CREATE INDEX and UNIQUE; the columns report the primary key. */
const indexShapes = ({ indexes }: Table): readonly IndexShape[] =>
  indexes
    .filter(({ origin }) => origin !== 'pk')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, unique, parts }) => ({
      name,
      columns: parts.map((part) => part.name ?? '(expression)'),
      unique,
    }));

// better-sqlite3 cannot interrupt a statement, so rows are counted in windows short enough not to delay others.
const WINDOW_ROWS = 2_000;

const countRows = async (sql: Sqlite.Database, table: Table, deadline: number): Promise<number | null> => {
  const key = keyOf(table);
  if (key === null) return null;
  const from = quote(table.name);
  const marks = key.map(() => '?').join(', ');
  const behind = `WHERE (${key.join(', ')}) > (${marks})`;
  const next = (where: string) =>
    sql
      .prepare(
        `SELECT ${key.join(', ')} FROM ${from} ${where} ORDER BY ${key.join(', ')} LIMIT 1 OFFSET ${WINDOW_ROWS - 1}`,
      )
      .raw()
      .safeIntegers();
  const first = next('');
  const following = next(behind);
  let last: unknown[] | undefined;
  for (let count = 0; ; count += WINDOW_ROWS) {
    if (performance.now() > deadline) return null;
    const end = (last === undefined ? first.get() : following.get(...last)) as unknown[] | undefined;
    if (end === undefined) {
      const rest = sql
        .prepare(`SELECT count(*) FROM (SELECT 1 FROM ${from} ${last === undefined ? '' : behind})`)
        .pluck();
      return count + (rest.get(...(last ?? [])) as number);
    }
    last = end;
    await turn();
  }
};

/** The key that defines the storage order of a table, quoted; null if the rowid has no usable name. */
const keyOf = ({ withoutRowid, key, rowid }: Table): readonly string[] | null => {
  if (withoutRowid) return key.map(({ name }) => quote(name));
  return rowid === null ? null : [quote(rowid)];
};
