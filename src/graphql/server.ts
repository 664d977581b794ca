import { requireAdmin } from '../jobs/access.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

interface ServerNow {
  readonly name: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  readonly runningJobs: number;
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
  }),
});

/** An embedded store has one server, and does not record which. */
const servers = async ({ store, node, version, access }: Context): Promise<readonly ServerNow[]> =>
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
      return own ?? { name, version, startedAt, heartbeatAt: startedAt, runningJobs: 0 };
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
