/**
 * Rows that have the values of others in a primary key or a unique index, with onConflict REPLACE or UPDATE.
 *
 * A temporary trigger, which exists in this connection only, finds the rows that the new row conflicts with. It runs
 * BEFORE INSERT, when NEW has the values that are to be stored, generated ones included. REPLACE deletes them there, in
 * the same statement, so that a foreign key may refer to the key that the new row has, too. UPDATE ignores the new row,
 * and a statement of its own updates the first of them. The trigger acts only once it is armed, on one row: the triggers
 * of the table may insert others.
 */
import type Sqlite from 'better-sqlite3';
import { type Table as CatalogueTable, readObjects, type TableIndex } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, type Unique, uniqueIndex, uniqueRowid } from '../../../databases/sqlite/displaced.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import { referredKeys } from './affected.ts';
import { CONFLICT, type PutRows } from './put-rows.ts';
import { isKey, keyOf } from './row-key.ts';
import type { UndoLog } from './undo-log.ts';

export interface Conflicts {
  readonly sql: Sqlite.Database;
  readonly table: CatalogueTable;
  readonly policy: 'REPLACE' | 'UPDATE';
  readonly verb: 'INSERT' | 'INSERT OR ABORT';
  /** Null in a table that is removed as a whole. */
  readonly rows: TrackedRows | null;
}

/** What records the rows of the job in a table that others use, and what it does to theirs. */
export interface TrackedRows {
  /** SQL that is true of the rows of the job, once `record` was called. */
  isOwn(row: string): string;
  /** Adds a row of the job by its key. */
  note(key: readonly unknown[]): void;
  record(): void;
  readonly log: UndoLog;
}

const ARMED = '_signalbox_armed';
const FOUND = '_signalbox_found';
const TRIGGER = '_signalbox_conflicts';

/** Inside a transaction. Creates the temporary objects, and returns a function that prepares an INSERT of one row. */
export const conflictResolver = (conflicts: Conflicts): ((insert: string, filled: readonly string[]) => PutRows) => {
  const { sql, table, policy, rows } = conflicts;
  const names = keyOf(table);
  createProbe(sql, table, policy, rows?.isOwn ?? (() => '1'));
  const read = sql.prepare(`SELECT * FROM ${FOUND} ORDER BY rank`).raw().safeIntegers();
  const clear = sql.prepare(`DELETE FROM ${FOUND}`);
  const arm = sql.prepare(`UPDATE ${ARMED} SET armed = 1, keyed = ?`);
  const disarm = sql.prepare(`UPDATE ${ARMED} SET armed = 0`);
  const isRecorded =
    rows && sql.prepare(`SELECT ${rows.isOwn(quote(table.name))} FROM ${quote(table.name)} WHERE ${isKey(table)}`);
  isRecorded?.pluck().safeIntegers();
  return (insert, filled) => {
    const keys = names.map(quote).join(', ');
    const put = sql.prepare(`${insert} RETURNING ${keys}`).raw().safeIntegers();
    const update = policy === 'UPDATE' ? updater(conflicts, filled) : null;
    const alias = table.alias === null ? -1 : filled.indexOf(table.alias);
    return (values) => {
      rows?.record();
      arm.run(Number(alias !== -1 && values[alias] !== null));
      rows?.log.beginStep();
      let key: readonly unknown[] | undefined;
      try {
        [key] = put.all(values) as unknown[][];
      } catch (error) {
        if (sql.inTransaction) disarm.run();
        throw error;
      }
      const found = read.all() as [bigint, bigint, ...unknown[]][];
      const [first] = found;
      if (first === undefined) {
        if (key === undefined) return 0;
        rows?.note(key);
        return 1;
      }
      clear.run();
      const [, isOwn, ...firstKey] = first;
      const changed = update === null ? key : update(values, firstKey);
      const isOurs = update === null ? found.every(([, own]) => own === 1n) : isOwn === 1n;
      const theirs = found.find(([, own]) => own === 0n)?.slice(2);
      if (!isOurs) rows?.log.endStep(theirs ?? firstKey, changed ?? null);
      else {
        rows?.log.dropStep();
        // An update may have removed it from the record, as if another writer had moved it.
        if (changed !== undefined && isRecorded?.get(changed) !== 1n) rows?.note(changed);
      }
      return CONFLICT;
    };
  };
};

/** Removes the temporary objects. */
export const dropProbe = (sql: Sqlite.Database): void => {
  sql.exec(`DROP TRIGGER IF EXISTS temp.${TRIGGER}`);
  for (const name of [ARMED, FOUND]) sql.exec(`DROP TABLE IF EXISTS temp.${name}`);
};

/**
 * Inside a transaction. Returns a function that prepares an INSERT, without RETURNING, that inserts nothing: it removes
 * the rows of the job that the new row conflicts with.
 */
export const ownConflicts = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  isOwn: (row: string) => string,
): ((insert: string) => (...values: readonly unknown[]) => void) => {
  createProbe(sql, table, 'FIND', isOwn);
  const arm = sql.prepare(`UPDATE ${ARMED} SET armed = 1, keyed = 1`);
  const clear = sql.prepare(`DELETE FROM ${FOUND}`);
  const isFound = keyOf(table).map((name, i) => `${FOUND}.k${i} IS ${quote(table.name)}.${quote(name)}`);
  const remove = sql.prepare(
    `DELETE FROM ${quote(table.name)} WHERE EXISTS (SELECT 1 FROM ${FOUND} WHERE own AND ${isFound.join(' AND ')})`,
  );
  return (insert) => {
    const find = sql.prepare(insert);
    return (...values) => {
      arm.run();
      find.run(...values);
      remove.run();
      clear.run();
    };
  };
};

const createProbe = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  policy: 'REPLACE' | 'UPDATE' | 'FIND',
  isOwn: (row: string) => string,
) => {
  dropProbe(sql);
  const its = quote(table.name);
  const keys = keyOf(table);
  const displaced = displacedIn(table);
  const statements = uniquesOf(sql, table, policy).map((unique, rank) => {
    // NEW.rowid is -1 while SQLite has not chosen a number yet.
    const isKeyed = unique.name === table.rowid ? ` AND (SELECT keyed FROM ${ARMED})` : '';
    const where = `${displaced(unique).where}${isKeyed}`;
    const key = keys.map((name) => `${its}.${quote(name)}`).join(', ');
    const find = `INSERT INTO ${FOUND} SELECT ${rank}, ${isOwn(its)}, ${key} FROM ${its} WHERE ${where};`;
    return policy === 'REPLACE' ? `${find} DELETE FROM ${its} WHERE ${where};` : find;
  });
  const ignore = {
    REPLACE: '',
    UPDATE: `SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM ${FOUND});`,
    FIND: 'SELECT RAISE(IGNORE);',
  }[policy];
  sql.exec(`
    CREATE TEMP TABLE ${ARMED} (armed, keyed);
    INSERT INTO ${ARMED} VALUES (0, 0);
    CREATE TEMP TABLE ${FOUND} (rank, own, ${keys.map((_, i) => `k${i}`).join(', ')});
    CREATE TEMP TRIGGER ${TRIGGER} BEFORE INSERT ON main.${its} WHEN (SELECT armed FROM ${ARMED}) BEGIN
      UPDATE ${ARMED} SET armed = 0;
      ${statements.join('\n')}
      ${ignore}
    END`);
};

/**
 * The primary key first, then the other unique constraints and indexes in the order of their creation. For REPLACE, the
 * key to which foreign keys refer precedes them: the new row becomes the first of the rows again when it is undone.
 */
const uniquesOf = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  policy: 'REPLACE' | 'UPDATE' | 'FIND',
): readonly Unique[] => {
  const created = readObjects(sql).map(({ name }) => name);
  const order = ({ origin, name }: TableIndex) => (origin === 'pk' ? -1 : created.indexOf(name));
  const indexes = table.indexes.filter(({ unique }) => unique).sort((a, b) => order(a) - order(b));
  const hasRowid = table.rowid !== null && (policy === 'FIND' || table.alias !== null);
  const uniques = [
    ...(hasRowid && table.rowid !== null ? [uniqueRowid(table.rowid)] : []),
    ...indexes.map(uniqueIndex),
  ];
  const [referred] = policy === 'REPLACE' ? referredKeys(sql, table) : [];
  if (referred === undefined) return uniques;
  const isReferred = ({ parts }: Unique) =>
    parts
      .map(({ column }) => fold(column ?? ''))
      .sort()
      .join() === referred.join()
      ? 0
      : 1;
  return [...uniques].sort((a, b) => isReferred(a) - isReferred(b));
};

/** Returns a function that updates the row with a key, and returns its new key. */
const updater = ({ sql, table, verb }: Conflicts, filled: readonly string[]) => {
  const keys = keyOf(table);
  // A row without a number keeps the one that it has.
  const value = (name: string) => (name === table.alias ? `coalesce(?, ${quote(name)})` : '?');
  const assign = filled.map((name) => `${quote(name)} = ${value(name)}`).join(', ');
  const statement = sql
    .prepare(
      `UPDATE${verb.slice('INSERT'.length)} ${quote(table.name)} SET ${assign} WHERE ${isKey(table)} RETURNING ${keys.map(quote).join(', ')}`,
    )
    .raw()
    .safeIntegers();
  return (values: readonly unknown[], key: readonly unknown[]): readonly unknown[] | undefined =>
    (statement.all(...values, ...key) as unknown[][])[0];
};
