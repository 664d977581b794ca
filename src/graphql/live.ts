import { type JobUpdate, viewJobs } from '../engine/live-query.ts';
import { awaitJobs } from '../engine/wait.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';
import { JobFilter } from './filters.ts';
import { JobInterface } from './job.ts';
import { readWhere } from './jobs.ts';
import { JobSelector, readSelector } from './selector.ts';
import { streamOf } from './stream.ts';

const JobUpdateKindEnum = builder.enumType('JobUpdateKind', {
  values: {
    CURRENT: { description: 'It matched when the list was read.' },
    CAUGHT_UP: { description: 'The list has been told; what follows is what happens to it.' },
    ENTERED: { description: 'It matches now.' },
    CHANGED: { description: 'It matches as before, and is different. If it was not told before, add it to the list.' },
    LEFT: { description: 'It matches no longer, or this viewer may not see it any more.' },
    REMOVED: { description: 'Retention removed it.' },
    RESET: { description: 'More happened at once than is told: empty the list. CURRENT … CAUGHT_UP follow again.' },
  } as const,
});

const JobUpdateType = builder.objectRef<JobUpdate>('JobUpdate').implement({
  fields: (t) => ({
    kind: t.expose('kind', { type: JobUpdateKindEnum }),
    jobId: t.exposeID('jobId', { nullable: true, description: 'Null for CAUGHT_UP and RESET, which are of the list.' }),
    job: t.expose('job', {
      type: JobInterface,
      nullable: true,
      description: 'As it is now. Only CURRENT, ENTERED and CHANGED have it.',
    }),
  }),
});

const bounded = (value: number, field: string, least: number, most: number) => {
  if (value < least || value > most) throw badInput(field, `${field} ${value} must be from ${least} to ${most}`);
  return value;
};

builder.subscriptionFields((t) => ({
  jobUpdated: t.field({
    type: JobUpdateType,
    description:
      'A list that stays up to date: the newest `first` jobs that match (1 to 1,000), CAUGHT_UP, and from then on every ' +
      'job that comes to match, changes in status, progress or message, or matches no longer. A job is told at most ' +
      'once in `throttleMs` (50 to 60,000), as it is by then: a slow reader skips what is between, and misses no end.',
    args: {
      where: t.arg({ type: JobFilter }),
      first: t.arg.int({ required: true, defaultValue: 100 }),
      throttleMs: t.arg.int({ required: true, defaultValue: 250 }),
    },
    subscribe: (_, args, context) => {
      const wanted = {
        where: readWhere(args.where),
        first: bounded(args.first, 'first', 1, 1_000),
        throttleMs: bounded(args.throttleMs, 'throttleMs', 50, 60_000),
      };
      return streamOf(async (signal) => viewJobs(context, wanted, context.access, signal));
    },
    resolve: (update) => update,
  }),
  jobsCompleted: t.field({
    type: JobInterface,
    description:
      'SHOW JOBS WHEN COMPLETE: each of the selected jobs once it has ended, those that had ended at once; completes ' +
      'after the last. Which jobs, at most 10,000, is settled at the start; one that is removed, or hidden from this ' +
      'viewer, before it has ended counts as ended and is left out. An id of no visible job is NOT_FOUND.',
    args: { jobs: t.arg({ type: JobSelector, required: true }) },
    subscribe: (_, args, context) => {
      const selection = readSelector(args.jobs, 'jobs');
      return streamOf((signal) => awaitJobs(context, selection, context.access, signal));
    },
    resolve: (job) => job,
  }),
}));
