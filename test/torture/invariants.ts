/** What holds after each step, whatever was done, said of the store's rows alone; and that the model has it so too. */
import assert from 'node:assert/strict';
import { ENDED, type JobStatus } from '../../src/jobs/status.ts';
import { hasEnded, inEachOthersWay, type Model, type ModelEvent, type ModelJob } from './model.ts';
import type { ErrorRow, JobRow, Observation } from './scene.ts';

const HELD: readonly JobStatus[] = ['RUNNING', 'PAUSE_REQUESTED'];
const HELD_OR_NOT: readonly JobStatus[] = ['CANCEL_REQUESTED', 'REVERTING'];
const COMMITTING: readonly JobStatus[] = ['RUNNING', 'PENDING', 'SUCCEEDED'];
const isEnd = (status: JobStatus) => (ENDED as readonly JobStatus[]).includes(status);

export const checkInvariants = (before: Observation, after: Observation): void => {
  checkLog(before, after);
  const known = new Map(before.jobs.map((job) => [job.id, job]));
  const lastRevision = Math.max(0, ...before.jobs.map(({ revision }) => revision));
  for (const job of after.jobs) {
    checkJob(job);
    assert.equal(after.lastTo.get(job.id), job.status, `the log ends otherwise than job ${job.id} stands`);
    const was = known.get(job.id);
    if (was !== undefined && JSON.stringify(was) !== JSON.stringify(job)) checkChange(was, job, lastRevision);
  }
  assert.ok(after.jobs.length >= before.jobs.length, 'a job is gone');
  const errorsOf = errorsByJob(after);
  for (const [id, errors] of errorsOf) assert.ok(errors.length <= 10, `job ${id} keeps ${errors.length} errors`);
};

const errorsByJob = ({ errors }: Observation) => {
  const byJob = new Map<number, ErrorRow[]>();
  for (const error of errors) byJob.set(error.jobId, [...(byJob.get(error.jobId) ?? []), error]);
  return byJob;
};

const checkLog = (before: Observation, { added }: Observation) => {
  const lastTo = new Map(before.lastTo);
  let cursor = before.head;
  for (const event of added) {
    assert.ok(event.cursor > cursor, 'a cursor does not grow');
    assert.equal(event.from, lastTo.get(event.jobId) ?? null, `event ${event.cursor} does not go on where its job was`);
    assert.ok(event.from === null || !isEnd(event.from), `job ${event.jobId} left its end`);
    lastTo.set(event.jobId, event.to);
    cursor = event.cursor;
  }
};

const checkJob = (job: JobRow) => {
  const { id, status, claimedBy } = job;
  if (HELD.includes(status)) assert.notEqual(claimedBy, null, `job ${id} is ${status} with nobody on it`);
  else if (!HELD_OR_NOT.includes(status)) assert.equal(claimedBy, null, `job ${id} is ${status} and held`);
  if (claimedBy !== null) assert.equal(job.isClaimKnown, 1, `job ${id} is held by a session that nobody knows`);
  assert.equal(job.finishedAt !== null, isEnd(status), `finishedAt of job ${id}, ${status}`);
  if (job.committing) assert.ok(COMMITTING.includes(status), `job ${id} is ${status}, committing`);
  if (status === 'REVERTING' || status === 'FAILED') assert.notEqual(job.revertCause, null);
  if (status === 'SUCCEEDED' || status === 'RUNNING') assert.equal(job.revertCause, null);
  if (job.fractionCompleted !== null) assert.ok(job.fractionCompleted >= 0 && job.fractionCompleted <= 1);
};

const checkChange = (was: JobRow, job: JobRow, lastRevision: number) => {
  assert.ok(!isEnd(was.status), `job ${job.id} was written after its end`);
  assert.ok(job.revision > lastRevision, `job ${job.id} was written without a new revision`);
  assert.ok(job.epoch >= was.epoch, `the epoch of job ${job.id} fell`);
  if (job.claimedBy !== null && job.claimedBy !== was.claimedBy) {
    assert.equal(job.epoch, was.epoch + 1, `job ${job.id} was claimed under an old epoch`);
  }
  assert.ok((job.fractionCompleted ?? 0) >= (was.fractionCompleted ?? 0), `the fraction of job ${job.id} fell`);
  if (was.startedAt !== null) assert.equal(job.startedAt, was.startedAt, `startedAt of job ${job.id} moved`);
  if (was.error !== null) assert.equal(job.error, was.error, `the first error of job ${job.id} is lost`);
};

/** Refused, dry or fenced: not a column of a job, not an event, not an error. */
export const checkNothingWritten = (before: Observation, after: Observation): void => {
  assert.deepEqual(after.jobs, before.jobs);
  assert.deepEqual(after.added, []);
  assert.deepEqual(after.errors, before.errors);
};

/** The store says what the design says. What jitter left open is settled by what the store has drawn. */
export const checkAgreement = (model: Model, after: Observation): void => {
  checkEvents(model, after);
  assert.deepEqual(
    after.jobs.map(({ id }) => String(id)),
    [...model.jobs.keys()],
  );
  const errorsOf = errorsByJob(after);
  for (const row of after.jobs) {
    const job = model.jobs.get(String(row.id));
    if (job === undefined) continue;
    agreeOnWait(job, row);
    assert.deepEqual(stateOf(row), modelledState(job));
    const errors = (errorsOf.get(row.id) ?? []).map(({ attempt, message }) => ({ attempt, message }));
    assert.deepEqual(errors, job.errors);
  }
  checkTables(model);
};

const stateOf = (row: JobRow) => ({
  id: String(row.id),
  status: row.status,
  hasRun: row.startedAt !== null,
  hasFinished: row.finishedAt !== null,
  claimedBy: row.claimedBy,
  epoch: row.epoch,
  attempts: row.attempts,
  committing: row.committing === 1,
  revertCause: row.revertCause,
  pauseReason: row.pauseReason,
  error: row.error,
  checkpoint: row.checkpoint,
  fraction: row.fractionCompleted,
});

const modelledState = (job: ModelJob): ReturnType<typeof stateOf> => ({
  id: job.id,
  status: job.status,
  hasRun: job.hasRun,
  hasFinished: hasEnded(job),
  claimedBy: job.claimedBy,
  epoch: job.epoch,
  attempts: job.attempts,
  committing: job.committing,
  revertCause: job.revertCause,
  pauseReason: job.pauseReason,
  error: job.error,
  checkpoint: job.checkpoint,
  fraction: job.fraction,
});

const agreeOnWait = (job: ModelJob, { nextAttemptAt }: JobRow) => {
  if (job.wait === null || nextAttemptAt === null) {
    assert.equal(nextAttemptAt, job.wait, `nextAttemptAt of job ${job.id}`);
    return;
  }
  const { from, to } = job.wait;
  assert.ok(
    from <= nextAttemptAt && nextAttemptAt <= to,
    `job ${job.id} waits until ${nextAttemptAt}: ${from} to ${to}`,
  );
  job.wait = { from: nextAttemptAt, to: nextAttemptAt };
};

/** In order for each job; what one step does to several jobs at once has no order that the design knows. */
const checkEvents = (model: Model, { added, head }: Observation) => {
  const byJob = <T extends { readonly jobId: string }>(events: readonly T[]) =>
    [...events].sort((a, b) => Number(a.jobId) - Number(b.jobId));
  const appended = added.map(({ cursor, ...event }) => ({ ...event, jobId: String(event.jobId) }));
  const expected = model.events.map((event) => ({ ...event, at: model.now, ...recorded(model, event) }));
  if (appended.length > 0 || expected.length > 0) assert.deepEqual(byJob(appended), byJob(expected));
  for (const { jobId, cursor } of added) {
    const job = model.jobs.get(String(jobId));
    if (job !== undefined) job.lastCursor = cursor;
  }
  model.events = [];
  model.head = head;
};

/** What filters read of an event is the job's own. */
const recorded = (model: Model, { jobId }: ModelEvent) => {
  const { typeName, userName } = model.jobs.get(jobId) as ModelJob;
  return { type: 'CUSTOM', typeName, userName, database: null, description: `${typeName} of ${userName}` };
};

/** A job holds its tables from its start to its end: no two that do not go together are ever between the two. */
const checkTables = (model: Model) => {
  const begun = [...model.jobs.values()].filter((job) => job.hasRun && !hasEnded(job));
  for (const [place, job] of begun.entries()) {
    const other = begun.slice(place + 1).find(({ holds }) => inEachOthersWay(holds, job.holds));
    assert.equal(other, undefined, `jobs ${job.id} and ${other?.id} have the same table`);
  }
};
