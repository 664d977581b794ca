import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import type { LiveQueries } from '../../src/engine/live-queries.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { addPaused, createList, kindsOf, type Update, viewOverEvents, viewOverSocket } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';
import { type GraphQLReply, openEvents, openSocket } from '../support/wire.ts';

/** The live queries of the servers that this file starts: nothing else reports how many are open. */
const opened = vi.hoisted(() => [] as LiveQueries[]);
vi.mock('../../src/engine/live-queries.ts', async (original) => {
  const real = await original<typeof import('../../src/engine/live-queries.ts')>();
  return {
    startLiveQueries: (...args: Parameters<typeof real.startLiveQueries>) => {
      const queries = real.startLiveQueries(...args);
      opened.push(queries);
      return queries;
    },
  };
});

/** Counts the reads of what has changed, for all readers. */
const countReads = (app: TestApp) => {
  const real = app.store.readsFor;
  const counted = { reads: 0 };
  vi.spyOn(app.store, 'readsFor').mockImplementation((caller) => {
    const reads = real(caller);
    return {
      ...reads,
      jobsChangedSince: (...args) => {
        counted.reads += 1;
        return reads.jobsChangedSince(...args);
      },
    };
  });
  return counted;
};

/** The only worker's only place is taken: a job that is resumed waits, and changes by nothing but commands. */
const startBusy = async () => {
  const { kind } = scriptedKind();
  const app = await startApp({ kinds: [kind], settings: { WORKERS: '1', MAX_QUERY_ALIASES: '1000' } });
  const { id } = await app.create('SCRIPTED', { name: 'blocker' }, 'root');
  await using changes = changesOf(app);
  await changes.reaches(id, 'RUNNING');
  return app;
};

const isCaughtUp = ({ kind }: Update) => kind === 'CAUGHT_UP';
const SELECTED = { description: { equals: 'SCRIPTED x' } };

test('a job that changes continuously is emitted once per throttle interval, and finally in its last state', async () => {
  await using app = await startBusy();
  const [id = ''] = await addPaused(app, 1);
  const began = performance.now();
  using fast = await viewOverSocket(app, { where: SELECTED, throttleMs: 50 });
  using slow = await viewOverSocket(app, { where: SELECTED, throttleMs: 400 });
  await Promise.all([fast.until(isCaughtUp), slow.until(isCaughtUp)]);

  let changes = 0;
  const emitted = { fast: 0, slow: 0 };
  const isLast = (which: keyof typeof emitted) => (update: Update) => {
    emitted[which] += 1;
    return update.job?.status === 'CANCELED';
  };
  const all = Promise.all([fast.until(isLast('fast')), slow.until(isLast('slow'))]);
  for (; emitted.slow < 3 || emitted.fast <= emitted.slow + 3; changes += 2) {
    await order(app, 'RESUME', [id]);
    await order(app, 'PAUSE', [id]);
  }
  await order(app, 'CANCEL', [id]);
  const [toFast, toSlow] = await all;
  const tookMs = performance.now() - began;

  // A timer may be early by a millisecond.
  expect(toFast.length).toBeLessThanOrEqual(tookMs / 49 + 1);
  expect(toSlow.length).toBeLessThanOrEqual(tookMs / 399 + 1);
  expect(toFast.length).toBeGreaterThan(toSlow.length);
  expect(changes).toBeGreaterThan(toFast.length);
  expect([...toFast, ...toSlow].every(({ kind, jobId }) => kind === 'CHANGED' && jobId === id)).toBe(true);
});

test('1,000 jobs that change at once are emitted one by one; more cause a RESET and a new list', async () => {
  await using app = await startBusy();
  const ids = await addPaused(app, 1_001);
  using reader = await viewOverSocket(app, { where: SELECTED, first: 3 });
  await reader.until(isCaughtUp);

  await order(app, 'RESUME', ids.slice(0, 1_000));
  const changed: Update[] = [];
  while (changed.length < 1_000) changed.push(await reader.next());
  await order(app, 'CANCEL', ids);
  const reset = await reader.until(isCaughtUp);

  expect(new Set(kindsOf(changed))).toEqual(new Set(ids.slice(0, 1_000).map((id) => `CHANGED ${id}`)));
  const newest = ids.slice(-3).reverse();
  expect(kindsOf(reset)).toEqual(['RESET', ...newest.map((id) => `CURRENT ${id}`), 'CAUGHT_UP']);
  expect(reset.slice(1, -1).every(({ job }) => job?.status === 'CANCELED')).toBe(true);
});

test('a list that has grown beyond 10,000 jobs is emitted again', async () => {
  await using app = await startBusy();
  const ids = await addPaused(app, 11_000);
  using reader = await viewOverSocket(app, { where: { ...SELECTED, status: { equals: 'PENDING' } }, first: 2 });
  await reader.until(isCaughtUp);
  const list = createList();
  for (let n = 0; n < ids.length && list.isCaughtUp === false; n += 1_000) {
    const some = ids.slice(n, n + 1_000);
    await order(app, 'RESUME', some);
    // What comes after the last of these is the reset, or nothing.
    const seen = await reader.until(({ kind, jobId }) => kind === 'RESET' || jobId === some.at(-1));
    if (seen.at(-1)?.kind === 'RESET') seen.push(...(await reader.until(isCaughtUp)));
    for (const update of seen) list.take(update);
  }
  if (!list.isCaughtUp) for (const update of await reader.until(isCaughtUp)) list.take(update);

  expect([...list.jobs.keys()]).toEqual([...ids].slice(-2).reverse());
});

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const megabytes = () => {
  for (let n = 0; n < 3; n += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
};

/** 40 kB a job: a few hundred fill all that lies between this process and itself. */
const LARGE = `subscription ($where: JobFilter) { jobUpdated(where: $where, first: 1, throttleMs: 50) {
  kind jobId job { id status ${Array.from({ length: 800 }, (_, n) => `the_description_of_this_job_as_${n}: description`).join(' ')} } } }`;

const STUCK = [
  [
    'a socket',
    async (app: TestApp) => {
      const socket = await openSocket(app.url);
      await socket.next();
      socket.socket.pause();
      socket.subscribe('stuck', { query: LARGE, variables: { where: SELECTED } });
      return {
        next: async () => (await socket.next()).payload as GraphQLReply,
        resume: () => socket.socket.resume(),
        leave: () => socket.socket.terminate(),
      };
    },
  ],
  [
    'an event stream',
    async (app: TestApp) => {
      const stream = await openEvents(app.url, { query: LARGE, variables: { where: SELECTED } });
      return { next: async () => (await stream.next()) ?? {}, resume: () => {}, leave: stream.leave };
    },
  ],
] as const;

test.each(STUCK)('%s that reads nothing costs nothing while jobs change, and then gets the newest', async (_, open) => {
  await using app = await startBusy();
  const ids = await addPaused(app, 1_000);
  const counted = countReads(app);
  const stuck = await open(app);
  /** Both commands: 2,000 changes. Emitted only to readers that still have room in their buffers. */
  const changeAll = async () => {
    await order(app, 'RESUME', ids);
    await order(app, 'PAUSE', ids);
  };
  // Until it is in the middle of emitting them: a thousand are more than the buffers hold.
  while (counted.reads === 0) await changeAll();
  await changeAll();
  const before = megabytes();
  const readBefore = counted.reads;
  for (let n = 0; n < 8; n += 1) await changeAll();
  const grown = megabytes() - before;
  const readMeanwhile = counted.reads - readBefore;
  await order(app, 'CANCEL', ids);

  stuck.resume();
  const list = createList();
  const isDone = () => list.jobs.size === 1_000 && [...list.jobs.values()].every(({ status }) => status === 'CANCELED');
  let updates = 0;
  for (; !isDone(); updates += 1) list.take((await stuck.next()).data?.jobUpdated as Update);
  stuck.leave();

  expect(readMeanwhile).toBe(0);
  expect(grown).toBeLessThan(15);
  expect(list.jobs.size).toBe(1_000);
  // Of 23,000 changes: those that were on their way, and each job as it came to be.
  expect(updates).toBeLessThan(4_500);
});

test('once they have left, nothing is read for them any more, whatever they were waiting for', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  const queries = opened.at(-1);
  /** Leaving is heard of a moment later: until then something is asked of the server, so that its turn comes. */
  const untilListening = async (count: number) => {
    while (queries?.size !== count) await app.send({ query: '{ viewer { name } }' });
  };

  // In the pause after a round; waiting for news; in the midst of the start.
  using pausing = await viewOverSocket(app, { throttleMs: 60_000 });
  await pausing.until(isCaughtUp);
  using waiting = await viewOverEvents(app, { throttleMs: 50 });
  await waiting.until(isCaughtUp);
  await using leaver = await openSocket(app.url);
  await leaver.next();
  leaver.subscribe('x', { query: 'subscription { jobUpdated { kind } }' });
  await leaver.next();
  await untilListening(3);
  leaver.send({ id: 'x', type: 'complete' });
  await untilListening(2);
  leaver.subscribe('y', { query: 'subscription { jobUpdated { kind } }' });
  leaver.send({ id: 'y', type: 'complete' });
  pausing.drop();
  await untilListening(1);
  waiting.drop();
  await untilListening(0);

  const counted = countReads(app);
  await app.create('SCRIPTED', { name: 'x' }, 'root');
  expect(counted.reads).toBe(0);
});
