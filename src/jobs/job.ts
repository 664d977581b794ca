import type { Facts, JobStatus, RevertCause } from './status.ts';

export const JOB_TYPES = ['IMPORT', 'BACKUP', 'RESTORE', 'CHANGEFEED', 'SCHEMA_CHANGE', 'CUSTOM'] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** Milliseconds since 1970. */
export type Instant = number;
/** A positive integer in decimal, at most 2^53 - 1. */
export type JobId = string;
/** A position in the event log. */
export type EventCursor = number;

/** A job as its owner, its viewers and its lists see it. A worker uses a `Claimed` instead. */
export interface Job {
  readonly id: JobId;
  readonly type: JobType;
  readonly typeName: string;
  readonly description: string;
  readonly userName: string;
  readonly database: string | null;
  readonly status: JobStatus;
  readonly statusMessage: string | null;
  readonly createdAt: Instant;
  /** The job is not claimed for the first time before this time. */
  readonly runAt: Instant | null;
  /** Among waiting jobs, higher priorities are claimed first. */
  readonly priority: number;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly modifiedAt: Instant;
  readonly fractionCompleted: number | null;
  readonly counters: readonly JobCounter[];
  readonly rateSince: Instant | null;
  readonly rateFraction: number | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: Instant | null;
  /** The job is not claimed until it is resumed: the store was restored while the job was committing. */
  readonly awaitsResume: boolean;
  readonly pauseReason: string | null;
  readonly revertCause: RevertCause | null;
  readonly committing: boolean;
  readonly coordinator: string | null;
  readonly claimedBy: string | null;
  readonly details: unknown;
  /** The input from its creator, with secrets redacted. Null for jobs created before inputs were stored. */
  readonly inputJson: unknown;
  /** The job that this one runs again. */
  readonly rerunOf: JobId | null;
  /** The schedule that created it. */
  readonly scheduleId: string | null;
  /** The paths in the input that had secrets. Null for jobs created before they were stored. */
  readonly secretPaths: readonly string[] | null;
  /** The error with the values of the row that it is about. Null if it is about none. */
  readonly rowError: string | null;
  /** Problems that did not stop the job; at most 100. */
  readonly warnings: readonly string[];
  /** What the job returned; null until it has succeeded, and for built-in kinds. */
  readonly result: unknown;
  /** Whether its creator is an admin now: only admins control the jobs of admins. */
  readonly ownerIsAdmin: boolean;
  readonly revision: number;
}

export interface JobCounter {
  readonly name: string;
  readonly value: number;
}

export interface ExecutionError {
  readonly at: Instant;
  readonly attempt: number;
  readonly message: string;
}

export type ActorKind = 'USER' | 'WORKER' | 'SYSTEM';
export interface Actor {
  readonly kind: ActorKind;
  readonly name: string;
  /** The token that the user sent, if any. */
  readonly tokenId?: string | null;
}

/** One change of a job's status, with the fields that filters read, as they were when it was written. */
export interface JobEvent {
  readonly cursor: EventCursor;
  readonly jobId: JobId;
  readonly at: Instant;
  readonly actor: Actor;
  readonly type: JobType;
  readonly typeName: string;
  readonly userName: string;
  readonly database: string | null;
  readonly description: string;
  readonly from: JobStatus | null;
  readonly to: JobStatus;
  readonly command: 'PAUSE' | 'RESUME' | 'CANCEL' | null;
  readonly commandId: string | null;
  readonly reason: string | null;
  readonly error: string | null;
}

export const factsOf = (job: Job): Facts => ({
  status: job.status,
  hasRun: job.startedAt !== null,
  held: job.claimedBy !== null,
  revertCause: job.revertCause,
  committing: job.committing,
});

/** The estimated end, assuming the rate since the job last started or was resumed. */
export const estimatedFinishAt = (job: Job, now: Instant): Instant | null => {
  const { fractionCompleted: fraction, rateSince, rateFraction } = job;
  if (job.status !== 'RUNNING' || fraction === null || rateSince === null || rateFraction === null) return null;
  const done = fraction - rateFraction;
  const took = job.modifiedAt - rateSince;
  if (done <= 0 || took <= 0) return null;
  return Math.max(now, Math.round(job.modifiedAt + ((1 - fraction) * took) / done));
};
