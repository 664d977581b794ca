/** The data that the job store takes and returns. Everything is plain: it crosses threads, and networks. */
import type { StoredToken } from '../auth/token.ts';
import type { User } from '../auth/viewer.ts';
import type { Access } from '../jobs/access.ts';
import type { RefusalCode } from '../jobs/control.ts';
import type { Condition } from '../jobs/filter.ts';
import type { Hold } from '../jobs/holds.ts';
import type { Actor, EventCursor, Instant, JobCounter, JobId, JobType } from '../jobs/job.ts';
import type { RetryPolicy } from '../jobs/kind-options.ts';
import type { ScheduleId } from '../jobs/schedule.ts';
import type { JobCommand, JobStatus, Report } from '../jobs/status.ts';

export interface NewToken extends Omit<StoredToken, 'createdAt' | 'lastUsedAt'> {
  readonly createdBy: string;
  readonly idempotency: Omit<Idempotency, 'mutation'> | null;
}

/** Who does something, and when, for the audit log. If omitted, nothing is recorded. */
export interface By {
  readonly actor: Actor;
  readonly at: Instant;
  /** The address that the request came from. */
  readonly remoteAddress?: string | undefined;
}

export interface AuditEvent {
  readonly cursor: EventCursor;
  readonly at: Instant;
  readonly actor: Actor;
  /** The mutation, or `settings`. */
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly remoteAddress: string | null;
}

export type DeleteOrder = Pick<
  ControlOrder,
  | 'jobs'
  | 'access'
  | 'actor'
  | 'reason'
  | 'commandId'
  | 'abortOnRefusal'
  | 'dryRun'
  | 'expectedCount'
  | 'unchangedSince'
> & {
  readonly remoteAddress?: string | undefined;
  /** How many refusals to list. */
  readonly list: Pick<ControlOrder['list'], 'refusals'>;
};

export type DeleteOutcome = Pick<ControlOutcome, 'applied' | 'selectedCount' | 'refusedCount' | 'refusals'> & {
  readonly deletedCount: number;
  /** At most 1,000 of those that were deleted, to remove what they left in their targets. */
  readonly deleted: readonly EndedJob[];
};

/** One run of a worker, from its start to its end. */
export interface NewSession {
  readonly id: string;
  readonly name: string;
  /** The names of the types that it can run. */
  readonly types: readonly string[];
  /**
   * The server, whose earlier sessions end: it has one at a time. Null or omitted: unknown. It claims the jobs of this
   * server, and those that any can run.
   */
  readonly node?: string | null;
  /** The version of Signalbox that the server runs. */
  readonly version?: string | null;
  /** It gets no jobs: see `drainServer`. */
  readonly draining?: boolean;
  /** A worker in another program, which is no server. */
  readonly remote?: boolean;
}

/** A kind that workers in other programs run. */
export interface RegisteredKind {
  readonly name: string;
  /** Plain data, which only the engine reads. */
  readonly definition: unknown;
  readonly registeredAt: Instant;
}

/** A session that has not ended. */
export interface LiveSession {
  readonly node: string | null;
  readonly version: string | null;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  /** See `drainServer`. */
  readonly draining: boolean;
  /** The number of jobs that it has claimed, of those that the caller may see. */
  readonly runningJobs: number;
}

/** The data needed to remove what a job left in its target. */
export interface EndedJob {
  readonly id: JobId;
  /** As in `Claimed`. */
  readonly storeId: string | null;
  readonly epoch: number;
  readonly typeName: string;
  readonly details: unknown;
  readonly checkpoint: unknown;
  readonly database: KnownDatabase | null;
  readonly finishedAt: Instant;
}

export interface KnownDatabase {
  readonly name: string;
  /** `file:` and a path, relative to the data folder's `databases/` if it is inside it. */
  readonly url: string;
  readonly createdAt: Instant;
  /** The server whose disk it is on. Null or omitted: every server of the store can reach it. */
  readonly node?: string | null;
}

export interface NewJob {
  readonly type: JobType;
  readonly typeName: string;
  readonly description: string;
  readonly userName: string;
  /** The token with which the user creates it. */
  readonly tokenId?: string | null;
  readonly database: string | null;
  readonly details: unknown;
  /** JSON: the input of the creation, secrets redacted. */
  readonly inputJson: string;
  /** The paths in the input that had secrets. */
  readonly secretPaths?: readonly string[];
  /** The job that this one runs again. */
  readonly rerunOf?: JobId | null;
  /** The schedule that creates it, and when the run was due; null: not by the clock. */
  readonly schedule?: { readonly id: ScheduleId; readonly dueAt: Instant | null };
  /** Sealed: see auth/vault.ts. */
  readonly secrets?: string;
  /** Not claimed for the first time before this time; null: immediately. */
  readonly runAt: Instant | null;
  /** Waiting jobs with a higher priority run first; the default is 0. */
  readonly priority: number;
  readonly continuous: boolean;
  readonly holds: readonly Hold[];
  /** The only server that can run it. Null or omitted: any. An embedded store has one server, and ignores it. */
  readonly node?: string | null;
  /** The database that the job creates: not listed until the job has succeeded. */
  readonly makes: KnownDatabase | null;
  readonly idempotency: Idempotency | null;
}

export interface Idempotency {
  readonly mutation: string;
  readonly key: string;
  readonly inputHash: string;
}

/** Selects jobs by id or by a condition. */
export type Selection = { readonly ids: readonly JobId[] } | { readonly where: Condition };

/** The idempotency key with which a user creates something that is no job. */
export interface CreationKey extends Idempotency {
  readonly userName: string;
}

export interface ControlOrder {
  readonly command: JobCommand;
  readonly jobs: Selection;
  readonly access: Access;
  readonly actor: Actor;
  readonly reason: string | null;
  readonly commandId: string;
  /** All or nothing: if one job refuses, no job changes. */
  readonly abortOnRefusal: boolean;
  /** Decides and answers as usual, but writes nothing. */
  readonly dryRun: boolean;
  /** If another number of jobs is selected, the result is COUNT_MISMATCH. */
  readonly expectedCount: number | null;
  /** If a selected job has a later event, the result is CHANGED_SINCE. */
  readonly unchangedSince: EventCursor | null;
  /** The types that refuse this command in every status. */
  readonly refusingTypes: readonly string[];
  /** How many outcomes and refusals to list, and how many of the selected jobs. */
  readonly list: { readonly changed: number; readonly refusals: number; readonly selected?: number };
  /** The plan that the command carries out, for the audit log. */
  readonly confirms?: { readonly plannedBy: string } | undefined;
  readonly remoteAddress?: string | undefined;
}

export interface ControlOutcome {
  readonly applied: boolean;
  readonly selectedCount: number;
  readonly changedCount: number;
  readonly unchangedCount: number;
  readonly refusedCount: number;
  readonly changed: readonly { readonly jobId: JobId; readonly from: JobStatus; readonly to: JobStatus }[];
  readonly refusals: readonly { readonly jobId: JobId; readonly code: RefusalCode; readonly message: string }[];
  /** Existing jobs of the selection, the oldest first. */
  readonly selected: readonly JobId[];
  /** The end of the log just before this command. */
  readonly cursor: EventCursor;
}

export interface Claim {
  readonly jobId: JobId;
  readonly sessionId: string;
  readonly epoch: number;
}

export interface ClaimLimits {
  /** Free slots for jobs that are not continuous, and for reverting. Continuous jobs are not limited. */
  readonly running: number;
  readonly reverting: number;
  /** The names of the types that the session knows: only these are claimed. */
  readonly types: readonly string[];
  /** The jobs that the session believes it holds. */
  readonly holding: readonly JobId[];
  /** How many jobs of some of the types may run at the same time, in all sessions. */
  readonly concurrency?: readonly TypeLimit[];
}

export interface TypeLimit {
  readonly typeName: string;
  readonly total?: number | undefined;
  /** Of those that are counted under the same resource: their holds of the mode `count`. */
  readonly perKey?: number | undefined;
}

export interface ClaimAnswer {
  readonly claimed: readonly Claimed[];
  /** Jobs of this session that have to stop: their status asks for it, or the session is draining. */
  readonly requested: readonly JobId[];
  readonly draining: boolean;
  /** How long until the next wait ends, in milliseconds; null: no job waits for a time. */
  readonly nextAttemptInMs: number | null;
}

export interface Claimed {
  readonly claim: Claim;
  /** The store that created the job. Null: created before stores had ids; its names in targets contain none. */
  readonly storeId: string | null;
  /** Work began in the target, under this claim or an earlier one. */
  readonly began: boolean;
  /** The failed attempts since the last progress or RESUME. */
  readonly attempts: number;
  readonly typeName: string;
  /** `release`: acquire the fence and report `stopped`, for a request that the previous holder did not execute. */
  readonly task: 'run' | 'revert' | 'release';
  readonly details: unknown;
  /** Sealed: see auth/vault.ts. */
  readonly secrets?: string;
  readonly checkpoint: unknown;
  readonly databaseName: string | null;
  /** `isReserved`: the job is going to create it. */
  readonly database: (KnownDatabase & { readonly isReserved?: boolean }) | null;
  /** The creator, with what is granted to them now. */
  readonly owner: Omit<User, 'createdAt'>;
  /** As in `NewJob`. Null: created before inputs were kept. */
  readonly inputJson: string | null;
  /** The work can no longer be reverted. */
  readonly committing: boolean;
  readonly fractionCompleted: number | null;
}

export interface Saved {
  /** JSON. If omitted, the checkpoint stays unchanged. */
  readonly checkpoint?: string;
  readonly fractionCompleted?: number;
  readonly message?: string;
  readonly counters?: readonly JobCounter[];
  /** Added to those of the job, without duplicates; a job keeps at most 100. */
  readonly warnings?: readonly string[];
  /** JSON: what the job returned. */
  readonly result?: string;
  /** The error with the values of the row that it is about. */
  readonly rowError?: string;
}

export interface Settled {
  readonly report: Exclude<Report, 'claimed' | 'committing' | 'lost' | 'setBack'>;
  /** The last step, if it is not saved yet. */
  readonly saved?: Saved;
  readonly error?: string;
  /** What the job shows while it waits for its next attempt, instead of the error. */
  readonly message?: string;
  /** How the job is tried again, where that differs from the policy of the store. */
  readonly retry?: RetryPolicy;
  /** False if the fence was not acquired: a job that was asked to pause is not paused by this report. */
  readonly fenceAcquired?: false;
  readonly actor: string;
}
