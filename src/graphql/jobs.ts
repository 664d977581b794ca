import { type Condition, EVERYTHING, type Filter, JOB_FIELDS, readFilter } from '../jobs/filter.ts';
import type { Job } from '../jobs/job.ts';
import { JOB_ORDER_FIELDS, type JobCount, type JobOrderField, type PageOf, type Place } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobFilter } from './filters.ts';
import { JobInterface, JobStatusEnum, JobTypeEnum, PageInfoType } from './job.ts';
import { connectionOf, decodePlace, encodePlace, pageOf } from './pagination.ts';

const JobEdgeType = builder.objectRef<{ cursor: string; node: Job }>('JobEdge').implement({
  fields: (t) => ({ cursor: t.exposeString('cursor'), node: t.expose('node', { type: JobInterface }) }),
});

type JobConnection = ReturnType<typeof connectionOf<Job>> & { readonly head: number; readonly where: Condition };

const JobConnectionType = builder.objectRef<JobConnection>('JobConnection').implement({
  fields: (t) => ({
    edges: t.field({ type: [JobEdgeType], resolve: ({ edges }) => edges }),
    nodes: t.field({ type: [JobInterface], resolve: ({ nodes }) => nodes }),
    pageInfo: t.expose('pageInfo', { type: PageInfoType }),
    totalCount: t.int({
      nullable: true,
      description: 'Counted only when asked for. Null when it cannot be counted in the time that a read may take.',
      resolve: ({ where }, _, { store, access }) => store.countJobs(access(), where),
    }),
    cursor: t.field({
      type: 'Cursor',
      description: "The log's end, read before this page: subscribe after it, and list and stream join without a gap.",
      resolve: ({ head }) => head,
    }),
  }),
});

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'Unfinished jobs sort as if they were to finish last.',
  values: JOB_ORDER_FIELDS,
});
const OrderDirectionEnum = builder.enumType('OrderDirection', { values: ['ASC', 'DESC'] as const });
const JobOrder = builder.inputType('JobOrder', {
  fields: (t) => ({
    field: t.field({ type: JobOrderFieldEnum, required: true, defaultValue: 'CREATED_AT' }),
    direction: t.field({ type: OrderDirectionEnum, required: true, defaultValue: 'DESC' }),
  }),
});

/** Where a job stands in each order. What has not finished stands behind all that has. */
const PLACES: Readonly<Record<JobOrderField, (job: Job) => Place>> = {
  CREATED_AT: ({ id }) => [Number(id)],
  MODIFIED_AT: ({ id, modifiedAt }) => [modifiedAt, Number(id)],
  FINISHED_AT: ({ id, finishedAt }) => [finishedAt ?? Number.MAX_SAFE_INTEGER, Number(id)],
};

/** A filter of a list: what says nothing is no condition. */
export const readWhere = (where: Filter | null | undefined): Condition => {
  if (where === null || where === undefined) return EVERYTHING;
  return readFilter(where, JOB_FIELDS, 'where', 'ignored');
};

interface JobsArguments {
  readonly where?: Filter | null | undefined;
  readonly orderBy?: { readonly field: JobOrderField; readonly direction: 'ASC' | 'DESC' } | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

const readJobs = async (args: JobsArguments, { store, access }: Context): Promise<JobConnection> => {
  const { field: orderBy, direction } = args.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  const list = `jobs ${orderBy}`;
  const where = readWhere(args.where);
  const after = decodePlace(list, args.after, 'after');
  const before = decodePlace(list, args.before, 'before');
  const page = pageOf({ ...args, after, before }, direction === 'DESC');
  const { jobs, more, head } = await store.jobs({ ...page, orderBy, where }, access());
  const isAny = async (bound: PageOf) => (await store.jobs({ ...bound, orderBy, where }, access())).more;
  const cursorOf = (job: Job) => encodePlace(list, PLACES[orderBy](job));
  return { ...connectionOf(jobs, more, page, cursorOf, isAny), head, where };
};

const JobCountType = builder.objectRef<JobCount>('JobCount').implement({
  fields: (t) => ({
    type: t.expose('type', { type: JobTypeEnum }),
    status: t.expose('status', { type: JobStatusEnum }),
    count: t.exposeInt('count'),
  }),
});

builder.queryFields((t) => ({
  jobs: t.field({
    type: JobConnectionType,
    nullable: true,
    description:
      'SHOW JOBS. Newest first unless ordered otherwise. Without `first` or `last`, 100; at most 1,000. ' +
      'FILTER_TOO_BROAD when a filter has to read more than two seconds allow.',
    args: {
      where: t.arg({ type: JobFilter }),
      orderBy: t.arg({ type: JobOrder }),
      first: t.arg.int(),
      after: t.arg.string(),
      last: t.arg.int(),
      before: t.arg.string(),
    },
    resolve: (_, args, context) => readJobs(args, context),
  }),
  jobCounts: t.field({
    type: [JobCountType],
    nullable: true,
    description: 'How many jobs there are of each type in each status; what there is none of is left out.',
    args: { where: t.arg({ type: JobFilter }) },
    resolve: (_, { where }, { store, access }) => store.countByStatus(access(), readWhere(where)),
  }),
}));
