/**
 * The writes of a worker for a job that it holds. Every write is fenced by the claim (session and epoch), not by the
 * status.
 */
import { conflict, cutText } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import { type Retry, retryOf } from '../../jobs/retry.ts';
import type { JobStatus } from '../../jobs/status.ts';
import {
  assignments,
  type Change,
  isFailure,
  savedChanges,
  settledEffects,
  weighReport,
  withWarnings,
} from '../effects.ts';
import type { Claim, Saved, Settled } from '../store.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import type { Job, JobWork } from './client/client.ts';
import { type Connection, join, type Sql, sql } from './client.ts';
import { apply, choose } from './moves.ts';
import { SQLITE } from './where.ts';

const held = (claim: Claim): Sql =>
  sql`j.id = ${Number(claim.jobId)} AND j.claimedBy = ${claim.sessionId} AND j.epoch = ${claim.epoch}
    AND EXISTS (SELECT 1 FROM WorkerSession s WHERE s.id = ${claim.sessionId} AND s.endedAt IS NULL)`;

const savedBy = (saved: Saved) =>
  savedChanges(saved, sql`(SELECT checkpoint FROM JobWork w WHERE w.jobId = Job.id)`, SQLITE);

const keepWork = async (db: Connection, claim: Claim, { checkpoint, warnings, result, rowError }: Saved) => {
  const ofJob = sql`WHERE jobId = ${Number(claim.jobId)}`;
  if (checkpoint !== undefined) await db.run(sql`UPDATE JobWork SET checkpoint = ${checkpoint} ${ofJob}`);
  if (result !== undefined) await db.run(sql`UPDATE JobWork SET result = ${result} ${ofJob}`);
  if (rowError !== undefined) await db.run(sql`UPDATE JobWork SET rowError = ${rowError} ${ofJob}`);
  if (warnings === undefined || warnings.length === 0) return;
  const [row] = await db.rows<Pick<JobWork, 'warnings'>>(sql`SELECT warnings FROM JobWork ${ofJob}`);
  await db.run(sql`UPDATE JobWork SET warnings = ${withWarnings(row?.warnings, warnings)} ${ofJob}`);
};

export const save = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<JobStatus | null> => {
  const status = await statusOf(db, claim);
  if (status === null) return null;
  await db.run(sql`UPDATE Counters SET lastRevision = lastRevision + 1`);
  await db.run(
    sql`UPDATE Job SET ${join(
      [
        sql`modifiedAt = ${now}`,
        sql`revision = (SELECT lastRevision FROM Counters)`,
        ...assignments(savedBy(saved), SQLITE),
      ],
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
  const set: readonly Change[] = [['committing', sql`TRUE`], ...savedBy(saved)];
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
  rules: Retry,
  now: Instant,
): Promise<JobStatus | null> => {
  const retry = retryOf(rules, settled.retry);
  if (settled.fenceAcquired === false && (await statusOf(db, claim)) === 'PAUSE_REQUESTED') return 'PAUSE_REQUESTED';
  if (settled.saved !== undefined) await save(db, claim, settled.saved, now);
  const report = await weigh(db, claim, settled.report, retry);
  if ((await choose(db, report, sql`Job j WHERE ${held(claim)}`)) === 0) return settledBefore(db, claim);
  const error = settled.error === undefined ? null : cutText(settled.error);
  if (isFailure(report, settled.report)) await keepErrors(db, error ?? '', now);
  const by = {
    sessionId: claim.sessionId,
    actor: settled.actor,
    error,
    shown: settled.message,
    waits: nextAttemptAt(retry, now),
  };
  const changed = await apply(db, settledEffects(report, by, SQLITE), now);
  if (changed === 0) throw conflict(`job ${claim.jobId} cannot be ${report} as it stands`);
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

const weigh = async (db: Connection, claim: Claim, report: Settled['report'], retry: Retry) => {
  const [row] = await db.rows<Pick<Job, 'attempts' | 'committing' | 'continuous'>>(
    sql`SELECT attempts, committing, continuous FROM Job j WHERE ${held(claim)}`,
  );
  return weighReport(report, row, retry.attempts);
};
