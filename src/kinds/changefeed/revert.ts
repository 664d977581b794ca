import { existsSync } from 'node:fs';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { dropLog, dropTriggers, isAnythingLeft, shrinkLog } from '../../databases/sqlite/feed/remove.ts';
import { checkFence } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details } from './details.ts';

const BATCH_MS = 20;

/**
 * Takes the triggers off the tables, and then the log away, in batches where it is long. The row of the job stays: it
 * is what keeps older claims out. Tables that were dropped took their triggers with them.
 */
export async function* revert(
  { details, checkpoint, claim }: Work<Details, Checkpoint | null>,
  { environment, signal }: Io,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  const { databaseFile } = environment;
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  const { sql } = target;
  const { jobId } = claim;
  const step = { checkpoint, message: 'removing the triggers and the log' };
  async function* change(make: () => void) {
    yield* lock(target, step, signal);
    try {
      checkFence(sql, claim);
      make();
      target.commit();
    } finally {
      target.rollback();
    }
  }
  try {
    if (!isAnythingLeft(sql, jobId)) return;
    yield* change(() => dropTriggers(sql, jobId));
    yield step;
    let rows = 1_000;
    for (let isMore = true; isMore; ) {
      signal.throwIfAborted();
      const startedAt = performance.now();
      yield* change(() => {
        isMore = shrinkLog(sql, jobId, rows);
      });
      rows = Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / (performance.now() - startedAt))));
      yield step;
    }
    sql.pragma('synchronous = FULL');
    yield* change(() => dropLog(sql, jobId));
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
