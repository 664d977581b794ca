/**
 * The writes of a worker for a job that it holds. Every write is fenced by the claim (session and epoch), not by the
 * status.
 */
import { cutText } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Retry } from '../../jobs/retry.ts';
import type { JobStatus } from '../../jobs/status.ts';
import type { Claim, Saved, Settled } from '../store.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import type { Job, JobWork } from './client/client.ts';
import { type Connection, join, type Sql, sql } from './client.ts';
import { apply, choose } from './moves.ts';
import { WAITING } from './rows.ts';

const held = (claim: Claim): Sql =>
  sql`j.id = ${Number(claim.jobId)} AND j.claimedBy = ${claim.sessionId} AND j.epoch = ${claim.epoch}
    AND EXISTS (SELECT 1 FROM WorkerSession s WHERE s.id = ${claim.sessionId} AND s.endedAt IS NULL)`;

/** The columns of the job that a step changes. A fraction never decreases; progress resets the failed attempts. */
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

const keepWork = async (db: Connection, claim: Claim, { checkpoint, warnings }: Saved) => {
  const ofJob = sql`WHERE jobId = ${Number(claim.jobId)}`;
  if (checkpoint !== undefined) await db.run(sql`UPDATE JobWork SET checkpoint = ${checkpoint} ${ofJob}`);
  if (warnings === undefined || warnings.length === 0) return;
  const [row] = await db.rows<Pick<JobWork, 'warnings'>>(sql`SELECT warnings FROM JobWork ${ofJob}`);
  const kept: readonly string[] = JSON.parse(row?.warnings ?? '[]');
  const all = [...new Set([...kept, ...warnings.map((warning) => cutText(warning))])].slice(0, WARNINGS_AT_MOST);
  await db.run(sql`UPDATE JobWork SET warnings = ${JSON.stringify(all)} ${ofJob}`);
};
const WARNINGS_AT_MOST = 100;

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
  await keepWork(db, claim, saved);
  return status;
};

const statusOf = async (db: Connection, claim: Claim): Promise<JobStatus | null> => {
  const rows = await db.rows<Pick<Job, 'status'>>(sql`SELECT status FROM Job j WHERE ${held(claim)}`);
  return (rows[0]?.status ?? null) as JobStatus | null;
};

export const markCommitting = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<boolean> => {
  if ((await choose(db, 'committing', sql`Job j WHERE ${held(claim)}`)) === 0) return false;
  const set = [sql`committing = TRUE`, ...savedColumns(saved)];
  const changed = await apply(db, { actor: { kind: 'WORKER', name: claim.sessionId }, set }, now);
  if (changed === 1) await keepWork(db, claim, saved);
  return changed === 1;
};

export const isCurrent = async (db: Connection, claim: Claim): Promise<boolean> => (await statusOf(db, claim)) !== null;

export const markBegan = async (db: Connection, claim: Claim): Promise<boolean> => {
  const [row] = await db.rows<Pick<Job, 'began'>>(sql`SELECT j.began FROM Job j WHERE ${held(claim)}`);
  if (row === undefined) return false;
  if (row.began) return true;
  await db.run(sql`UPDATE Counters SET lastRevision = lastRevision + 1`);
  await db.run(sql`UPDATE Job SET began = TRUE, revision = (SELECT lastRevision FROM Counters)
    WHERE id = ${Number(claim.jobId)}`);
  return true;
};

/** Releases the claim and applies the outcome, evaluated against the current status of the job. */
export const settle = async (
  db: Connection,
  claim: Claim,
  settled: Settled,
  retry: Retry,
  now: Instant,
): Promise<JobStatus | null> => {
  if (settled.fenceAcquired === false && (await statusOf(db, claim)) === 'PAUSE_REQUESTED') return 'PAUSE_REQUESTED';
  if (settled.saved !== undefined) await save(db, claim, settled.saved, now);
  const report = await weigh(db, claim, settled.report, retry);
  if ((await choose(db, report, sql`Job j WHERE ${held(claim)}`)) === 0) return settledBefore(db, claim);
  const error = settled.error === undefined ? null : cutText(settled.error);
  if ([report, settled.report].some((value) => value === 'retry' || value === 'revertFailed')) {
    await keepErrors(db, error ?? '', now);
  }
  const changed = await apply(
    db,
    {
      actor: { kind: 'WORKER', name: settled.actor },
      ...(report === 'pauseAsked' ? { reason: error } : { error }),
      set: [
        sql`claimedBy = NULL`,
        sql`settledBy = ${claim.sessionId}`,
        sql`settledAs = c.verdict`,
        ...EFFECTS[report](error, retry, now),
      ],
    },
    now,
  );
  if (changed === 0) throw new Error(`job ${claim.jobId} cannot be ${report} as it stands`);
  return statusNow(db, claim);
};

/** A report is repeated because the answer to it was lost: it gets the same answer as the first time. */
const settledBefore = async (db: Connection, { jobId, epoch, sessionId }: Claim): Promise<JobStatus | null> => {
  const rows = await db.rows<Pick<Job, 'settledAs'>>(sql`SELECT settledAs FROM Job
    WHERE id = ${Number(jobId)} AND epoch = ${epoch} AND settledBy = ${sessionId}`);
  return (rows[0]?.settledAs ?? null) as JobStatus | null;
};

const statusNow = async (db: Connection, claim: Claim) => {
  const rows = await db.rows<Pick<Job, 'status'>>(sql`SELECT status FROM Job WHERE id = ${Number(claim.jobId)}`);
  return (rows[0]?.status ?? null) as JobStatus | null;
};

/**
 * A transient failure is final if it was the last attempt allowed. Two cases are never final. A committing job can no
 * longer be reverted, so it is tried again after any error. For a continuous job the receiver may be away for long, and
 * giving up would lose the pending messages.
 */
const weigh = async (db: Connection, claim: Claim, report: Settled['report'], retry: Retry) => {
  if (report !== 'retry' && report !== 'failed' && report !== 'pauseAsked') return report;
  const [row] = await db.rows<Pick<Job, 'attempts' | 'committing' | 'continuous'>>(
    sql`SELECT attempts, committing, continuous FROM Job j WHERE ${held(claim)}`,
  );
  if (row?.committing) return 'retry';
  const isLast = (row?.attempts ?? 0) + 1 >= retry.attempts && !row?.continuous;
  return report === 'retry' && isLast ? 'failed' : report;
};

const message = (pending: string | null, reverting: string | null = null) =>
  sql`statusMessage = CASE c.verdict WHEN 'PENDING' THEN ${pending} WHEN 'PAUSED' THEN pauseReason WHEN 'REVERTING' THEN ${reverting} END`;

/** The wait before the next attempt. A revert after a cancel is separate work: it does not wait and has not failed. */
const waits = (retry: Retry, now: Instant) => [
  sql`attempts = CASE WHEN c.was = 'CANCEL_REQUESTED' THEN 0 ELSE attempts + 1 END`,
  sql`nextAttemptAt = CASE WHEN c.verdict IN ('PENDING', 'REVERTING') AND c.was <> 'CANCEL_REQUESTED'
    THEN ${nextAttemptAt(retry, now)} END`,
];

type Effect = (error: string | null, retry: Retry, now: Instant) => readonly Sql[];

const EFFECTS: Readonly<Record<Settled['report'], Effect>> = {
  stopped: () => [message(WAITING)],
  finished: () => [
    message(null),
    sql`fractionCompleted = CASE WHEN c.verdict = 'SUCCEEDED' AND NOT continuous THEN 1 ELSE fractionCompleted END`,
    sql`pauseReason = NULL`,
  ],
  // The first error is kept. A canceled job has none: an error that occurred while it stopped is in its event.
  failed: (error) => [
    sql`error = CASE WHEN c.was <> 'CANCEL_REQUESTED' THEN coalesce(error, ${error}) END`,
    sql`statusMessage = NULL`,
    sql`attempts = 0`,
    sql`pauseReason = NULL`,
  ],
  retry: (error, retry, now) => [...waits(retry, now), message(`waiting for its next attempt: ${error}`)],
  pauseAsked: (error) => [
    sql`pauseReason = CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`,
    sql`statusMessage = CASE WHEN c.verdict = 'PAUSED' THEN ${error} END`,
  ],
  reverted: () => [message(null), sql`pauseReason = NULL`],
  revertFailed: (error, retry, now) => [...waits(retry, now), message(null, error)],
};
