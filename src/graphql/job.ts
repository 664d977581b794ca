import { mayReadRows } from '../jobs/access.ts';
import { availableCommands } from '../jobs/control.ts';
import { type ExecutionError, estimatedFinishAt, JOB_TYPES, type Job, type JobCounter } from '../jobs/job.ts';
import { COMMANDS, JOB_STATUSES } from '../jobs/status.ts';
import { builder } from './builder.ts';
import { describeValues } from './inputs.ts';
import { NodeInterface } from './node.ts';
import { jobIdOf } from './pagination.ts';

export const JobTypeEnum = builder.enumType('JobType', {
  description: 'The type of a job. Clients must expect new values.',
  values: describeValues(JOB_TYPES, {
    IMPORT: 'Reads rows from files into a table.',
    BACKUP: 'Stores a snapshot of a database at a storage URL.',
    RESTORE: 'Copies a backup, or some of its tables, into a database.',
    CHANGEFEED: 'Sends every change of some tables to a sink or a subscription. It runs until it is canceled.',
    SCHEMA_CHANGE: 'Changes columns and indexes of tables while they are in use.',
    CUSTOM: 'A kind that was added to this server. `typeName` has its name.',
  }),
});

export const JobStatusEnum = builder.enumType('JobStatus', {
  description:
    'The status of a job. SUCCEEDED, FAILED and CANCELED are final; docs/status-machine.md has the table of changes. ' +
    'Clients must expect new values.',
  values: describeValues(JOB_STATUSES, {
    PENDING: 'Waits for a worker, for its next attempt, or for a job in `blockedBy`. `statusMessage` says which.',
    RUNNING: 'A worker is executing it.',
    PAUSE_REQUESTED: 'A pause has been requested; the worker has not yet stopped.',
    PAUSED: 'Stopped, with its checkpoint kept. Nothing is written on its behalf.',
    CANCEL_REQUESTED: 'A cancel has been requested; the work has not yet stopped.',
    REVERTING: 'Undoes its work after a cancel or a failure. This is retried until it succeeds.',
    SUCCEEDED: 'Ended: the work is complete.',
    FAILED: 'Ended: the work failed and has been undone. `error` has the cause.',
    CANCELED: 'Ended: the job was canceled and its work has been undone.',
  }),
});

export const JobCommandEnum = builder.enumType('JobCommand', {
  description: 'A command that changes the status of a job.',
  values: describeValues(COMMANDS, {
    PAUSE: 'Stops the job and keeps its checkpoint.',
    RESUME: 'Continues a paused job from its checkpoint, or withdraws a requested pause.',
    CANCEL: 'Stops the job, undoes its work and ends it.',
  }),
});

const ExecutionErrorType = builder.objectRef<ExecutionError>('ExecutionError').implement({
  description: 'An attempt to run or to revert a job that failed and was retried.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When the attempt failed.' }),
    attempt: t.exposeInt('attempt', { description: 'The number of the attempt, from 1.' }),
    message: t.exposeString('message', {
      description: 'Why it failed, in at most 1,024 characters and without secrets.',
    }),
  }),
});

const JobCounterType = builder.objectRef<JobCounter>('JobCounter').implement({
  description: 'Something that a job counts.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What is counted, such as `rows`, `bytes` or `rejected`.' }),
    value: t.expose('value', { type: 'Count', description: 'The count since the job was created.' }),
  }),
});

export const JobInterface = builder.interfaceRef<Job>('Job');
JobInterface.implement({
  interfaces: [NodeInterface],
  description:
    'A long-running piece of work. `id` is a positive decimal integer of at most 2^53 - 1 that increases over time, so ' +
    'that it can be typed by hand and is exact in JavaScript. A job that the viewer may not see does not exist for them.',
  fields: (t) => ({
    type: t.expose('type', { type: JobTypeEnum, description: 'The type of the job.' }),
    typeName: t.exposeString('typeName', { description: 'The type, such as `IMPORT`, or the name of a custom kind.' }),
    description: t.exposeString('description', {
      description: "The equivalent statement, with secrets redacted: `RESTORE db.* FROM 'azure://backup/db/tbl'`.",
    }),
    userName: t.exposeString('userName', { description: 'The user who created the job.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'The current status.' }),
    statusMessage: t.exposeString('statusMessage', {
      nullable: true,
      description:
        'One line for people: the phase, or why the job waits or is paused. Null if there is nothing to add to the ' +
        'status. The text may change; programs must not parse it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was created.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the job first ran. Null if it has never run.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the job ended. Null until then.',
    }),
    modifiedAt: t.expose('modifiedAt', {
      type: 'DateTime',
      description: 'When the job last changed: its status, progress or message.',
    }),
    fractionCompleted: t.exposeFloat('fractionCompleted', {
      nullable: true,
      description:
        'The completed fraction of the work, from 0 to 1. It never decreases. Null for a continuous job (CHANGEFEED), ' +
        'and while it is unknown.',
    }),
    counters: t.field({
      type: [JobCounterType],
      description: 'What the job has counted since it was created. The names depend on its type.',
      // A changefeed's highWater is a time and has a field of its own; acked is a cursor, for its readers.
      resolve: (job) => job.counters.filter(({ name }) => name !== 'highWater' && name !== 'acked'),
    }),
    estimatedFinishAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the job will end at its rate since it was last started. Null unless RUNNING at a known rate.',
      resolve: (job, _, { now }) => estimatedFinishAt(job, now()),
    }),
    error: t.exposeString('error', {
      nullable: true,
      description:
        'Why the job failed or is reverting: the first error. Null if there is none. It names the place of a bad row, and ' +
        'contains no value of it.',
    }),
    rowError: t.string({
      nullable: true,
      description:
        'The error with the values of the row that it is about. Only admins see it, and the creator of the job while the ' +
        'database is granted to them. Null for others, and if the error is not about a row.',
      resolve: (job, _, { viewer }) => (job.error !== null && mayReadRows(viewer(), job) ? job.rowError : null),
    }),
    executionErrors: t.field({
      type: [ExecutionErrorType],
      nullable: true,
      description: 'The latest attempts that failed and were retried, newest first, at most 10.',
      resolve: (job, _, { executionErrors }) => executionErrors.load(job.id),
    }),
    attempts: t.exposeInt('attempts', {
      description: 'The failed attempts since the last progress or RESUME. After 5 the job fails.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next attempt begins. Null if the job does not wait for one.',
    }),
    pauseReason: t.exposeString('pauseReason', {
      nullable: true,
      description: 'Why the job is paused: the reason given with the pause, or its own. Null if none was given.',
    }),
    coordinator: t.exposeString('coordinator', {
      nullable: true,
      description: 'The worker that holds the job. Null if none does.',
    }),
    blockedBy: t.field({
      type: [JobInterface],
      nullable: true,
      description: 'The jobs that hold a table for which this job waits. Only those that the viewer may see.',
      resolve: async (job, _, { blockers, jobs }) => {
        const found = await Promise.all((await blockers.load(job.id)).map((id) => jobs.load(id)));
        return found.filter((blocker) => blocker !== null);
      },
    }),
    inputJson: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The input of the creation, with secrets redacted. Null for a job from before inputs were kept.',
      resolve: (job) => job.inputJson,
    }),
    rerunOf: t.field({
      type: JobInterface,
      nullable: true,
      description:
        'The job that this one runs again. Null if there is none, if it was removed, or if the viewer may not see it.',
      resolve: ({ rerunOf }, _, { jobs }) => (rerunOf === null ? null : jobs.load(rerunOf)),
    }),
    warnings: t.stringList({
      description: 'What is not as it should be although the job went on, for people. At most 100, oldest first.',
      resolve: (job) => [...job.warnings],
    }),
    availableCommands: t.field({
      type: [JobCommandEnum],
      description:
        'The commands that would change the job now, if this viewer gave them. A user interface needs no rules of its own.',
      resolve: (job, _, context) => availableCommands(job, context.access(), context.registry.rulesOf),
    }),
  }),
});

export const RESULT = 'What the job returned. Null until it has succeeded, and if it returned nothing.';

/** A cancel may come after the work has returned. */
export const resultOf = ({ status, result }: Job): unknown => (status === 'SUCCEEDED' ? result : null);

builder.objectRef<Job>('CustomJob').implement({
  description: 'A job of a kind that was added to this server. `typeName` has the name of the kind.',
  interfaces: [JobInterface, NodeInterface],
  // A kind with a declared input has a type of its own: see custom-kinds.ts.
  isTypeOf: (job, { registry }) => {
    const { type, typeName = '' } = job as Partial<Job>;
    return type === 'CUSTOM' && registry.find(typeName)?.input === undefined;
  },
  fields: (t) => ({
    result: t.field({ type: 'JSON', nullable: true, description: RESULT, resolve: resultOf }),
  }),
});

/** The value of a counter of a job; 0 if it has none with this name. */
export const counterOf = (job: Job, name: string): number =>
  job.counters.find((counted) => counted.name === name)?.value ?? 0;

builder.queryField('job', (t) =>
  t.field({
    type: JobInterface,
    nullable: true,
    extensions: { cost: 5 },
    description: 'SHOW JOB. Null if the job does not exist or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'The id of the job, such as `27536791415282`.' }) },
    resolve: (_, { id }, { store, access }) => store.job(jobIdOf(id, 'id'), access()),
  }),
);
