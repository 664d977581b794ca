import { expect, test } from 'vitest';
import type { Feed } from '../../src/engine/feed.ts';
import type { Viewers } from '../../src/engine/viewers.ts';
import { awaitJobs } from '../../src/engine/wait.ts';
import type { Store } from '../../src/store/store.ts';
import type { TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';
import { type GraphQLReply, openEvents, openSocket } from '../support/wire.ts';

const query = 'subscription ($jobs: JobSelector!) { jobsSettled(jobs: $jobs) { id status } }';

/** The next job as `id status`, the code of an error, or null once the stream has completed. */
type Next = () => Promise<string | null>;
type Open = (app: TestApp, jobs: object, user?: string) => Promise<{ next: Next; leave: () => void }>;

const textOf = ({ data, errors }: GraphQLReply): string => {
  const job = data?.jobsSettled as { id: string; status: string } | undefined;
  return errors === undefined ? `${job?.id} ${job?.status}` : String(errors[0]?.extensions?.code);
};

const overSocket: Open = async (app, jobs, user = 'root') => {
  const socket = await openSocket(app.url, { params: { user } });
  await socket.next();
  socket.subscribe('wait', { query, variables: { jobs } });
  const next = async () => {
    const { type, payload } = await socket.next();
    return type === 'complete' ? null : textOf(payload as GraphQLReply);
  };
  return { next, leave: () => socket.socket.terminate() };
};

const overEvents: Open = async (app, jobs, user = 'root') => {
  const stream = await openEvents(app.url, { query, variables: { jobs } }, { user });
  const next = async () => {
    const reply = await stream.next();
    return reply === null ? null : textOf(reply);
  };
  return { next, leave: stream.leave };
};

const WIRES = [
  ['a WebSocket', overSocket],
  ['server-sent events', overEvents],
] as const;

test.each(WIRES)('over %s each job arrives once it is paused or has ended, and not while it stops', async (_, open) => {
  await using stage = await startScripted({ settings: { WORKERS: '4' } });
  const { app, script, changes } = stage;
  const [ended, stopping, running] = [await stage.start('a'), await stage.start('b'), await stage.start('c')];
  const paused = await stage.create('d');
  await order(app, 'PAUSE', [paused]);
  script('a').act('finish');
  await changes.reaches(ended, 'SUCCEEDED');
  const lingering = script('b').lingers();
  await order(app, 'PAUSE', [stopping]);

  const { next, leave } = await open(app, { ids: [ended, stopping, running, paused, ended] });
  expect([await next(), await next()].sort()).toEqual([`${ended} SUCCEEDED`, `${paused} PAUSED`]);
  script('c').act(new Error('no'), 'finish');
  expect(await next()).toBe(`${running} FAILED`);
  lingering[Symbol.dispose]();
  expect(await next()).toBe(`${stopping} PAUSED`);
  expect(await next()).toBeNull();
  leave();
});

test('a job that is resumed before it is read is waited for again', async () => {
  const read = ['RUNNING', 'PAUSED'] as const;
  let reads = 0;
  const store = {
    log: async () => ({ head: '0000000000000000' }),
    statusesOf: async () => [{ id: '1', status: 'RUNNING' }],
    jobsById: async () => [],
    job: async () => ({ id: '1', status: read[reads++] }),
    onCommit: () => () => undefined,
  } as unknown as Store;
  // The job is PAUSED twice. After the first time it was resumed before it could be read.
  const feed = {
    listen: async () => ({
      catchUp: async function* () {
        yield* [{ jobId: '1' }, { jobId: '1' }];
      },
      follow: async () => false,
      mayRead: () => true,
    }),
  } as unknown as Feed;
  const viewers = { onChange: () => () => undefined } as unknown as Viewers;
  const access = () => ({ sees: 'all', controls: [], userName: 'root' }) as const;
  const { signal } = new AbortController();
  const emitted: string[] = [];
  const jobs = await awaitJobs({ store, feed, viewers }, { ids: ['1'] }, 'settled', access, signal);
  for await (const { id, status } of jobs) emitted.push(`${id} ${status}`);
  expect(emitted).toEqual(['1 PAUSED']);
  expect(reads).toBe(2);
});

test('an id that is unknown, and one of a job that the viewer may not see, is NOT_FOUND', async () => {
  await using stage = await startScripted();
  await addUser(stage.app, 'eve', {});
  const id = await stage.create('a');
  for (const ids of [[id], ['27536791415282']]) {
    const { next, leave } = await overSocket(stage.app, { ids }, 'eve');
    expect(await next()).toBe('NOT_FOUND');
    leave();
  }
});
