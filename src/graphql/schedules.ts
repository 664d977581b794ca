/** Schedules in the API. */
import { MISSED_RUNS, SCHEDULE_OVERLAPS, type Schedule } from '../jobs/schedule.ts';
import { builder } from './builder.ts';
import { describeValues } from './inputs.ts';
import { JobInterface, JobTypeEnum } from './job.ts';
import { JobConnectionType, readJobs } from './jobs.ts';
import { findNumbered, NodeInterface } from './node.ts';
import { AFTER, BEFORE, FIRST, LAST } from './pagination.ts';

export const ScheduleOverlapEnum = builder.enumType('ScheduleOverlap', {
  description: 'What becomes of a run that is due while the job of the last run has not ended.',
  values: describeValues(SCHEDULE_OVERLAPS, {
    SKIP: 'It is left out.',
    QUEUE: 'It waits for that job to end. At most one run waits.',
  }),
});

export const MissedRunsEnum = builder.enumType('MissedRuns', {
  description: 'What becomes of runs that were due more than a minute ago, because no server made runs at that time.',
  values: describeValues(MISSED_RUNS, {
    ONCE: 'One run makes up for all that were missed.',
    NONE: 'They are left out.',
  }),
});

/** A schedule as a node. It does not have the fields of a job, by which the types of jobs are recognized. */
export interface ScheduleNode {
  readonly nodeId: string;
  readonly schedule: Schedule;
}
export const scheduleNode = (schedule: Schedule): ScheduleNode => ({ nodeId: schedule.id, schedule });

export const ScheduleType = builder.objectRef<ScheduleNode>('Schedule').implement({
  description:
    'Creates a job at each time of a cron expression, as its owner and with the privileges that the owner has at that ' +
    'time. Visible to those who see the jobs of its owner.',
  interfaces: [NodeInterface],
  isTypeOf: (node) => 'schedule' in (node as Partial<ScheduleNode>),
  fields: (t) => ({
    name: t.string({ description: 'A name for people.', resolve: ({ schedule }) => schedule.name }),
    userName: t.string({
      description: 'The owner: the user who created it, and in whose name it creates jobs.',
      resolve: ({ schedule }) => schedule.userName,
    }),
    cron: t.string({ description: 'The cron expression.', resolve: ({ schedule }) => schedule.cron }),
    timeZone: t.string({
      description: 'The time zone whose local time the expression is applied to.',
      resolve: ({ schedule }) => schedule.timeZone,
    }),
    overlap: t.field({
      type: ScheduleOverlapEnum,
      description: 'What becomes of a run that is due while the job of the last run has not ended.',
      resolve: ({ schedule }) => schedule.overlap,
    }),
    onMissed: t.field({
      type: MissedRunsEnum,
      description: 'What becomes of runs that were due when no server made runs.',
      resolve: ({ schedule }) => schedule.onMissed,
    }),
    fullEvery: t.int({
      nullable: true,
      description:
        'Of backups: every nth is full, the others are incremental on the last one that succeeded. Null for other kinds.',
      resolve: ({ schedule }) => schedule.fullEvery,
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was created.',
      resolve: ({ schedule }) => schedule.createdAt,
    }),
    paused: t.boolean({ description: 'Whether it is paused.', resolve: ({ schedule }) => schedule.paused }),
    type: t.field({
      type: JobTypeEnum,
      description: 'The type of its jobs.',
      resolve: ({ schedule }) => schedule.type,
    }),
    typeName: t.string({
      description: 'The type of its jobs, or the name of the custom kind.',
      resolve: ({ schedule }) => schedule.typeName,
    }),
    inputJson: t.field({
      type: 'JSON',
      description: 'The input of its jobs, with its placeholders, and with secrets redacted.',
      resolve: ({ schedule }) => schedule.inputJson,
    }),
    nextRunAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next run is due. Null while it is paused, and if no later time matches.',
      resolve: ({ schedule }) => schedule.nextRunAt,
    }),
    lastRunAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it last created a job, was refused, or was first tried in vain. Null before its first run.',
      resolve: ({ schedule }) => schedule.lastRunAt,
    }),
    lastError: t.string({
      nullable: true,
      description:
        'Why the last run created no job: it was refused, left out or missed, or is tried again. Null once a run has ' +
        'created one.',
      resolve: ({ schedule }) => schedule.lastError,
    }),
    jobs: t.field({
      type: JobConnectionType,
      extensions: { cost: 20 },
      description: 'The jobs that it has created, newest first.',
      args: {
        first: t.arg.int({ description: FIRST }),
        after: t.arg.string({ description: AFTER }),
        last: t.arg.int({ description: LAST }),
        before: t.arg.string({ description: BEFORE }),
      },
      resolve: ({ schedule }, args, context) =>
        readJobs({ ...args, where: { scheduleId: { equals: schedule.id } } }, context),
    }),
  }),
});

findNumbered(async (id, { schedulesById }) => {
  const schedule = await schedulesById.load(id);
  return schedule === null ? null : scheduleNode(schedule);
});

builder.interfaceField(JobInterface, 'schedule', (t) =>
  t.field({
    type: ScheduleType,
    nullable: true,
    description: 'The schedule that created it. Null if none did, or if it was deleted.',
    resolve: async ({ scheduleId }, _, { schedulesById }) => {
      const schedule = scheduleId === null ? null : await schedulesById.load(scheduleId);
      return schedule === null ? null : scheduleNode(schedule);
    },
  }),
);

builder.queryField('schedules', (t) =>
  t.field({
    type: [ScheduleType],
    nullable: true,
    extensions: { cost: 50 },
    description: 'The schedules that the viewer may see, oldest first.',
    resolve: async (_, __, { store, access }) => (await store.schedules(access())).map(scheduleNode),
  }),
);
