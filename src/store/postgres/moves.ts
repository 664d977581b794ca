/**
 * The only write path of `status`. A selection of jobs becomes `Chosen`, each with its verdict from the table of
 * transitions; then the jobs that change are updated, and their events are appended. Commands of people and reports of
 * workers both use it. Nothing may move in between: the caller's transaction holds the store lock or, where writers do
 * not wait for each other, the rows are locked when they are chosen. A large selection is not locked, since that would
 * write each row twice. Instead it is compared with what was decided on, and all is decided again if a job has moved.
 */
import type { Instant } from '../../jobs/job.ts';
import { ENDED, type JobStatus, type Move, TRANSITIONS } from '../../jobs/status.ts';
import { assignments, type Effects } from '../effects.ts';
import { join, raw, type Sql, sql } from '../sql.ts';
import { verdictCases } from '../verdicts.ts';
import type { Connection } from './connection.ts';
import { idsOf, POSTGRES } from './dialect.ts';
import { Moved } from './failures.ts';
import { publishFloors } from './order.ts';

/** Verdicts: the new status, '=' for no change, or '!' and the code of a refusal. */
export interface ChosenRow {
  readonly id: number;
  readonly was: string;
  readonly verdict: string;
}

export interface Chosen {
  /** The relation `c` with the columns of `ChosenRow`. */
  readonly from: Sql;
  readonly count: number;
  /** Null if they are too many to be read: they are in a temporary table. */
  readonly rows: readonly ChosenRow[] | null;
}

/** A temporary table costs about 15 ms. */
const READ_AT_MOST = 1_000;

const FACTS = {
  status: 'j.status',
  revertCause: 'j.revert_cause',
  hasRun: 'j.started_at IS NOT NULL',
  held: 'j.claimed_by IS NOT NULL',
  committing: 'j.committing',
};
/** What a verdict depends on, besides the status. */
const BASIS = raw(`${FACTS.revertCause}, ${FACTS.hasRun}, ${FACTS.held}, ${FACTS.committing}`);
const MOVES = Object.keys(TRANSITIONS) as readonly Move[];
const VERDICTS = Object.fromEntries(MOVES.map((move) => [move, raw(verdictCases(move, FACTS))])) as Readonly<
  Record<Move, Sql>
>;

const verdictOf = (move: Move, before: Sql) => sql`CASE ${before} ${VERDICTS[move]} ELSE '!INVALID_STATUS' END`;

/**
 * `from` reads `job j` and any other tables it needs, and ends in a WHERE; `before` are WHEN … THEN … that precede the
 * cells of the table.
 */
export const choose = (db: Connection, move: Move, from: Sql, before: Sql = sql``, writes = true): Promise<Chosen> =>
  chooseBy(db, verdictOf(move, before), from, writes);

const selectOf = (verdict: Sql, from: Sql) => sql`SELECT j.id, j.status AS was, ${verdict} AS verdict FROM ${from}`;

/** Chooses a few jobs, and locks them. Those that are locked already are waited for, or left out if it `skips`. */
export const chooseFew = async (
  db: Connection,
  move: Move,
  from: Sql,
  { before = sql``, skips = false }: { readonly before?: Sql; readonly skips?: boolean } = {},
): Promise<Chosen> => {
  const lock = db.order.mode === 'lock' ? sql`` : skips ? sql`FOR UPDATE OF j SKIP LOCKED` : sql`FOR UPDATE OF j`;
  return chosenOf(
    await db.rows<ChosenRow>(
      sql`${selectOf(verdictOf(move, before), from)} ORDER BY j.id LIMIT ${READ_AT_MOST} ${lock}`,
    ),
  );
};

export const chooseBy = async (db: Connection, verdict: Sql, from: Sql, writes = true): Promise<Chosen> => {
  const select = selectOf(verdict, from);
  const locks = writes && db.order.mode === 'floor';
  const rows = await db.rows<ChosenRow>(sql`${select} LIMIT ${READ_AT_MOST + 1}`);
  if (rows.length <= READ_AT_MOST) return chosenOf(locks ? await lockChosen(db, select, rows) : rows);
  await db.script(`DROP TABLE IF EXISTS pg_temp.chosen;
    CREATE TEMP TABLE chosen (id bigint PRIMARY KEY, was text NOT NULL, verdict text NOT NULL, was_cause text,
      had_run boolean NOT NULL, was_held boolean NOT NULL, was_committing boolean NOT NULL) ON COMMIT DROP`);
  const lock = locks && db.order.locksLarge ? sql`FOR UPDATE OF j` : sql``;
  const count = await db.run(sql`INSERT INTO pg_temp.chosen
    SELECT j.id, j.status AS was, ${verdict} AS verdict, ${BASIS} FROM ${from} ${lock}`);
  await db.script('ANALYZE pg_temp.chosen');
  return { from: sql`pg_temp.chosen c`, count, rows: null };
};

/** In the order of their ids, as everywhere, so that two calls do not wait for each other. */
const lockChosen = async (db: Connection, select: Sql, rows: readonly ChosenRow[]) =>
  rows.length === 0
    ? rows
    : db.rows<ChosenRow>(
        sql`${select} AND j.id = ANY(${idsOf(rows.map(({ id }) => String(id)))}) ORDER BY j.id FOR UPDATE OF j`,
      );

export const chosenOf = (rows: readonly ChosenRow[]): Chosen => ({
  from: sql`unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ was }) => was)}::text[],
    ${rows.map(({ verdict }) => verdict)}::text[]) AS c(id, was, verdict)`,
  count: rows.length,
  rows,
});

const changes = ({ verdict }: ChosenRow) => !verdict.startsWith('!') && verdict !== '=';
const CHANGES = sql`c.verdict NOT LIKE '!%' AND c.verdict <> '='`;

/** Events of failed work, and of its end, have the error that the job keeps; events of a command have none. */
const errorOf = ({ command, error = null }: Effects): Sql =>
  command === undefined
    ? sql`coalesce(CASE WHEN m.status IN ('REVERTING', 'FAILED') THEN m.error END, ${error})`
    : sql`NULL::text`;

const ENDED_LIST = raw(ENDED.map((status) => `'${status}'`).join(', '));

/** The cursors of the events are in the order of the jobs' ids: the default of the column is drawn after the sort. */
export const apply = async (db: Connection, chosen: Chosen, effects: Effects, now: Instant): Promise<number> => {
  if (chosen.rows !== null && !chosen.rows.some(changes)) return 0;
  const changed = await (chosen.rows === null ? applyMany : applyFew)(db, chosen, effects, now);
  await touchWaiting(db, chosen);
  const isEnded = ({ verdict }: ChosenRow) => (ENDED as readonly JobStatus[]).includes(verdict as JobStatus);
  if (chosen.rows === null || chosen.rows.some(isEnded)) await cleanUpEnded(db, chosen);
  return changed;
};

const update = ({ from }: Chosen, { set = [] }: Effects, now: Instant, unmoved: Sql): Sql => sql`UPDATE job SET
    status = c.verdict,
    revert_cause = CASE
      WHEN c.verdict = 'CANCEL_REQUESTED' THEN 'cancel'
      WHEN c.verdict = 'REVERTING' THEN coalesce(revert_cause, CASE WHEN status = 'CANCEL_REQUESTED' THEN 'cancel' ELSE 'failure' END)
      ELSE revert_cause END,
    finished_at = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now}::bigint ELSE finished_at END,
    finish_order = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now}::bigint ELSE finish_order END,
    modified_at = ${now}::bigint,
    revision = nextval('job_revision_seq')
    ${join([sql``, ...assignments(set, POSTGRES)], ', ')}
    FROM ${from} WHERE job.id = c.id AND ${CHANGES} ${unmoved}`;

/** Appends the events of the jobs `m`, which moved from `was`. `moved` ends in a WHERE. */
const append = (moved: Sql, was: Sql, effects: Effects, now: Instant): Sql => {
  const by = effects.actor;
  return sql`INSERT INTO event
    (job_id, at, actor_kind, actor_name, token_id, type, type_name, user_name, database, description, "from", "to", command, command_id, reason, error)
    SELECT m.id, ${now}::bigint, ${by.kind}::text, ${by.name}::text, ${by.tokenId ?? null}::text, m.type, m.type_name, m.user_name, m.database, m.description,
      ${was}, m.status, ${effects.command ?? null}::text, ${effects.commandId ?? null}::text, ${effects.reason ?? null}::text, ${errorOf(effects)}
    FROM ${moved} AND m.status <> ${was} ORDER BY m.id`;
};

const applyFew = async (db: Connection, chosen: Chosen, effects: Effects, now: Instant): Promise<number> => {
  await publishFloors(db, 'both');
  const [row] = await db.rows<{ readonly changed: number }>(sql`WITH moved AS (${update(chosen, effects, now, sql``)}
    RETURNING job.id, c.was, job.status, job.type, job.type_name, job.user_name, job.database, job.description, job.error),
  appended AS (${append(sql`moved m WHERE TRUE`, sql`m.was`, effects, now)})
  SELECT count(*) AS changed FROM moved`);
  return row?.changed ?? 0;
};

/** The log waits for writers that have drawn cursors: here only while the events are written, not the jobs. */
const applyMany = async (db: Connection, chosen: Chosen, effects: Effects, now: Instant): Promise<number> => {
  await publishFloors(db, 'revisions');
  const isOptimistic = db.order.mode === 'floor' && !db.order.locksLarge;
  const changed = await db.run(update(chosen, effects, now, isOptimistic ? UNMOVED : sql``));
  if (isOptimistic && changed !== (await countChanges(db, chosen))) throw new Moved();
  await publishFloors(db, 'cursors');
  await db.run(append(sql`${chosen.from} JOIN job m ON m.id = c.id WHERE ${CHANGES}`, sql`c.was`, effects, now));
  return changed;
};

const UNMOVED = sql`AND job.status = c.was AND job.revert_cause IS NOT DISTINCT FROM c.was_cause
  AND (job.started_at IS NOT NULL) = c.had_run AND (job.claimed_by IS NOT NULL) = c.was_held AND job.committing = c.was_committing`;

const countChanges = async (db: Connection, { from }: Chosen): Promise<number> => {
  const [row] = await db.rows<{ readonly n: number }>(sql`SELECT count(*) AS n FROM ${from} WHERE ${CHANGES}`);
  return row?.n ?? 0;
};

/**
 * A job that waits for a table names the holder: that changes with the holder, although nothing in the row of the job
 * does.
 */
const touchWaiting = async (db: Connection, chosen: Chosen) => {
  await db.run(sql`UPDATE job SET revision = nextval('job_revision_seq')
    WHERE status = 'PENDING' AND started_at IS NULL AND id IN (SELECT w.job_id FROM ${chosen.from}
      JOIN job_hold h ON h.job_id = c.id JOIN job_hold w ON w.resource = h.resource WHERE ${CHANGES})`);
};

/** What a job needs only while it is live: the secrets of its URLs, and its holds on tables. */
const cleanUpEnded = async (db: Connection, chosen: Chosen) => {
  const [row] = await db.rows<{ readonly granted: number }>(sql`WITH ended AS MATERIALIZED
    (SELECT c.id, c.verdict FROM ${chosen.from} WHERE c.verdict IN (${ENDED_LIST})),
  credentials AS (DELETE FROM job_credentials WHERE job_id IN (SELECT id FROM ended)),
  holds AS (DELETE FROM job_hold WHERE job_id IN (SELECT id FROM ended)),
  pending AS (INSERT INTO pending_cleanup (job_id) SELECT j.id FROM job j JOIN ended e ON e.id = j.id WHERE j.began),
  failed AS (DELETE FROM database WHERE made_by IN (SELECT id FROM ended WHERE verdict IN ('FAILED', 'CANCELED'))),
  made AS (UPDATE database SET made_by = NULL WHERE made_by IN (SELECT id FROM ended WHERE verdict NOT IN ('FAILED', 'CANCELED'))),
  granted AS (INSERT INTO database_grant (user_name, database_name)
    SELECT u.name, d.name FROM database d JOIN ended e ON e.id = d.made_by JOIN job j ON j.id = e.id
      JOIN "user" u ON u.name = j.user_name
    WHERE e.verdict NOT IN ('FAILED', 'CANCELED') AND NOT u.all_databases ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*) AS granted FROM granted`);
  if ((row?.granted ?? 0) > 0) await reportUsers(db);
};

/** The condition that the job `j` has not been cleaned up in its target. */
export const PENDING_CLEANUP = sql`EXISTS (SELECT 1 FROM pending_cleanup p WHERE p.job_id = j.id)`;

/** Every server reads the users again. */
export const reportUsers = (db: Connection) => db.run(sql`UPDATE counters SET users_revision = users_revision + 1`);
