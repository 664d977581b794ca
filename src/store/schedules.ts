/** What the store takes and returns about schedules. */
import type { Instant, JobId } from '../jobs/job.ts';
import type { Placeholders, Schedule, ScheduleId } from '../jobs/schedule.ts';

export type { Schedule, ScheduleId } from '../jobs/schedule.ts';

export type NewSchedule = Pick<
  Schedule,
  | 'name'
  | 'userName'
  | 'cron'
  | 'timeZone'
  | 'overlap'
  | 'onMissed'
  | 'fullEvery'
  | 'type'
  | 'typeName'
  | 'inputJson'
  | 'secrets'
  | 'priority'
  | 'nextRunAt'
> & {
  /** The only server that can run its jobs. Null: any. An embedded store has one server, and ignores it. */
  readonly node: string | null;
};

/** An omitted field stays unchanged. A new input also gives up the rhythm of backups: the next one is full. */
export type ScheduleChanges = Partial<Omit<NewSchedule, 'userName'>>;

export interface DueSchedules {
  /** The time by which they are due. */
  readonly at: Instant;
  /**
   * Those with a run that is due, and those with one that waits for a job that has ended; the first to be due first.
   * `liveJobId` is the job of the last run if it has not ended.
   */
  readonly due: readonly (Schedule & { readonly liveJobId: JobId | null })[];
  /** How long until the next run is due, in milliseconds. Null: none will be. */
  readonly nextInMs: number | null;
}

/** A run that a schedule is about to make. Nothing is written if the schedule is no longer as it was read. */
export interface RunOf {
  readonly scheduleId: ScheduleId;
  /** As they were read. */
  readonly version: number;
  readonly runs: number;
  readonly nextRunAt: Instant | null;
  readonly queuedAt: Instant | null;
}

/** What a schedule has become. An omitted field stays unchanged. */
export interface RunOutcome {
  readonly nextRunAt?: Instant | null;
  readonly queuedAt?: Instant | null;
}

export interface StartedRun extends RunOutcome {
  /** When it was due; null if it was not due by the clock. */
  readonly dueAt: Instant | null;
  /** The runs of the chain before this one, and what replaced the placeholders in this one. Null: no backup. */
  readonly chain: { readonly before: Schedule['chain']; readonly values: Placeholders } | null;
}

export interface PassedRun extends RunOutcome {
  /** Why no job was created. Null: the run waits. */
  readonly error: string | null;
  /** Whether the run was attempted. */
  readonly isAttempt: boolean;
}
