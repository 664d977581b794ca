/** A few rare writes by a program that does not run jobs, next to servers that may be using the store. */
import { join } from 'node:path';
import type { Administer } from '../store.ts';
import { ANSWER_MS, type Connection, createLane } from './connection.ts';
import { failureOf } from './failures.ts';
import { migrate, missingIn } from './migrate.ts';
import { reportUsers } from './moves.ts';
import { begin, knowsTransactionTimeout, USUAL } from './order.ts';
import { createToken, revokeToken } from './tokens.ts';
import { seed } from './users.ts';

/** Servers notice the commit by themselves. Only a server migrates a store that exists. */
export const administerPostgresStore: Administer = async ({ url, migrations }) => {
  const folder = join(migrations, 'postgres', 'migrations');
  const lane = createLane(url, ANSWER_MS);
  const use = <T>(work: (db: Connection) => Promise<T>) =>
    lane.use(work).catch((error) => {
      throw failureOf(error);
    });
  const write = <T>(work: (db: Connection) => Promise<T>) =>
    use(async (db) => {
      try {
        const hasTransactionTimeout = await knowsTransactionTimeout(db);
        await begin(db, { limits: USUAL, hasTransactionTimeout, takesLock: true, publishes: false });
        const result = await work(db);
        await reportUsers(db);
        await db.script('COMMIT');
        return result;
      } catch (error) {
        await db.script('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  await use(async (db) => {
    const missing = await missingIn(db, folder);
    if (missing === null) return migrate(db, folder);
    if (missing.length > 0)
      throw new Error('the job store is of an older version: start a server of this version first');
  });
  await write((db) => seed(db, Date.now()));
  return {
    createToken: (token, now, by) => write((db) => createToken(db, token, now, by)),
    revokeToken: (id, by) => write((db) => revokeToken(db, id, by)),
    close: () => lane.close(),
  };
};
