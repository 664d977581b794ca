import type Sqlite from 'better-sqlite3';
import { badInput, messageOf, SignalboxError, unavailable } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import { show } from '../show.ts';
import { openDatabase } from './open.ts';

/** A connection that is closed holds the lock for a moment, longer on a busy machine. */
const LOCK_WAIT_MS = 1_000;

/**
 * Reads a database in which a job is to be created.
 * @param file null if no database has this name
 * @throws SignalboxError those of `read`; UNAVAILABLE while it is locked; otherwise BAD_USER_INPUT of `input.database`
 */
export const readDatabase = <T>(file: string | null, database: string, read: (sql: Sqlite.Database) => T): T => {
  if (file === null) throw badInput('input.database', `database ${show(database)} does not exist`);
  try {
    const { sql, close } = openDatabase(file, database, { readonly: true, lockWaitMs: LOCK_WAIT_MS });
    try {
      return read(sql);
    } finally {
      close();
    }
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    if (error instanceof Transient) throw unavailable(error.message);
    throw badInput('input.database', messageOf(error));
  }
};
