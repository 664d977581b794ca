import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import type { Feed } from '../../src/engine/feed.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addPaused } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';
import { inStore } from '../support/store.ts';
import { type GraphQLReply, openEvents, openSocket } from '../support/wire.ts';

/** The feeds of the servers that this file starts: nothing else reports the number of listeners. */
const feeds = vi.hoisted(() => [] as Feed[]);
vi.mock('../../src/engine/feed.ts', async (original) => {
  const real = await original<typeof import('../../src/engine/feed.ts')>();
  return {
    startFeed: async (...args: Parameters<typeof real.startFeed>) => {
      const feed = await real.startFeed(...args);
      feeds.push(feed);
      return feed;
    },
  };
});

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const megabytes = () => {
  for (let n = 0; n < 3; n += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
};

const JOBS = 2_500;

const COMMAND = {
  pause: 'mutation ($ids: [ID!]!) { pauseJobs(jobs: { ids: $ids }) { changedCount cursor } }',
  resume: 'mutation ($ids: [ID!]!) { resumeJobs(jobs: { ids: $ids }) { changedCount cursor } }',
};
const WATCH = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor } }';
/** Two kilobytes a message: 15,000 of them are far more than what the system buffers on the way. */
const WATCH_LARGE = `subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor ${Array.from({ length: 60 }, (_, n) => `cursor_of_this_event_${n}: cursor`).join(' ')} } }`;
const START = { after: '0000000000000000' };

const cursorOf = (reply: unknown) =>
  (reply as { data: { jobStatusChanged: { cursor: string } } }).data.jobStatusChanged.cursor;

const headOf = async (app: TestApp) => {
  const { head } = await app.store.log();
  return String(head).padStart(16, '0');
};

test('a socket and an event stream that read nothing cost little, delay nobody, and then get all they missed', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  const ids = await addPaused(app, JOBS);
  await using quick = await openSocket(app.url);
  await quick.next();
  quick.subscribe('quick', { query: WATCH, variables: START });
  const quickSeen: string[] = [];
  /** Both commands: 5,000 changes. Until the quick listener has them. */
  const changeTwice = async () => {
    await app.send({ query: COMMAND.resume, variables: { ids } });
    await app.send({ query: COMMAND.pause, variables: { ids } });
    const end = await headOf(app);
    while ((quickSeen.at(-1) ?? '') < end) quickSeen.push(cursorOf((await quick.next()).payload));
  };
  await changeTwice();

  await using stuck = await openSocket(app.url);
  await stuck.next();
  stuck.socket.pause();
  stuck.subscribe('stuck', { query: WATCH_LARGE, variables: START });
  const stuckEvents = await openEvents(app.url, { query: WATCH_LARGE, variables: START });
  const before = megabytes();
  // At first they are written to until the system takes no more.
  await changeTwice();
  await changeTwice();
  const grown = megabytes() - before;

  expect(grown).toBeLessThan(15);
  stuck.socket.resume();
  const end = await headOf(app);
  while ((quickSeen.at(-1) ?? '') < end) quickSeen.push(cursorOf((await quick.next()).payload));
  const stuckSeen: string[] = [];
  while ((stuckSeen.at(-1) ?? '') < end) stuckSeen.push(cursorOf((await stuck.next()).payload));
  const eventsSeen: string[] = [];
  while ((eventsSeen.at(-1) ?? '') < end) eventsSeen.push(cursorOf(await stuckEvents.next()));
  stuckEvents.leave();
  // The log has no gaps of its own here: every cursor from the first on.
  const all = Array.from({ length: Number(end) }, (_, n) => String(n + 1).padStart(16, '0'));
  expect(all.length).toBeGreaterThan(15_000);
  expect(quickSeen).toEqual(all);
  expect(stuckSeen).toEqual(all);
  expect(eventsSeen).toEqual(all);
});

test('nobody listens any more once they have left, whatever they were waiting for', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  const feed = feeds.at(-1);
  /** Leaving is heard of a moment later: until then something is asked of the server, so that its turn comes. */
  const untilListening = async (count: number) => {
    while (feed?.listeners !== count) await app.send({ query: '{ viewer { name } }' });
  };
  const socket = await openSocket(app.url);
  await socket.next();
  for (const id of ['a', 'b', 'c']) socket.subscribe(id, { query: WATCH });
  await untilListening(3);
  const events = await openEvents(app.url, { query: WATCH });
  await untilListening(4);

  socket.send({ id: 'b', type: 'complete' });
  await untilListening(3);
  await app.create('SCRIPTED', { name: 'x' }, 'root');
  // Created, and run: what comes together to one of them may come before the other's.
  const ids: unknown[] = [];
  while (ids.length < 4) ids.push((await socket.next()).id);
  expect(ids.sort()).toEqual(['a', 'a', 'c', 'c']);
  events.leave();
  await untilListening(2);
  socket.socket.terminate();
  await untilListening(0);

  // One that leaves before it was let in, and one that is refused, never listen.
  await using hasty = await openSocket(app.url);
  await hasty.next();
  hasty.subscribe('x', { query: WATCH });
  hasty.send({ id: 'x', type: 'complete' });
  hasty.subscribe('y', { query: WATCH, variables: { after: '0000000000099999' } });
  const refused = (await hasty.next()) as { id: string; payload: GraphQLReply };
  expect(refused).toMatchObject({
    id: 'y',
    payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }] },
  });
  await untilListening(0);
});

test('of those who ask the same, each has a stream of its own, which ends with its socket', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  const feed = feeds.at(-1);
  const untilListening = async (count: number) => {
    while (feed?.listeners !== count) await app.send({ query: '{ viewer { name } }' });
  };
  const sockets = [await openSocket(app.url), await openSocket(app.url)];
  for (const socket of sockets) {
    await socket.next();
    for (const id of ['a', 'b', 'c']) socket.subscribe(id, { query: WATCH });
  }
  await app.create('SCRIPTED', { name: 'x' }, 'root');
  for (const socket of sockets) for (const _ of ['a', 'b', 'c']) await socket.next();
  await untilListening(6);
  sockets[0]?.socket.terminate();
  await untilListening(3);
  sockets[1]?.socket.terminate();
  await untilListening(0);
});

test('a reader that lagged until retention passed it gets an error instead of a silent gap', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  const ids = await addPaused(app, JOBS);
  await using stuck = await openSocket(app.url);
  await stuck.next();
  stuck.socket.pause();
  stuck.subscribe('stuck', {
    query: WATCH_LARGE.replace('{ cursor', `{ ${'jobId actor { kind name } '.repeat(9)} cursor`),
    variables: START,
  });
  for (let n = 0; n < 3; n += 1) {
    await app.send({ query: COMMAND.resume, variables: { ids } });
    await app.send({ query: COMMAND.pause, variables: { ids } });
  }
  await inStore(app.dataDir, 'UPDATE Counters SET horizon = (SELECT max(cursor) FROM Event) - 10');
  await inStore(app.dataDir, 'DELETE FROM Event WHERE cursor <= (SELECT horizon FROM Counters)');

  stuck.socket.resume();
  const seen: string[] = [];
  let message = await stuck.next();
  for (; message.type === 'next'; message = await stuck.next()) seen.push(cursorOf(message.payload));
  expect(message).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'CURSOR_EXPIRED' } }] });
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, n) => String(n + 1).padStart(16, '0')));
});

test('a store that cannot be read for a moment makes listeners late, and loses them nothing', async () => {
  const { kind } = scriptedKind();
  const logLines: string[] = [];
  await using app = await startApp({ kinds: [kind], logLines });
  await using changes = changesOf(app);
  const { id: first } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(first, 'RUNNING');
  using events = vi.spyOn(app.store, 'events').mockRejectedValueOnce(new Error('the disk is slow today'));

  const { id: second } = await app.create('SCRIPTED', { name: 'b' }, 'root');
  await changes.reaches(second, 'RUNNING');

  expect(events).toHaveBeenCalled();
  expect(logLines.filter((line) => line.includes('the disk is slow today')).length).toBe(1);
  expect(changes.seen.map(({ jobId, to }) => [jobId, to])).toEqual([
    [first, 'PENDING'],
    [first, 'RUNNING'],
    [second, 'PENDING'],
    [second, 'RUNNING'],
  ]);
});

test('events appended while a reader is stuck in the middle of a batch arrive when it reads again', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1', MAX_QUERY_ALIASES: '1000' } });
  const ids = (await addPaused(app, JOBS)).slice(0, 400);
  await using stuck = await openSocket(app.url);
  await stuck.next();
  stuck.socket.pause();
  const fields = Array.from({ length: 800 }, (_, n) => `the_cursor_of_this_event_as_${n}: cursor`).join(' ');
  stuck.subscribe('stuck', { query: WATCH_LARGE.replace('{ cursor', `{ ${fields} cursor`), variables: START });
  await app.send({ query: COMMAND.resume, variables: { ids } });
  // 400 messages of 50 kB: by the time that these are asked for, the first of them fill the way.
  for (let n = 0; n < 50; n += 1) await app.send({ query: '{ jobs { nodes { id } } }' });
  await app.send({ query: COMMAND.pause, variables: { ids: ids.slice(-1) } });
  const end = await headOf(app);

  stuck.socket.resume();
  const seen: string[] = [];
  while ((seen.at(-1) ?? '') < end) seen.push(cursorOf((await stuck.next()).payload));
  expect(seen).toEqual(Array.from({ length: Number(end) }, (_, n) => String(n + 1).padStart(16, '0')));
});
