/**
 * Who works on what. A claim is a session and an epoch; a claim whose session has ended is dead, and its job is taken
 * over: by a new claim under the next epoch, or, where the dead one never saved anything, after a wait that grows, so
 * that a job which kills its process does not keep the server down.
 */
import type { Instant, JobId } from '../../jobs/job.ts';
import type { Retry } from '../../jobs/retry.ts';
import type { JobStatus } from '../../jobs/status.ts';
import type { ClaimAnswer, Claimed, ClaimLimits } from '../store.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import { type Connection, join, type Row, type Sql, sql } from './client.ts';
import { BLOCKED } from './holds.ts';
import { apply, choose } from './moves.ts';
import { read } from './rows.ts';

const DEAD = sql`j.claimedBy IN (SELECT id FROM WorkerSession WHERE endedAt IS NOT NULL)`;
const FREE = sql`(j.claimedBy IS NULL OR ${DEAD})`;

const NOTHING: ClaimAnswer = { claimed: [], requested: [], nextAttemptAt: null };

/** A session that has been declared dead gets nothing: what it took would be somebody else's at once. */
export const claim = async (
  db: Connection,
  sessionId: string,
  limits: ClaimLimits,
  retry: Retry,
  now: Instant,
): Promise<ClaimAnswer> => {
  const session = (await db.rows(sql`SELECT name FROM WorkerSession WHERE id = ${sessionId} AND endedAt IS NULL`))[0];
  if (session === undefined) return NOTHING;
  await rescueLost(db, retry, now);
  const ids = await claimable(db, limits, now);
  const claimed = ids.length === 0 ? [] : await take(db, { id: sessionId, name: read.text(session.name) }, ids, now);
  return { claimed, requested: await requested(db, sessionId), nextAttemptAt: await nextAttempt(db, now) };
};

/** Dead claims under which nothing was saved: an attempt is spent, and after the last the job has failed for good. */
const rescueLost = async (db: Connection, retry: Retry, now: Instant) => {
  const lost = sql`Job j WHERE ${DEAD} AND NOT j.savedInClaim AND j.status IN ('RUNNING', 'REVERTING')`;
  if ((await db.rows(sql`SELECT 1 FROM ${lost} LIMIT 1`)).length === 0) return;
  const last = sql`j.attempts + 1 >= ${retry.attempts} AND j.status = 'RUNNING' AND NOT j.committing`;
  await choose(db, 'lost', lost, sql`WHEN ${last} THEN 'REVERTING'`);
  await keepErrors(db, LOST, now);
  const failed = sql`c.verdict = 'REVERTING' AND c.was = 'RUNNING'`;
  await apply(
    db,
    {
      actor: { kind: 'SYSTEM', name: 'recovery' },
      error: LOST,
      set: [
        sql`claimedBy = NULL`,
        sql`attempts = CASE WHEN ${failed} THEN 0 ELSE attempts + 1 END`,
        sql`nextAttemptAt = CASE WHEN NOT (${failed}) THEN ${nextAttemptAt(retry, now)} END`,
        sql`statusMessage = CASE WHEN NOT (${failed}) THEN ${`waiting for its next attempt: ${LOST}`} END`,
        sql`error = CASE WHEN ${failed} THEN coalesce(error, ${`worker lost ${retry.attempts} times`}) ELSE error END`,
      ],
    },
    now,
  );
};

const LOST = 'the worker was lost';
/** Endless jobs take no place; so many are begun at once. */
const CONTINUOUS_SLOTS = 64;

/** Undoing first, since it never waits for a place; then what was begun; then what has waited long enough; then the oldest. */
const claimable = async (db: Connection, limits: ClaimLimits, now: Instant): Promise<readonly JobId[]> => {
  const running = (condition: Sql, slots: number) => ({
    slots,
    from: [
      sql`j.status = 'RUNNING' AND ${FREE} AND ${condition}`,
      ...due('PENDING', sql`${condition} AND NOT ${BLOCKED}`, now),
    ],
  });
  const groups = [
    {
      slots: limits.reverting,
      from: [sql`j.status = 'CANCEL_REQUESTED' AND ${FREE}`, ...due('REVERTING', FREE, now)],
    },
    { slots: limits.reverting, from: [sql`j.status = 'PAUSE_REQUESTED' AND ${DEAD}`] },
    running(sql`NOT j.continuous`, limits.running),
    running(sql`j.continuous`, CONTINUOUS_SLOTS),
  ].filter(({ slots }) => slots > 0);
  if (groups.length === 0) return [];
  const selects = groups.flatMap(({ slots, from }, group) =>
    from.map(
      (condition, rank) => sql`SELECT * FROM (SELECT j.id, ${group} AS inGroup, ${rank} AS rank
        FROM Job j WHERE ${condition} ORDER BY j.rowid LIMIT ${slots})`,
    ),
  );
  const rows = await db.rows(sql`SELECT id, inGroup FROM (${join(selects, ' UNION ALL ')}) ORDER BY rank, id`);
  return groups.flatMap(({ slots }, group) =>
    rows
      .filter((row) => Number(row.inGroup) === group)
      .slice(0, slots)
      .map((row) => String(row.id)),
  );
};

/** In two, so that each is read from an index in the order of creation, and no further than there are places. */
const due = (status: JobStatus, condition: Sql, now: Instant): readonly Sql[] => [
  sql`j.status = ${status} AND j.nextAttemptAt <= ${now} AND ${condition}`,
  sql`j.status = ${status} AND j.nextAttemptAt IS NULL AND ${condition}`,
];

const take = async (
  db: Connection,
  session: { readonly id: string; readonly name: string },
  ids: readonly JobId[],
  now: Instant,
) => {
  const wanted = JSON.stringify(ids.map(Number));
  const them = sql`Job j WHERE j.id IN (SELECT value FROM json_each(${wanted}))`;
  await choose(db, 'claimed', them);
  // One that was asked to pause stays so until its new holder has entered the epoch where it works, and says so.
  await db.run(sql`UPDATE Chosen SET verdict = was WHERE was = 'PAUSE_REQUESTED'`);
  await apply(
    db,
    {
      actor: { kind: 'WORKER', name: session.name },
      set: [
        sql`claimedBy = ${session.id}`,
        sql`epoch = epoch + 1`,
        sql`savedInClaim = FALSE`,
        sql`startedAt = coalesce(startedAt, ${now})`,
        sql`nextAttemptAt = NULL`,
        sql`statusMessage = NULL`,
        sql`rateSince = ${now}`,
        sql`rateFraction = coalesce(fractionCompleted, 0)`,
      ],
    },
    now,
  );
  const rows =
    await db.rows(sql`SELECT j.id, j.epoch, j.typeName, j.status, j.fractionCompleted, w.details, w.checkpoint, s.secrets,
      d.name AS databaseName, d.url AS databaseUrl, d.createdAt AS databaseCreatedAt, j.database,
      u.isAdmin AS ownerIsAdmin
    FROM Job j JOIN JobWork w ON w.jobId = j.id LEFT JOIN Database d ON d.name = j.database
      LEFT JOIN User u ON u.name = j.userName
      LEFT JOIN JobCredentials s ON s.jobId = j.id
    WHERE j.id IN (SELECT value FROM json_each(${wanted})) ORDER BY j.id`);
  return rows.map((row) => readClaimed(row, session.id));
};

const TASKS: Readonly<Record<string, Claimed['task']>> = {
  RUNNING: 'run',
  REVERTING: 'revert',
  PAUSE_REQUESTED: 'release',
};

const readClaimed = (row: Row, sessionId: string): Claimed => ({
  claim: { jobId: String(row.id), sessionId, epoch: read.number(row.epoch) },
  typeName: read.text(row.typeName),
  task: TASKS[read.text(row.status)] ?? 'release',
  details: JSON.parse(read.text(row.details)),
  ...(row.secrets === null ? {} : { secrets: read.text(row.secrets) }),
  checkpoint: row.checkpoint === null ? null : JSON.parse(read.text(row.checkpoint)),
  database:
    row.databaseName === null
      ? null
      : {
          name: read.text(row.databaseName),
          url: read.text(row.databaseUrl),
          createdAt: read.instant(row.databaseCreatedAt),
        },
  ownerIsAdmin: Boolean(row.ownerIsAdmin),
  fractionCompleted: read.numberOrNull(row.fractionCompleted),
});

const requested = async (db: Connection, sessionId: string): Promise<readonly JobId[]> =>
  (
    await db.rows(
      sql`SELECT id FROM Job WHERE claimedBy = ${sessionId} AND status IN ('PAUSE_REQUESTED', 'CANCEL_REQUESTED')`,
    )
  ).map((row) => String(row.id));

const nextAttempt = async (db: Connection, now: Instant): Promise<Instant | null> => {
  const rows = await db.rows(sql`SELECT min(nextAttemptAt) AS at FROM Job
    WHERE status IN ('PENDING', 'REVERTING') AND nextAttemptAt > ${now}`);
  return read.instantOrNull(rows[0]?.at);
};
