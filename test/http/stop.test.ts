import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { peopleImport, readPeople, writePeople } from '../support/people.ts';
import { type Launched, launch, temporaryFolder } from '../support/process.ts';
import { openEvents, openSocket } from '../support/wire.ts';

const CREATE = `mutation ($input: CreateImportInput!) {
  createDatabase(input: { name: "demo" }) { database { name } }
  createImport(input: $input) { job { id } }
}`;
const WATCH = {
  query: 'subscription { jobStatusChanged(after: "0000000000000000") { cursor to } }',
};
const FRACTION = 'query ($id: ID!) { job(id: $id) { fractionCompleted } }';

const fractionOf = async (server: Launched, id: string) =>
  ((await server.send(FRACTION, { id })).job as unknown as { fractionCompleted: number }).fractionCompleted;

/** Code 0: it ended by itself, before its DRAIN_SECONDS were over. */
const endBy = async (server: Launched, signal: NodeJS.Signals) => {
  server.process.kill(signal);
  const [code] = (await server.ended) as [number | null];
  return code;
};
/** Long enough that a machine that is busy with other things is no failure. */
const DRAIN = { DRAIN_SECONDS: '60' };

test('a server that stops saves its running job and ends its streams, and the next server continues the job', async () => {
  using folder = temporaryFolder();
  writePeople(folder.path, 20_000);
  const first = await launch(folder.path, undefined, DRAIN);
  const made = (await first.send(CREATE, { input: peopleImport({ maxRowsPerSecond: 5_000 }) })) as unknown as {
    createImport: { job: { id: string } };
  };
  const { id } = made.createImport.job;
  while ((await fractionOf(first, id)) < 0.1);
  const socket = await openSocket(first.url);
  await socket.next();
  socket.subscribe('s', WATCH);
  await socket.next();
  const events = await openEvents(first.url, WATCH);
  await events.next();
  await events.next();

  // A connection that breaks takes with it what was not read. The last changes of the job may arrive before the error.
  const ended = (async () => {
    let last = await events.next();
    while (last !== null && last.errors === undefined) last = await events.next();
    return last;
  })();
  expect(await endBy(first, 'SIGTERM')).toBe(0);
  expect(await socket.closed).toEqual({ code: 1001, reason: 'the server is stopping' });
  expect((await ended)?.errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE' });
  // A client of event streams comes back only if the stream has not completed.
  await expect(events.next()).rejects.toThrow(/terminated|connection ended/);
  const db = new Database(join(folder.path, 'signalbox.db'), { readonly: true });
  const row = db.prepare('SELECT status, claimedBy, attempts, checkpoint FROM Job JOIN JobWork ON jobId = id').get();
  db.close();
  expect(row).toEqual({ status: 'PENDING', claimedBy: null, attempts: 0, checkpoint: expect.stringContaining('{') });

  const second = await launch(folder.path, undefined, DRAIN);
  while ((await fractionOf(second, id)) < 1);
  expect(await endBy(second, 'SIGINT')).toBe(0);
  expect(readPeople(folder.path)).toMatchObject({ count: 20_000, ids: 20_000 });
});

test('a server that has nothing to do ends at once, for every connected client', async () => {
  using folder = temporaryFolder();
  const server = await launch(folder.path, undefined, DRAIN);
  // A connection that is kept alive, and a socket that does not even hear that it is closed.
  await (await fetch(server.url.replace('/graphql', '/health'))).json();
  const deaf = await openSocket(server.url);
  await deaf.next();
  deaf.socket.pause();
  expect(await endBy(server, 'SIGTERM')).toBe(0);
  deaf.socket.terminate();
});
