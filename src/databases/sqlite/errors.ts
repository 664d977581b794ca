import Sqlite from 'better-sqlite3';
import { Transient, withShownError, withStatusMessage } from '../../jobs/kind.ts';

/** SQLite's name of an error, such as SQLITE_CONSTRAINT_NOTNULL; empty for an error that is not SQLite's. */
export const codeOf = (error: unknown): string => (error instanceof Sqlite.SqliteError ? error.code : '');

/** The status message of a job while another connection, which is in another process, holds the lock of its database. */
export const lockWait = (name: string): string => `waiting for the lock of database ${name}, held by another process`;

/** @param name of the database that others hold the lock of */
export const lockedError = (name: string): Transient =>
  withStatusMessage(new Transient(`database ${name} is locked`), lockWait(name));

/**
 * Converts SQLite's errors to readable messages without a path; those that may pass become Transient. Returns other
 * errors unchanged.
 */
export const failureOf = (error: unknown, name: string): unknown => {
  const code = codeOf(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return lockedError(name);
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (code === 'SQLITE_FULL' || isFull) return new Transient('disk is full');
  if (code.startsWith('SQLITE_IOERR')) return new Transient(`database ${name}: disk I/O error (${code})`);
  if (code.startsWith('SQLITE_CANTOPEN')) return new Transient(`database ${name} cannot be opened`);
  if (code === 'SQLITE_READONLY_DBMOVED') return new Transient(`the file of database ${name} is gone`);
  if (code.startsWith('SQLITE_READONLY')) return new Error(`database ${name} cannot be written to`);
  if (code === 'SQLITE_NOTADB') return new Error(`database ${name} is not a SQLite database`);
  if (code.startsWith('SQLITE_CORRUPT')) return new Error(`database ${name} is damaged: ${(error as Error).message}`);
  // SQLite puts a value into these messages, or the SQL of a trigger can.
  if (code === 'SQLITE_ERROR' && /JSON path/i.test((error as Error).message)) {
    return withShownError(error as Error, 'a JSON path in an expression is invalid');
  }
  if (code === 'SQLITE_CONSTRAINT_TRIGGER') return withShownError(error as Error, 'a trigger has refused a row');
  return error;
};

/** Whether a statement failed by itself, for example because it needs a function or a collation that is missing. */
export const isStatementError = (error: unknown): boolean => /^SQLITE_ERROR/.test(codeOf(error));
