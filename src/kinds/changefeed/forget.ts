import { existsSync } from 'node:fs';
import { failureOf } from '../../databases/failures.ts';
import { dropLog, dropTriggers, isAnythingLeft, shrinkLog } from '../../databases/feed/remove.ts';
import { isEntered, removeEntry } from '../../databases/fence.ts';
import { wait } from '../../databases/lock.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import { type Places, Transient, type Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details } from './details.ts';

const LOCK_WAIT_MS = 1_000;
const LOCK_POLL_MS = 10;
const ROWS = 2_000;

/**
 * Removes what an ended feed keeps in its database: the row that kept its older claims out, and whatever else bears its
 * name. That is something only when the database was away while the job was undone, and came back.
 * @throws Transient when the database is locked for long
 */
export async function forget(
  { details: { database }, claim }: Work<Details, Checkpoint | null>,
  { databaseFile }: Places,
): Promise<void> {
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, database, { lockWaitMs: 0 });
  const { sql } = target;
  const never = new AbortController().signal;
  const change = async <T>(make: () => T): Promise<T> => {
    const until = performance.now() + LOCK_WAIT_MS;
    while (!target.tryBegin()) {
      if (performance.now() > until) throw new Transient(`database ${target.name} is locked`);
      await wait(LOCK_POLL_MS, never);
    }
    try {
      const made = make();
      target.commit();
      return made;
    } finally {
      target.rollback();
    }
  };
  try {
    if (isAnythingLeft(sql, claim.jobId)) {
      await change(() => dropTriggers(sql, claim.jobId));
      while (await change(() => shrinkLog(sql, claim.jobId, ROWS)));
    } else if (!isEntered(sql, claim)) return;
    await change(() => {
      dropLog(sql, claim.jobId);
      removeEntry(sql, claim);
    });
  } catch (error) {
    throw failureOf(error, database);
  } finally {
    target.close();
  }
}
