/** Reads the shape of a database, in pieces of a few milliseconds, so that it can be done where others are served. */
import { setImmediate as turn } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import type { ColumnShape, DatabaseShape, IndexShape, TableShape } from '../database.ts';
import { failureOf } from './errors.ts';
import { isReserved, quote } from './names.ts';
import { openDatabase } from './open.ts';

/**
 * All tables at one moment, without those that SQLite and jobs keep for themselves. What cannot be counted in
 * `timeLimitMs` altogether has no `rowCount`.
 * @throws Error with a message for people when the file cannot be read
 */
export const inspect = async (file: string, name: string, timeLimitMs: number): Promise<DatabaseShape> => {
  const deadline = performance.now() + timeLimitMs;
  const { sql, close } = openDatabase(file, name, { readonly: true, lockWaitMs: 100 });
  try {
    sql.exec('BEGIN');
    const tables: TableShape[] = [];
    for (const table of tablesOf(sql)) {
      const columns = columnsOf(sql, table);
      const rowCount = table.type === 'table' ? await countRows(sql, table, columns, deadline) : null;
      tables.push({ name: table.name, columns: columns.map(shapeOf), indexes: indexesOf(sql, table), rowCount });
      await turn();
    }
    return { tables };
  } catch (error) {
    throw new Error(messageOf(failureOf(error, name)), { cause: error });
  } finally {
    close();
  }
};

/** How many rows a table has, about, while it is written to. Null when there is no such table, or no time to count. */
export const rowCountOf = async (sql: Sqlite.Database, name: string, timeLimitMs: number): Promise<number | null> => {
  const table = tablesOf(sql).find((listed) => listed.name === name);
  if (table === undefined) return null;
  return countRows(sql, table, columnsOf(sql, table), performance.now() + timeLimitMs);
};

interface ListedTable {
  readonly schema: string;
  readonly name: string;
  readonly type: 'table' | 'view' | 'virtual' | 'shadow';
  /** WITHOUT ROWID. */
  readonly wr: 0 | 1;
}

interface ListedColumn extends ColumnShape {
  /** Its place in the primary key, from 1; 0 outside of it. */
  readonly keyPlace: number;
}

const tablesOf = (sql: Sqlite.Database): readonly ListedTable[] =>
  (sql.pragma('table_list') as ListedTable[])
    .filter(({ schema, type, name }) => schema === 'main' && /^(table|virtual)$/.test(type) && !isReserved(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const columnsOf = (sql: Sqlite.Database, table: ListedTable): readonly ListedColumn[] => {
  const rows = sql.prepare('SELECT * FROM pragma_table_xinfo(?)').all(table.name) as {
    readonly name: string;
    readonly type: string;
    readonly notnull: 0 | 1;
    readonly dflt_value: string | null;
    readonly pk: number;
    /** 1: of a virtual table, and not part of `SELECT *`. */
    readonly hidden: number;
  }[];
  const keys = rows.filter(({ pk }) => pk > 0);
  // It is the rowid then, which is never NULL, whatever the declaration says.
  const isRowid = table.wr === 0 && keys.length === 1 && /^integer$/i.test(keys[0]?.type ?? '');
  return rows
    .filter(({ hidden }) => hidden !== 1)
    .map(({ name, type, notnull, dflt_value, pk }) => {
      const nullable = notnull === 0 && !(pk > 0 && (isRowid || table.wr === 1));
      return { name, type, nullable, primaryKey: pk > 0, default: dflt_value, keyPlace: pk };
    });
};

const shapeOf = ({ keyPlace: _, ...shape }: ListedColumn): ColumnShape => shape;

/** Those made by CREATE INDEX and UNIQUE; the primary key is told by the columns. */
const indexesOf = (sql: Sqlite.Database, table: ListedTable): readonly IndexShape[] => {
  const indexes = sql.prepare('SELECT name, "unique" FROM pragma_index_list(?) WHERE origin <> \'pk\' ORDER BY name');
  const parts = sql.prepare('SELECT name FROM pragma_index_info(?) ORDER BY seqno').pluck();
  return (indexes.all(table.name) as { readonly name: string; readonly unique: 0 | 1 }[]).map((index) => ({
    name: index.name,
    columns: (parts.all(index.name) as (string | null)[]).map((column) => column ?? '(expression)'),
    unique: index.unique === 1,
  }));
};

// better-sqlite3 cannot interrupt a statement: a window is what can be counted without making anybody wait.
const WINDOW_ROWS = 2_000;

const countRows = async (
  sql: Sqlite.Database,
  table: ListedTable,
  columns: readonly ListedColumn[],
  deadline: number,
): Promise<number | null> => {
  const key = keyOf(table, columns);
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

/** What the rows of a table lie in order of, quoted; null when no name is left for it. */
const keyOf = (table: ListedTable, columns: readonly ListedColumn[]): readonly string[] | null => {
  if (table.wr === 1) {
    const keys = columns.filter(({ keyPlace }) => keyPlace > 0).sort((a, b) => a.keyPlace - b.keyPlace);
    return keys.map(({ name }) => quote(name));
  }
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return free === undefined ? null : [free];
};
