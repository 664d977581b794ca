import type { Instant } from '../../jobs/job.ts';
import { type RefusedRow, readDeleteRefusal } from '../refusals.ts';
import type { DeleteOrder, DeleteOutcome } from '../store.ts';
import { record } from './audit.ts';
import type { Job } from './client/client.ts';
import { type Connection, sql } from './client.ts';
import { guard, listed, selectionOf } from './control.ts';
import { head } from './events.ts';
import { endedAmong, removeJobs } from './retention.ts';
import { controls } from './visible.ts';

const CLEANED_AT_ONCE = 1_000;

/** Deletes the selected jobs that have ended: decided and written in the caller's transaction. */
export const deleteJobs = async (db: Connection, order: DeleteOrder, now: Instant): Promise<DeleteOutcome> => {
  const selection = selectionOf(order);
  await db.run(sql`DELETE FROM Chosen`);
  const found = await db.run(sql`INSERT INTO Chosen SELECT j.id, j.status, CASE
    WHEN NOT ${controls(order.access)} THEN '!FORBIDDEN'
    WHEN j.finishedAt IS NULL OR EXISTS (SELECT 1 FROM PendingCleanup p WHERE p.jobId = j.id) THEN '!INVALID_STATUS'
    ELSE 'DELETED' END FROM ${selection.from}`);
  const selectedCount = selection.ids?.length ?? found;
  await guard(db, order, selectedCount, await head(db));
  const ids = (await db.rows<Pick<Job, 'id'>>(sql`SELECT id FROM Chosen WHERE verdict = 'DELETED' ORDER BY id`)).map(
    ({ id }) => String(id),
  );
  const refusedCount = selectedCount - ids.length;
  const applied = !order.dryRun && !(order.abortOnRefusal && refusedCount > 0);
  const refusals = refusedCount === 0 ? [] : await listRefused(db, order, selection.ids);
  const outcome = { applied, selectedCount, refusedCount, refusals, deletedCount: ids.length };
  if (!applied) return { ...outcome, deleted: [] };
  const deleted = await endedAmong(db, ids.slice(0, CLEANED_AT_ONCE));
  await removeJobs(db, ids, now);
  const { actor, reason, commandId, remoteAddress } = order;
  const by = { actor, at: now, remoteAddress };
  const after = { count: ids.length, ids: ids.slice(0, CLEANED_AT_ONCE) };
  if (ids.length > 0) await record(db, { action: 'deleteJobs', target: commandId, after, reason }, by);
  return { ...outcome, deleted };
};

const listRefused = async (db: Connection, order: DeleteOrder, ids: readonly string[] | null) => {
  const from =
    ids === null
      ? sql`(SELECT id AS value, id AS key FROM Chosen) i JOIN Chosen c ON c.id = i.value`
      : sql`${listed(ids)} LEFT JOIN Chosen c ON c.id = i.value`;
  const rows = await db.rows<RefusedRow>(sql`SELECT i.value AS id, c.verdict, j.status, u.isAdmin
    FROM ${from} LEFT JOIN Job j ON j.id = c.id LEFT JOIN User u ON u.name = j.userName
    WHERE c.id IS NULL OR c.verdict LIKE '!%' ORDER BY i.key LIMIT ${order.list.refusals}`);
  return rows.map((row) => readDeleteRefusal(row, order));
};
