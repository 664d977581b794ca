import type { Instant } from '../../jobs/job.ts';
import { readDeleteRefusal } from '../refusals.ts';
import { sql } from '../sql.ts';
import type { DeleteOrder, DeleteOutcome } from '../store.ts';
import { record } from './audit.ts';
import type { Connection } from './connection.ts';
import { guard, listRefused, selectionOf } from './control.ts';
import { log } from './events.ts';
import { chooseBy, PENDING_CLEANUP } from './moves.ts';
import { endedAmong, removeJobs } from './retention.ts';
import { controls } from './visible.ts';

const CLEANED_AT_ONCE = 1_000;

/** Deletes the selected jobs that have ended: decided and written in the caller's transaction. */
export const deleteJobs = async (db: Connection, order: DeleteOrder, now: Instant): Promise<DeleteOutcome> => {
  const selection = selectionOf(order);
  const verdict = sql`CASE WHEN NOT ${controls(order.access)} THEN '!FORBIDDEN'
    WHEN j.finished_at IS NULL OR ${PENDING_CLEANUP} THEN '!INVALID_STATUS' ELSE 'DELETED' END`;
  const chosen = await chooseBy(db, verdict, selection.from, !order.dryRun);
  const selectedCount = selection.ids?.length ?? chosen.count;
  await guard(db, order, chosen, selectedCount, await log(db));
  const rows = await db.rows(sql`SELECT c.id FROM ${chosen.from} WHERE c.verdict = 'DELETED' ORDER BY c.id`);
  const ids = rows.map(({ id }) => String(id));
  const refusedCount = selectedCount - ids.length;
  const applied = !order.dryRun && !(order.abortOnRefusal && refusedCount > 0);
  const refused = refusedCount === 0 ? [] : await listRefused(db, chosen, selection.ids, order.list.refusals);
  const refusals = refused.map((row) => readDeleteRefusal(row, order));
  const outcome = { applied, selectedCount, refusedCount, refusals, deletedCount: ids.length };
  if (!applied) return { ...outcome, deleted: [] };
  const deleted = await endedAmong(db, ids.slice(0, CLEANED_AT_ONCE));
  await removeJobs(db, ids, now);
  const { actor, reason, commandId, remoteAddress } = order;
  const after = { count: ids.length, ids: ids.slice(0, CLEANED_AT_ONCE) };
  const by = { actor, at: now, remoteAddress };
  if (ids.length > 0) await record(db, { action: 'deleteJobs', target: commandId, after, reason }, by);
  return { ...outcome, deleted };
};
