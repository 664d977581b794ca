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
import { join, type Sql, sql } from '../sql.ts';
import type { Claim, Saved, Settled } from '../store.ts';
import type { Job, JobWork, Stored } from '../stored.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import type { Connection } from './connection.ts';
import { POSTGRES } from './dialect.ts';
import { apply, chooseFew } from './moves.ts';
import { publishFloors } from './order.ts';

const held = (claim: Claim): Sql =>
  sql`j.id = ${Number(claim.jobId)} AND j.claimed_by = ${claim.sessionId} AND j.epoch = ${claim.epoch}
    AND EXISTS (SELECT 1 FROM worker_session s WHERE s.id = ${claim.sessionId} AND s.ended_at IS NULL)`;

const savedBy = (saved: Saved) =>
  savedChanges(saved, sql`(SELECT w.checkpoint FROM job_work w WHERE w.job_id = job.id)`, POSTGRES);

const keepWork = async (db: Connection, claim: Claim, { checkpoint, warnings, result, rowError }: Saved) => {
  const ofJob = sql`WHERE job_id = ${Number(claim.jobId)}`;
  if (checkpoint !== undefined) await db.run(sql`UPDATE job_work SET checkpoint = ${checkpoint} ${ofJob}`);
  if (result !== undefined) await db.run(sql`UPDATE job_work SET result = ${result} ${ofJob}`);
  if (rowError !== undefined) await db.run(sql`UPDATE job_work SET row_error = ${rowError} ${ofJob}`);
  if (warnings === undefined || warnings.length === 0) return;
  const [row] = await db.rows<Pick<JobWork, 'warnings'>>(sql`SELECT warnings FROM job_work ${ofJob}`);
  await db.run(sql`UPDATE job_work SET warnings = ${withWarnings(row?.warnings, warnings)} ${ofJob}`);
};

export const save = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<JobStatus | null> => {
  const status = await statusOf(db, claim);
  if (status === null) return null;
  await publishFloors(db, 'revisions');
  await db.run(sql`UPDATE job SET modified_at = ${now}, revision = nextval('job_revision_seq')
    ${join([sql``, ...assignments(savedBy(saved), POSTGRES)], ', ')} WHERE id = ${Number(claim.jobId)}`);
  await keepWork(db, claim, saved);
  return status;
};

type Held = Pick<Stored<Job>, 'status' | 'began' | 'attempts' | 'committing' | 'continuous'>;

const heldJob = async (db: Connection, claim: Claim, locks = true): Promise<Held | undefined> => {
  const lock = locks && db.order.mode === 'floor' ? sql`FOR UPDATE OF j` : sql``;
  const select = sql`SELECT status, began, attempts, committing, continuous FROM job j WHERE ${held(claim)}`;
  return (await db.rows<Held>(sql`${select} ${lock}`))[0];
};

const statusOf = async (db: Connection, claim: Claim, locks = true) =>
  ((await heldJob(db, claim, locks))?.status ?? null) as JobStatus | null;

/** Repeated because its answer was lost, it gets the same answer. */
export const markCommitting = async (db: Connection, claim: Claim, saved: Saved, now: Instant): Promise<boolean> => {
  const chosen = await chooseFew(db, 'committing', sql`job j WHERE ${held(claim)}`);
  if (chosen.count === 0) return false;
  const set: readonly Change[] = [['committing', sql`TRUE`], ...savedBy(saved)];
  const changed = await apply(db, chosen, { actor: { kind: 'WORKER', name: claim.sessionId }, set }, now);
  if (changed === 1) await keepWork(db, claim, saved);
  return changed === 1;
};

export const isCurrent = async (db: Connection, claim: Claim): Promise<boolean> =>
  (await statusOf(db, claim, false)) !== null;

export const markBegan = async (db: Connection, claim: Claim): Promise<boolean> => {
  const job = await heldJob(db, claim);
  if (job === undefined) return false;
  if (job.began) return true;
  await publishFloors(db, 'revisions');
  await db.run(sql`UPDATE job SET began = TRUE, revision = nextval('job_revision_seq')
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
  const report = weighReport(settled.report, await heldJob(db, claim), retry.attempts);
  const chosen = await chooseFew(db, report, sql`job j WHERE ${held(claim)}`);
  if (chosen.count === 0) return settledBefore(db, claim);
  const error = settled.error === undefined ? null : cutText(settled.error);
  if (isFailure(report, settled.report)) await keepErrors(db, chosen, error ?? '', now);
  const { actor, message: shown } = settled;
  const by = { sessionId: claim.sessionId, actor, error, shown, waits: nextAttemptAt(retry, now) };
  const changed = await apply(db, chosen, settledEffects(report, by, POSTGRES), now);
  if (changed === 0) throw conflict(`job ${claim.jobId} cannot be ${report} as it stands`);
  return (chosen.rows?.[0]?.verdict ?? null) as JobStatus | null;
};

/** A report is repeated because the answer to it was lost: it gets the same answer as the first time. */
const settledBefore = async (db: Connection, { jobId, epoch, sessionId }: Claim): Promise<JobStatus | null> => {
  const rows = await db.rows<Pick<Job, 'settledAs'>>(sql`SELECT settled_as FROM job
    WHERE id = ${Number(jobId)} AND epoch = ${epoch} AND settled_by = ${sessionId}`);
  return (rows[0]?.settledAs ?? null) as JobStatus | null;
};
