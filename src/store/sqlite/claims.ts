/**
 * Who works on what. A claim is a session and an epoch; a claim whose session has ended is dead, and its job is taken
 * over: by a new claim under the next epoch, or, where the dead one never saved anything, after a wait that grows, so
 * that a job which kills its process does not keep the server down.
 */
import type { Instant, JobId } from '../../jobs/job.ts';
import { type Retry, waitMs } from '../../jobs/retry.ts';
import type { ClaimAnswer, Claimed, ClaimLimits } from '../store.ts';
import { type Connection, join, type Row, type Sql, sql } from './client.ts';
import { apply, choose } from './moves.ts';
import { read } from './rows.ts';

const DEAD = sql`j.claimedBy IN (SELECT id FROM WorkerSession WHERE endedAt IS NOT NULL)`;
const FREE = sql`(j.claimedBy IS NULL OR ${DEAD})`;

const due = (now: Instant) => sql`(j.nextAttemptAt IS NULL OR j.nextAttemptAt <= ${now})`;

export const claim = async (
  db: Connection,
  sessionId: string,
  limits: ClaimLimits,
  retry: Retry,
  now: Instant,
): Promise<ClaimAnswer> => {
  await buryLost(db, retry, now);
  const ids = await claimable(db, limits, now);
  const claimed = ids.length === 0 ? [] : await take(db, sessionId, ids, now);
  return { claimed, requested: await requested(db, sessionId), nextAttemptAt: await nextAttempt(db, now) };
};

/** Dead claims under which nothing was saved: an attempt is spent, and after the last the job has failed for good. */
const buryLost = async (db: Connection, retry: Retry, now: Instant) => {
  const lost = sql`Job j WHERE ${DEAD} AND NOT j.savedInClaim AND j.status IN ('RUNNING', 'REVERTING')`;
  if ((await db.rows(sql`SELECT 1 FROM ${lost} LIMIT 1`)).length === 0) return;
  const error = `worker lost ${retry.attempts} times`;
  const last = sql`j.attempts + 1 >= ${retry.attempts} AND j.status = 'RUNNING' AND NOT j.committing`;
  await choose(db, 'lost', lost, sql`WHEN ${last} THEN 'REVERTING'`);
  await db.run(sql`INSERT INTO ExecutionError (jobId, at, attempt, message)
    SELECT c.id, ${now}, j.attempts + 1, 'the worker was lost' FROM Chosen c JOIN Job j ON j.id = c.id`);
  await apply(
    db,
    {
      actor: { kind: 'SYSTEM', name: 'recovery' },
      set: [
        sql`claimedBy = NULL`,
        sql`attempts = attempts + 1`,
        sql`nextAttemptAt = CASE WHEN c.verdict = 'REVERTING' AND c.was = 'RUNNING' THEN NULL
          ELSE ${now} + ${waitSql(retry)} END`,
        sql`statusMessage = 'the worker was lost: waiting for the next attempt'`,
        sql`error = CASE WHEN c.verdict = 'REVERTING' AND c.was = 'RUNNING' THEN coalesce(error, ${error}) ELSE error END`,
      ],
    },
    now,
  );
};

/** The wait after `attempts` failures, out of a ready-made list: its jitter was drawn outside. */
export const waitSql = (retry: Retry): Sql =>
  sql`(SELECT value FROM json_each(${JSON.stringify(Array.from({ length: 12 }, (_, n) => waitMs(n + 1, retry)))})
    WHERE key = min(attempts, 11))`;

/** Undoing first, since it never waits for a place; then what was begun; then the oldest. */
const claimable = async (db: Connection, limits: ClaimLimits, now: Instant): Promise<readonly JobId[]> => {
  const endless = sql`j.endless`;
  const groups: Sql[] = [
    sql`SELECT * FROM (SELECT j.id FROM Job j WHERE j.status IN ('CANCEL_REQUESTED', 'REVERTING') AND ${FREE} AND ${due(now)}
      ORDER BY j.id LIMIT ${limits.reverting})`,
    sql`SELECT * FROM (SELECT j.id FROM Job j WHERE j.status = 'PAUSE_REQUESTED' AND ${DEAD} ORDER BY j.id LIMIT ${limits.reverting})`,
    sql`SELECT * FROM (SELECT j.id FROM Job j WHERE j.status IN ('RUNNING', 'PENDING') AND ${FREE} AND ${due(now)} AND NOT ${endless}
      ORDER BY j.status DESC, j.id LIMIT ${limits.running})`,
    sql`SELECT * FROM (SELECT j.id FROM Job j WHERE j.status IN ('RUNNING', 'PENDING') AND ${FREE} AND ${due(now)} AND ${endless}
      ORDER BY j.id LIMIT 64)`,
  ];
  return (await db.rows(join(groups, ' UNION ALL '))).map((row) => String(row.id));
};

const take = async (db: Connection, sessionId: string, ids: readonly JobId[], now: Instant) => {
  const wanted = JSON.stringify(ids.map(Number));
  const them = sql`Job j WHERE j.id IN (SELECT value FROM json_each(${wanted}))`;
  await choose(db, 'claimed', them);
  const session = (await db.rows(sql`SELECT name FROM WorkerSession WHERE id = ${sessionId}`))[0];
  // One that was asked to pause stays so until its new holder has entered the epoch where it works, and says so.
  await db.run(sql`UPDATE Chosen SET verdict = was WHERE was = 'PAUSE_REQUESTED'`);
  await apply(
    db,
    {
      actor: { kind: 'WORKER', name: read.text(session?.name ?? sessionId) },
      set: [
        sql`claimedBy = ${sessionId}`,
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
    await db.rows(sql`SELECT j.id, j.epoch, j.typeName, j.status, j.fractionCompleted, w.details, w.checkpoint,
      d.name AS databaseName, d.url AS databaseUrl, d.createdAt AS databaseCreatedAt, j.database
    FROM Job j JOIN JobWork w ON w.jobId = j.id LEFT JOIN Database d ON d.name = j.database
    WHERE j.id IN (SELECT value FROM json_each(${wanted})) ORDER BY j.id`);
  return rows.map((row) => readClaimed(row, sessionId));
};

const TASKS: Readonly<Record<string, Claimed['task']>> = {
  RUNNING: 'run',
  REVERTING: 'revert',
  PAUSE_REQUESTED: 'let go',
};

const readClaimed = (row: Row, sessionId: string): Claimed => ({
  claim: { jobId: String(row.id), sessionId, epoch: read.number(row.epoch) },
  typeName: read.text(row.typeName),
  task: TASKS[read.text(row.status)] ?? 'let go',
  details: JSON.parse(read.text(row.details)),
  checkpoint: row.checkpoint === null ? null : JSON.parse(read.text(row.checkpoint)),
  database:
    row.databaseName === null
      ? null
      : {
          name: read.text(row.databaseName),
          url: read.text(row.databaseUrl),
          createdAt: read.instant(row.databaseCreatedAt),
        },
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
