/**
 * Copies a database, as it is at one moment, into a file. VACUUM INTO makes the smallest file, and in WAL mode its
 * writers continue. It executes the statements of the database again, so it fails if one of them uses a function or a
 * collation that this server lacks, or a string in double quotes: then the pages are copied as they are.
 *
 * Without WAL, a reader keeps writers waiting. The pages are then copied a few at a time, and the read lock is released
 * in between; when somebody writes, SQLite starts over. After some tries the copy is made in one pass under the read
 * lock, which readers may share and writers wait for.
 */
import { rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { Transient } from '../../jobs/kind.ts';
import { isStatementError } from './errors.ts';
import { rollBackHotJournal } from './open.ts';

export interface CopyLimits {
  /** The number of tries to copy the pages without keeping writers waiting. */
  readonly tries: number;
  /** How long writers may have to wait after that. */
  readonly lockedMs: number;
  readonly pagesAtOnce: number;
}

const LIMITS: CopyLimits = { tries: 5, lockedMs: 30_000, pagesAtOnce: 256 };

const BUSY_MS = 5_000;
/** The number of times that the read lock is waited for, each for `BUSY_MS`. */
const BUSY_TIMES = 6;

interface CopyOptions {
  readonly limits?: CopyLimits | undefined;
  /** Copies the pages as they are in any case: VACUUM INTO would repair some faults, unnoticed. */
  readonly asPages?: boolean;
}

/**
 * @returns whether the pages were copied as they are, free ones included
 * @throws Error that names WAL mode if others write too often
 */
export const copyDatabase = async (
  source: string,
  name: string,
  file: string,
  { limits = LIMITS, asPages = false }: CopyOptions = {},
): Promise<{ readonly isPages: boolean }> => {
  rmSync(file, { force: true });
  rollBackHotJournal(source, BUSY_MS);
  const sql = new Sqlite(source, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  try {
    sql.pragma('trusted_schema = OFF');
    const isWal = sql.pragma('journal_mode', { simple: true }) === 'wal';
    if (isWal && !asPages && vacuumInto(sql, file)) return { isPages: false };
    if (isWal) await copyLocked(sql, file, { ...limits, lockedMs: Number.POSITIVE_INFINITY }, name);
    else if (!(await copyUnlocked(sql, file, limits, name))) await copyLocked(sql, file, limits, name);
    return { isPages: true };
  } finally {
    sql.close();
  }
};

/** Returns false, and leaves no file, if the statements of the database cannot be executed here. */
export const vacuumInto = (sql: Sqlite.Database, file: string): boolean => {
  try {
    sql.prepare('VACUUM INTO ?').run(file);
    return true;
  } catch (error) {
    if (!isStatementError(error)) throw error;
    rmSync(file, { force: true });
    return false;
  }
};

class TriesUsedUp extends Error {}

/** Returns false if others wrote during each of the tries. */
const copyUnlocked = async (sql: Sqlite.Database, file: string, limits: CopyLimits, name: string): Promise<boolean> => {
  let tries = 1;
  let busy = 0;
  let copied = -1;
  let calledAt = performance.now();
  try {
    await sql.backup(file, {
      progress: ({ totalPages, remainingPages }) => {
        const now = totalPages - remainingPages;
        const isWaiting = performance.now() - calledAt >= BUSY_MS;
        // Without progress, the lock was waited for in vain, or SQLite started over.
        if (now <= copied && isWaiting) busy += 1;
        else if (now <= copied) tries += 1;
        if (busy > BUSY_TIMES) throw new Transient(`database ${name} is locked`);
        if (tries > limits.tries) throw new TriesUsedUp();
        copied = now;
        calledAt = performance.now();
        return limits.pagesAtOnce;
      },
    });
    return true;
  } catch (error) {
    if (!(error instanceof TriesUsedUp)) throw error;
    return false;
  }
};

/** One pass in one read transaction: in WAL mode nobody waits for it. */
const copyLocked = async (sql: Sqlite.Database, file: string, limits: CopyLimits, name: string): Promise<void> => {
  sql.exec('BEGIN');
  try {
    sql.prepare('SELECT 1 FROM sqlite_schema').get();
    const startedAt = performance.now();
    await sql.backup(file, {
      progress: () => {
        if (performance.now() - startedAt <= limits.lockedMs) return limits.pagesAtOnce;
        const seconds = Math.round(limits.lockedMs / 1000);
        throw new Error(
          `database ${name} is not in WAL mode, others write to it, and copying it would keep them waiting for more ` +
            `than ${seconds} s: run PRAGMA journal_mode=WAL on it, or create the backup when nobody writes`,
        );
      },
    });
  } finally {
    sql.exec('ROLLBACK');
  }
};
