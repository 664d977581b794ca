import type { z } from 'zod';
import type { Condition, Filter } from '../jobs/filter.ts';
import type { Job } from '../jobs/job.ts';
import { ORDER_DIRECTION } from '../jobs/order-direction.ts';
import { JOB_ORDER_FIELDS, type JobCount, type JobOrderField, type PageOf, type Position } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobFilter, readJobFilter } from './filters.ts';
import { describeValues, enumTypeOf } from './inputs.ts';
import { JobInterface, JobStatusEnum, JobTypeEnum } from './job.ts';
import {
  AFTER,
  BEFORE,
  connectionOf,
  decodeCursor,
  encodeCursor,
  FIRST,
  LAST,
  PageInfoType,
  pageOf,
} from './pagination.ts';

const JobEdgeType = builder.objectRef<{ cursor: string; node: Job }>('JobEdge').implement({
  description: 'A job in a list.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'The position of the job in this list, in this order.' }),
    node: t.expose('node', { type: JobInterface, description: 'The job.' }),
  }),
});

type JobConnection = ReturnType<typeof connectionOf<Job>> & { readonly head: number; readonly where: Condition };

export const JobConnectionType = builder.objectRef<JobConnection>('JobConnection').implement({
  description: 'A page of a list of jobs.',
  fields: (t) => ({
    edges: t.field({
      type: [JobEdgeType],
      description: 'The jobs of the page, each with its cursor.',
      resolve: ({ edges }) => edges,
    }),
    nodes: t.field({ type: [JobInterface], description: 'The jobs of the page.', resolve: ({ nodes }) => nodes }),
    pageInfo: t.expose('pageInfo', { type: PageInfoType, description: 'What lies before and after the page.' }),
    totalCount: t.int({
      nullable: true,
      extensions: { cost: 500 },
      description:
        'The number of jobs that match, on all pages. Counted only when selected. Null if they cannot be counted within ' +
        'the time limit for reads.',
      resolve: ({ where }, _, { store, access }) => store.countJobs(access(), where),
    }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'The end of the event log, read before this page. `jobStatusChanged(after:)` with this cursor continues the list ' +
        'without a gap.',
      resolve: ({ head }) => head,
    }),
  }),
});

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'What a list of jobs is sorted by. Ties are sorted by id.',
  values: describeValues(JOB_ORDER_FIELDS, {
    CREATED_AT: 'When the job was created.',
    MODIFIED_AT: 'When the job last changed.',
    FINISHED_AT: 'When the job ended. Unfinished jobs sort as if they will finish last.',
  }),
});
const OrderDirectionEnum = enumTypeOf<z.output<typeof ORDER_DIRECTION>>(ORDER_DIRECTION);
const JobOrder = builder.inputType('JobOrder', {
  description: 'The order of a list of jobs.',
  fields: (t) => ({
    field: t.field({
      type: JobOrderFieldEnum,
      required: true,
      defaultValue: 'CREATED_AT',
      description: 'What the list is sorted by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'DESC',
      description: 'The direction of the list.',
    }),
  }),
});

/** The position of a job in each order. Unfinished jobs follow all that have ended. */
const POSITIONS: Readonly<Record<JobOrderField, (job: Job) => Position>> = {
  CREATED_AT: ({ id }) => [Number(id)],
  MODIFIED_AT: ({ id, modifiedAt }) => [modifiedAt, Number(id)],
  FINISHED_AT: ({ id, finishedAt }) => [finishedAt ?? Number.MAX_SAFE_INTEGER, Number(id)],
};

interface JobsArguments {
  readonly where?: Filter | null | undefined;
  readonly orderBy?: { readonly field: JobOrderField; readonly direction: 'ASC' | 'DESC' } | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export const readJobs = async (args: JobsArguments, context: Context): Promise<JobConnection> => {
  const { store, access } = context;
  const { field: orderBy, direction } = args.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  const list = `jobs ${orderBy}`;
  const where = readJobFilter(args.where, context);
  const after = decodeCursor(list, args.after, 'after');
  const before = decodeCursor(list, args.before, 'before');
  const page = pageOf({ ...args, after, before }, direction === 'DESC');
  const { jobs, more, head } = await store.jobs({ ...page, orderBy, where }, access());
  const isAny = async (bound: PageOf) => (await store.jobs({ ...bound, orderBy, where }, access())).more;
  const cursorOf = (job: Job) => encodeCursor(list, POSITIONS[orderBy](job));
  return { ...connectionOf(jobs, more, page, cursorOf, isAny), head, where };
};

const JobCountType = builder.objectRef<JobCount>('JobCount').implement({
  description: 'How many jobs of one type have one status.',
  fields: (t) => ({
    type: t.expose('type', { type: JobTypeEnum, description: 'The type of these jobs.' }),
    status: t.expose('status', { type: JobStatusEnum, description: 'The status of these jobs.' }),
    count: t.exposeInt('count', { description: 'The number of these jobs, at least 1.' }),
  }),
});

builder.queryFields((t) => ({
  jobs: t.field({
    type: JobConnectionType,
    nullable: true,
    extensions: { cost: 20 },
    description:
      'SHOW JOBS: the jobs that match and that the viewer may see, newest first unless ordered otherwise. A page has ' +
      '100 jobs unless `first` or `last` is given. FILTER_TOO_BROAD if the filter reads more rows than two seconds allow.',
    args: {
      where: t.arg({ type: JobFilter, description: 'Only jobs that match. All if omitted.' }),
      orderBy: t.arg({ type: JobOrder, description: 'The order. Newest first if omitted.' }),
      first: t.arg.int({ description: FIRST }),
      after: t.arg.string({ description: AFTER }),
      last: t.arg.int({ description: LAST }),
      before: t.arg.string({ description: BEFORE }),
    },
    resolve: (_, args, context) => readJobs(args, context),
  }),
  jobCounts: t.field({
    type: [JobCountType],
    nullable: true,
    extensions: { cost: 500 },
    description:
      'The number of jobs that the viewer may see, by type and status. Combinations without jobs are left out. ' +
      'FILTER_TOO_BROAD as for `jobs`.',
    args: { where: t.arg({ type: JobFilter, description: 'Only jobs that match. All if omitted.' }) },
    resolve: (_, { where }, context) => context.store.countByStatus(context.access(), readJobFilter(where, context)),
  }),
}));
