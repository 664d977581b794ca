import { expect, test, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { openSocket } from '../support/wire.ts';

/** The first part waits until the client has left; the second comes after it. */
const QUERY =
  'mutation { first: pauseJobs(jobs: { all: true }) { selectedCount } second: createUser(input: { name: "late" }) { user { name } } }';

const leaveFetch = async (app: TestApp, sent: () => Promise<void>, accept: string) => {
  const left = new AbortController();
  const reply = fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query: QUERY }),
    signal: left.signal,
  });
  await sent();
  left.abort();
  await reply.catch(() => undefined);
};

const WAYS: readonly (readonly [string, (app: TestApp, sent: () => Promise<void>) => Promise<void>])[] = [
  ['POST', (app, sent) => leaveFetch(app, sent, 'application/json')],
  ['server-sent events', (app, sent) => leaveFetch(app, sent, 'text/event-stream')],
  [
    'a socket that completes the operation',
    async (app, sent) => {
      const socket = await openSocket(app.url);
      await socket.next();
      socket.subscribe('x', { query: QUERY });
      await sent();
      socket.send({ id: 'x', type: 'complete' });
      socket.send({ type: 'ping' });
      await socket.next();
    },
  ],
  [
    'a socket that closes',
    async (app, sent) => {
      const socket = await openSocket(app.url);
      await socket.next();
      socket.subscribe('x', { query: QUERY });
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
  await leave(app, () => began.promise);
  // The server hears of it after other events have had their turn.
  for (let n = 0; n < 20; n += 1) await app.send({ query: '{ viewer { name } }' });
  resumed.resolve();
  for (let n = 0; n < 20; n += 1) await app.send({ query: '{ viewer { name } }' });
  expect((await app.store.users()).map(({ name }) => name)).toEqual(['root']);
});

const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
