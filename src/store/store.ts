import type { StoredToken } from '../auth/token.ts';
import type { User } from '../auth/viewer.ts';
import type { Access } from '../jobs/access.ts';
import type { Condition } from '../jobs/filter.ts';
import type { EventCursor, ExecutionError, Instant, Job, JobEvent, JobId, JobType } from '../jobs/job.ts';
import type { Retry } from '../jobs/retry.ts';
import type { JobStatus } from '../jobs/status.ts';

import type {
  AuditEvent,
  By,
  Claim,
  ClaimAnswer,
  ClaimLimits,
  ControlOrder,
  ControlOutcome,
  CreationKey,
  DeleteOrder,
  DeleteOutcome,
  EndedJob,
  Idempotency,
  KnownDatabase,
  LiveSession,
  NewJob,
  NewSession,
  NewToken,
  RegisteredKind,
  Saved,
  Selection,
  Settled,
} from './records.ts';
import type {
  DueSchedules,
  NewSchedule,
  PassedRun,
  RunOf,
  Schedule,
  ScheduleChanges,
  ScheduleId,
  StartedRun,
} from './schedules.ts';

export type * from './records.ts';
export type * from './schedules.ts';

/**
 * The job store, in terms of the domain. Everything is plain data: calls cross threads, and networks. Every write is
 * one transaction, and durable when its promise resolves. The answer to a write may be lost: if they are repeated,
 * `createJob` with an idempotency key, `control` with the same commandId, `claim`, `save`, `markBegan`,
 * `markCommitting` and `settle` return the same answer as the first time. `now` is passed in, in milliseconds; answers
 * about time are durations, since the store's clock may be that of another machine.
 */
export interface Store extends Reads, Writes {
  /** 8 hexadecimal digits, chosen at random when the store is created: part of its names in targets. */
  readonly id: string;
  /** The reads of one user. Those of several users take turns, so that the many slow reads of one delay no other. */
  readsFor(caller: Caller): Reads;
  /** Called after each commit, in commit order, including commits of other programs. */
  onCommit(listener: (commit: Commit) => void): () => void;
  close(): Promise<void>;
}

/** The user on whose behalf the store reads. */
export interface Caller {
  readonly userName: string;
  /** Aborted when the user no longer waits: reads that have not begun are dropped. */
  signal(): AbortSignal | undefined;
}

export interface StoreOptions {
  /** `file:` and the path of an SQLite file, or the `postgresql:` URL of a database. */
  readonly url: string;
  /** Of the same database, for a store on PostgreSQL behind a pooler that delivers no notifications. */
  readonly listenUrl?: string | undefined;
  /** The folder with the migrations of each kind of store. */
  readonly migrations: string;
  readonly retry: Omit<Retry, 'jitter'>;
  /** False: an embedded store works in the calling thread, which a slow statement then blocks, and opens faster. */
  readonly threads?: boolean;
  /**
   * Whose time counts, for a store that several servers share: by default that of the database, so that servers whose
   * clocks differ agree. `given`: the `now` of each call, as an embedded store always does.
   */
  readonly clock?: 'given' | 'database';
  /** The names of the migrations that were applied when the store was opened, if there were any. */
  readonly onMigrated?: (names: readonly string[]) => void;
  /** Something that an administrator may want to know. */
  readonly onNotice?: (message: string) => void;
  /** The store failed and can no longer save anything. */
  readonly onLost: (error: Error) => void;
  /** The store was restored from an older copy: jobs that had not ended have been paused. */
  readonly onSetBack: () => void;
}

/** Opens a store for a few rare writes, although a server may be using it. */
export type Administer = (
  options: Pick<StoreOptions, 'url' | 'migrations'>,
) => Promise<Pick<Writes, 'createToken' | 'revokeToken'> & { close(): Promise<void> }>;

export type OpenStore = (options: StoreOptions) => Promise<Store>;

export interface Commit {
  /** The end of the log. */
  readonly head: EventCursor;
  /** The greatest revision of a job row. Progress increases it, but does not add to the log. */
  readonly revision: number;
  /** Users, their privileges or their tokens changed. */
  readonly users: boolean;
  /** Jobs were removed. */
  readonly removed: boolean;
}

export interface Reads {
  job(id: JobId, access: Access): Promise<Job | null>;
  jobsById(ids: readonly JobId[], access: Access): Promise<readonly Job[]>;
  /** Throws FILTER_TOO_BROAD if the page is not found within the time limit of a read. */
  jobs(
    page: PageOf & { readonly orderBy: JobOrderField; readonly where: Condition },
    access: Access,
  ): Promise<{ readonly jobs: readonly Job[]; readonly more: boolean; readonly head: EventCursor }>;
  /**
   * Jobs written after a revision, in the order of their last write, and the revision up to which the result is
   * complete.
   */
  jobsChangedSince(
    revision: number,
    limit: number,
    access: Access,
  ): Promise<{ readonly ids: readonly JobId[]; readonly revision: number }>;
  /** The existing jobs of a selection, oldest first, and their status. */
  statusesOf(
    selection: Selection,
    limit: number,
    access: Access,
  ): Promise<readonly { readonly id: JobId; readonly status: JobStatus }[]>;
  /** Null if they cannot be counted within the time limit. */
  countJobs(access: Access, where: Condition): Promise<number | null>;
  countByStatus(access: Access, where: Condition): Promise<readonly JobCount[]>;
  /** The jobs that each of these waits for. */
  blockers(ids: readonly JobId[]): Promise<Readonly<Record<JobId, readonly JobId[]>>>;
  /** Newest first, at most 10. */
  executionErrors(ids: readonly JobId[]): Promise<Readonly<Record<JobId, readonly ExecutionError[]>>>;
  /** For a job, its history as far as it is kept; otherwise the log, which begins after the horizon. */
  events(
    page: PageOf,
    access: Access,
    of?: { readonly jobId?: JobId; readonly where?: Condition },
  ): Promise<{ readonly events: readonly JobEvent[]; readonly more: boolean }>;
  /** The histories of several jobs, a page of each: all of a job that are kept, oldest first or newest first. */
  histories(
    ids: readonly JobId[],
    page: PageOf,
    access: Access,
  ): Promise<Readonly<Record<JobId, { readonly events: readonly JobEvent[]; readonly more: boolean }>>>;
  log(): Promise<LogState>;
  /** Whether a write under this claim would be accepted now. */
  isCurrent(claim: Claim): Promise<boolean>;
  /** Jobs that began work in their target, have ended, and have not been cleaned up there; the first to end first. */
  pendingCleanups(limit: number, after?: Position | null): Promise<readonly EndedJob[]>;
  /** The jobs that ended by then, in the order in which they ended, except those whose clean-up is pending. */
  endedJobs(by: Instant, after: Position | null, limit: number): Promise<readonly EndedJob[]>;
  /** The kinds that workers in other programs have registered, by name. */
  registeredKinds(): Promise<readonly RegisteredKind[]>;
  /** The sessions of servers that have not ended, the first to start first. */
  sessions(access: Access): Promise<readonly LiveSession[]>;
  users(): Promise<readonly User[]>;
  /** All tokens, the newest first. */
  tokens(): Promise<readonly StoredToken[]>;
  /** The audit log, or a part of it. */
  auditEvents(
    page: PageOf,
    where: Condition,
  ): Promise<{ readonly events: readonly AuditEvent[]; readonly more: boolean }>;
  /** The end of the audit log, and the greatest cursor that retention has removed. */
  auditLog(): Promise<{ readonly head: EventCursor; readonly horizon: EventCursor }>;
  databases(): Promise<readonly KnownDatabase[]>;
  /** The job that is creating a database of this name. */
  makerOf(database: string): Promise<JobId | null>;
  /** The schedules that the viewer may see, the oldest first. */
  schedules(access: Access): Promise<readonly Schedule[]>;
  schedulesById(ids: readonly ScheduleId[], access: Access): Promise<readonly Schedule[]>;
  /**
   * The schedules of which this server has to make a run now, at most 100.
   * @param node this server: those that only others can run are left out
   * @param except these are left out, and do not count
   */
  dueSchedules(node: string | null, now: Instant, except: readonly ScheduleId[]): Promise<DueSchedules>;
  /** The job created earlier with this key. Throws IDEMPOTENCY_CONFLICT for a different input. */
  jobByKey(userName: string, idempotency: Idempotency): Promise<JobId | null>;
  /** The name of the user or database, or the id of the schedule, created earlier with this key. Throws IDEMPOTENCY_CONFLICT for a different input. */
  targetByKey(key: CreationKey): Promise<string | null>;
  /** At most so many different hashes of inputs that do not begin with a prefix. */
  hashesWithout(prefix: string, limit: number): Promise<readonly string[]>;
  /** The bytes of the store's database, without the log of an embedded one. */
  size(): Promise<number>;
  ping(): Promise<void>;
}

export interface LogState {
  /** The last event. All events up to it are decided: nothing appears before it later. */
  readonly head: EventCursor;
  /** A cursor after this one has never been given to anyone. Greater than `head` while events are being written. */
  readonly end: EventCursor;
  /** The greatest cursor that retention has removed. */
  readonly horizon: EventCursor;
  readonly revision: number;
  /** What the store has lost, in a failover to a server that lacked the last events: those cursors no longer exist. */
  readonly lost: readonly LostEvents[];
}

/** The events after a cursor, up to another. */
export interface LostEvents {
  readonly after: EventCursor;
  readonly upTo: EventCursor;
}

export const isLost = (cursor: EventCursor, lost: readonly LostEvents[]): boolean =>
  lost.some(({ after, upTo }) => cursor > after && cursor <= upTo);

/** A position in an order: the sort key, and the id if the key is not unique. */
export type Position = readonly [number] | readonly [number, number];

/** A part of an ordered list, read from one end. Its bounds are excluded, unless `inclusive` includes `after`. */
export interface PageOf {
  readonly direction: 'ascending' | 'descending';
  readonly after: Position | null;
  readonly before: Position | null;
  readonly limit: number;
  readonly inclusive?: boolean;
}

export const JOB_ORDER_FIELDS = ['CREATED_AT', 'MODIFIED_AT', 'FINISHED_AT'] as const;
export type JobOrderField = (typeof JOB_ORDER_FIELDS)[number];

export interface JobCount {
  readonly type: JobType;
  readonly status: JobStatus;
  readonly count: number;
}

export interface Writes {
  createJob(job: NewJob, now: Instant): Promise<{ readonly id: JobId; readonly created: boolean }>;
  control(order: ControlOrder, now: Instant): Promise<ControlOutcome>;
  /**
   * What this session has to do now: jobs newly claimed for it, jobs of its own that it does not hold (an answer was
   * lost; with the same epoch), and jobs that were asked to stop. Higher priorities first, then older jobs.
   */
  claim(sessionId: string, limits: ClaimLimits, now: Instant): Promise<ClaimAnswer>;
  /** Saves a checkpoint. Returns the status; null if the claim is no longer this worker's. */
  save(claim: Claim, saved: Saved, now: Instant): Promise<JobStatus | null>;
  /** Records that work begins in the target, before it does. False: the claim is gone. */
  markBegan(claim: Claim): Promise<boolean>;
  /** Marks the job as committing. False if a request came first, or the claim is gone. */
  markCommitting(claim: Claim, saved: Saved, now: Instant): Promise<boolean>;
  /**
   * Reports the outcome of a claimed job. Returns null if the claim was no longer this worker's: nothing is written. If
   * the answer is PAUSE_REQUESTED, nothing is written either and the claim is kept: the fence has to be acquired before
   * the job is paused.
   */
  settle(claim: Claim, settled: Settled, now: Instant): Promise<JobStatus | null>;
  startSession(session: NewSession, now: Instant): Promise<void>;
  /** Renews the claims of the session; false if it has been declared dead. Declares dead those older than the lease. */
  heartbeat(sessionId: string, leaseMs: number, now: Instant): Promise<boolean>;
  endSession(sessionId: string, now: Instant): Promise<void>;
  /**
   * The session of this server, or of an embedded store if null, gets no more jobs, and those that it has are to be
   * stopped. False if there is none.
   */
  drainServer(node: string | null, by: By): Promise<boolean>;
  /** Adds kinds, and replaces those with the same names. */
  registerKinds(kinds: readonly Omit<RegisteredKind, 'registeredAt'>[], now: Instant): Promise<void>;
  /** The target no longer contains anything of this job. */
  cleanedUp(id: JobId): Promise<void>;
  /**
   * Removes those of these jobs that ended by then, with their idempotency keys, except those whose clean-up is
   * pending. Their events stay.
   */
  removeJobs(ids: readonly JobId[], by: Instant): Promise<number>;
  /** Removes at most so many answers to commands that were executed by then; returns their number. */
  removeCommands(by: Instant, limit: number): Promise<number>;
  /**
   * Scans so many events after a cursor and removes those that happened by then, except those of live jobs. Returns the
   * last cursor scanned; null at the first event that is too young, or at the end of the log.
   */
  removeEvents(
    by: Instant,
    after: EventCursor,
    limit: number,
  ): Promise<{ readonly removed: number; readonly upTo: EventCursor | null }>;
  /**
   * Throws CONFLICT if a user has this name, and BAD_USER_INPUT if a database that is granted does not exist. Here and
   * below, names of users are compared without case. A key that was used before returns the user created with it, as they
   * are now; IDEMPOTENCY_CONFLICT for a different input.
   */
  createUser(user: Omit<User, 'createdAt'>, now: Instant, by?: By, key?: CreationKey | null): Promise<User>;
  /** Throws as `createUser`. An omitted field stays unchanged. Null if the user does not exist. */
  updateUser(user: Partial<User> & Pick<User, 'name'>, by?: By): Promise<User | null>;
  /** Removes a user, their tokens and their schedules. Null if the user does not exist. Throws CONFLICT if live jobs are theirs. */
  deleteUser(name: string, by: By): Promise<string | null>;
  /** Creates the user, or changes what is given of an existing one. */
  provideUser(user: Partial<User> & Pick<User, 'name'>, now: Instant): Promise<User>;
  /**
   * Creates a token and removes the expired ones of its user. If the same user created one with the same idempotency
   * key, that one gets the new hash instead. Returns the id. Throws NOT_FOUND if its user does not exist, TOO_MANY if
   * the user has 100 tokens, and IDEMPOTENCY_CONFLICT for a different input.
   */
  createToken(token: NewToken, now: Instant, by?: By): Promise<string>;
  /** False if it does not exist. */
  revokeToken(id: string, by?: By): Promise<boolean>;
  /** Records that the token was used. */
  touchToken(id: string, now: Instant): Promise<void>;
  /** A key that was used before is CONFLICT: see `targetByKey`. */
  createDatabase(
    database: Omit<KnownDatabase, 'createdAt'>,
    now: Instant,
    by?: By,
    key?: CreationKey | null,
  ): Promise<KnownDatabase>;
  /**
   * Removes the registration of a database and what was granted of it. False if it does not exist. Throws CONFLICT if
   * live jobs work on it, or if what a job left there has not been removed yet. If its file is missing, jobs that are
   * reverting do not matter: what they left in it is given up.
   */
  deleteDatabase(name: string, by: By, isMissing?: boolean): Promise<boolean>;
  /**
   * Throws TOO_MANY if the user has 1,000 schedules. A key that was used before returns the schedule created with it;
   * IDEMPOTENCY_CONFLICT for a different input.
   */
  createSchedule(schedule: NewSchedule, now: Instant, by?: By, key?: CreationKey | null): Promise<Schedule>;
  /** Null, and nothing is written, if it does not exist, or no longer has the version that was read. */
  updateSchedule(id: ScheduleId, version: number, changes: ScheduleChanges, by?: By): Promise<Schedule | null>;
  /** Its jobs stay. False if it does not exist. */
  deleteSchedule(id: ScheduleId, by?: By): Promise<boolean>;
  /** Pauses schedules, or resumes each with its next run. Those that do not exist, or are so already, stay as they are. */
  setSchedulesPaused(
    schedules: readonly { readonly id: ScheduleId; readonly nextRunAt: Instant | null }[],
    paused: boolean,
    by?: By,
  ): Promise<void>;
  /**
   * Creates the job of a run, and moves its schedule on, in one transaction. Null, and nothing is written, if the
   * schedule is no longer as it was read: another server made the run, or a person changed it; or if the job of the
   * last run has not ended. If the run of this time was made already, the schedule moves on without a job, and the
   * answer is null. Throws as `createJob`.
   */
  startRun(run: RunOf, started: StartedRun, job: NewJob, now: Instant, by?: By): Promise<JobId | null>;
  /** Moves a schedule on without a job. False, and nothing is written, if it is no longer as it was read. */
  passRun(run: RunOf, passed: PassedRun, now: Instant): Promise<boolean>;
  /** Deletes those of the selected jobs that have ended. Their events stay. */
  deleteJobs(order: DeleteOrder, now: Instant): Promise<DeleteOutcome>;
  /** Records the settings of this start, if they differ from those of the last one. */
  recordSettings(settings: Readonly<Record<string, unknown>>, by: By): Promise<void>;
  /** Replaces hashes of inputs by others. */
  replaceHashes(replacements: Readonly<Record<string, string>>): Promise<void>;
  /** Stores a probe of the secret unless the store has one. Returns the one that it has. */
  keepSecretProbe(probe: string): Promise<string>;
  /** Removes at most so many audit events that happened by then; returns their number. */
  removeAuditEvents(by: Instant, limit: number): Promise<number>;
}
