/**
 * The only write path of `status`. A selection of jobs becomes `Chosen`, each with its verdict from the table of
 * transitions; then one statement updates the jobs that change and appends their events. Commands of people and reports
 * of workers both use it. The caller's transaction holds the store lock, so that nothing moves in between.
 */
import type { Instant } from '../../jobs/job.ts';
import { ENDED, type JobStatus, type Move, TRANSITIONS } from '../../jobs/status.ts';
import { assignments, type Effects } from '../effects.ts';
import { join, raw, type Sql, sql } from '../sql.ts';
import { verdictCases } from '../verdicts.ts';
import type { Connection } from './connection.ts';
import { POSTGRES } from './dialect.ts';

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
const MOVES = Object.keys(TRANSITIONS) as readonly Move[];
const VERDICTS = Object.fromEntries(MOVES.map((move) => [move, raw(verdictCases(move, FACTS))])) as Readonly<
  Record<Move, Sql>
>;

/**
 * `from` reads `job j` and any other tables it needs; `before` are WHEN … THEN … that precede the cells of the table.
 */
export const choose = (db: Connection, move: Move, from: Sql, before: Sql = sql``): Promise<Chosen> =>
  chooseBy(db, sql`CASE ${before} ${VERDICTS[move]} ELSE '!INVALID_STATUS' END`, from);

export const chooseBy = async (db: Connection, verdict: Sql, from: Sql): Promise<Chosen> => {
  const select = sql`SELECT j.id, j.status AS was, ${verdict} AS verdict FROM ${from}`;
  const rows = await db.rows<ChosenRow>(sql`${select} LIMIT ${READ_AT_MOST + 1}`);
  if (rows.length <= READ_AT_MOST) return chosenOf(rows);
  await db.script(
    'DROP TABLE IF EXISTS pg_temp.chosen; CREATE TEMP TABLE chosen (id bigint PRIMARY KEY, was text NOT NULL, verdict text NOT NULL) ON COMMIT DROP',
  );
  const count = await db.run(sql`INSERT INTO pg_temp.chosen ${select}`);
  await db.script('ANALYZE pg_temp.chosen');
  return { from: sql`pg_temp.chosen c`, count, rows: null };
};

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
  const by = effects.actor;
  const [row] = await db.rows<{ readonly changed: number }>(sql`WITH moved AS (UPDATE job SET
    status = c.verdict,
    revert_cause = CASE
      WHEN c.verdict = 'CANCEL_REQUESTED' THEN 'cancel'
      WHEN c.verdict = 'REVERTING' THEN coalesce(revert_cause, CASE WHEN status = 'CANCEL_REQUESTED' THEN 'cancel' ELSE 'failure' END)
      ELSE revert_cause END,
    finished_at = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now}::bigint ELSE finished_at END,
    finish_order = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now}::bigint ELSE finish_order END,
    modified_at = ${now}::bigint,
    revision = nextval('job_revision_seq')
    ${join([sql``, ...assignments(effects.set ?? [], POSTGRES)], ', ')}
    FROM ${chosen.from} WHERE job.id = c.id AND ${CHANGES}
    RETURNING job.id, c.was, job.status, job.type, job.type_name, job.user_name, job.database, job.description, job.error),
  appended AS (INSERT INTO event
    (job_id, at, actor_kind, actor_name, token_id, type, type_name, user_name, database, description, "from", "to", command, command_id, reason, error)
    SELECT m.id, ${now}::bigint, ${by.kind}::text, ${by.name}::text, ${by.tokenId ?? null}::text, m.type, m.type_name, m.user_name, m.database, m.description,
      m.was, m.status, ${effects.command ?? null}::text, ${effects.commandId ?? null}::text, ${effects.reason ?? null}::text, ${errorOf(effects)}
    FROM moved m WHERE m.status <> m.was ORDER BY m.id)
  SELECT count(*) AS changed FROM moved`);
  await touchWaiting(db, chosen);
  const isEnded = ({ verdict }: ChosenRow) => (ENDED as readonly JobStatus[]).includes(verdict as JobStatus);
  if (chosen.rows === null || chosen.rows.some(isEnded)) await cleanUpEnded(db, chosen);
  return row?.changed ?? 0;
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
