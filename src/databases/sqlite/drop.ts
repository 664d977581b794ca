/** Hidden tables are dropped a few rows at a time: dropping a large one is one statement that nobody can interrupt. */
import type { Io, Step } from '../../jobs/kind.ts';
import { checkFence } from './fence.ts';
import { lock } from './lock.ts';
import { quote } from './names.ts';
import type { Target } from './open.ts';

const BATCH_MS = 20;

/**
 * Each batch is a transaction that checks the fence, and a step. Foreign keys are not to be enforced: rows that refer
 * to one another would be in the way.
 */
export async function* dropTables<C>(
  target: Target,
  claim: { readonly jobId: string; readonly epoch: number },
  tables: readonly string[],
  step: Step<C>,
  { signal }: Pick<Io, 'signal'>,
): AsyncGenerator<Step<C>, void, void> {
  const { sql } = target;
  let rows = 1_000;
  for (const table of tables) {
    for (let isMore = true; isMore; ) {
      signal.throwIfAborted();
      yield* lock(target, step, signal);
      const startedAt = performance.now();
      try {
        checkFence(sql, claim);
        isMore = sql.prepare(`DELETE FROM ${quote(table)} LIMIT ?`).run(rows).changes === rows;
        if (!isMore) sql.exec(`DROP TABLE ${quote(table)}`);
        target.commit();
      } finally {
        target.rollback();
      }
      rows = Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / (performance.now() - startedAt))));
      yield step;
    }
  }
}
