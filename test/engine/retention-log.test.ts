import { expect, test } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { removed, until } from '../support/history.ts';
import { temporaryFolder } from '../support/process.ts';
import { inStore } from '../support/store.ts';
import { openSocket } from '../support/wire.ts';
import { cursor, DAY_MS, dataOf, horizonAt, type Log, placesIn, readLog, startOn } from './retention-scene.ts';

/** The places of a job's own events, or why they cannot be read. */
const environmentOf = async (app: TestApp, id: string, args = 'first: 100') => {
  const { data, errors } = await app.send({ query: `{ job(id: "${id}") { events(${args}) { nodes { cursor } } } }` });
  if (errors !== undefined) return errors[0]?.extensions.code;
  return (data as { job: { events: Log } }).job.events.nodes.map((event) => Number(event.cursor));
};

interface First {
  readonly data?: { readonly jobStatusChanged: { readonly cursor: string } } | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** The first that a stream brings: the cursor of an event, or the code of its end. */
const firstOf = async (app: TestApp, after: number) => {
  await using socket = await openSocket(app.url);
  await socket.next();
  const query = `subscription { jobStatusChanged(after: "${cursor(after)}") { cursor } }`;
  socket.subscribe('s', { query });
  const { payload } = (await socket.next()) as { readonly payload: First | First['errors'] };
  if (Array.isArray(payload)) return payload[0]?.extensions.code;
  const { data, errors } = payload as First;
  return data ? Number(data.jobStatusChanged.cursor) : errors?.[0]?.extensions.code;
};

/** Events 1 to 3 of `a`, 4 to 7 of `live`, 8 to 10 of `b`, and five days later 11 to 13 of `c`. */
const writeTwoTimes = async (dataDir: string) => {
  const ids = { a: '', live: '' };
  {
    await using first = await startOn(0, dataDir);
    ids.a = await first.end('a');
    ids.live = await first.pause('live');
    await first.end('b');
  }
  await using later = await startOn(5, dataDir);
  await later.end('c');
  return ids;
};

const EVENTS_ONLY = { RETENTION_DAYS: '1000', AUDIT_DAYS: '10' };

test('events are removed so long after they happened: below the horizon a cursor has expired, at it nothing is missed', async () => {
  using folder = temporaryFolder();
  const { a, live } = await writeTwoTimes(folder.path);
  await using then = await startOn(10, folder.path, EVENTS_ONLY);
  const { app } = then;
  await horizonAt(app, 10);

  expect(await placesIn(app, `first: 100, after: "${cursor(10)}"`)).toEqual([11, 12, 13]);
  expect(await placesIn(app, `first: 100, after: "${cursor(9)}"`)).toBe('CURSOR_EXPIRED');
  expect(await placesIn(app, `first: 100, after: "${cursor(5)}"`)).toBe('CURSOR_EXPIRED');
  expect(await placesIn(app, `last: 100, before: "${cursor(9)}"`)).toBe('CURSOR_EXPIRED');
  expect(await firstOf(app, 10)).toBe(11);
  expect(await firstOf(app, 9)).toBe('CURSOR_EXPIRED');
  expect(await firstOf(app, 5)).toBe('CURSOR_EXPIRED');
  // The job is still there: it is kept longer.
  expect(await environmentOf(app, a)).toEqual([]);
  expect(await environmentOf(app, live)).toEqual([4, 5, 6, 7]);
});

test('the log as a whole begins behind the horizon; what a job that lives has below it is read through the job', async () => {
  using folder = temporaryFolder();
  const { live } = await writeTwoTimes(folder.path);
  await using then = await startOn(10, folder.path, EVENTS_ONLY);
  const { app } = then;
  await horizonAt(app, 10);

  expect(await readLog(app, 'first: 2')).toMatchObject({
    nodes: [{ cursor: cursor(11) }, { cursor: cursor(12) }],
    pageInfo: { hasPreviousPage: false, hasNextPage: true },
  });
  expect(await readLog(app, `last: 2, before: "${cursor(13)}"`)).toMatchObject({
    nodes: [{ cursor: cursor(11) }, { cursor: cursor(12) }],
    pageInfo: { hasPreviousPage: false, hasNextPage: true },
  });
  expect(await readLog(app, `first: 1, after: "${cursor(11)}"`)).toMatchObject({
    nodes: [{ cursor: cursor(12) }],
    pageInfo: { hasPreviousPage: true, hasNextPage: true },
  });
  expect(await environmentOf(app, live, 'last: 2')).toEqual([6, 7]);
  expect(await environmentOf(app, live, `first: 2, after: "${cursor(5)}"`)).toBe('CURSOR_EXPIRED');
});

test('the old events of a job go once it has ended, and the horizon stays where it was', async () => {
  using folder = temporaryFolder();
  const { live } = await writeTwoTimes(folder.path);
  {
    await using then = await startOn(10, folder.path, EVENTS_ONLY);
    await horizonAt(then.app, 10);
    then.script('live').act('finish');
    await order(then.app, 'RESUME', [live]);
    await then.changes.reaches(live, 'SUCCEEDED');
    expect(await environmentOf(then.app, live)).toEqual([4, 5, 6, 7, 14, 15, 16]);
  }
  await using later = await startOn(10, folder.path, EVENTS_ONLY);
  await until(later.app, async () => (await environmentOf(later.app, live))?.length === 3);
  expect(await environmentOf(later.app, live)).toEqual([14, 15, 16]);
  expect((await later.app.store.log()).horizon).toBe(10);
});

test('a cursor is never used again, though every event is gone', async () => {
  using folder = temporaryFolder();
  await writeTwoTimes(folder.path);
  await inStore(dataOf(folder.path), "UPDATE Job SET status = 'CANCELED', finishedAt = 1, finishOrder = 1");
  await using then = await startOn(1_000, folder.path);
  await horizonAt(then.app, 13);

  expect(await placesIn(then.app, 'first: 100')).toEqual([]);
  expect(await placesIn(then.app, `first: 100, after: "${cursor(13)}"`)).toEqual([]);
  await then.begin('new');
  expect(await placesIn(then.app, 'first: 100')).toEqual([14, 15]);
  expect(await firstOf(then.app, 13)).toBe(14);
});

test('an event of a clock that ran ahead keeps those after it for longer, and none goes too early', async () => {
  using folder = temporaryFolder();
  for (const day of [0, 50, 1]) {
    await using server = await startOn(day, folder.path);
    await server.end(`day ${day}`);
  }
  {
    await using then = await startOn(20, folder.path, EVENTS_ONLY);
    await horizonAt(then.app, 3);
    expect(await placesIn(then.app, 'first: 100')).toEqual([4, 5, 6, 7, 8, 9]);
  }
  await using later = await startOn(60, folder.path, EVENTS_ONLY);
  await horizonAt(later.app, 9);
});

test('what is kept for no days stays as long as it takes all listeners to have read it', async () => {
  using folder = temporaryFolder();
  const none = { RETENTION_DAYS: '0', AUDIT_DAYS: '0' };
  const minute = 60_000 / DAY_MS;
  let id = '';
  {
    await using first = await startOn(0, folder.path);
    id = await first.end('a');
  }
  {
    await using soon = await startOn(0, folder.path, none);
    await removed(soon.app, id);
  }
  {
    await using before = await startOn(minute - 1 / DAY_MS, folder.path, none);
    await before.end('b');
    expect(await placesIn(before.app, 'first: 100')).toEqual([1, 2, 3, 4, 5, 6]);
  }
  await using then = await startOn(minute, folder.path, none);
  await horizonAt(then.app, 3);
});
