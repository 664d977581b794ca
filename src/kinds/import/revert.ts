import { createSizer } from '../../databases/batch-sizer.ts';
import { openForRevert } from '../../databases/sqlite/acquire-fence.ts';
import { inBatches } from '../../databases/sqlite/drop.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { isLost, readCheckpoint } from '../../databases/sqlite/fence.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details, State } from './details.ts';
import { removalOf } from './removal.ts';

/**
 * Removes the rows that the import inserted, in batches if there are many, so that a stop takes effect soon and the
 * lock is held only briefly. The remaining work is read from the target, so revert can be stopped anywhere and
 * repeated. The job's record stays until the job has ended, because it keeps older claims out.
 */
export async function* revert(
  work: Work<Details, Checkpoint | null>,
  io: Io,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  const { details, checkpoint, claim } = work;
  const target = openForRevert(work, io);
  // The rows were removed with the database.
  if (target === null) return;
  const step = { checkpoint, message: 'removing rows' };
  try {
    const state = readCheckpoint<State | Reverted>(target.sql, claim);
    const isBegun = state !== null || isLost(target.sql, claim);
    if (!isBegun || state?.phase === 'reverted') return;
    const removal = removalOf(target.sql, work, state);
    if (removal === null) return;
    yield* inBatches(target, claim, step, io.signal, createSizer({ first: 1_000 }), removal.remove);
    target.sql.pragma('synchronous = FULL');
    yield* fenced(target, claim, step, io.signal, (): Reverted => {
      removal.end();
      return { phase: 'reverted' };
    });
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}

/** Stands in for a position: nothing is left. */
interface Reverted {
  readonly phase: 'reverted';
}
