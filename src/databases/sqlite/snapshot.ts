/**
 * Makes a snapshot of a database: a copy at one moment, in its own file, while writers continue. None of this can be
 * interrupted, so it runs in a process that can be killed: snapshot-process.ts.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { failureOf } from './errors.ts';
import { fold, isReserved, quote } from './names.ts';
import { rollBackHotJournal } from './open.ts';
import { belongingTo, declare, statementsOf } from './statements-check.ts';

export interface SnapshotOrder {
  /** The database. If omitted, the file already exists, and tables are only removed from it. */
  readonly source?: string;
  /** Its name, for messages. */
  readonly name: string;
  readonly file: string;
  /** The tables to keep, with the objects that belong to them; null for all. */
  readonly tables: readonly string[] | null;
}

/** The contents of a snapshot. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
  readonly pageSize: number;
  readonly encoding: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly statements: readonly string[];
}

/** The share of free pages up to which the remaining file is not rewritten. */
const MAX_FREE = 0.1;

/** @throws Transient for an error that may pass; any other error is permanent */
export const makeSnapshot = ({ source, name, file, tables }: SnapshotOrder): Snapshot => {
  try {
    const at = Date.now();
    if (source !== undefined) copy(source, name, file);
    const snapshot = source === undefined ? openKept(file) : open(file);
    let isSparse: boolean;
    try {
      removeOthers(snapshot, tables);
      isSparse = freeShare(snapshot) > MAX_FREE;
    } finally {
      snapshot.close();
    }
    if (isSparse) rewrite(file, name);
    sync(file);
    return { at, ...describeFile(file) };
  } catch (error) {
    throw failureOf(error, name);
  }
};

/** @throws Error when its writers would have to wait */
export const checkWal = (sql: Sqlite.Database, name: string): void => {
  if (sql.pragma('journal_mode', { simple: true }) === 'wal') return;
  throw new Error(`database ${name} is not in WAL mode: its writers would have to wait while it is backed up`);
};

/** VACUUM INTO keeps rowids; VACUUM does not. */
const copy = (source: string, name: string, file: string) => {
  rmSync(file, { force: true });
  rollBackHotJournal(source, 5_000);
  const sql = new Sqlite(source, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    sql.pragma('trusted_schema = OFF');
    checkWal(sql, name);
    sql.prepare('VACUUM INTO ?').run(file);
  } finally {
    sql.close();
  }
};

const open = (file: string): Sqlite.Database => {
  const sql = new Sqlite(file, { fileMustExist: true });
  // No other connection has the file open, and it is created again if this is interrupted.
  sql.pragma('journal_mode = OFF');
  sql.pragma('synchronous = OFF');
  sql.pragma('foreign_keys = OFF');
  sql.pragma('trusted_schema = OFF');
  // Removed content is overwritten, so that free pages contain none of it.
  sql.pragma('secure_delete = ON');
  return sql;
};

/** The content cannot be created again: if this is interrupted, it is repeated on the existing file. */
const openKept = (file: string): Sqlite.Database => {
  const sql = new Sqlite(file, { fileMustExist: true });
  sql.pragma('journal_mode = DELETE');
  sql.pragma('foreign_keys = OFF');
  sql.pragma('trusted_schema = OFF');
  return sql;
};

interface Row {
  readonly rowid: number;
  readonly type: 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  readonly of: string;
  readonly rootpage: number | null;
  readonly sql: string | null;
}

const removeOthers = (sql: Sqlite.Database, tables: readonly string[] | null) => {
  const rows = sql.prepare('SELECT rowid, type, name, tbl_name AS of, rootpage, sql FROM sqlite_schema').all() as Row[];
  const virtual = tables === null ? rows.find(isVirtual) : undefined;
  if (virtual !== undefined) throw new Error(`${quote(virtual.name)} is a virtual table, which cannot be backed up`);
  const isKept = keeperOf(sql, rows, tables);
  const removed = rows.filter((row) => !isKept(row) && !/^sqlite_/i.test(row.name));
  // Tables without content of their own, such as virtual tables, only have to be removed from the catalogue.
  cleanUp(
    sql,
    removed.filter(({ rootpage }) => !rootpage),
  );
  const stored = removed.filter(({ rootpage }) => rootpage);
  for (const { name } of stored.filter(({ type }) => type === 'table')) sql.exec(`DROP TABLE ${quote(name)}`);
  for (const { name } of stored.filter(({ type }) => type === 'index')) {
    sql.exec(`DROP INDEX IF EXISTS ${quote(name)}`);
  }
};

const isVirtual = ({ sql }: Row) => /^CREATE VIRTUAL /i.test(sql ?? '');

const keeperOf = (sql: Sqlite.Database, rows: readonly Row[], tables: readonly string[] | null) => {
  if (tables === null) return ({ name, of }: Row) => !isReserved(name) && !isReserved(of);
  const present = new Set(rows.filter(({ type }) => type === 'table').map(({ name }) => fold(name)));
  const missing = tables.find((table) => !present.has(fold(table)));
  if (missing !== undefined) throw new Error(`table ${quote(missing)} does not exist any more`);
  const ordinary = statementsOf(sql).filter((statement) => !/^CREATE VIRTUAL /.test(statement));
  const kept = new Set(belongingTo(declare(ordinary), tables).map(({ type, name }) => `${type} ${name}`));
  return ({ type, name }: Row) => kept.has(`${type} ${name}`);
};

const cleanUp = (sql: Sqlite.Database, rows: readonly Row[]) => {
  if (rows.length === 0) return;
  sql.unsafeMode(true);
  sql.pragma('writable_schema = ON');
  const remove = sql.prepare('DELETE FROM sqlite_schema WHERE rowid = ?');
  for (const { rowid } of rows) remove.run(rowid);
  sql.pragma(`schema_version = ${(sql.pragma('schema_version', { simple: true }) as number) + 1}`);
  sql.pragma('writable_schema = RESET');
  sql.unsafeMode(false);
};

const freeShare = (sql: Sqlite.Database): number =>
  (sql.pragma('freelist_count', { simple: true }) as number) / (sql.pragma('page_count', { simple: true }) as number);

const rewrite = (file: string, name: string) => {
  const tight = `${file}.tight`;
  rmSync(tight, { force: true });
  const sql = openKept(file);
  try {
    sql.prepare('VACUUM INTO ?').run(tight);
  } catch (error) {
    throw failureOf(error, name);
  } finally {
    sql.close();
  }
  renameSync(tight, file);
};

const sync = (file: string) => {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

const describeFile = (file: string): Omit<Snapshot, 'at'> => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    const statements = statementsOf(sql);
    const names = sql
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
      .pluck()
      .all() as string[];
    return {
      bytes: statSync(file).size,
      pageSize: sql.pragma('page_size', { simple: true }) as number,
      encoding: sql.pragma('encoding', { simple: true }) as string,
      statements,
      tables: names
        .filter((name) => !isReserved(name))
        .map((name) => ({
          name,
          rows: sql
            .prepare(`SELECT count(*) FROM ${quote(name)}`)
            .pluck()
            .get() as number,
        })),
    };
  } finally {
    sql.close();
  }
};
