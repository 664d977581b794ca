/** The audit log in the API. */
import { requireAdmin } from '../jobs/access.ts';
import { AUDIT_FIELDS, EVERYTHING, type Filter, readFilter } from '../jobs/filter.ts';
import type { AuditEvent, PageOf } from '../store/store.ts';
import { builder } from './builder.ts';
import { ActorType, checkCursors, positionOf } from './events.ts';
import { AND, DateTimeFilter, NEGATED, OR, StringFilter } from './filters.ts';
import { AFTER, BEFORE, connectionOf, FIRST, LAST, PageInfoType, pageOf } from './pagination.ts';
import { formatCursor } from './scalars.ts';

const AuditEventType = builder.objectRef<AuditEvent>('AuditEvent').implement({
  description:
    'What was done to users, tokens, databases, schedules and settings, and which jobs were deleted. JobEvent reports what was ' +
    'done to jobs. Recorded in the transaction that made the change, and kept for AUDIT_DAYS, whatever becomes of the ' +
    'user.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The position of the event in the audit log.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the change was made.' }),
    actor: t.expose('actor', { type: ActorType, description: 'The user, or the server itself.' }),
    action: t.exposeString('action', {
      description:
        'The mutation, such as `createUser`; `settings` for settings that differ from those of the last start.',
    }),
    target: t.exposeString('target', {
      description: 'The name or id of what it was done to; for `deleteJobs`, the id of the command.',
    }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What it was before, without secrets. Null for what was created.',
      resolve: ({ before }) => before,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What it is since then, without secrets. Null for what was deleted.',
      resolve: ({ after }) => after,
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'The reason given. Null if none was given.' }),
    remoteAddress: t.string({
      nullable: true,
      description:
        'The address that the request came from; behind proxies that TRUST_PROXY names, the address that they report. ' +
        'Null for what the server did itself, and for events of older versions.',
      resolve: ({ remoteAddress }) => remoteAddress,
    }),
  }),
});

const AuditEventFilterRef = builder.inputRef<Filter>('AuditEventFilter');
const AuditEventFilter = AuditEventFilterRef.implement({
  description: 'Selects audit events. All given conditions must hold. `{}` matches every event.',
  fields: (t) => ({
    actor: t.field({ type: StringFilter, description: 'The name of the actor.' }),
    action: t.field({ type: StringFilter, description: 'The action.' }),
    target: t.field({ type: StringFilter, description: 'The name or id of what it was done to.' }),
    at: t.field({ type: DateTimeFilter, description: 'When the change was made.' }),
    and: t.field({ type: [AuditEventFilterRef], description: AND }),
    or: t.field({ type: [AuditEventFilterRef], description: OR }),
    not: t.field({ type: AuditEventFilterRef, description: NEGATED }),
  }),
});

const AuditEventEdgeType = builder.objectRef<{ cursor: string; node: AuditEvent }>('AuditEventEdge').implement({
  description: 'An audit event in a list.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The position of the event in the audit log.',
      resolve: ({ node }) => node.cursor,
    }),
    node: t.expose('node', { type: AuditEventType, description: 'The event.' }),
  }),
});

const AuditEventConnectionType = builder
  .objectRef<ReturnType<typeof connectionOf<AuditEvent>>>('AuditEventConnection')
  .implement({
    description: 'A page of the audit log.',
    fields: (t) => ({
      edges: t.field({
        type: [AuditEventEdgeType],
        description: 'The events of the page, each with its cursor.',
        resolve: ({ edges }) => edges,
      }),
      nodes: t.field({
        type: [AuditEventType],
        description: 'The events of the page, oldest first.',
        resolve: ({ nodes }) => nodes,
      }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType, description: 'What lies before and after the page.' }),
    }),
  });

builder.queryField('auditEvents', (t) =>
  t.field({
    type: AuditEventConnectionType,
    nullable: true,
    description:
      'The audit log, oldest first. For admins; FORBIDDEN for others. 100 events unless `first` or `last` is given. ' +
      'CURSOR_EXPIRED if retention has removed events after the cursor.',
    args: {
      where: t.arg({ type: AuditEventFilter, description: 'Only events that match. All if omitted.' }),
      first: t.arg.int({ description: FIRST }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      last: t.arg.int({ description: LAST }),
      before: t.arg({ type: 'Cursor', description: BEFORE }),
    },
    resolve: async (_, { where, after, before, ...args }, { store, viewer, viewers }) => {
      requireAdmin(viewer(), 'read the audit log');
      const condition =
        where == null ? EVERYTHING : readFilter(where, AUDIT_FIELDS, 'where', 'ignored', viewers.nameOf);
      const page = pageOf({ ...args, after: positionOf(after), before: positionOf(before) }, false);
      const { events, more } = await store.auditEvents(page, condition);
      await checkCursors({ after, before }, () => store.auditLog());
      const isAny = async (bound: PageOf) => (await store.auditEvents(bound, condition)).more;
      return connectionOf(events, more, page, ({ cursor }) => formatCursor(cursor), isAny);
    },
  }),
);
