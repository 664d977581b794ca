import { badInput, cursorExpired } from '../errors.ts';
import type { Condition } from '../jobs/filter.ts';
import type { Actor, EventCursor, JobEvent, JobId } from '../jobs/job.ts';
import { isLost, type LostEvents, type PageOf, type Position } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobEventFilter, readEventFilter } from './filters.ts';
import { JobCommandEnum, JobInterface, JobStatusEnum } from './job.ts';
import { AFTER, BEFORE, connectionOf, FIRST, LAST, PageInfoType, pageOf } from './pagination.ts';
import { formatCursor } from './scalars.ts';
import { liveStreamOf } from './subscriptions.ts';

export const ActorType = builder.objectRef<Actor>('Actor').implement({
  description: 'A user, worker or service that changed a job.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ActorKindEnum, description: 'What sort of actor it is.' }),
    name: t.exposeString('name', { description: 'The name of the user, worker or service.' }),
    tokenId: t.id({
      nullable: true,
      description: 'The token that the user sent. Null without one.',
      resolve: ({ tokenId }) => tokenId ?? null,
    }),
  }),
});

const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'The sorts of actors that change jobs.',
  values: {
    USER: { description: 'A person or program, by a command or by creating the job.' },
    WORKER: { description: 'The worker that ran the job, by a report.' },
    SYSTEM: { description: 'The server itself: recovery, retention.' },
  } as const,
});

const JobEventInterface = builder.interfaceRef<JobEvent>('JobEvent').implement({
  description:
    'An event of a job, recorded in the transaction that made the change. Events are kept longer than jobs. Clients must ' +
    'expect new types of events.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The position of the event in the log.' }),
    jobId: t.exposeID('jobId', { description: 'The id of the job.' }),
    job: t.field({
      type: JobInterface,
      nullable: true,
      description: 'The job as it is when the event is delivered. Null after retention has removed it.',
      resolve: (event, _, { jobs }) => jobs.load(event.jobId),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change was made.' }),
    actor: t.expose('actor', { type: ActorType, description: 'The actor that made the change.' }),
  }),
});

const JobStatusChangeType = builder.objectRef<JobEvent>('JobStatusChange').implement({
  interfaces: [JobEventInterface],
  description: 'A change of the status of a job, its creation included.',
  isTypeOf: () => true,
  fields: (t) => ({
    from: t.expose('from', {
      type: JobStatusEnum,
      nullable: true,
      description: 'The status before the change. Null for the creation of the job.',
    }),
    to: t.expose('to', { type: JobStatusEnum, description: 'The status after the change.' }),
    command: t.expose('command', {
      type: JobCommandEnum,
      nullable: true,
      description: 'The command that made the change. Null if a worker reported it or the server made it.',
    }),
    commandId: t.exposeID('commandId', {
      nullable: true,
      description: 'Identifies the control mutation: the same for all changes that it made. Null without a command.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'The reason given with the command, or by the job that paused itself. Null if none was given.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'The error that caused the change. Null if none did.',
    }),
  }),
});

const JobEventEdgeType = builder.objectRef<{ cursor: string; node: JobEvent }>('JobEventEdge').implement({
  description: 'An event in a list.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The position of the event in the log.',
      resolve: ({ node }) => node.cursor,
    }),
    node: t.expose('node', { type: JobEventInterface, description: 'The event.' }),
  }),
});

const JobEventConnectionType = builder
  .objectRef<ReturnType<typeof connectionOf<JobEvent>>>('JobEventConnection')
  .implement({
    description: 'A page of the event log.',
    fields: (t) => ({
      edges: t.field({
        type: [JobEventEdgeType],
        description: 'The events of the page, each with its cursor.',
        resolve: ({ edges }) => edges,
      }),
      nodes: t.field({
        type: [JobEventInterface],
        description: 'The events of the page, oldest first.',
        resolve: ({ nodes }) => nodes,
      }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType, description: 'What lies before and after the page.' }),
    }),
  });

interface EventArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: EventCursor | null | undefined;
  readonly before?: EventCursor | null | undefined;
}

export const positionOf = (cursor: EventCursor | null | undefined): Position | null =>
  cursor === null || cursor === undefined ? null : [cursor];

const readEvents = async (
  args: EventArguments,
  { store, access, histories }: Context,
  of: { readonly jobId?: JobId; readonly where?: Condition } = {},
) => {
  const page = pageOf({ ...args, after: positionOf(args.after), before: positionOf(args.before) }, false);
  const { backward: _, ...bounds } = page;
  const { events, more } =
    of.jobId === undefined ? await store.events(page, access(), of) : await histories.load([of.jobId, bounds]);
  await checkCursors(args, () => store.log());
  const isAny = async (bound: PageOf) => (await store.events(bound, access(), of)).more;
  return connectionOf(events, more, page, (event) => formatCursor(event.cursor), isAny);
};

/**
 * A cursor below the horizon of retention, or beyond the end of the log, is an error, so that no gap goes unnoticed. It is
 * checked after the page was read: what retention removed before that is known by then.
 */
export const checkCursors = async (
  { after, before }: Pick<EventArguments, 'after' | 'before'>,
  readLog: () => Promise<{
    readonly head: EventCursor;
    readonly horizon: EventCursor;
    /** No greater cursor has been given to anyone. Omitted: the head. */
    readonly end?: EventCursor;
    readonly lost?: readonly LostEvents[];
  }>,
) => {
  const cursors = Object.entries({ after, before }).filter(([, cursor]) => cursor !== null && cursor !== undefined);
  if (cursors.length === 0) return;
  const { head, horizon, end = head, lost = [] } = await readLog();
  for (const [field, cursor = 0] of cursors as [string, EventCursor][]) {
    if (cursor < horizon)
      throw cursorExpired(`the log before cursor ${formatCursor(horizon)} has been removed by retention`);
    if (isLost(cursor, lost))
      throw cursorExpired(`cursor ${formatCursor(cursor)} is of an event that the store has lost: read the jobs again`);
    if (cursor > end)
      throw badInput(field, `${field} ${formatCursor(cursor)} is beyond the end of the log, ${formatCursor(head)}`);
  }
};

builder.interfaceField(JobInterface, 'events', (t) =>
  t.field({
    type: JobEventConnectionType,
    nullable: true,
    extensions: { cost: 10 },
    description:
      'The history of the job, oldest first. 100 events unless `first` or `last` is given. CURSOR_EXPIRED if retention ' +
      'has removed events after the cursor.',
    args: {
      first: t.arg.int({ description: FIRST }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      last: t.arg.int({ description: LAST }),
      before: t.arg({ type: 'Cursor', description: BEFORE }),
    },
    resolve: (job, args, context) => readEvents(args, context, { jobId: job.id }),
  }),
);

builder.queryField('jobEvents', (t) =>
  t.field({
    type: JobEventConnectionType,
    nullable: true,
    extensions: { cost: 20 },
    description:
      'The event log of all jobs that the viewer may see, oldest first: who changed what, when and why. 100 events unless ' +
      '`first` or `last` is given. CURSOR_EXPIRED if retention has removed events after the cursor.',
    args: {
      where: t.arg({ type: JobEventFilter, description: 'Only events that match. All if omitted.' }),
      first: t.arg.int({ description: FIRST }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      last: t.arg.int({ description: LAST }),
      before: t.arg({ type: 'Cursor', description: BEFORE }),
    },
    resolve: (_, { where, ...args }, context) => readEvents(args, context, { where: readEventFilter(where, context) }),
  }),
);

builder.subscriptionField('jobStatusChanged', (t) =>
  t.field({
    type: JobStatusChangeType,
    description:
      'Every status change that matches, in commit order, each once. With `after`, the stream starts with every change ' +
      'since that cursor: a client that reconnects with the last cursor it saw loses and repeats nothing. CURSOR_EXPIRED ' +
      'if retention has removed events after the cursor.',
    args: {
      where: t.arg({ type: JobEventFilter, description: 'Only events that match. All if omitted.' }),
      after: t.arg({ type: 'Cursor', description: 'The last cursor seen. The stream starts from now if omitted.' }),
    },
    subscribe: (_, { where, after }, context) => {
      const { feed, access } = context;
      const condition = readEventFilter(where, context);
      return liveStreamOf((signal) => feed.listen(after ?? null, access, signal, condition));
    },
    resolve: (event) => event,
  }),
);
