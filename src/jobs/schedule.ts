/** What is kept of a schedule: it creates a job at each time of a cron expression. */
import type { Instant, JobId, JobType } from './job.ts';

/** What becomes of a run that is due while the job of the last run has not ended: it is left out, or waits. */
export const SCHEDULE_OVERLAPS = ['SKIP', 'QUEUE'] as const;
export type ScheduleOverlap = (typeof SCHEDULE_OVERLAPS)[number];

/** What becomes of runs that were due when no server made runs: one makes up for all, or none does. */
export const MISSED_RUNS = ['ONCE', 'NONE'] as const;
export type MissedRuns = (typeof MISSED_RUNS)[number];

/** A whole number, none of which is also the id of a job. */
export type ScheduleId = string;

export interface Schedule {
  readonly id: ScheduleId;
  readonly name: string;
  /** The owner: jobs are created in this name, and with the privileges of this user at that time. */
  readonly userName: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: ScheduleOverlap;
  readonly onMissed: MissedRuns;
  /** Of backups: every nth is full. Null: other kinds. */
  readonly fullEvery: number | null;
  readonly type: JobType;
  readonly typeName: string;
  /** The input of each job, with placeholders, secrets redacted. */
  readonly inputJson: unknown;
  /** Sealed: the whole input, as JSON in the field `input`. Null: it has no secrets. See auth/vault.ts. */
  readonly secrets: string | null;
  readonly priority: number;
  readonly createdAt: Instant;
  readonly paused: boolean;
  /** Null while it is paused, and if the expression matches no later time. */
  readonly nextRunAt: Instant | null;
  /** When a run was due that waits for the last job to end; null if none waits. */
  readonly queuedAt: Instant | null;
  readonly lastRunAt: Instant | null;
  readonly lastJobId: JobId | null;
  /** Why the last run created no job, or has not yet. */
  readonly lastError: string | null;
  /** The number of jobs that it has created. */
  readonly runs: number;
  /** The runs since the last full backup, the full one first. */
  readonly chain: readonly ChainedRun[];
  /** Grows with each change by a person. */
  readonly version: number;
}

/** A run that created a backup, with what replaced the placeholders in its URLs. */
export interface ChainedRun {
  readonly jobId: JobId;
  readonly values: Placeholders;
}

/** What replaces `{date}`, `{time}` and `{run}`. */
export interface Placeholders {
  readonly date: string;
  readonly time: string;
  readonly run: string;
}
