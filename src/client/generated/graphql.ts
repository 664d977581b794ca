/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The sorts of actors that change jobs. */
export type ActorKind =
  /** The server itself: recovery, retention. */
  | 'SYSTEM'
  /** A person or program, by a command or by creating the job. */
  | 'USER'
  /** The worker that ran the job, by a report. */
  | 'WORKER';

/** A job of any kind to create. */
export type CreateJobInput = {
  /** A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for the same type returns the same job, as long as that job is kept. With a different input it is IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** An object that fits the `inputSchema` of the kind. */
  input: unknown;
  /** From -100 to 100. Among the jobs that wait, those with a higher priority are started first. 0 stands for the priority of the kind, which is 0 unless its author chose another. */
  priority?: number;
  /** The job is not started before this time. Now if omitted. */
  runAt?: string | null | undefined;
  /** A name that `jobKinds` lists, such as IMPORT. */
  typeName: string;
};

/** Compares a point in time. All given conditions must hold. */
export type DateTimeFilter = {
  /** The value is after this time. */
  gt?: string | null | undefined;
  /** The value is at or after this time. */
  gte?: string | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The value is before this time. */
  lt?: string | null | undefined;
  /** The value is at or before this time. */
  lte?: string | null | undefined;
};

/** Compares a number. All given conditions must hold. */
export type FloatFilter = {
  /** The value is greater than this number. */
  gt?: number | null | undefined;
  /** The value is greater than or equal to this number. */
  gte?: number | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The value is less than this number. */
  lt?: number | null | undefined;
  /** The value is less than or equal to this number. */
  lte?: number | null | undefined;
};

/** Compares an id. All given conditions must hold. */
export type IdFilter = {
  /** The value is equal to this one. */
  equals?: string | null | undefined;
  /** The id is greater than this one, as a number. */
  gt?: string | null | undefined;
  /** The id is greater than or equal to this one, as a number. */
  gte?: string | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<string> | null | undefined;
  /** The id is less than this one, as a number. */
  lt?: string | null | undefined;
  /** The id is less than or equal to this one, as a number. */
  lte?: string | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: string | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<string> | null | undefined;
};

/** A command that changes the status of a job. */
export type JobCommand =
  /** Stops the job, undoes its work and ends it. */
  | 'CANCEL'
  /** Stops the job and keeps its checkpoint. */
  | 'PAUSE'
  /** Continues a paused job from its checkpoint, or withdraws a requested pause. */
  | 'RESUME';

/** Compares a command. All given conditions must hold. */
export type JobCommandFilter = {
  /** The value is equal to this one. */
  equals?: JobCommand | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobCommand> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobCommand | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobCommand> | null | undefined;
};

/** Selects events by the event's own content, which is fixed when it is written: a replay therefore selects exactly what the live stream did. All given conditions must hold. `{}` matches every event. */
export type JobEventFilter = {
  /** The name of the user, worker or service that made the change. Whole names of users are compared without case. */
  actor?: StringFilter | null | undefined;
  /** All of these filters match. */
  and?: Array<JobEventFilter> | null | undefined;
  /** When the event was written. */
  at?: DateTimeFilter | null | undefined;
  /** The command. Absent if no command made the change. */
  command?: JobCommandFilter | null | undefined;
  /** The database that the job works on. */
  database?: StringFilter | null | undefined;
  /** The equivalent statement. */
  description?: StringFilter | null | undefined;
  /** The error that caused the change. */
  error?: StringFilter | null | undefined;
  /** The status before the change. Absent for the creation. */
  from?: JobStatusFilter | null | undefined;
  /** The id of the job. */
  jobId?: IdFilter | null | undefined;
  /** This filter does not match. */
  not?: JobEventFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<JobEventFilter> | null | undefined;
  /** The reason that was given with the command. */
  reason?: StringFilter | null | undefined;
  /** The status after the change. */
  to?: JobStatusFilter | null | undefined;
  /** The type of the job. */
  type?: JobTypeFilter | null | undefined;
  /** The name of the type, or of the custom kind. */
  typeName?: StringFilter | null | undefined;
  /** The user who created the job. Whole names are compared without case. */
  userName?: StringFilter | null | undefined;
};

/** Selects jobs. All given conditions must hold. A filter means the same in a query, a control mutation and a subscription. Logic is two-valued: a comparison with an absent value is false, and `not` negates that. In a query or a subscription `{}` matches every job; in a control mutation it is BAD_USER_INPUT. */
export type JobFilter = {
  /** All of these filters match. */
  and?: Array<JobFilter> | null | undefined;
  /** When the job was created. */
  createdAt?: DateTimeFilter | null | undefined;
  /** The database that the job works on. */
  database?: StringFilter | null | undefined;
  /** The equivalent statement. */
  description?: StringFilter | null | undefined;
  /** Why the job failed or is reverting. */
  error?: StringFilter | null | undefined;
  /** When the job ended. */
  finishedAt?: DateTimeFilter | null | undefined;
  /** The completed fraction, from 0 to 1. */
  fractionCompleted?: FloatFilter | null | undefined;
  /** The id of the job. */
  id?: IdFilter | null | undefined;
  /** When the job last changed. */
  modifiedAt?: DateTimeFilter | null | undefined;
  /** This filter does not match. */
  not?: JobFilter | null | undefined;
  /** At least one of these filters matches. */
  or?: Array<JobFilter> | null | undefined;
  /** The id of the schedule that created the job. Absent if none did. */
  scheduleId?: IdFilter | null | undefined;
  /** When the job first ran. */
  startedAt?: DateTimeFilter | null | undefined;
  /** The current status. */
  status?: JobStatusFilter | null | undefined;
  /** The type of the job. */
  type?: JobTypeFilter | null | undefined;
  /** The name of the type, or of the custom kind. */
  typeName?: StringFilter | null | undefined;
  /** The user who created the job. Whole names are compared without case. */
  userName?: StringFilter | null | undefined;
};

/** The order of a list of jobs. */
export type JobOrder = {
  /** The direction of the list. */
  direction?: OrderDirection;
  /** What the list is sorted by. */
  field?: JobOrderField;
};

/** What a list of jobs is sorted by. Ties are sorted by id. */
export type JobOrderField =
  /** When the job was created. */
  | 'CREATED_AT'
  /** When the job ended. Unfinished jobs sort as if they will finish last. */
  | 'FINISHED_AT'
  /** When the job last changed. */
  | 'MODIFIED_AT';

/** Selects jobs by their ids, by a filter (the nested SELECT of PAUSE JOBS), or all of them. An empty filter is BAD_USER_INPUT at any depth (`{}`, an explicit null, an empty list, `contains: ""`), and so are `ids: []` and `all: false`, so that a mistake in a front end does not act on every job. */
export type JobSelector =
  {   /** Must be true: all visible jobs. */
  all: boolean; ids?: never; where?: never; }
  |  { all?: never;   /** From 1 to 10,000 ids. Duplicates count once. An id that does not exist, or is not visible, is NOT_FOUND. */
  ids: Array<string>; where?: never; }
  |  { all?: never; ids?: never;   /** All visible jobs that match. */
  where: JobFilter; };

/** The status of a job. SUCCEEDED, FAILED and CANCELED are final; docs/status-machine.md has the table of changes. Clients must expect new values. */
export type JobStatus =
  /** Ended: the job was canceled and its work has been undone. */
  | 'CANCELED'
  /** A cancel has been requested; the work has not yet stopped. */
  | 'CANCEL_REQUESTED'
  /** Ended: the work failed and has been undone. `error` has the cause. */
  | 'FAILED'
  /** Stopped, with its checkpoint kept. Nothing is written on its behalf. */
  | 'PAUSED'
  /** A pause has been requested; the worker has not yet stopped. */
  | 'PAUSE_REQUESTED'
  /** Waits for a worker, for its next attempt, or for a job in `blockedBy`. `statusMessage` says which. */
  | 'PENDING'
  /** Undoes its work after a cancel or a failure. This is retried until it succeeds. */
  | 'REVERTING'
  /** A worker is executing it. */
  | 'RUNNING'
  /** Ended: the work is complete. */
  | 'SUCCEEDED';

/** Compares a status. All given conditions must hold. */
export type JobStatusFilter = {
  /** The value is equal to this one. */
  equals?: JobStatus | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobStatus> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobStatus | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobStatus> | null | undefined;
};

/** The type of a job. Clients must expect new values. */
export type JobType =
  /** Stores a snapshot of a database at a storage URL. */
  | 'BACKUP'
  /** Sends every change of some tables to a sink or a subscription. It runs until it is canceled. */
  | 'CHANGEFEED'
  /** A kind that was added to this server. `typeName` has its name. */
  | 'CUSTOM'
  /** Reads rows from files into a table. */
  | 'IMPORT'
  /** Copies a backup, or some of its tables, into a database. */
  | 'RESTORE'
  /** Changes columns and indexes of tables while they are in use. */
  | 'SCHEMA_CHANGE';

/** Compares a type of job. All given conditions must hold. */
export type JobTypeFilter = {
  /** The value is equal to this one. */
  equals?: JobType | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<JobType> | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: JobType | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<JobType> | null | undefined;
};

/** What an update of a live list reports. Clients must expect new values and may ignore them. */
export type JobUpdateKind =
  /** The initial list is complete; changes follow. */
  | 'CAUGHT_UP'
  /** The job still matches and has changed. Add it to the list if it is not there yet. */
  | 'CHANGED'
  /** A job that matches, as it is when the list is read. */
  | 'CURRENT'
  /** The job now matches. */
  | 'ENTERED'
  /** The job no longer matches, or the viewer may no longer see it. */
  | 'LEFT'
  /** Retention has removed the job. */
  | 'REMOVED'
  /** Discard the list: CURRENT … CAUGHT_UP follow. Sent first, and again after too many changes at once. */
  | 'RESET';

/** The direction of a list. */
export type OrderDirection =
  /** Smallest or oldest first. */
  | 'ASC'
  /** Largest or newest first. */
  | 'DESC';

/** Why a job refused a command. Clients must expect new values. */
export type RefusalCode =
  /** The viewer may see the job but not control it. */
  | 'FORBIDDEN'
  /** The status of the job does not allow the command. */
  | 'INVALID_STATUS'
  /** Jobs of this type cannot be canceled. */
  | 'NOT_CANCELABLE'
  /** No job has this id, or the viewer may not see it. */
  | 'NOT_FOUND'
  /** Jobs of this type cannot be paused. */
  | 'NOT_PAUSABLE';

/** What a control mutation does if some of the selected jobs refuse the command. */
export type RefusalPolicy =
  /** All or nothing: a single refusal means that nothing is applied. */
  | 'ABORT'
  /** Refused jobs are listed; the others change. */
  | 'SKIP';

/** Compares a text. All given conditions must hold. `contains`, `startsWith` and `ilike` ignore the case of ASCII letters; the other conditions do not. `%` and `_` are ordinary characters, except in `like` and `ilike`. */
export type StringFilter = {
  /** The value contains this text. ASCII case is ignored. */
  contains?: string | null | undefined;
  /** The value is equal to this one. */
  equals?: string | null | undefined;
  /** The same as `like`. ASCII case is ignored. */
  ilike?: string | null | undefined;
  /** The value is one of these. An empty list matches nothing. */
  in?: Array<string> | null | undefined;
  /** true: the value is absent. false: it is present. */
  isNull?: boolean | null | undefined;
  /** The whole value matches this pattern, in which `%` stands for any text, `_` for one character, and a backslash makes the next character literal. */
  like?: string | null | undefined;
  /** The value is not equal to this one, or is absent. */
  not?: string | null | undefined;
  /** The value is none of these, or is absent. */
  notIn?: Array<string> | null | undefined;
  /** The value starts with this text. ASCII case is ignored. */
  startsWith?: string | null | undefined;
};

type JobFields_BackupJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

type JobFields_ChangefeedJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

type JobFields_CustomJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

type JobFields_ImportJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

type JobFields_RestoreJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

type JobFields_SchemaChangeJob_Fragment = { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> };

export type JobFieldsFragment =
  | JobFields_BackupJob_Fragment
  | JobFields_ChangefeedJob_Fragment
  | JobFields_CustomJob_Fragment
  | JobFields_ImportJob_Fragment
  | JobFields_RestoreJob_Fragment
  | JobFields_SchemaChangeJob_Fragment
;

export type ClientJobQueryVariables = Exact<{
  id: string;
}>;


export type ClientJobQuery = { job:
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
   | null };

export type ClientJobsQueryVariables = Exact<{
  where?: JobFilter | null | undefined;
  orderBy?: JobOrder | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type ClientJobsQuery = { jobs: { cursor: string, nodes: Array<
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    >, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ClientCreateMutationVariables = Exact<{
  input: CreateJobInput;
}>;


export type ClientCreateMutation = { createJob: { created: boolean, job:
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
     } | null };

type OutcomeFields_CancelJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

type OutcomeFields_PauseJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

type OutcomeFields_ResumeJobsPayload_Fragment = { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> };

export type OutcomeFieldsFragment =
  | OutcomeFields_CancelJobsPayload_Fragment
  | OutcomeFields_PauseJobsPayload_Fragment
  | OutcomeFields_ResumeJobsPayload_Fragment
;

export type ClientPauseMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun?: boolean;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
  expectedCount?: number | null | undefined;
  unchangedSince?: string | null | undefined;
}>;


export type ClientPauseMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type ClientResumeMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun?: boolean;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
  expectedCount?: number | null | undefined;
  unchangedSince?: string | null | undefined;
}>;


export type ClientResumeMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type ClientCancelMutationVariables = Exact<{
  jobs: JobSelector;
  dryRun?: boolean;
  reason?: string | null | undefined;
  onRefusal?: RefusalPolicy;
  expectedCount?: number | null | undefined;
  unchangedSince?: string | null | undefined;
}>;


export type ClientCancelMutation = { outcome: { commandId: string | null, applied: boolean, dryRun: boolean, selectedCount: number, changedCount: number, unchangedCount: number, refusedCount: number, cursor: string, changed: Array<{ jobId: string, from: JobStatus, to: JobStatus }>, refusals: Array<{ jobId: string, code: RefusalCode, message: string }> } | null };

export type ClientFollowSubscriptionVariables = Exact<{
  where?: JobEventFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ClientFollowSubscription = { jobStatusChanged: { cursor: string, at: string, jobId: string, from: JobStatus | null, to: JobStatus, command: JobCommand | null, commandId: string | null, reason: string | null, error: string | null, actor: { kind: ActorKind, name: string } } };

export type ClientEndOfLogQueryVariables = Exact<{ [key: string]: never; }>;


export type ClientEndOfLogQuery = { jobs: { cursor: string } | null };

export type ClientWatchSubscriptionVariables = Exact<{
  where?: JobFilter | null | undefined;
  first: number;
  throttleMs: number;
}>;


export type ClientWatchSubscription = { jobUpdated: { kind: JobUpdateKind, jobId: string | null, job:
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
      | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
     | null } };

export type ClientSettledSubscriptionVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ClientSettledSubscription = { jobsSettled:
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
    | { id: string, type: JobType, typeName: string, description: string, userName: string, status: JobStatus, statusMessage: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, modifiedAt: string, fractionCompleted: number | null, estimatedFinishAt: string | null, error: string | null, attempts: number, nextAttemptAt: string | null, pauseReason: string | null, coordinator: string | null, availableCommands: Array<JobCommand>, inputJson: unknown, warnings: Array<string>, counters: Array<{ name: string, value: number }> }
   };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}
    `, {"fragmentName":"JobFields"}) as unknown as TypedDocumentString<JobFieldsFragment, unknown>;
export const OutcomeFieldsFragmentDoc = new TypedDocumentString(`
    fragment OutcomeFields on ControlJobsPayload {
  commandId
  applied
  dryRun
  selectedCount
  changedCount
  unchangedCount
  refusedCount
  cursor
  changed {
    jobId
    from
    to
  }
  refusals {
    jobId
    code
    message
  }
}
    `, {"fragmentName":"OutcomeFields"}) as unknown as TypedDocumentString<OutcomeFieldsFragment, unknown>;
export const ClientJobDocument = new TypedDocumentString(`
    query ClientJob($id: ID!) {
  job(id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}`) as unknown as TypedDocumentString<ClientJobQuery, ClientJobQueryVariables>;
export const ClientJobsDocument = new TypedDocumentString(`
    query ClientJobs($where: JobFilter, $orderBy: JobOrder, $first: Int!, $after: String) {
  jobs(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    cursor
    nodes {
      ...JobFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}`) as unknown as TypedDocumentString<ClientJobsQuery, ClientJobsQueryVariables>;
export const ClientCreateDocument = new TypedDocumentString(`
    mutation ClientCreate($input: CreateJobInput!) {
  createJob(input: $input) {
    created
    job {
      ...JobFields
    }
  }
}
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}`) as unknown as TypedDocumentString<ClientCreateMutation, ClientCreateMutationVariables>;
export const ClientPauseDocument = new TypedDocumentString(`
    mutation ClientPause($jobs: JobSelector!, $dryRun: Boolean! = false, $reason: String, $onRefusal: RefusalPolicy! = SKIP, $expectedCount: Int, $unchangedSince: Cursor) {
  outcome: pauseJobs(
    jobs: $jobs
    dryRun: $dryRun
    reason: $reason
    onRefusal: $onRefusal
    expectedCount: $expectedCount
    unchangedSince: $unchangedSince
  ) {
    ...OutcomeFields
  }
}
    fragment OutcomeFields on ControlJobsPayload {
  commandId
  applied
  dryRun
  selectedCount
  changedCount
  unchangedCount
  refusedCount
  cursor
  changed {
    jobId
    from
    to
  }
  refusals {
    jobId
    code
    message
  }
}`) as unknown as TypedDocumentString<ClientPauseMutation, ClientPauseMutationVariables>;
export const ClientResumeDocument = new TypedDocumentString(`
    mutation ClientResume($jobs: JobSelector!, $dryRun: Boolean! = false, $reason: String, $onRefusal: RefusalPolicy! = SKIP, $expectedCount: Int, $unchangedSince: Cursor) {
  outcome: resumeJobs(
    jobs: $jobs
    dryRun: $dryRun
    reason: $reason
    onRefusal: $onRefusal
    expectedCount: $expectedCount
    unchangedSince: $unchangedSince
  ) {
    ...OutcomeFields
  }
}
    fragment OutcomeFields on ControlJobsPayload {
  commandId
  applied
  dryRun
  selectedCount
  changedCount
  unchangedCount
  refusedCount
  cursor
  changed {
    jobId
    from
    to
  }
  refusals {
    jobId
    code
    message
  }
}`) as unknown as TypedDocumentString<ClientResumeMutation, ClientResumeMutationVariables>;
export const ClientCancelDocument = new TypedDocumentString(`
    mutation ClientCancel($jobs: JobSelector!, $dryRun: Boolean! = false, $reason: String, $onRefusal: RefusalPolicy! = SKIP, $expectedCount: Int, $unchangedSince: Cursor) {
  outcome: cancelJobs(
    jobs: $jobs
    dryRun: $dryRun
    reason: $reason
    onRefusal: $onRefusal
    expectedCount: $expectedCount
    unchangedSince: $unchangedSince
  ) {
    ...OutcomeFields
  }
}
    fragment OutcomeFields on ControlJobsPayload {
  commandId
  applied
  dryRun
  selectedCount
  changedCount
  unchangedCount
  refusedCount
  cursor
  changed {
    jobId
    from
    to
  }
  refusals {
    jobId
    code
    message
  }
}`) as unknown as TypedDocumentString<ClientCancelMutation, ClientCancelMutationVariables>;
export const ClientFollowDocument = new TypedDocumentString(`
    subscription ClientFollow($where: JobEventFilter, $after: Cursor) {
  jobStatusChanged(where: $where, after: $after) {
    cursor
    at
    jobId
    from
    to
    command
    commandId
    reason
    error
    actor {
      kind
      name
    }
  }
}
    `) as unknown as TypedDocumentString<ClientFollowSubscription, ClientFollowSubscriptionVariables>;
export const ClientEndOfLogDocument = new TypedDocumentString(`
    query ClientEndOfLog {
  jobs(first: 0) {
    cursor
  }
}
    `) as unknown as TypedDocumentString<ClientEndOfLogQuery, ClientEndOfLogQueryVariables>;
export const ClientWatchDocument = new TypedDocumentString(`
    subscription ClientWatch($where: JobFilter, $first: Int!, $throttleMs: Int!) {
  jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) {
    kind
    jobId
    job {
      ...JobFields
    }
  }
}
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}`) as unknown as TypedDocumentString<ClientWatchSubscription, ClientWatchSubscriptionVariables>;
export const ClientSettledDocument = new TypedDocumentString(`
    subscription ClientSettled($ids: [ID!]!) {
  jobsSettled(jobs: {ids: $ids}) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  id
  type
  typeName
  description
  userName
  status
  statusMessage
  createdAt
  startedAt
  finishedAt
  modifiedAt
  fractionCompleted
  estimatedFinishAt
  counters {
    name
    value
  }
  error
  attempts
  nextAttemptAt
  pauseReason
  coordinator
  availableCommands
  inputJson
  warnings
}`) as unknown as TypedDocumentString<ClientSettledSubscription, ClientSettledSubscriptionVariables>;