import { createSizer } from '../../databases/batch-sizer.ts';
import { openForRevert } from '../../databases/sqlite/acquire-fence.ts';
import { inBatches } from '../../databases/sqlite/drop.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { dropLog, dropTriggers, isAnythingLeft, shrinkLog } from '../../databases/sqlite/feed/remove.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details } from './details.ts';

/**
 * Drops the triggers, then the log, in batches if it is long. The job's row stays, because it keeps older claims out.
 * Tables that were dropped took their triggers with them.
 */
export async function* revert(
  work: Work<Details, Checkpoint | null>,
  io: Io,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  const { details, checkpoint, claim } = work;
  const { signal } = io;
  const target = openForRevert(work, io);
  if (target === null) return;
  const { sql } = target;
  const step = { checkpoint, message: 'removing the triggers and the log' };
  try {
    if (!isAnythingLeft(sql, claim)) return;
    yield* fenced(target, claim, step, signal, () => dropTriggers(sql, claim));
    yield step;
    const shrink = (rows: number) => shrinkLog(sql, claim, rows);
    yield* inBatches(target, claim, step, signal, createSizer({ first: 1_000 }), shrink);
    sql.pragma('synchronous = FULL');
    yield* fenced(target, claim, step, signal, () => dropLog(sql, claim));
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
