/**
 * Makes a snapshot of a database: a copy at one moment, in its own file, while writers continue. None of this can be
 * interrupted, so it runs in a process that can be killed: snapshot-process.ts.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { hasModule, listTables } from './catalogue.ts';
import { failureOf, isStatementError } from './errors.ts';
import { type Checked, checkIntegrity } from './integrity.ts';
import { isReserved, quote } from './names.ts';
import { moduleOf } from './references.ts';
import { type CopyLimits, copyDatabase, vacuumInto } from './snapshot-copy.ts';
import { removeOthers } from './snapshot-tables.ts';
import { statementsOf } from './statements-check.ts';

export interface SnapshotOrder {
  /** The database. If omitted, the file already exists, and tables are only removed from it. */
  readonly source?: string;
  /** Its name, for messages. */
  readonly name: string;
  readonly file: string;
  /** The tables to keep, with the objects that belong to them; null for all. */
  readonly tables: readonly string[] | null;
  /** The triggers, views and virtual tables that are not kept, such as `trigger t`. */
  readonly leftOut?: readonly string[];
  /** Whether to run integrity_check; faults are warnings. */
  readonly integrityCheck?: boolean;
}

/** The contents of a snapshot. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
  readonly pageSize: number;
  readonly encoding: string;
  readonly tables: readonly SnapshotTable[];
  readonly statements: readonly string[];
  readonly warnings: readonly string[];
  /** What integrity_check found; empty if it was not run. */
  readonly faults: readonly string[];
}

interface SnapshotTable {
  readonly name: string;
  /** Null if they cannot be counted here, for want of a module or a collation. */
  readonly rows: number | null;
  /** The virtual table that keeps its content in this one; null for all other tables. */
  readonly shadowOf: string | null;
}

/** The share of free pages up to which the remaining file is not rewritten. */
const MAX_FREE = 0.1;

/** @throws Transient for an error that may pass; any other error is permanent */
export const makeSnapshot = async (
  { source, name, file, tables, leftOut = [], integrityCheck = false }: SnapshotOrder,
  limits?: CopyLimits,
): Promise<Snapshot> => {
  try {
    const at = Date.now();
    const { isPages } =
      source === undefined
        ? { isPages: false }
        : await copyDatabase(source, name, file, { limits, asPages: integrityCheck });
    const snapshot = source === undefined ? openKept(file) : open(file);
    let isSparse: boolean;
    let checked: Checked;
    try {
      checked = integrityCheck ? checkIntegrity(snapshot) : { faults: [], unchecked: [] };
      removeOthers(snapshot, tables, leftOut);
      isSparse = isPages || freeShare(snapshot) > MAX_FREE;
    } finally {
      snapshot.close();
    }
    // A damaged file is kept as it is, unless it may hold rows of tables that are not part of the snapshot.
    if (isSparse && (checked.faults.length === 0 || tables !== null)) rewrite(file);
    sync(file);
    const { warnings = [], ...described } = describeFile(file);
    return { at, ...described, warnings: [...warnings, ...checked.unchecked], faults: checked.faults };
  } catch (error) {
    throw failureOf(error, name);
  }
};

const open = (file: string): Sqlite.Database => {
  const sql = new Sqlite(file, { fileMustExist: true });
  // A copy of pages may be in WAL mode, which is known only after the first read.
  sql.pragma('schema_version');
  sql.pragma('journal_mode = DELETE');
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

const freeShare = (sql: Sqlite.Database): number =>
  (sql.pragma('freelist_count', { simple: true }) as number) / (sql.pragma('page_count', { simple: true }) as number);

/** VACUUM INTO keeps rowids; VACUUM does not. */
const rewrite = (file: string) => {
  const tight = `${file}.tight`;
  rmSync(tight, { force: true });
  const sql = openKept(file);
  let isRewritten: boolean;
  try {
    isRewritten = vacuumInto(sql, tight);
    if (!isRewritten) clearFreePages(sql);
  } finally {
    sql.close();
  }
  if (isRewritten) renameSync(tight, file);
};

/** Free pages may hold rows that were deleted, or rows of tables that are not part of the snapshot. */
const clearFreePages = (sql: Sqlite.Database) => {
  const number = (pragma: string) => sql.pragma(pragma, { simple: true }) as number;
  const name = quote('_signalbox_filler');
  sql.pragma('secure_delete = ON');
  sql.exec(`CREATE TABLE ${name} (zeros)`);
  const fill = sql.prepare(`INSERT INTO ${name} VALUES (zeroblob(?))`);
  const pages = 1_000;
  sql.transaction(() => {
    while (number('freelist_count') > 0) {
      fill.run(Math.min(pages, number('freelist_count')) * number('page_size'));
    }
  })();
  sql.exec(`DROP TABLE ${name}`);
};

const sync = (file: string) => {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

const describeFile = (file: string): Omit<Snapshot, 'at' | 'faults'> => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    const statements = statementsOf(sql);
    const shadows = new Map(listTables(sql).map(({ name, shadowOf }) => [name, shadowOf]));
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
        .map((name) => ({ name, rows: countRows(sql, name), shadowOf: shadows.get(name) ?? null })),
      warnings: warningsOf(sql, statements),
    };
  } finally {
    sql.close();
  }
};

/** Without an index: one may use a collation that this server lacks. */
const countRows = (sql: Sqlite.Database, table: string): number | null => {
  try {
    return sql
      .prepare(`SELECT count(*) FROM ${quote(table)} NOT INDEXED`)
      .pluck()
      .get() as number;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    return null;
  }
};

/** Virtual tables whose module this server lacks are copied without being understood. */
const warningsOf = (sql: Sqlite.Database, statements: readonly string[]): readonly string[] => {
  const modules = new Set(statements.flatMap((statement) => moduleOf(statement) ?? []));
  return [...modules]
    .filter((module) => !hasModule(sql, module))
    .map(
      (module) =>
        `the virtual tables of module ${quote(module)} are copied byte for byte and not checked: this server does not have the module`,
    );
};
