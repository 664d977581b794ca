/** What people do to schedules, in the API. */
import type { Manager, ScheduleInput, ScheduleRefusal } from '../engine/schedules.ts';
import { badInput } from '../errors.ts';
import type { Schedule } from '../jobs/schedule.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { RefusalCodeEnum } from './control.ts';
import { createdJob, creatorOf } from './create.ts';
import { jobIdOf } from './pagination.ts';
import { CreateJobPayload } from './rerun.ts';
import { readScheduledJobInput, ScheduledJobInput } from './scheduled-jobs.ts';
import { MissedRunsEnum, ScheduleOverlapEnum, ScheduleType, scheduleNode } from './schedules.ts';

const NAME = 'A name for people, of 1 to 200 characters. It need not be unique.';
const CRON =
  'Five fields (minute, hour, day of the month, month, day of the week), six that begin with seconds, or @daily and the ' +
  'like. A local time that does not exist stands for the next one that does; one that exists twice, for the first.';
const TIME_ZONE = 'The time zone whose local time the expression is applied to, such as `Europe/Berlin`.';
const OVERLAP = 'What becomes of a run that is due while the job of the last run has not ended.';
const ON_MISSED = 'What becomes of runs that were due when no server made runs.';

const CreateScheduleInput = builder.inputType('CreateScheduleInput', {
  description: 'A schedule to create.',
  fields: (t) => ({
    name: t.string({ required: true, description: NAME }),
    cron: t.string({ required: true, description: CRON }),
    timeZone: t.string({ required: true, defaultValue: 'UTC', description: TIME_ZONE }),
    overlap: t.field({ type: ScheduleOverlapEnum, required: true, defaultValue: 'SKIP', description: OVERLAP }),
    onMissed: t.field({ type: MissedRunsEnum, required: true, defaultValue: 'ONCE', description: ON_MISSED }),
    job: t.field({ type: ScheduledJobInput, required: true, description: 'The job that each run creates.' }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer ' +
        'returns the same schedule, as it is now, as long as it exists. With another input it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

const UpdateScheduleInput = builder.inputType('UpdateScheduleInput', {
  description: 'A change of a schedule. A field that is omitted or null stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the schedule.' }),
    name: t.string({ description: NAME }),
    cron: t.string({ description: CRON }),
    timeZone: t.string({ description: TIME_ZONE }),
    overlap: t.field({ type: ScheduleOverlapEnum, description: OVERLAP }),
    onMissed: t.field({ type: MissedRunsEnum, description: ON_MISSED }),
    job: t.field({
      type: ScheduledJobInput,
      description: 'The job that each run creates. Only the owner and admins change it. The next backup is a full one.',
    }),
  }),
});

const DeleteScheduleInput = builder.inputType('DeleteScheduleInput', {
  description: 'A schedule to delete.',
  fields: (t) => ({ id: t.id({ required: true, description: 'The id of the schedule.' }) }),
});

const SchedulePayload = builder.objectRef<{ schedule: Schedule }>('SchedulePayload').implement({
  description: 'The result of `createSchedule` and `updateSchedule`.',
  fields: (t) => ({
    schedule: t.field({
      type: ScheduleType,
      description: 'The schedule.',
      resolve: ({ schedule }) => scheduleNode(schedule),
    }),
  }),
});

const DeleteSchedulePayload = builder.objectRef<{ id: string }>('DeleteSchedulePayload').implement({
  description: 'The result of `deleteSchedule`.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'The id of the schedule that was deleted.' }) }),
});

const ScheduleRefusalType = builder.objectRef<ScheduleRefusal>('ScheduleRefusal').implement({
  description: 'A schedule that stays as it is.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id, as it was given.' }),
    code: t.expose('code', { type: RefusalCodeEnum, description: 'Why it stays as it is, for programs.' }),
    message: t.exposeString('message', { description: 'Why it stays as it is, for people.' }),
  }),
});

interface Paused {
  readonly schedules: readonly Schedule[];
  readonly refusals: readonly ScheduleRefusal[];
}
const SchedulesPayload = builder.objectRef<Paused>('SchedulesPayload').implement({
  description: 'The result of `pauseSchedules` and `resumeSchedules`.',
  fields: (t) => ({
    schedules: t.field({
      type: [ScheduleType],
      description: 'The schedules that are as asked for, also those that were so before.',
      resolve: ({ schedules }) => schedules.map(scheduleNode),
    }),
    refusals: t.field({
      type: [ScheduleRefusalType],
      description: 'The schedules that stay as they are.',
      resolve: ({ refusals }) => refusals,
    }),
  }),
});

const managerOf = (context: Context): Manager => ({
  ...creatorOf(context),
  access: context.access(),
  by: context.by(),
});
const scheduleIdOf = (id: string, field: string) => jobIdOf(id, field, 'schedule');

const MOST_IDS = 1_000;
const readIds = (ids: readonly string[]): readonly string[] => {
  if (ids.length === 0) throw badInput('ids', 'ids is empty: give at least one id');
  if (ids.length > MOST_IDS) throw badInput('ids', `ids has ${ids.length} values: at most ${MOST_IDS} are allowed`);
  return ids.map((id, at) => scheduleIdOf(id, `ids.${at}`));
};

builder.mutationFields((t) => ({
  createSchedule: t.field({
    type: SchedulePayload,
    nullable: true,
    description:
      'Creates a schedule. Its job is validated as if it ran now; a source with a placeholder need not be there yet. ' +
      'FORBIDDEN without the privilege CREATEJOB; BAD_USER_INPUT naming the field; IDEMPOTENCY_CONFLICT; TOO_MANY for ' +
      'a user with 1,000 schedules.',
    args: { input: t.arg({ type: CreateScheduleInput, required: true, description: 'The schedule.' }) },
    resolve: async (_, { input: { idempotencyKey, job, ...input } }, context) => {
      const given: ScheduleInput = { ...input, job: readScheduledJobInput(job, 'input.job') };
      return { schedule: await context.schedules.create(given, idempotencyKey ?? null, managerOf(context)) };
    },
  }),
  updateSchedule: t.field({
    type: SchedulePayload,
    nullable: true,
    description:
      'Changes a schedule. A new expression or time zone counts from now on. For its owner, who needs CREATEJOB, and for ' +
      "those who control its owner's jobs; FORBIDDEN for others. NOT_FOUND; BAD_USER_INPUT naming the field.",
    args: { input: t.arg({ type: UpdateScheduleInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { id, job, ...input } }, context) => {
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value != null));
      const changed = job == null ? {} : { job: readScheduledJobInput(job, 'input.job') };
      const change: Partial<ScheduleInput> = { ...given, ...changed };
      return { schedule: await context.schedules.update(scheduleIdOf(id, 'input.id'), change, managerOf(context)) };
    },
  }),
  deleteSchedule: t.field({
    type: DeleteSchedulePayload,
    nullable: true,
    description: 'Deletes a schedule. Its jobs stay. FORBIDDEN as `updateSchedule`; NOT_FOUND.',
    args: { input: t.arg({ type: DeleteScheduleInput, required: true, description: 'The schedule.' }) },
    resolve: async (_, { input }, context) => {
      const id = scheduleIdOf(input.id, 'input.id');
      await context.schedules.delete(id, managerOf(context));
      return { id };
    },
  }),
  pauseSchedules: t.field({
    type: SchedulesPayload,
    nullable: true,
    description:
      'Pauses schedules: they make no runs until they are resumed, and a run that waits is given up. Jobs that exist ' +
      'already go on. Schedules that the viewer may not change are refused and listed.',
    args: { ids: t.arg.idList({ required: true, description: 'From 1 to 1,000 ids. Duplicates count once.' }) },
    resolve: (_, { ids }, context) => context.schedules.setPaused(readIds(ids), true, managerOf(context)),
  }),
  resumeSchedules: t.field({
    type: SchedulesPayload,
    nullable: true,
    description: 'Resumes schedules, from now on: what was due in the meantime is not made up for.',
    args: { ids: t.arg.idList({ required: true, description: 'From 1 to 1,000 ids. Duplicates count once.' }) },
    resolve: (_, { ids }, context) => context.schedules.setPaused(readIds(ids), false, managerOf(context)),
  }),
  runSchedule: t.field({
    type: CreateJobPayload,
    nullable: true,
    description:
      'Makes a run now, whatever the time, also while the schedule is paused. The job is created as its owner. FORBIDDEN ' +
      'as `updateSchedule`; NOT_FOUND; CONFLICT if the job of the last run has not ended; otherwise as the creation of ' +
      'such a job.',
    args: { id: t.arg.id({ required: true, description: 'The id of the schedule.' }) },
    resolve: async (_, { id }, context) => {
      const jobId = await context.schedules.run(scheduleIdOf(id, 'id'), managerOf(context));
      return createdJob({ id: jobId, created: true, returnedOnce: {} }, context);
    },
  }),
}));
