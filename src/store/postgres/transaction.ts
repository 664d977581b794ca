/** Executes calls in one transaction: a single one, or several with a savepoint each. */
import type { Connection } from './connection.ts';
import { type Log, logScript, readLog } from './events.ts';
import { isConnectionLost, isLockTimeout, isOvertaken, isSerialization } from './failures.ts';
import { type Begin, begin } from './order.ts';

export type Work = (db: Connection, databaseNow: number) => Promise<unknown>;

/** `again`: nothing of the call was written, and it may succeed if it is repeated. */
export type Result = { readonly value: unknown } | { readonly error: unknown; readonly again: boolean };

/** Throws if the transaction failed as a whole. The log is read after the commit, when the own numbers are decided. */
export const commit = async (
  db: Connection,
  works: readonly Work[],
  how: Begin,
): Promise<{ readonly results: readonly Result[]; readonly reached: Log }> => {
  try {
    const now = await begin(db, how);
    const [only] = works;
    const results =
      works.length === 1 && only !== undefined ? [{ value: await only(db, now) }] : await together(db, works, now);
    const [row] = await db.script<Parameters<typeof readLog>[1] & object>(`COMMIT; ${logScript(db.order)}`);
    return { results, reached: readLog(db.order, row) };
  } catch (error) {
    if (!isConnectionLost(error)) await db.script('ROLLBACK').catch(() => undefined);
    throw error;
  }
};

const together = async (db: Connection, works: readonly Work[], now: number): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const work of works) {
    await db.script('SAVEPOINT call');
    try {
      results.push({ value: await work(db, now) });
      await db.script('RELEASE call');
    } catch (error) {
      if (isConnectionLost(error) || isSerialization(error)) throw error;
      await db.script('ROLLBACK TO call; RELEASE call');
      results.push({ error, again: isLockTimeout(error) || isOvertaken(error) });
    }
  }
  return results;
};
