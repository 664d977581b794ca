/** SQLite files that jobs work on: making, opening, and one transaction at a time. */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { conflict } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import { onLock } from '../lock-watch.ts';
import { codeOf, failureOf } from './errors.ts';

export interface Target {
  /** The database's name, for messages. */
  readonly name: string;
  readonly sql: Sqlite.Database;
  /** BEGIN IMMEDIATE. False when somebody else is writing, after waiting `lockWaitMs` at most. */
  tryBegin(): boolean;
  /** @throws Transient when the file is not the one that was opened any more: SQLite goes on writing into a removed one */
  checkPresent(): void;
  /** Nothing is committed where `checkPresent` throws. */
  commit(): void;
  /** Ends a transaction that is open. */
  rollback(): void;
  close(): void;
}

interface Opening {
  readonly readonly?: boolean;
  /** How long a statement blocks the thread for somebody else's lock. */
  readonly lockWaitMs?: number;
}

/** Makes an empty database, for its owner's eyes only, that can be read while it is written (WAL). */
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
 * Opens a file that is there. @throws Transient when it is missing, locked, or the disk fails: a folder that is lost
 * may come back. Any other error is for good.
 */
export const openDatabase = (
  file: string,
  name: string,
  { readonly = false, lockWaitMs = 500 }: Opening = {},
): Target => {
  const identity = identityOf(file);
  if (identity === null) throw new Transient(`the file of database ${name} is missing`);
  try {
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

const prepare = (sql: Sqlite.Database) => {
  // The first read: a file that is no database is found here.
  sql.pragma('schema_version');
  sql.pragma('trusted_schema = OFF');
  // A rename must not fail over a view elsewhere that is broken already.
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
      // An error may have rolled it back already.
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
