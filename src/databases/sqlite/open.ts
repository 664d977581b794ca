/** Creates and opens the SQLite files that jobs work on, and runs one transaction at a time. */
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { conflict } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import { onLock } from '../lock-watch.ts';
import { codeOf, failureOf } from './errors.ts';

export interface Target {
  /** The database's name, for messages. */
  readonly name: string;
  readonly sql: Sqlite.Database;
  /** BEGIN IMMEDIATE. Returns false if another connection is still writing after `lockWaitMs`. */
  tryBegin(): boolean;
  /**
   * @throws Transient when the file at this path is no longer the opened one: SQLite would continue to write to a
   *   removed file
   */
  checkPresent(): void;
  /** Commits nothing if `checkPresent` throws. */
  commit(): void;
  /** Ends a transaction if one is open. */
  rollback(): void;
  close(): void;
}

interface Opening {
  readonly readonly?: boolean;
  /** How long a statement may block the thread while it waits for the lock of another connection. */
  readonly lockWaitMs?: number;
}

/** Creates an empty database that only its owner can access, and that can be read while it is written (WAL). */
export const createDatabaseFile = (file: string): void => {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw conflict('the file of this database exists already');
    throw error;
  }
  try {
    const sql = new Sqlite(file);
    try {
      sql.pragma('journal_mode = WAL');
    } finally {
      sql.close();
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
};

/**
 * Opens an existing file.
 * @throws Transient when it is missing or locked, or when the disk fails: a lost directory may come back. Any other
 *   error is permanent
 */
export const openDatabase = (
  file: string,
  name: string,
  { readonly = false, lockWaitMs = 500 }: Opening = {},
): Target => {
  const identity = identityOf(file);
  if (identity === null) throw new Transient(`the file of database ${name} is missing`);
  try {
    if (readonly) rollBackHotJournal(file, lockWaitMs);
    const sql = new Sqlite(file, { readonly, fileMustExist: true, timeout: lockWaitMs });
    try {
      prepare(sql);
    } catch (error) {
      sql.close();
      throw error;
    }
    return targetOf(sql, name, () => {
      if (identityOf(file) !== identity) throw new Transient(`the file of database ${name} is gone`);
    });
  } catch (error) {
    throw failureOf(error, name);
  }
};

/**
 * A process that was killed in a transaction leaves its rollback journal behind. The next connection rolls it back, but
 * a read-only one cannot, and fails. A file that may not be written is left as it is.
 */
export const rollBackHotJournal = (file: string, lockWaitMs: number): void => {
  if (!existsSync(`${file}-journal`)) return;
  try {
    const sql = new Sqlite(file, { fileMustExist: true, timeout: lockWaitMs });
    try {
      sql.pragma('schema_version');
    } finally {
      sql.close();
    }
  } catch (error) {
    if (!/^SQLITE_(READONLY|CANTOPEN)/.test(codeOf(error))) throw error;
  }
};

const prepare = (sql: Sqlite.Database) => {
  // The first read: it fails if the file is not a database.
  sql.pragma('schema_version');
  sql.pragma('trusted_schema = OFF');
  // A rename must not fail because of an unrelated view that is already broken.
  sql.pragma('legacy_alter_table = ON');
  sql.pragma('synchronous = NORMAL');
};

const targetOf = (sql: Sqlite.Database, name: string, checkPresent: () => void): Target => {
  let isHeld = false;
  const hold = (held: boolean) => {
    if (held !== isHeld) onLock(held);
    isHeld = held;
  };
  const begin = sql.prepare('BEGIN IMMEDIATE');
  const commit = sql.prepare('COMMIT');
  const rollback = sql.prepare('ROLLBACK');
  return {
    name,
    sql,
    tryBegin: () => {
      try {
        begin.run();
        hold(true);
        return true;
      } catch (error) {
        if (codeOf(error).startsWith('SQLITE_BUSY')) return false;
        throw error;
      }
    },
    checkPresent,
    commit: () => {
      checkPresent();
      commit.run();
      hold(false);
    },
    rollback: () => {
      // An error may already have rolled it back.
      if (sql.inTransaction) rollback.run();
      hold(false);
    },
    close: () => {
      sql.close();
      hold(false);
    },
  };
};

const identityOf = (file: string): string | null => {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
};
