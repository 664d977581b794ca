import { readdirSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
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

/** Each looks into a database or a file before it creates something. */
const creationsIn = (dataDir: string): readonly (readonly [string, object])[] => [
  ['Import', { database: 'demo', table: 'people', sources: ['nodelocal:///sample.csv'], inferColumns: true }],
  ['Backup', { database: 'demo', destination: 'nodelocal:///backup' }],
  ['Restore', { database: 'restored', source: 'nodelocal:///kept' }],
  ['Changefeed', { database: 'demo', tables: ['t'] }],
  ['SchemaChange', { database: 'demo', changes: [{ dropColumn: { table: 't', column: 'a' } }] }],
  ['Database', { name: 'made' }],
  ['Database', { name: 'registered', url: `file:${dataDir}/other.db` }],
];

const create = ([name, input]: readonly [string, object]) => ({
  query: `mutation ($input: Create${name}Input!) { create${name}(input: $input) { __typename } }`,
  variables: { input },
});

/** A server with what the creations need. */
const startReady = async () => {
  const app = await startApp();
  await app.send(create(['Database', { name: 'demo' }]));
  for (const file of ['databases/demo.db', 'other.db']) {
    const database = new Sqlite(`${app.dataDir}/${file}`);
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)');
    database.close();
  }
  await using changes = changesOf(app);
  const { id } = await app.create('BACKUP', { database: 'demo', destination: 'nodelocal:///kept' }, 'root');
  await changes.reaches(id, 'SUCCEEDED');
  return app;
};

test.each(WAYS)('nothing is created for a client that has left, over %s', async (_, leave) => {
  await using app = await startReady();
  const real = app.store.databases;
  const filesOf = () => readdirSync(`${app.dataDir}/databases`).filter((name) => name.endsWith('.db'));
  const stateOf = async () => [(await app.store.log()).head, await real(), filesOf()];
  const before = await stateOf();
  for (const creation of creationsIn(app.dataDir)) {
    const began = deferred();
    const resumed = deferred();
    const held = vi.spyOn(app.store, 'databases').mockImplementation(async () => {
      began.resolve();
      await resumed.promise;
      return real();
    });
    await leave(app, create(creation), () => began.promise);
    for (let n = 0; n < 20; n += 1) await app.send({ query: '{ viewer { name } }' });
    held.mockRestore();
    resumed.resolve();
    for (let n = 0; n < 5; n += 1) await app.send({ query: '{ viewer { name } }' });
    expect(await stateOf(), creation[0]).toEqual(before);
  }
});

test('the same requests create something for a client that stays', async () => {
  await using app = await startReady();
  for (const creation of creationsIn(app.dataDir)) {
    expect(await app.send(create(creation)), creation[0]).not.toHaveProperty('errors');
  }
});

const deferred = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
