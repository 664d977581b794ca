import { availableCommands } from '../jobs/control.ts';
import { type ExecutionError, estimatedFinishAt, JOB_TYPES, type Job, type JobCounter } from '../jobs/job.ts';
import { COMMANDS, JOB_STATUSES } from '../jobs/status.ts';
import { builder } from './builder.ts';
import { NodeInterface } from './node.ts';
import { jobIdOf } from './pagination.ts';

export const JobTypeEnum = builder.enumType('JobType', {
  description: 'Clients must expect new values. CUSTOM: a kind that this server was given; its name is in `typeName`.',
  values: JOB_TYPES,
});
export const JobStatusEnum = builder.enumType('JobStatus', {
  description: 'Ends are SUCCEEDED, FAILED, CANCELED; nothing leaves them.',
  values: JOB_STATUSES,
});
export const JobCommandEnum = builder.enumType('JobCommand', { values: COMMANDS });

const ExecutionErrorType = builder.objectRef<ExecutionError>('ExecutionError').implement({
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    attempt: t.exposeInt('attempt'),
    message: t.exposeString('message'),
  }),
});

const JobCounterType = builder.objectRef<JobCounter>('JobCounter').implement({
  fields: (t) => ({ name: t.exposeString('name'), value: t.expose('value', { type: 'Count' }) }),
});

export const JobInterface = builder.interfaceRef<Job>('Job');
JobInterface.implement({
  interfaces: [NodeInterface],
  description:
    'A long-running piece of work. `id` is a positive integer in decimal, at most 2^53 - 1, growing with time, so that ' +
    'it can be typed by hand and survives JavaScript. What a viewer may not see does not exist for them.',
  fields: (t) => ({
    type: t.expose('type', { type: JobTypeEnum }),
    typeName: t.exposeString('typeName', { description: 'IMPORT, or the name of a custom kind.' }),
    description: t.exposeString('description', {
      description: "The statement that it stands for, secrets redacted: RESTORE db.* FROM 'azure://backup/db/tbl'",
    }),
    userName: t.exposeString('userName', { description: 'Who created it.' }),
    status: t.expose('status', { type: JobStatusEnum }),
    statusMessage: t.exposeString('statusMessage', {
      nullable: true,
      description: 'One line for people: the phase, or why it is paused. Never parsed by code.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'First run.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime' }),
    fractionCompleted: t.exposeFloat('fractionCompleted', {
      nullable: true,
      description: '0 to 1. Null for a job that has no end (CHANGEFEED). Never falls on resume.',
    }),
    counters: t.field({
      type: [JobCounterType],
      description: 'What it has counted so far, in words of its kind: rows, bytes, messages, rejected.',
      // A changefeed's highWater is a time, and has a field of its own.
      resolve: (job) => job.counters.filter(({ name }) => name !== 'highWater'),
    }),
    estimatedFinishAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Estimated from the rate since the last resume. Null while unknown.',
      resolve: (job, _, { now }) => estimatedFinishAt(job, now()),
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why it failed, or is reverting. Null when there is none.',
    }),
    executionErrors: t.field({
      type: [ExecutionErrorType],
      nullable: true,
      description: 'The last attempts that failed and were retried, newest first, at most 10.',
      resolve: (job, _, { executionErrors }) => executionErrors.load(job.id),
    }),
    attempts: t.exposeInt('attempts'),
    nextAttemptAt: t.expose('nextAttemptAt', { type: 'DateTime', nullable: true }),
    pauseReason: t.exposeString('pauseReason', { nullable: true }),
    coordinator: t.exposeString('coordinator', { nullable: true, description: 'The worker that holds it.' }),
    blockedBy: t.field({
      type: [JobInterface],
      nullable: true,
      description: 'The jobs that hold what it waits for, those that the viewer may see.',
      resolve: async (job, _, { blockers, jobs }) => {
        const found = await Promise.all((await blockers.load(job.id)).map((id) => jobs.load(id)));
        return found.filter((blocker) => blocker !== null);
      },
    }),
    availableCommands: t.field({
      type: [JobCommandEnum],
      description: 'The commands that would change it now, for this viewer. A screen needs no rule of its own.',
      resolve: (job, _, context) => availableCommands(job, context.access(), context.registry.rulesOf),
    }),
  }),
});

builder.objectRef<Job>('CustomJob').implement({
  description: 'A job of a kind that this server was given; its name is in `typeName`.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'CUSTOM',
});

/** What a job has counted under a name. */
export const counterOf = (job: Job, name: string): number =>
  job.counters.find((counted) => counted.name === name)?.value ?? 0;

export const PageInfoType = builder
  .objectRef<{
    hasNextPage: () => Promise<boolean>;
    hasPreviousPage: () => Promise<boolean>;
    startCursor: string | null;
    endCursor: string | null;
  }>('PageInfo')
  .implement({
    fields: (t) => ({
      hasNextPage: t.boolean({ resolve: (page) => page.hasNextPage() }),
      hasPreviousPage: t.boolean({ resolve: (page) => page.hasPreviousPage() }),
      startCursor: t.exposeString('startCursor', { nullable: true }),
      endCursor: t.exposeString('endCursor', { nullable: true }),
    }),
  });

builder.queryField('job', (t) =>
  t.field({
    type: JobInterface,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { store, access }) => store.job(jobIdOf(id, 'id'), access()),
  }),
);
