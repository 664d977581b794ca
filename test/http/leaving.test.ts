import { expect, test, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { serve } from '../support/web.ts';
import { openSocket } from '../support/wire.ts';

/** The first part waits until the client has left; the second comes after it. */
const QUERY =
  'mutation { first: pauseJobs(jobs: { all: true }) { selectedCount } second: createUser(input: { name: "late" }) { user { name } } }';

interface Payload {
  readonly query: string;
  readonly variables?: object;
}

const leaveFetch = async (app: TestApp, payload: Payload, sent: () => Promise<void>, accept: string) => {
  const left = new AbortController();
  const reply = fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(payload),
    signal: left.signal,
  });
  await sent();
  left.abort();
  await reply.catch(() => undefined);
};

type Leave = (app: TestApp, payload: Payload, sent: () => Promise<void>) => Promise<void>;

const WAYS: readonly (readonly [string, Leave])[] = [
  ['POST', (app, payload, sent) => leaveFetch(app, payload, sent, 'application/json')],
  ['server-sent events', (app, payload, sent) => leaveFetch(app, payload, sent, 'text/event-stream')],
  [
    'a socket that completes the operation',
    async (app, payload, sent) => {
      const socket = await openSocket(app.url);
      await socket.next();
      socket.subscribe('x', payload);
      await sent();
      socket.send({ id: 'x', type: 'complete' });
      socket.send({ type: 'ping' });
      await socket.next();
    },
  ],
  [
    'a socket that closes',
    async (app, payload, sent) => {
      const socket = await openSocket(app.url);
      await socket.next();
      socket.subscribe('x', payload);
      await sent();
      socket.socket.terminate();
    },
  ],
];

test.each(WAYS)('nothing more is executed for a client that has left, over %s', async (_, leave) => {
  await using app = await startApp();
  const began = deferred();
  const resumed = deferred();
  const real = app.store.control;
  vi.spyOn(app.store, 'control').mockImplementation(async (...args) => {
    began.resolve();
    await resumed.promise;
    return real(...args);
  });
  await leave(app, { query: QUERY }, () => began.promise);
  // The server hears of it after other events have had their turn.
  for (let n = 0; n < 20; n += 1) await app.send({ query: '{ viewer { name } }' });
  resumed.resolve();
  for (let n = 0; n < 20; n += 1) await app.send({ query: '{ viewer { name } }' });
  expect((await app.store.users()).map(({ name }) => name)).toEqual(['root']);
});

const PREVIEW = 'query ($input: ImportPreviewInput!) { importPreview(input: $input) { format } }';

test.each(WAYS)('a query in a process ends for a client that has left, over %s, and no other', async (_, leave) => {
  const requested = new Map([
    ['/before.csv', deferred()],
    ['/left.csv', deferred()],
  ]);
  const ended: string[] = [];
  const end = deferred();
  // It never answers: a query would end at its limit, the first one before the second.
  await using web = await serve(({ url = '' }, response) => {
    response.once('close', () => {
      ended.push(url);
      end.resolve();
    });
    requested.get(url)?.resolve();
  });
  await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: web.host } });
  const payloadOf = (path: string) => ({ query: PREVIEW, variables: { input: { sources: [`${web.url}${path}`] } } });
  // It is still waiting when the server ends.
  app.send(payloadOf('/before.csv')).catch(() => undefined);
  await requested.get('/before.csv')?.promise;
  await leave(app, payloadOf('/left.csv'), async () => requested.get('/left.csv')?.promise);
  await end.promise;
  expect(ended).toEqual(['/left.csv']);
});

const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
