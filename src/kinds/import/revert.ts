import { existsSync } from 'node:fs';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { checkFence, readState } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { openDatabase, type Target } from '../../databases/sqlite/open.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details, State } from './details.ts';
import { removalOf } from './removal.ts';

const BATCH_MS = 20;

/**
 * Takes out what the import put in, in batches where it is much, so that a stop is heard and nobody waits long for the
 * lock. What is left to do is read from the target, so that it can be stopped anywhere and done again. The row of the
 * job stays: it is what keeps older claims out.
 */
export async function* revert(
  work: Work<Details, Checkpoint | null>,
  io: Io,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  const { details, checkpoint, claim } = work;
  const { databaseFile } = io.environment;
  // The rows went with the database.
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  const step = { checkpoint, message: 'removing rows' };
  try {
    const state = readState<State>(target.sql, claim);
    const removal = state === null ? null : removalOf(target.sql, work, state);
    if (removal === null) return;
    let rows = 1_000;
    for (let isMore = true; isMore; ) {
      io.signal.throwIfAborted();
      const startedAt = performance.now();
      yield* change(target, claim, step, io, () => {
        isMore = removal.remove(rows);
      });
      rows = Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / (performance.now() - startedAt))));
      yield step;
    }
    target.sql.pragma('synchronous = FULL');
    yield* change(target, claim, step, io, () => removal.end());
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}

async function* change(
  target: Target,
  claim: Work<Details, Checkpoint | null>['claim'],
  step: Step<Checkpoint | null>,
  { signal }: Io,
  make: () => void,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  yield* lock(target, step, signal);
  try {
    checkFence(target.sql, claim);
    make();
    target.commit();
  } finally {
    target.rollback();
  }
}
