/** What a worker writes of a job that it holds. Every write is fenced by the claim: session and epoch, not by status. */
import { cutText } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Retry } from '../../jobs/retry.ts';
import type { JobStatus, Move } from '../../jobs/status.ts';
import type { Claim, Saved, Settled } from '../store.ts';
import { waitSql } from './claims.ts';
import { type Connection, join, type Sql, sql } from './client.ts';
import { apply, choose } from './moves.ts';

const held = (claim: Claim): Sql =>
  sql`j.id = ${Number(claim.jobId)} AND j.claimedBy = ${claim.sessionId} AND j.epoch = ${claim.epoch}
    AND EXISTS (SELECT 1 FROM WorkerSession s WHERE s.id = ${claim.sessionId} AND s.endedAt IS NULL)`;

/** What a step changes in the job's row. A fraction never falls; progress forgives the attempts that failed. */
const savedColumns = (saved: Saved): Sql[] => [
  ...(saved.checkpoint === undefined
    ? []
    : [
        sql`savedInClaim = TRUE`,
        sql`attempts = CASE WHEN (SELECT checkpoint FROM JobWork w WHERE w.jobId = Job.id) IS ${saved.checkpoint} THEN attempts ELSE 0 END`,
      ]),
  ...(saved.fractionCompleted === undefined
    ? []
    : [sql`fractionCompleted = max(coalesce(fractionCompleted, 0), ${saved.fractionCompleted})`]),
  ...(saved.message === undefined ? [] : [sql`statusMessage = ${cutText(saved.message)}`]),
  ...(saved.counters === undefined ? [] : [sql`counters = ${JSON.stringify(saved.counters)}`]),
];

const keepCheckpoint = async (db: Connection, claim: Claim, saved: Saved) => {
  if (saved.checkpoint === undefined) return;
  await db.run(sql`UPDATE JobWork SET checkpoint = ${saved.checkpoint} WHERE jobId = ${Number(claim.jobId)}`);
};

export const save = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<JobStatus | null> => {
  const status = await statusOf(db, claim);
  if (status === null) return null;
  await db.run(sql`UPDATE Counters SET lastRevision = lastRevision + 1`);
  await db.run(
    sql`UPDATE Job SET ${join(
      [sql`modifiedAt = ${now}`, sql`revision = (SELECT lastRevision FROM Counters)`, ...savedColumns(saved)],
      ', ',
    )} WHERE id = ${Number(claim.jobId)}`,
  );
  await keepCheckpoint(db, claim, saved);
  return status;
};

const statusOf = async (db: Connection, claim: Claim): Promise<JobStatus | null> => {
  const rows = await db.rows(sql`SELECT status FROM Job j WHERE ${held(claim)}`);
  return (rows[0]?.status ?? null) as JobStatus | null;
};

export const markCommitting = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<boolean> => {
  await choose(db, 'committing', sql`Job j WHERE ${held(claim)}`);
  const set = [sql`committing = TRUE`, ...savedColumns(saved)];
  const changed = await apply(db, { actor: { kind: 'WORKER', name: claim.sessionId }, set }, now);
  if (changed === 1) await keepCheckpoint(db, claim, saved);
  return changed === 1;
};

/** Gives the claim back with what became of the job, read against its status as it is now. */
export const settle = async (
  db: Connection,
  claim: Claim,
  settled: Settled,
  retry: Retry,
  now: Instant,
): Promise<JobStatus | null> => {
  if (settled.saved !== undefined) await save(db, claim, settled.saved, now);
  const move = await moveOf(db, claim, settled, retry);
  if ((await choose(db, move, sql`Job j WHERE ${held(claim)}`)) === 0) return null;
  await keepError(db, settled, now);
  const error = settled.error === undefined ? null : cutText(settled.error);
  const changed = await apply(
    db,
    {
      actor: { kind: 'WORKER', name: settled.actor },
      error: ERRORS_OF_EVENTS.includes(settled.report) ? error : null,
      reason: settled.report === 'askedToBePaused' ? error : null,
      set: EFFECTS[settled.report](error, retry, now),
    },
    now,
  );
  if (changed === 0) throw new Error(`job ${claim.jobId} cannot be ${settled.report} as it stands`);
  const rows = await db.rows(sql`SELECT status FROM Job WHERE id = ${Number(claim.jobId)}`);
  return (rows[0]?.status ?? null) as JobStatus | null;
};

const ERRORS_OF_EVENTS: readonly Settled['report'][] = ['failed', 'retry', 'undoingFailed'];

/** A transient failure is final when it was the last that is allowed. */
const moveOf = async (db: Connection, claim: Claim, settled: Settled, retry: Retry): Promise<Move> => {
  if (settled.report !== 'retry') return settled.report;
  const rows = await db.rows(sql`SELECT attempts FROM Job j WHERE ${held(claim)} AND NOT committing`);
  return Number(rows[0]?.attempts ?? 0) + 1 >= retry.attempts ? 'failed' : 'retry';
};

const keepError = async (db: Connection, settled: Settled, now: Instant) => {
  if (settled.report !== 'retry' && settled.report !== 'undoingFailed') return;
  await db.run(sql`INSERT INTO ExecutionError (jobId, at, attempt, message)
    SELECT j.id, ${now}, j.attempts + 1, ${cutText(settled.error ?? '')} FROM Chosen c JOIN Job j ON j.id = c.id`);
  await db.run(sql`DELETE FROM ExecutionError WHERE jobId IN (SELECT id FROM Chosen) AND id NOT IN (
    SELECT e.id FROM ExecutionError e WHERE e.jobId IN (SELECT id FROM Chosen) ORDER BY e.id DESC LIMIT 10)`);
};

const RELEASED = sql`claimedBy = NULL`;
/** The first error stays. A cancelled job has none: what went wrong while it stopped is among its execution errors. */
const firstError = (error: string | null) =>
  sql`error = CASE WHEN c.verdict = 'REVERTING' AND c.was <> 'CANCEL_REQUESTED' THEN coalesce(error, ${error}) ELSE error END`;
const waits = (retry: Retry, now: Instant) => [
  sql`attempts = attempts + 1`,
  sql`nextAttemptAt = CASE WHEN c.verdict IN ('PENDING', 'REVERTING') AND c.was <> 'CANCEL_REQUESTED' THEN ${now} + ${waitSql(retry)} END`,
];
const message = (pending: string | null, reverting: string | null = null) =>
  sql`statusMessage = CASE c.verdict WHEN 'PENDING' THEN ${pending} WHEN 'PAUSED' THEN pauseReason WHEN 'REVERTING' THEN ${reverting} END`;

const EFFECTS: Readonly<
  Record<Settled['report'], (error: string | null, retry: Retry, now: Instant) => readonly Sql[]>
> = {
  claimed: () => [RELEASED, message(null)],
  stopped: () => [RELEASED, message('waiting for a worker')],
  finished: () => [
    RELEASED,
    message(null),
    sql`fractionCompleted = CASE WHEN c.verdict = 'SUCCEEDED' AND NOT endless THEN 1 ELSE fractionCompleted END`,
    sql`pauseReason = NULL`,
  ],
  // A job that is committing is tried again however often it fails, and keeps its place in the table: PENDING.
  failed: (error, retry, now) => [
    RELEASED,
    firstError(error),
    message(error, null),
    sql`nextAttemptAt = CASE WHEN c.verdict = 'PENDING' THEN ${now} + ${waitSql(retry)} END`,
    sql`attempts = CASE WHEN c.verdict = 'PENDING' THEN attempts + 1 ELSE 0 END`,
    sql`pauseReason = NULL`,
  ],
  retry: (error, retry, now) => [RELEASED, ...waits(retry, now), message(error)],
  askedToBePaused: (error) => [
    RELEASED,
    sql`pauseReason = CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`,
    sql`statusMessage = CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`,
  ],
  undone: () => [RELEASED, message(null), sql`pauseReason = NULL`],
  undoingFailed: (error, retry, now) => [RELEASED, ...waits(retry, now), message(null, error)],
};
