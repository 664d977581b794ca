/**
 * What the design says of jobs, without a store: job-control.md in plain objects. Nothing here is taken from the code
 * that it judges; what a command or a report makes of a standing is read from the table written out by hand.
 */
import type { Hold, HoldMode } from '../../src/jobs/holds.ts';
import { ENDED, type JobCommand, type JobStatus, type RevertCause } from '../../src/jobs/status.ts';
import type { Claim } from '../../src/store/store.ts';
import { standOf } from '../jobs/table.ts';

export interface ModelJob {
  readonly id: string;
  readonly typeName: string;
  readonly userName: string;
  readonly continuous: boolean;
  readonly holds: readonly Hold[];
  readonly runAt: number | null;
  readonly priority: number;
  status: JobStatus;
  hasRun: boolean;
  claimedBy: string | null;
  epoch: number;
  /** The report that ended the last claim, and its answer. */
  settled: { readonly claim: Claim; readonly as: JobStatus } | null;
  /** A checkpoint was saved under the present claim. */
  savedInClaim: boolean;
  attempts: number;
  wait: Wait | null;
  committing: boolean;
  revertCause: RevertCause | null;
  pauseReason: string | null;
  error: string | null;
  checkpoint: string | null;
  fraction: number | null;
  /** Oldest first. */
  errors: readonly { readonly attempt: number; readonly message: string }[];
  lastCursor: number;
}

/** When a job is tried again: what jitter leaves open, and one instant as soon as the store has drawn. */
export interface Wait {
  readonly from: number;
  readonly to: number;
}

export interface ModelSession {
  readonly types: readonly string[];
  heartbeatAt: number;
  ended: boolean;
}

export interface ModelEvent {
  readonly jobId: string;
  readonly from: JobStatus | null;
  readonly to: JobStatus;
  readonly actorKind: 'USER' | 'WORKER' | 'SYSTEM';
  readonly actorName: string;
  readonly command: JobCommand | null;
  readonly commandId: string | null;
  readonly reason: string | null;
  readonly error: string | null;
  /** Nobody signs in with a token here. */
  readonly tokenId: null;
}

export interface Model {
  now: number;
  readonly jobs: Map<string, ModelJob>;
  readonly sessions: Map<string, ModelSession>;
  /** The present session of each of the two workers. */
  readonly workers: (string | null)[];
  /** Every claim ever handed out, the newest last: those of the dead go on being used. */
  readonly claims: Claim[];
  /** What the present step has to append to the log. */
  events: ModelEvent[];
  head: number;
  orders: number;
}

const START = Date.UTC(2026, 10, 20);

export const createModel = (head: number): Model => ({
  now: START,
  jobs: new Map(),
  sessions: new Map(),
  workers: [null, null],
  claims: [],
  events: [],
  head,
  orders: 0,
});

export const hasEnded = (job: ModelJob) => (ENDED as readonly JobStatus[]).includes(job.status);
export const standing = (job: ModelJob) => standOf({ ...job, held: job.claimedBy !== null });

/** Section 7: only imports into one existing table go together, and jobs that are only counted. */
const goTogether = (one: HoldMode, other: HoldMode) => one === other && (one === 'write' || one === 'count');

export const inEachOthersWay = (one: readonly Hold[], other: readonly Hold[]) =>
  one.some((mine) => other.some((theirs) => mine.resource === theirs.resource && !goTogether(mine.mode, theirs.mode)));

export const isTime = ({ runAt }: ModelJob, now: number) => runAt === null || runAt <= now;

/** A session that lives knows the type of the job. */
export const isKnown = (model: Model, { typeName }: ModelJob) =>
  [...model.sessions.values()].some(({ ended, types }) => !ended && types.includes(typeName));

/** Those that a job waits for: they have begun, or came before it and wait too. A job that has begun waits for none. */
export const blockersOf = (model: Model, job: ModelJob, now = model.now): readonly ModelJob[] =>
  job.hasRun || job.status !== 'PENDING'
    ? []
    : [...model.jobs.values()].filter(
        (other) =>
          other.id !== job.id &&
          !hasEnded(other) &&
          inEachOthersWay(job.holds, other.holds) &&
          (other.hasRun || (other.status === 'PENDING' && isTime(other, now) && Number(other.id) < Number(job.id))),
      );

/** The living job that makes what a new one would make too. */
export const isConflict = (model: Model, holds: readonly Hold[]) =>
  [...model.jobs.values()].some(
    (job) =>
      !hasEnded(job) &&
      job.holds.some(({ resource, mode }) =>
        holds.some((other) => other.resource === resource && mode === 'make' && other.mode === 'make'),
      ),
  );

export const addJob = (
  model: Model,
  job: Pick<ModelJob, 'id' | 'typeName' | 'userName' | 'continuous' | 'holds' | 'runAt' | 'priority'>,
): void => {
  model.jobs.set(job.id, {
    ...job,
    status: 'PENDING',
    hasRun: false,
    claimedBy: null,
    epoch: 0,
    settled: null,
    savedInClaim: false,
    attempts: 0,
    wait: null,
    committing: false,
    revertCause: null,
    pauseReason: null,
    error: null,
    checkpoint: null,
    fraction: job.continuous ? null : 0,
    errors: [],
    lastCursor: 0,
  });
  model.events.push({
    ...{ jobId: job.id, from: null, to: 'PENDING', actorKind: 'USER', actorName: job.userName },
    ...{ command: null, commandId: null, reason: null, error: null, tokenId: null },
  });
};

export type By = Pick<ModelEvent, 'actorKind' | 'actorName'> & Partial<ModelEvent>;

/** The one place where a modelled status changes; a change is an event, and nothing else is. */
export const move = (model: Model, job: ModelJob, to: JobStatus, by: By): void => {
  const from = job.status;
  if (to === 'CANCEL_REQUESTED') job.revertCause = 'cancel';
  if (to === 'REVERTING') job.revertCause ??= 'failure';
  job.status = to;
  if (from === to) return;
  model.events.push({
    command: null,
    commandId: null,
    reason: null,
    error: null,
    tokenId: null,
    ...by,
    jobId: job.id,
    from,
    to,
  });
};

export const RETRY = { attempts: 5, firstWaitMs: 1_000, maxWaitMs: 300_000 };

/** 1 s · 2^n up to 5 min; jitter takes at most half of it. */
export const waitAfter = (model: Model, failuresBefore: number): Wait => {
  const full = Math.min(RETRY.maxWaitMs, RETRY.firstWaitMs * 2 ** failuresBefore);
  return { from: model.now + Math.floor(full / 2), to: model.now + full };
};

const LONGEST_ERROR = 1_024;
const KEPT_ERRORS = 10;
export const cut = (text: string) => (text.length <= LONGEST_ERROR ? text : `${text.slice(0, LONGEST_ERROR - 1)}…`);

export const keepError = (job: ModelJob, message: string): void => {
  job.errors = [...job.errors, { attempt: job.attempts + 1, message }].slice(-KEPT_ERRORS);
};

export const isDead = (model: Model, sessionId: string | null) =>
  sessionId !== null && model.sessions.get(sessionId)?.ended !== false;

/** Whether a write under this claim counts. */
export const heldBy = (model: Model, claim: Claim): ModelJob | null => {
  const job = model.jobs.get(claim.jobId);
  const holds = job?.claimedBy === claim.sessionId && job.epoch === claim.epoch && !isDead(model, claim.sessionId);
  return job !== undefined && holds ? job : null;
};
