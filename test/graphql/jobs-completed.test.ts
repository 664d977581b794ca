import { expect, test, vi } from 'vitest';
import type { Feed } from '../../src/engine/feed.ts';
import { cursorExpired } from '../../src/errors.ts';
import type { TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import { addPaused, setPrivileges } from '../support/live-query.ts';
import { startScripted } from '../support/scripted-app.ts';
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

const query = 'subscription ($jobs: JobSelector!) { jobsCompleted(jobs: $jobs) { id status } }';

type Ended = { readonly id: string; readonly status: string };
const endedOf = ({ data, errors }: GraphQLReply): Ended => {
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.jobsCompleted as Ended;
};

/** Null once the stream has completed. */
interface Waiter {
  next(): Promise<Ended | null>;
  leave(): void;
}
const overSocket = async (app: TestApp, jobs: object, user = 'root'): Promise<Waiter> => {
  const socket = await openSocket(app.url, { params: { user } });
  await socket.next();
  socket.subscribe('wait', { query, variables: { jobs } });
  return {
    next: async () => {
      const { type, payload } = await socket.next();
      return type === 'complete' ? null : endedOf(payload as GraphQLReply);
    },
    leave: () => socket.socket.terminate(),
  };
};
const overEvents = async (app: TestApp, jobs: object, user = 'root'): Promise<Waiter> => {
  const stream = await openEvents(app.url, { query, variables: { jobs } }, { user });
  return {
    next: async () => {
      const reply = await stream.next();
      return reply === null ? null : endedOf(reply);
    },
    leave: stream.leave,
  };
};

const WIRES = [
  ['a WebSocket', overSocket],
  ['server-sent events', overEvents],
] as const;

/** All, until the stream completes. */
const all = async (waiter: Waiter): Promise<readonly Ended[]> => {
  const seen: Ended[] = [];
  for (let ended = await waiter.next(); ended !== null; ended = await waiter.next()) seen.push(ended);
  waiter.leave();
  return seen;
};

/** Whoever waits, the server has read their jobs by then: what comes next is news to them. */
const untilListening = async (app: TestApp, count: number) => {
  while (feeds.at(-1)?.listeners !== count) await app.send({ query: '{ viewer { name } }' });
};

test.each(WIRES)(
  'over %s jobs that had ended come at once, the others when they end, and then it is over',
  async (_, open) => {
    await using stage = await startScripted();
    const [a, b, c] = [await stage.start('a'), await stage.start('b'), await stage.create('c')];
    stage.script('a').act('finish');
    await stage.changes.reaches(a, 'SUCCEEDED');

    const waiter = await open(stage.app, { ids: [c, b, a, b] });
    const first = await waiter.next();
    await order(stage.app, 'PAUSE', [b]);
    await order(stage.app, 'RESUME', [b]);
    await stage.changes.reaches(c, 'RUNNING');
    stage.script('c').act('finish');
    const second = await waiter.next();
    stage.script('b').act(new Error('no'), 'finish');
    const rest = await all(waiter);

    expect([first, second, ...rest]).toEqual([
      { id: a, status: 'SUCCEEDED' },
      { id: c, status: 'SUCCEEDED' },
      { id: b, status: 'FAILED' },
    ]);
    await untilListening(stage.app, 1);
  },
);

test('what a filter, or `all`, selects is settled at the start', async () => {
  await using stage = await startScripted({ settings: { WORKERS: '4' } });
  const [a, b] = [await stage.start('a'), await stage.start('b')];
  await order(stage.app, 'PAUSE', [b]);
  await stage.changes.reaches(b, 'PAUSED');

  const running = all(await overSocket(stage.app, { where: { status: { equals: 'RUNNING' } } }));
  const every = all(await overSocket(stage.app, { all: true }));
  const none = all(await overSocket(stage.app, { where: { status: { equals: 'FAILED' } } }));
  // The listener of the stage is one of them.
  await untilListening(stage.app, 3);
  const c = await stage.start('c');
  await order(stage.app, 'RESUME', [b]);
  stage.script('c').act('finish');
  stage.script('b').act('finish');
  await stage.changes.reaches(b, 'SUCCEEDED');
  await stage.changes.reaches(c, 'SUCCEEDED');
  stage.script('a').act('finish');

  expect(await none).toEqual([]);
  expect((await running).map(({ id }) => id)).toEqual([a]);
  expect((await every).map(({ id }) => id)).toEqual([b, a]);
});

test('a job that is not there or not to be seen is NOT_FOUND, and what says nothing or too much is refused', async () => {
  await using stage = await startScripted();
  const { app } = stage;
  await addUser(app, 'ann');
  const a = await stage.create('a');
  const refusal = async (jobs: object, user = 'root') => {
    await using socket = await openSocket(app.url, { params: { user } });
    await socket.next();
    socket.subscribe('refused', { query, variables: { jobs } });
    // What is refused before the execution comes as a list.
    const { payload } = await socket.next();
    const [error] = (Array.isArray(payload) ? payload : (payload as GraphQLReply).errors) ?? [];
    return [error?.extensions?.code, error?.extensions?.field ?? error?.message];
  };

  expect(await refusal({ ids: [a, '77'] })).toEqual(['NOT_FOUND', 'job with ID 77 does not exist']);
  expect(await refusal({ ids: [a] }, 'ann')).toEqual(['NOT_FOUND', `job with ID ${a} does not exist`]);
  expect(await refusal({ ids: [] })).toEqual(['BAD_USER_INPUT', 'jobs.ids']);
  expect(await refusal({ ids: ['x'] })).toEqual(['BAD_USER_INPUT', 'jobs.ids.0']);
  expect(await refusal({ where: {} })).toEqual(['BAD_USER_INPUT', 'jobs.where']);
  expect(await refusal({ all: false })).toEqual(['BAD_USER_INPUT', 'jobs.all']);
  await addPaused(app, 10_000);
  expect(await refusal({ all: true })).toEqual(['BAD_USER_INPUT', 'jobs']);
  expect(await refusal({ ids: Array(10_001).fill(a) })).toEqual(['BAD_USER_INPUT', 'jobs.ids']);
});

test('a job that is removed, or hidden from the viewer, counts as complete and is not emitted', async () => {
  await using stage = await startScripted();
  const { app } = stage;
  await addUser(app, 'vic', { privileges: ['CREATEJOB', 'VIEWJOB'] });
  const [a, b] = [await stage.start('a'), await stage.start('b')];
  const { id: own } = await app.create('SCRIPTED', { name: 'own' }, 'vic');

  const ofRoot = await overSocket(app, { ids: [a, own] });
  const ofVic = await overEvents(app, { ids: [a, b, own] }, 'vic');
  const hidden = all(await overSocket(app, { ids: [a, b] }, 'vic'));
  await untilListening(app, 4);
  await setPrivileges(app, 'vic', ['CREATEJOB']);
  expect(await hidden).toEqual([]);
  stage.script('a').act('finish');
  await order(app, 'CANCEL', [own]);
  // Removed before it was read, with an end that was not delivered: the case of a reader that returns late.
  await inStore(app.dataDir, 'DELETE FROM Job WHERE id = ?', [Number(b)]);
  await app.store.removeJobs([b], 0);

  expect(await all(ofVic)).toEqual([{ id: own, status: 'CANCELED' }]);
  expect((await all(ofRoot)).map(({ id }) => id).sort()).toEqual([a, own].sort());
});

test('a removal completes who waits for what was removed, though no event says so', async () => {
  await using stage = await startScripted({ settings: { WORKERS: '1' } });
  const [a = '', b = ''] = await addPaused(stage.app, 2);

  const waiting = all(await overSocket(stage.app, { ids: [a, b] }));
  await untilListening(stage.app, 2);
  await inStore(stage.app.dataDir, 'DELETE FROM Job WHERE id = ?', [Number(a)]);
  await order(stage.app, 'CANCEL', [b]);
  await stage.app.store.removeJobs([a], 0);

  expect(await waiting).toEqual([{ id: b, status: 'CANCELED' }]);
});

test('who lags until retention has passed the log still gets every job that has ended', async () => {
  await using stage = await startScripted();
  const [a, b] = [await stage.start('a'), await stage.start('b')];
  const feed = feeds.at(-1) as Feed;
  using spy = vi.spyOn(feed, 'listen').mockImplementationOnce(async () => {
    stage.script('a').act('finish');
    await stage.changes.reaches(a, 'SUCCEEDED');
    throw cursorExpired('the log is gone');
  });

  const waiter = await overSocket(stage.app, { ids: [a, b] });
  const first = await waiter.next();
  stage.script('b').act('finish');

  expect([first, ...(await all(waiter))]).toEqual([
    { id: a, status: 'SUCCEEDED' },
    { id: b, status: 'SUCCEEDED' },
  ]);
  expect(spy).toHaveBeenCalledTimes(2);
});

test('whenever a subscription begins, each job is emitted exactly once', async () => {
  await using stage = await startScripted({ settings: { WORKERS: '4' } });
  const names = Array.from({ length: 40 }, (_, n) => `job ${n}`);
  const ids: string[] = [];
  for (const name of names) ids.push(await stage.create(name));

  const waiters: Promise<readonly Ended[]>[] = [];
  for (const [n, name] of names.entries()) {
    stage.script(name).act('finish');
    const [, open] = WIRES[n % 2] ?? WIRES[0];
    waiters.push(all(await open(stage.app, n % 3 === 0 ? { all: true } : { ids })));
  }

  for (const seen of await Promise.all(waiters)) {
    expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
  }
});

test.each(WIRES)('over %s who leaves is not waited for any more', async (_, open) => {
  await using stage = await startScripted();
  const a = await stage.start('a');
  const waiter = await open(stage.app, { ids: [a] });
  await untilListening(stage.app, 2);

  waiter.leave();

  await untilListening(stage.app, 1);
});
