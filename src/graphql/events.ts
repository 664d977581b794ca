import { badInput, cursorExpired } from '../errors.ts';
import { type Condition, EVENT_FIELDS, EVERYTHING, type Filter, readFilter } from '../jobs/filter.ts';
import type { Actor, EventCursor, JobEvent, JobId } from '../jobs/job.ts';
import type { PageOf, Place } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobEventFilter } from './filters.ts';
import { JobCommandEnum, JobInterface, JobStatusEnum, PageInfoType } from './job.ts';
import { connectionOf, pageOf } from './pagination.ts';
import { formatCursor } from './scalars.ts';
import { streamOf } from './stream.ts';

const ActorType = builder.objectRef<Actor>('Actor').implement({
  fields: (t) => ({ kind: t.expose('kind', { type: ActorKindEnum }), name: t.exposeString('name') }),
});

const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'USER: someone asked. WORKER: the one that ran it reported. SYSTEM: retention, recovery.',
  values: ['USER', 'WORKER', 'SYSTEM'] as const,
});

const JobEventInterface = builder.interfaceRef<JobEvent>('JobEvent').implement({
  description: 'What happened to a job. Written in the transaction that made it happen. More types may come.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor' }),
    jobId: t.exposeID('jobId'),
    job: t.field({
      type: JobInterface,
      nullable: true,
      description: 'The job as it is when this is delivered. Null once retention removed it; its events stay longer.',
      resolve: (event, _, { jobs }) => jobs.load(event.jobId),
    }),
    at: t.expose('at', { type: 'DateTime' }),
    actor: t.expose('actor', { type: ActorType }),
  }),
});

const JobStatusChangeType = builder.objectRef<JobEvent>('JobStatusChange').implement({
  interfaces: [JobEventInterface],
  isTypeOf: () => true,
  fields: (t) => ({
    from: t.expose('from', { type: JobStatusEnum, nullable: true, description: 'Null for the creation.' }),
    to: t.expose('to', { type: JobStatusEnum }),
    command: t.expose('command', {
      type: JobCommandEnum,
      nullable: true,
      description: 'Null for what a worker reported.',
    }),
    commandId: t.exposeID('commandId', {
      nullable: true,
      description: 'The same for all that one control mutation did.',
    }),
    reason: t.exposeString('reason', { nullable: true }),
    error: t.exposeString('error', { nullable: true }),
  }),
});

const JobEventEdgeType = builder.objectRef<{ cursor: string; node: JobEvent }>('JobEventEdge').implement({
  fields: (t) => ({
    cursor: t.field({ type: 'Cursor', resolve: ({ node }) => node.cursor }),
    node: t.expose('node', { type: JobEventInterface }),
  }),
});

const JobEventConnectionType = builder
  .objectRef<ReturnType<typeof connectionOf<JobEvent>>>('JobEventConnection')
  .implement({
    fields: (t) => ({
      edges: t.field({ type: [JobEventEdgeType], resolve: ({ edges }) => edges }),
      nodes: t.field({ type: [JobEventInterface], resolve: ({ nodes }) => nodes }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType }),
    }),
  });

interface EventArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: EventCursor | null | undefined;
  readonly before?: EventCursor | null | undefined;
}

const placeOf = (cursor: EventCursor | null | undefined): Place | null =>
  cursor === null || cursor === undefined ? null : [cursor];

const readEvents = async (
  args: EventArguments,
  { store, access }: Context,
  of: { readonly jobId?: JobId; readonly where?: Condition } = {},
) => {
  const page = pageOf({ ...args, after: placeOf(args.after), before: placeOf(args.before) }, false);
  const { events, more } = await store.events(page, access(), of);
  await checkPlaces(args, store);
  const isAny = async (bound: PageOf) => (await store.events(bound, access(), of)).more;
  return connectionOf(events, more, page, (event) => formatCursor(event.cursor), isAny);
};

/**
 * A place that retention has passed, or that the log has not reached, is an error: never a silent gap. Looked at after
 * the page was read: what retention removed before it is known by then.
 */
const checkPlaces = async ({ after, before }: EventArguments, store: Context['store']) => {
  const places = Object.entries({ after, before }).filter(([, place]) => place !== null && place !== undefined);
  if (places.length === 0) return;
  const { head, horizon } = await store.log();
  for (const [field, place = 0] of places as [string, EventCursor][]) {
    if (place < horizon)
      throw cursorExpired(`the log before cursor ${formatCursor(horizon)} has been removed by retention`);
    if (place > head)
      throw badInput(field, `cursor ${formatCursor(place)} is beyond the log's end, ${formatCursor(head)}`);
  }
};

builder.interfaceField(JobInterface, 'events', (t) =>
  t.field({
    type: JobEventConnectionType,
    nullable: true,
    description: 'Its history, oldest first.',
    args: {
      first: t.arg.int(),
      after: t.arg({ type: 'Cursor' }),
      last: t.arg.int(),
      before: t.arg({ type: 'Cursor' }),
    },
    resolve: (job, args, context) => readEvents(args, context, { jobId: job.id }),
  }),
);

/** A filter of events: what says nothing is no condition. */
const readWhere = (where: Filter | null | undefined): Condition => {
  if (where === null || where === undefined) return EVERYTHING;
  return readFilter(where, EVENT_FIELDS, 'where', 'ignored');
};

builder.queryField('jobEvents', (t) =>
  t.field({
    type: JobEventConnectionType,
    nullable: true,
    description: 'The log of all visible jobs, oldest first: who did what, when and why.',
    args: {
      where: t.arg({ type: JobEventFilter }),
      first: t.arg.int(),
      after: t.arg({ type: 'Cursor' }),
      last: t.arg.int(),
      before: t.arg({ type: 'Cursor' }),
    },
    resolve: (_, { where, ...args }, context) => readEvents(args, context, { where: readWhere(where) }),
  }),
);

builder.subscriptionField('jobStatusChanged', (t) =>
  t.field({
    type: JobStatusChangeType,
    description:
      'Every change of status that matches, in commit order, each once. With `after`, first all that was missed since: reconnect ' +
      'with the last cursor seen and nothing is lost or repeated. Without it, from now on.',
    args: { where: t.arg({ type: JobEventFilter }), after: t.arg({ type: 'Cursor' }) },
    subscribe: (_, { where, after }, { feed, access, progress }) => {
      const condition = readWhere(where);
      return streamOf((signal) =>
        feed.listen(progress.from ?? after ?? null, access, signal, { where: condition, progress }),
      );
    },
    resolve: (event) => event,
  }),
);
