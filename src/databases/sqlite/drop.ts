/**
 * Empties hidden tables a few rows at a time before dropping them: dropping a large one is one statement that cannot be
 * interrupted.
 */
import type { Io, Step } from '../../jobs/kind.ts';
import { createSizer } from '../batch-sizer.ts';
import type { FenceClaim } from './fence.ts';
import { fenced } from './fenced.ts';
import { quote } from './names.ts';
import type { Target } from './open.ts';

const BATCH_MS = 20;

/**
 * Each batch is a transaction that checks the fence, and a step. Foreign keys must not be enforced, because rows that
 * refer to one another could not be deleted.
 */
export async function* dropTables<P>(
  target: Target,
  claim: FenceClaim,
  tables: readonly string[],
  step: Step<P>,
  { signal }: Pick<Io, 'signal'>,
): AsyncGenerator<Step<P>, void, void> {
  const sizer = createSizer({ first: 1_000 });
  for (const table of tables) {
    yield* inBatches(target, claim, step, signal, sizer, (rows) => {
      const isMore = target.sql.prepare(`DELETE FROM ${quote(table)} LIMIT ?`).run(rows).changes === rows;
      if (!isMore) target.sql.exec(`DROP TABLE ${quote(table)}`);
      return isMore;
    });
  }
}

/** @param remove removes at most this many rows; false when there is nothing more to remove in batches */
export async function* inBatches<P>(
  target: Target,
  claim: FenceClaim,
  step: Step<P>,
  signal: AbortSignal,
  sizer: ReturnType<typeof createSizer>,
  remove: (rows: number) => boolean,
): AsyncGenerator<Step<P>, void, void> {
  for (let isMore = true; isMore; ) {
    signal.throwIfAborted();
    const rows = sizer.sizeFor(BATCH_MS);
    let startedAt = 0;
    yield* fenced(target, claim, step, signal, () => {
      startedAt = performance.now();
      isMore = remove(rows);
    });
    sizer.done(rows, performance.now() - startedAt);
    yield step;
  }
}
