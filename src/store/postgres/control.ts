import type { Instant } from '../../jobs/job.ts';
import type { JobStatus } from '../../jobs/status.ts';
import { commandEffects } from '../effects.ts';
import { checkGuards, confirmationOf, type RefusedRow, readCounts, readRefusal } from '../refusals.ts';
import { type Sql, sql } from '../sql.ts';
import type { ControlOrder, ControlOutcome } from '../store.ts';
import type { Event, Job, RecordedCommand, Stored } from '../stored.ts';
import { record } from './audit.ts';
import type { Connection, Row } from './connection.ts';
import { jobColumn, whereOf } from './dialect.ts';
import { type Log, log } from './events.ts';
import { apply, type Chosen, choose } from './moves.ts';
import { controls, sees } from './visible.ts';

/**
 * Pauses, resumes or cancels a selection: decided and written in the caller's transaction. A command that was executed
 * before, with the same commandId, gets the same answer as then.
 */
export const control = async (db: Connection, order: ControlOrder, now: Instant): Promise<ControlOutcome> => {
  const [known] = await db.rows<Pick<RecordedCommand, 'outcome'>>(
    sql`SELECT outcome FROM recorded_command WHERE user_name = ${order.actor.name} AND command_id = ${order.commandId}`,
  );
  return known === undefined ? decide(db, order, now) : JSON.parse(known.outcome);
};

const decide = async (db: Connection, order: ControlOrder, now: Instant): Promise<ControlOutcome> => {
  const reached = await log(db);
  const { head: cursor } = reached;
  const selection = selectionOf(order);
  const chosen = await choose(db, order.command, selection.from, refusals(order), !order.dryRun);
  const selectedCount = selection.ids?.length ?? chosen.count;
  await guard(db, order, chosen, selectedCount, reached);
  const counts = await countVerdicts(db, chosen, selectedCount - chosen.count);
  const applied = !order.dryRun && !(order.abortOnRefusal && counts.refusedCount > 0);
  const changed = await listChanged(db, chosen, order);
  const refused = counts.refusedCount === 0 ? [] : await listRefused(db, chosen, selection.ids, order.list.refusals);
  const refusals_ = refused.map((row) => readRefusal(row, order));
  const selected = await listSelected(db, chosen, order);
  const outcome = { ...counts, changed, refusals: refusals_, applied, selectedCount, selected, cursor };
  if (!applied) return outcome;
  await record(db, confirmationOf(order, outcome), { ...order, at: now });
  await apply(db, chosen, commandEffects(order), now);
  await db.run(sql`INSERT INTO recorded_command (user_name, command_id, at, outcome)
    VALUES (${order.actor.name}, ${order.commandId}, ${now}, ${JSON.stringify(outcome)})`);
  return outcome;
};

/** The jobs of the selection that the viewer sees; for ids, each job once. */
export const selectionOf = ({
  jobs,
  access,
}: Pick<ControlOrder, 'jobs' | 'access'>): { readonly from: Sql; readonly ids: readonly string[] | null } => {
  const visible = sees(access, sql`j.user_name`);
  if ('where' in jobs) return { from: sql`job j WHERE ${visible} AND ${whereOf(jobs.where, jobColumn)}`, ids: null };
  const ids = [...new Set(jobs.ids)];
  return { from: sql`${listed(ids)} JOIN job j ON j.id = i.value WHERE ${visible}`, ids };
};

/** Ids as rows `i`, in the given order. */
const listed = (ids: readonly string[]) =>
  sql`unnest(${ids.map(Number)}::bigint[]) WITH ORDINALITY AS i(value, position)`;

export const guard = (
  db: Connection,
  order: Pick<ControlOrder, 'expectedCount' | 'unchangedSince'>,
  { from }: Chosen,
  selectedCount: number,
  { end, lost }: Pick<Log, 'end' | 'lost'>,
) =>
  checkGuards(order, {
    selectedCount,
    end,
    lost,
    horizon: async () => (await log(db)).horizon,
    changedAfter: async (since) => {
      const [row] = await db.rows<Pick<Stored<Event>, 'jobId'>>(sql`SELECT e.job_id FROM event e
        WHERE e.cursor > ${since} AND e.job_id IN (SELECT c.id FROM ${from}) ORDER BY e.cursor LIMIT 1`);
      return row?.jobId;
    },
  });

/**
 * Checked before the table, in this order: permission to control, whether the type allows it, then moves that only end
 * a wait. A job that is paused already, by its own request, is not refused a pause.
 */
const refusals = (order: ControlOrder): Sql => sql`
  WHEN NOT ${controls(order.access)} THEN '!FORBIDDEN'
  WHEN j.type_name = ANY(${order.refusingTypes}::text[])
    ${order.command === 'PAUSE' ? sql`AND j.status <> 'PAUSED'` : sql``}
    THEN ${order.command === 'PAUSE' ? '!NOT_PAUSABLE' : '!NOT_CANCELABLE'}
  ${order.command === 'RESUME' ? sql`WHEN j.status IN ('PENDING', 'REVERTING') AND (j.next_attempt_at IS NOT NULL OR j.awaits_resume) THEN j.status` : sql``}`;

const countVerdicts = async (db: Connection, { from }: Chosen, notFound: number) => {
  const rows = await db.rows(sql`SELECT
    count(*) FILTER (WHERE c.verdict LIKE '!%') AS refused,
    count(*) FILTER (WHERE c.verdict = '=') AS unchanged,
    count(*) AS found FROM ${from}`);
  return readCounts(rows[0] as Row, notFound);
};

const listChanged = async (db: Connection, { from }: Chosen, { list }: ControlOrder) => {
  const rows = await db.rows(sql`SELECT c.id, c.was, c.verdict FROM ${from}
    WHERE c.verdict NOT LIKE '!%' AND c.verdict <> '=' ORDER BY c.id LIMIT ${list.changed}`);
  return rows.map((row) => ({ jobId: String(row.id), from: row.was as JobStatus, to: row.verdict as JobStatus }));
};

const listSelected = async (db: Connection, { from }: Chosen, { list: { selected = 0 } }: ControlOrder) => {
  if (selected === 0) return [];
  const rows = await db.rows<Pick<Stored<Job>, 'id'>>(sql`SELECT c.id FROM ${from} ORDER BY c.id LIMIT ${selected}`);
  return rows.map(({ id }) => String(id));
};

/** Ids that match no job are among the refusals, in the given order. */
export const listRefused = (
  db: Connection,
  { from }: Chosen,
  ids: readonly string[] | null,
  limit: number,
): Promise<readonly RefusedRow[]> => {
  const all =
    ids === null
      ? sql`(SELECT c.id AS value, c.id AS position, c.* FROM ${from}) c`
      : sql`(SELECT i.value, i.position, c.* FROM ${listed(ids)} LEFT JOIN ${from} ON c.id = i.value) c`;
  return db.rows<RefusedRow>(sql`SELECT c.value AS id, c.verdict, j.type_name, j.status, j.revert_cause, j.committing, u.is_admin
    FROM ${all} LEFT JOIN job j ON j.id = c.id LEFT JOIN "user" u ON u.name = j.user_name
    WHERE c.id IS NULL OR c.verdict LIKE '!%' ORDER BY c.position LIMIT ${limit}`);
};
