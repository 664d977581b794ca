import { expect, test, vi } from 'vitest';
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
  await using stage = await startScripted();
  const { app, script } = stage;
  const id = await stage.start('a');
  const paused = await stage.create('b');
  await order(app, 'PAUSE', [paused]);
  const { next, leave } = await overSocket(app, { ids: [id, paused] });
  // By now the subscription has read both jobs, and waits for the one that runs.
  expect(await next()).toBe(`${paused} PAUSED`);
  const read = app.store.job;
  const statuses: unknown[] = [];
  // Only the subscription reads single jobs here: a pause that it hears of is over by the time it reads the job.
  using _ = vi.spyOn(app.store, 'job').mockImplementation(async (...args) => {
    await order(app, 'RESUME', [id]);
    const job = await read(...args);
    statuses.push(job?.status);
    return job;
  });
  for (let pauses = 1; statuses.length === 0; pauses += 1) {
    await order(app, 'PAUSE', [id]);
    await stage.changes.reaches(id, 'PAUSED', pauses);
    await order(app, 'RESUME', [id]);
  }
  script('a').act('finish');
  expect(await next()).toBe(`${id} SUCCEEDED`);
  expect(await next()).toBeNull();
  expect(statuses[0]).not.toBe('PAUSED');
  leave();
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
