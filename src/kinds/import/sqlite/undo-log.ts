/**
 * The values of rows of others that an import changes: those that it replaces or updates, and those that foreign keys
 * then delete or change. They are written by temporary triggers, which exist in this connection only, to
 * `_signalbox_<store>_import_<job>_undo`, in the transaction and the statement that changes the rows. undo.ts reads
 * them.
 *
 * An entry is a row that was deleted (`D`) or updated (`U`), with its old key and values, and for an update the new ones
 * too. Entries of one row of a source are a step. Its main entry is the row of the job's table: if somebody changed that
 * row since, the step is not undone. A row that was replaced becomes an update to the new one, which undoes it in place.
 */
import type Sqlite from 'better-sqlite3';
import type { Table as CatalogueTable } from '../../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import { isTable } from '../../../databases/sqlite/own-names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { undoNames } from './names.ts';
import { isKey } from './row-key.ts';

/** SQLite allows 2,000 columns, and an entry holds a row twice. */
export const MAX_LOGGED_COLUMNS = 990;

/** All methods run inside a transaction. */
export interface UndoLog {
  /** What the triggers write from now on is one step. */
  beginStep(): void;
  /**
   * Completes the step.
   * @param before the key of the row that was updated, or of the first row that was replaced
   * @param after the key that it has now, or that of the new row; null if there is none
   */
  endStep(before: readonly unknown[], after: readonly unknown[] | null): void;
  /** Removes the step: it concerned rows of the job only. */
  dropStep(): void;
}

/** The columns of a table whose values an entry holds: a generated one follows. */
export const loggedColumns = ({ columns, alias }: CatalogueTable): readonly string[] =>
  columns.filter(({ generated, name }) => !generated && name !== alias).map(({ name }) => name);

const STEP = '_signalbox_step';
const triggerName = (table: number, event: string) => `_signalbox_log_${table}_${event}`;

/** Inside a transaction. @param tables the job's table first */
export const createUndoLog = (sql: Sqlite.Database, owner: Owner, tables: readonly CatalogueTable[]): void => {
  const names = undoNames(owner);
  const width = Math.max(...tables.map((table) => loggedColumns(table).length));
  const values = Array.from({ length: width }, (_, i) => i);
  const columns = ['o', 'n'].flatMap((side) => [`${side}k`, ...values.map((i) => `${side}${i}`)]);
  sql.exec(`CREATE TABLE ${quote(names.log)} (seq INTEGER PRIMARY KEY, step INTEGER NOT NULL, tab INTEGER NOT NULL,
      op TEXT NOT NULL, main INTEGER NOT NULL DEFAULT 0, ${columns.join(', ')});
    CREATE TABLE ${quote(names.tables)} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, columns TEXT NOT NULL)`);
  const add = sql.prepare(`INSERT INTO ${quote(names.tables)} VALUES (?, ?, ?)`);
  for (const [id, table] of tables.entries()) add.run(id, table.name, JSON.stringify(loggedColumns(table)));
};

/** Runs inside a transaction. */
export const dropUndoLog = (sql: Sqlite.Database, owner: Owner): void => {
  const { log, tables } = undoNames(owner);
  sql.exec(`DROP TABLE IF EXISTS ${quote(log)}; DROP TABLE IF EXISTS ${quote(tables)}`);
};

export const isUndoLogThere = (sql: Sqlite.Database, owner: Owner): boolean => isTable(sql, undoNames(owner).log);

/** A table as it was when the log was created. */
export interface LoggedTable {
  readonly id: number;
  readonly name: string;
  /** The columns, in the order of the values of an entry. */
  readonly columns: readonly string[];
}

export const readLoggedTables = (sql: Sqlite.Database, owner: Owner): readonly LoggedTable[] =>
  (
    sql
      .prepare(`SELECT id, name, columns FROM ${quote(undoNames(owner).tables)} ORDER BY id`)
      .raw()
      .all() as [number, string, string][]
  ).map(([id, name, columns]) => ({ id, name, columns: JSON.parse(columns) as readonly string[] }));

/**
 * Inside a transaction. Creates the triggers.
 * @param tables the tables that are affected now
 * @param isOwn SQL that is true of a row of the job: it is not logged
 */
export const openUndoLog = (
  sql: Sqlite.Database,
  owner: Owner,
  tables: readonly CatalogueTable[],
  isOwn: (row: string) => string,
): UndoLog => {
  const names = undoNames(owner);
  const log = quote(names.log);
  const logged = readLoggedTables(sql, owner);
  const [main] = tables;
  if (main === undefined) throw new Error('an undo log needs a table');
  sql.exec(`DROP TABLE IF EXISTS temp.${STEP}; CREATE TEMP TABLE ${STEP} (step); INSERT INTO ${STEP} VALUES (0)`);
  for (const { id } of logged) dropTriggers(sql, id);
  for (const table of tables) {
    const known = logged.find(({ id, name }) => (id === 0 ? table === main : fold(name) === fold(table.name)));
    if (known === undefined) {
      throw new Error(
        `a foreign key of table ${table.name} was added by another program: its rows could not be brought back`,
      );
    }
    createTriggers(sql, log, table, known, table === main ? isOwn : null);
  }
  const begin = sql.prepare(`UPDATE ${STEP} SET step = (SELECT coalesce(max(seq), 0) FROM ${log})`);
  const ofStep = `seq > (SELECT step FROM ${STEP}) AND tab = 0`;
  const columns = logged[0]?.columns ?? [];
  const isRow = isKey(main);
  const wasRow = isLogged(main, columns);
  const markUpdated = sql.prepare(
    `UPDATE ${log} SET main = 1 WHERE seq = (SELECT max(seq) FROM ${log} WHERE ${ofStep} AND op = 'U' AND ${wasRow})`,
  );
  const markReplaced = sql.prepare(
    `UPDATE ${log} SET op = 'U', main = 1, ${['k', ...columns.keys()].map((i) => `n${i} = x.${i === 'k' ? 'k' : `c${i}`}`).join(', ')}
     FROM (SELECT ${[`${main.rowid === null ? 'NULL' : quote(main.rowid)} AS k`, ...columns.map((name, i) => `${quote(name)} AS c${i}`)].join(', ')}
       FROM ${quote(main.name)} WHERE ${isRow}) AS x
     WHERE seq = (SELECT max(seq) FROM ${log} WHERE ${ofStep} AND op = 'D' AND ${wasRow})`,
  );
  const drop = sql.prepare(`DELETE FROM ${log} WHERE seq > (SELECT step FROM ${STEP})`);
  return {
    beginStep: () => begin.run(),
    endStep: (before, after) => {
      if (after === null) return;
      if (markReplaced.run(...after, ...before).changes === 0) markUpdated.run(...before);
    },
    dropStep: () => drop.run(),
  };
};

/** Finds the entry of a row by its bound key. */
const isLogged = ({ rowid, key }: CatalogueTable, columns: readonly string[]): string =>
  rowid === null
    ? key.map(({ name }) => `o${columns.findIndex((column) => fold(column) === fold(name))} IS ?`).join(' AND ')
    : 'ok = ?';

const dropTriggers = (sql: Sqlite.Database, id: number) => {
  for (const event of ['delete', 'update']) sql.exec(`DROP TRIGGER IF EXISTS temp.${triggerName(id, event)}`);
};

const createTriggers = (
  sql: Sqlite.Database,
  log: string,
  table: CatalogueTable,
  { id, columns }: LoggedTable,
  isOwn: ((row: string) => string) | null,
) => {
  const its = quote(table.name);
  const here = columns.filter((name) => table.columns.some((column) => fold(column.name) === fold(name)));
  if (here.length < columns.length) {
    throw new Error(
      `columns of table ${table.name} were dropped or renamed by another program: its rows could not be brought back`,
    );
  }
  const key = (side: string) => (table.rowid === null ? 'NULL' : `${side}.${quote(table.rowid)}`);
  const values = (side: string) => [key(side), ...columns.map((name) => `${side}.${quote(name)}`)].join(', ');
  const into = (...sides: readonly string[]) =>
    sides.flatMap((side) => [`${side}k`, ...columns.map((_, i) => `${side}${i}`)]).join(', ');
  const when = isOwn === null ? '' : `WHEN NOT ${isOwn('OLD')}`;
  const head = `(SELECT step FROM ${STEP}), ${id}`;
  sql.exec(`
    CREATE TEMP TRIGGER ${triggerName(id, 'delete')} AFTER DELETE ON main.${its} ${when} BEGIN
      INSERT INTO ${log} (step, tab, op, ${into('o')}) VALUES (${head}, 'D', ${values('OLD')});
    END;
    CREATE TEMP TRIGGER ${triggerName(id, 'update')} AFTER UPDATE ON main.${its} ${when} BEGIN
      INSERT INTO ${log} (step, tab, op, ${into('o', 'n')}) VALUES (${head}, 'U', ${values('OLD')}, ${values('NEW')});
    END`);
};
