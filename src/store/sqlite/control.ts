import { type RefusalCode, refusalMessage } from '../../jobs/control.ts';
import type { Instant } from '../../jobs/job.ts';
import type { JobCommand, JobStatus } from '../../jobs/status.ts';
import type { ControlOrder, ControlOutcome } from '../store.ts';
import { type Connection, type Row, type Sql, sql } from './client.ts';
import { head } from './events.ts';
import { apply, choose } from './moves.ts';
import { controls, sees } from './rows.ts';

/** Pauses, resumes or cancels a selection: decided and written in the transaction that it is called in. */
export const control = async (db: Connection, order: ControlOrder, now: Instant): Promise<ControlOutcome> => {
  const cursor = await head(db);
  const ids = [...new Set(order.ids)];
  const wanted = JSON.stringify(ids.map(Number));
  const found = await choose(
    db,
    order.command,
    sql`json_each(${wanted}) i CROSS JOIN Job j ON j.id = i.value WHERE ${sees(order.access, sql`j.userName`)}`,
    refusals(order),
  );
  const counts = await countVerdicts(db, ids.length - found);
  const applied = !(order.abortOnRefusal && counts.refusedCount > 0);
  const lists = await list(db, order, wanted);
  if (applied) await apply(db, { ...EFFECTS[order.command](order), ...actorOf(order) }, now);
  return { ...counts, ...lists, applied, selectedCount: ids.length, cursor };
};

/** Checked before the table, in this order: may control, the type allows it; then what only clears a wait. */
const refusals = (order: ControlOrder): Sql => sql`
  WHEN NOT ${controls(order.access)} THEN '!FORBIDDEN'
  WHEN j.typeName IN (SELECT value FROM json_each(${JSON.stringify(order.refusingTypes)}))
    THEN ${order.command === 'PAUSE' ? '!NOT_PAUSABLE' : '!NOT_CANCELABLE'}
  ${order.command === 'RESUME' ? sql`WHEN j.status IN ('PENDING', 'REVERTING') AND j.nextAttemptAt IS NOT NULL THEN j.status` : sql``}`;

const actorOf = (order: ControlOrder) => ({
  actor: order.actor,
  command: order.command,
  commandId: order.commandId,
  reason: order.reason,
});

const EFFECTS: Readonly<Record<JobCommand, (order: ControlOrder) => { readonly set: readonly Sql[] }>> = {
  PAUSE: ({ reason }) => ({
    set: [sql`pauseReason = ${reason}`, sql`statusMessage = ${reason}`, sql`nextAttemptAt = NULL`],
  }),
  RESUME: () => ({
    set: [
      sql`pauseReason = NULL`,
      sql`statusMessage = CASE WHEN c.verdict = 'PENDING' THEN 'waiting for a worker' END`,
      sql`nextAttemptAt = NULL`,
      sql`attempts = 0`,
    ],
  }),
  CANCEL: () => ({
    set: [sql`pauseReason = NULL`, sql`statusMessage = NULL`, sql`nextAttemptAt = NULL`, sql`attempts = 0`],
  }),
};

const countVerdicts = async (db: Connection, notFound: number) => {
  const rows = await db.rows(sql`SELECT
    count(*) FILTER (WHERE verdict LIKE '!%') AS refused,
    count(*) FILTER (WHERE verdict = '=') AS unchanged,
    count(*) AS found FROM Chosen`);
  const { refused, unchanged, found } = rows[0] as Row;
  return {
    refusedCount: Number(refused) + notFound,
    unchangedCount: Number(unchanged),
    changedCount: Number(found) - Number(refused) - Number(unchanged),
  };
};

const list = async (db: Connection, order: ControlOrder, wanted: string) => {
  const changed = await db.rows(sql`SELECT id, was, verdict FROM Chosen
    WHERE verdict NOT LIKE '!%' AND verdict <> '=' ORDER BY id LIMIT ${order.list.changed}`);
  const refused =
    await db.rows(sql`SELECT i.value AS id, c.verdict, j.typeName, j.status, j.revertCause, j.committing, u.isAdmin
    FROM json_each(${wanted}) i LEFT JOIN Chosen c ON c.id = i.value LEFT JOIN Job j ON j.id = c.id
    LEFT JOIN User u ON u.name = j.userName
    WHERE c.id IS NULL OR c.verdict LIKE '!%' ORDER BY i.key LIMIT ${order.list.refusals}`);
  return {
    changed: changed.map((row) => ({
      jobId: String(row.id),
      from: row.was as JobStatus,
      to: row.verdict as JobStatus,
    })),
    refusals: refused.map((row) => readRefusal(row, order)),
  };
};

const readRefusal = (row: Row, order: ControlOrder) => {
  const jobId = String(row.id);
  const code = (row.verdict === null ? 'NOT_FOUND' : String(row.verdict).slice(1)) as RefusalCode;
  const job = {
    id: jobId,
    typeName: String(row.typeName),
    status: row.status as JobStatus,
    ownerIsAdmin: Boolean(row.isAdmin),
    viewerControlsOthers: order.access.controls.includes('non-admins'),
    reverting: row.revertCause === 'failure',
    committing: Boolean(row.committing),
  };
  return { jobId, code, message: refusalMessage(order.command, code, job, order.actor.name) };
};
