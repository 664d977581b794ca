import { builder } from './builder.ts';

const ServerType = builder.objectRef<{ readonly version: string }>('Server').implement({
  description: 'A server of this API.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'The version of Signalbox that it runs, such as `0.1.0`.' }),
  }),
});

builder.queryField('server', (t) =>
  t.field({
    type: ServerType,
    description: 'The server that answers the request.',
    resolve: (_, __, { version }) => ({ version }),
  }),
);
