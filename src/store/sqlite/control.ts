import type { EventCursor, Instant } from '../../jobs/job.ts';
import type { JobStatus } from '../../jobs/status.ts';
import { commandEffects } from '../effects.ts';
import { checkGuards, confirmationOf, type RefusedRow, readCounts, readRefusal } from '../refusals.ts';
import type { ControlOrder, ControlOutcome } from '../store.ts';
import { record } from './audit.ts';
import type { Event, Job, RecordedCommand } from './client/client.ts';
import { type Connection, type Row, type Sql, sql } from './client.ts';
import { head, log } from './events.ts';
import { apply, choose } from './moves.ts';
import { controls, sees } from './visible.ts';
import { jobColumn, whereOf } from './where.ts';

/**
 * Pauses, resumes or cancels a selection: decided and written in the caller's transaction. A command that was executed
 * before, with the same commandId, gets the same answer as then.
 */
export const control = async (db: Connection, order: ControlOrder, now: Instant): Promise<ControlOutcome> =>
  (await recorded(db, order)) ?? decide(db, order, now);

const recorded = async (db: Connection, { actor, commandId }: ControlOrder): Promise<ControlOutcome | null> => {
  const [row] = await db.rows<Pick<RecordedCommand, 'outcome'>>(
    sql`SELECT outcome FROM RecordedCommand WHERE userName = ${actor.name} AND commandId = ${commandId}`,
  );
  return row === undefined ? null : JSON.parse(row.outcome);
};

const decide = async (db: Connection, order: ControlOrder, now: Instant): Promise<ControlOutcome> => {
  const cursor = await head(db);
  const selection = selectionOf(order);
  const found = await choose(db, order.command, selection.from, refusals(order));
  const selectedCount = selection.ids?.length ?? found;
  await guard(db, order, selectedCount, cursor);
  const counts = await countVerdicts(db, selectedCount - found);
  const applied = !order.dryRun && !(order.abortOnRefusal && counts.refusedCount > 0);
  const changed = await listChanged(db, order);
  const refused = counts.refusedCount === 0 ? [] : await listRefused(db, order, selection.ids);
  const selected = await listSelected(db, order);
  const outcome = { ...counts, changed, refusals: refused, applied, selectedCount, selected, cursor };
  if (!applied) return outcome;
  await record(db, confirmationOf(order, outcome), { ...order, at: now });
  await apply(db, commandEffects(order), now);
  await db.run(sql`INSERT INTO RecordedCommand (userName, commandId, at, outcome)
    VALUES (${order.actor.name}, ${order.commandId}, ${now}, ${JSON.stringify(outcome)})`);
  return outcome;
};

/** The jobs of the selection that the viewer sees; for ids, each job once. */
export const selectionOf = ({
  jobs,
  access,
}: Pick<ControlOrder, 'jobs' | 'access'>): { readonly from: Sql; readonly ids: readonly string[] | null } => {
  const visible = sees(access, sql`j.userName`);
  if ('where' in jobs) return { from: sql`Job j WHERE ${visible} AND ${whereOf(jobs.where, jobColumn)}`, ids: null };
  const ids = [...new Set(jobs.ids)];
  return { from: sql`${listed(ids)} CROSS JOIN Job j ON j.id = i.value WHERE ${visible}`, ids };
};

/** Ids as rows `i`, in the given order. */
export const listed = (ids: readonly string[]) => sql`json_each(${JSON.stringify(ids.map(Number))}) i`;

export const guard = (
  db: Connection,
  order: Pick<ControlOrder, 'expectedCount' | 'unchangedSince'>,
  selectedCount: number,
  cursor: EventCursor,
) =>
  checkGuards(order, {
    selectedCount,
    end: cursor,
    horizon: async () => (await log(db)).horizon,
    changedAfter: async (since) => {
      const [row] = await db.rows<Pick<Event, 'jobId'>>(sql`SELECT e.jobId FROM Event e WHERE e.cursor > ${since}
        AND e.jobId IN (SELECT id FROM Chosen) ORDER BY e.cursor LIMIT 1`);
      return row?.jobId;
    },
  });

/**
 * Checked before the table, in this order: permission to control, whether the type allows it, then moves that only end
 * a wait. A job that is paused already, by its own request, is not refused a pause.
 */
const refusals = (order: ControlOrder): Sql => sql`
  WHEN NOT ${controls(order.access)} THEN '!FORBIDDEN'
  WHEN j.typeName IN (SELECT value FROM json_each(${JSON.stringify(order.refusingTypes)}))
    ${order.command === 'PAUSE' ? sql`AND j.status <> 'PAUSED'` : sql``}
    THEN ${order.command === 'PAUSE' ? '!NOT_PAUSABLE' : '!NOT_CANCELABLE'}
  ${order.command === 'RESUME' ? sql`WHEN j.status IN ('PENDING', 'REVERTING') AND (j.nextAttemptAt IS NOT NULL OR j.awaitsResume) THEN j.status` : sql``}`;

const countVerdicts = async (db: Connection, notFound: number) => {
  const rows = await db.rows(sql`SELECT
    count(*) FILTER (WHERE verdict LIKE '!%') AS refused,
    count(*) FILTER (WHERE verdict = '=') AS unchanged,
    count(*) AS found FROM Chosen`);
  return readCounts(rows[0] as Row, notFound);
};

const listChanged = async (db: Connection, { list }: ControlOrder) => {
  const rows = await db.rows(sql`SELECT id, was, verdict FROM Chosen
    WHERE verdict NOT LIKE '!%' AND verdict <> '=' ORDER BY id LIMIT ${list.changed}`);
  return rows.map((row) => ({ jobId: String(row.id), from: row.was as JobStatus, to: row.verdict as JobStatus }));
};

const listSelected = async (db: Connection, { list: { selected = 0 } }: ControlOrder): Promise<readonly string[]> => {
  if (selected === 0) return [];
  return (await db.rows<Pick<Job, 'id'>>(sql`SELECT id FROM Chosen ORDER BY id LIMIT ${selected}`)).map(({ id }) =>
    String(id),
  );
};

/** Ids that match no job are among the refusals, in the given order. */
const listRefused = async (db: Connection, order: ControlOrder, ids: readonly string[] | null) => {
  const from =
    ids === null
      ? sql`(SELECT id AS value, id AS key FROM Chosen) i JOIN Chosen c ON c.id = i.value`
      : sql`${listed(ids)} LEFT JOIN Chosen c ON c.id = i.value`;
  const rows =
    await db.rows<RefusedRow>(sql`SELECT i.value AS id, c.verdict, j.typeName, j.status, j.revertCause, j.committing, u.isAdmin
    FROM ${from} LEFT JOIN Job j ON j.id = c.id LEFT JOIN User u ON u.name = j.userName
    WHERE c.id IS NULL OR c.verdict LIKE '!%' ORDER BY i.key LIMIT ${order.list.refusals}`);
  return rows.map((row) => readRefusal(row, order));
};
