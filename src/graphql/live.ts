import type { JobUpdate } from '../engine/live-query.ts';
import { awaitJobs } from '../engine/wait.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';
import { JobFilter, JobSelector, readJobFilter, readSelector } from './filters.ts';
import { JobInterface } from './job.ts';
import { liveStreamOf, streamOf } from './subscriptions.ts';

const JobUpdateKindEnum = builder.enumType('JobUpdateKind', {
  description: 'What an update of a live list reports. Clients must expect new values and may ignore them.',
  values: {
    CURRENT: { description: 'A job that matches, as it is when the list is read.' },
    CAUGHT_UP: { description: 'The initial list is complete; changes follow.' },
    ENTERED: { description: 'The job now matches.' },
    CHANGED: { description: 'The job still matches and has changed. Add it to the list if it is not there yet.' },
    LEFT: { description: 'The job no longer matches, or the viewer may no longer see it.' },
    REMOVED: { description: 'Retention has removed the job.' },
    RESET: {
      description:
        'Discard the list: CURRENT … CAUGHT_UP follow. Sent first, and again after too many changes at once.',
    },
  } as const,
});

const JobUpdateType = builder.objectRef<JobUpdate>('JobUpdate').implement({
  description: 'One update of a live list of jobs.',
  fields: (t) => ({
    kind: t.expose('kind', { type: JobUpdateKindEnum, description: 'What the update reports.' }),
    jobId: t.exposeID('jobId', {
      nullable: true,
      description: 'The job. Null for CAUGHT_UP and RESET, which are about the list.',
    }),
    job: t.expose('job', {
      type: JobInterface,
      nullable: true,
      description: 'The job as it is now. Null except for CURRENT, ENTERED and CHANGED.',
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
      'A live list: RESET, then the newest jobs that match (CURRENT), then one CAUGHT_UP, then every job that starts to ' +
      'match, changes its status, progress or message, or no longer matches. The newest state wins: a slow reader skips ' +
      'the states between and is never far behind. The stream ends with an error if the viewer may no longer read it.',
    args: {
      where: t.arg({ type: JobFilter, description: 'Only jobs that match. All if omitted.' }),
      first: t.arg.int({
        required: true,
        defaultValue: 100,
        description: 'The greatest length of the initial list, from 1 to 1,000.',
      }),
      throttleMs: t.arg.int({
        required: true,
        defaultValue: 250,
        description: 'Sends at most one update of a job in this time, in milliseconds, from 50 to 60,000.',
      }),
    },
    subscribe: (_, args, context) => {
      const wanted = {
        where: readJobFilter(args.where, context),
        first: bounded(args.first, 'first', 1, 1_000),
        throttleMs: bounded(args.throttleMs, 'throttleMs', 50, 60_000),
      };
      return liveStreamOf(async (signal) => context.liveQueries.open(wanted, context.access, signal));
    },
    resolve: (update) => update,
  }),
  jobsCompleted: t.field({
    type: JobInterface,
    description:
      'SHOW JOBS WHEN COMPLETE: sends each selected job when it has ended, and completes after the last. Jobs that have ' +
      'already ended are sent first. The set, at most 10,000 jobs, is fixed at the start; a job that is removed or ' +
      'hidden from the viewer in the meantime counts as ended and is not sent. NOT_FOUND if an id is not a visible job.',
    args: { jobs: t.arg({ type: JobSelector, required: true, description: 'The jobs to wait for.' }) },
    subscribe: (_, args, context) => {
      const selection = readSelector(args.jobs, 'jobs', context);
      return streamOf((signal) => awaitJobs(context, selection, 'completed', context.access, signal));
    },
    resolve: (job) => job,
  }),
  jobsSettled: t.field({
    type: JobInterface,
    description:
      'As jobsCompleted, but a job that is PAUSED counts too: pause, and wait until nothing works on it any more. Each ' +
      'selected job is sent once, when it is PAUSED or has ended. A job that has been resumed by then is waited for again.',
    args: { jobs: t.arg({ type: JobSelector, required: true, description: 'The jobs to wait for.' }) },
    subscribe: (_, args, context) => {
      const selection = readSelector(args.jobs, 'jobs', context);
      return streamOf((signal) => awaitJobs(context, selection, 'settled', context.access, signal));
    },
    resolve: (job) => job,
  }),
}));
