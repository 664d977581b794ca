import { cutText, notFound } from '../errors.ts';
import { requireAdmin } from '../jobs/access.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

interface ServerNow {
  readonly name: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  readonly runningJobs: number;
  readonly draining: boolean;
}

const ServerType = builder.objectRef<ServerNow>('Server').implement({
  description: 'A server of this API.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name among the servers that share a job store.' }),
    version: t.exposeString('version', { description: 'The version of Signalbox that it runs, such as `0.1.0`.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began to accept jobs.' }),
    heartbeatAt: t.expose('heartbeatAt', {
      type: 'DateTime',
      description: 'When it last reported to the job store that it is alive.',
    }),
    runningJobs: t.exposeInt('runningJobs', {
      description: 'The number of jobs that it executes, of those that the viewer may see.',
    }),
    draining: t.exposeBoolean('draining', {
      description: 'Whether `drainServer` was called: it gets no more jobs, until it is started again.',
    }),
  }),
});

/** An embedded store has one server, and does not record which. */
const servers = async ({ store, node, version, access }: Context) =>
  (await store.sessions(access())).map((session) => ({
    ...session,
    name: session.node ?? node,
    version: session.version ?? version,
  }));

builder.queryFields((t) => ({
  server: t.field({
    type: ServerType,
    description: 'The server that answers the request.',
    resolve: async (_, __, context) => {
      const { node: name, version, startedAt } = context;
      const own = (await servers(context)).find((server) => server.name === name);
      // While it cannot reach the store it has no session.
      return own ?? { name, version, startedAt, heartbeatAt: startedAt, runningJobs: 0, draining: false };
    },
  }),
  servers: t.field({
    type: [ServerType],
    nullable: true,
    description:
      'The servers that share the job store, the first to start first. A server that has ended without notice is ' +
      'listed until its lease is over. FORBIDDEN for viewers who are not admins.',
    resolve: (_, __, context) => {
      requireAdmin(context.viewer(), 'list servers');
      return servers(context);
    },
  }),
}));

const DrainServerPayload = builder.objectRef<{ readonly server: ServerNow }>('DrainServerPayload').implement({
  description: 'The result of `drainServer`.',
  fields: (t) => ({ server: t.expose('server', { type: ServerType, description: 'The server, as it is now.' }) }),
});

const DrainServerInput = builder.inputType('DrainServerInput', {
  description: 'A server to drain.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Its name, as in `servers`.' }) }),
});

builder.mutationField('drainServer', (t) =>
  t.field({
    type: DrainServerPayload,
    nullable: true,
    description:
      'Takes the jobs from a server, before it is stopped. It gets no more jobs; those that it executes save their ' +
      'checkpoints and stop, and other servers continue them immediately. No attempt is spent. Jobs that only this ' +
      'server can run wait for it. It answers requests as before, and reports itself as not ready. It gets jobs again ' +
      'after its next start. For admins; FORBIDDEN for others. NOT_FOUND if no server of this name is there.',
    args: { input: t.arg({ type: DrainServerInput, required: true, description: 'The server.' }) },
    resolve: async (_, { input: { name } }, context) => {
      requireAdmin(context.viewer(), 'drain servers');
      const missing = notFound(`server ${JSON.stringify(cutText(name, 100))} is not there: see servers`);
      const server = (await servers(context)).find((one) => one.name === name);
      if (server === undefined || !(await context.store.drainServer(server.node, context.by()))) throw missing;
      return { server: { ...server, draining: true } };
    },
  }),
);
