import type Sqlite from 'better-sqlite3';
import { badInput, messageOf, SignalboxError, unavailable } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import { show } from '../show.ts';
import { openDatabase } from './open.ts';

/**
 * Reads a database in which a job is to be created.
 * @param file null if no database has this name
 * @throws SignalboxError those of `read`; UNAVAILABLE while it is locked; otherwise BAD_USER_INPUT of `input.database`
 */
export const readDatabase = <T>(file: string | null, database: string, read: (sql: Sqlite.Database) => T): T => {
  if (file === null) throw badInput('input.database', `database ${show(database)} does not exist`);
  try {
    const { sql, close } = openDatabase(file, database, { readonly: true, lockWaitMs: 100 });
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
