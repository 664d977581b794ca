import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Kind, Places, Work } from '../../src/jobs/kind.ts';
import { Transient } from '../../src/jobs/kind.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { inStore, writeEnded } from '../support/history.ts';
import { temporaryFolder } from '../support/process.ts';
import { scriptedKind } from '../support/scripted.ts';
import { openSocket } from '../support/wire.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const START = Date.UTC(2030, 0, 1);

/** Where the clock stands still, a wait would have no end. */
const STANDING = { firstWaitMs: 0 };

type Forget = NonNullable<Kind['forget']>;

/** A server of this folder whose clock stands still, so many days after the first. */
const startOn = async (
  day: number,
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  forget?: Forget,
) => {
  const { kind, script } = scriptedKind();
  const kinds = [forget === undefined ? kind : { ...kind, forget }];
  const app = await startApp({ dataDir, kinds, settings, retry: STANDING, now: () => START + day * DAY_MS });
  const changes = changesOf(app, 'root', cursor((await app.store.log()).head));
  const begin = async (name: string, more: object = {}) => {
    const { id } = await app.create('SCRIPTED', { name, ...more }, 'root');
    await changes.reaches(id, 'RUNNING');
    return id;
  };
  return {
    app,
    script,
    changes,
    begin,
    /** Makes a job and has it end. */
    end: async (name: string, more: object = {}) => {
      const id = await begin(name, more);
      script(name).act('finish');
      await changes.reaches(id, 'SUCCEEDED');
      return id;
    },
    /** Makes a job and has it wait. */
    pause: async (name: string) => {
      const id = await begin(name);
      await order(app, 'PAUSE', [id]);
      await changes.reaches(id, 'PAUSED');
      return id;
    },
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

const dataOf = (folder: string) => join(folder, 'data');
const cursor = (place: number) => String(place).padStart(16, '0');

/** Waits until something is so, looked at after each commit. */
const until = async (app: TestApp, isSo: () => Promise<boolean>) => {
  for (;;) {
    let ignore = () => {};
    const committed = new Promise<void>((resolve) => {
      ignore = app.store.onCommit(() => resolve());
    });
    const so = await isSo();
    if (!so) await committed;
    ignore();
    if (so) return;
  }
};

const isGone = async (app: TestApp, id: string) =>
  ((await app.send({ query: `{ job(id: "${id}") { id } }` })).data as { job: unknown }).job === null;
const removed = (app: TestApp, id: string) => until(app, () => isGone(app, id));
const horizonAt = (app: TestApp, place: number) => until(app, async () => (await app.store.log()).horizon === place);

interface Log {
  readonly nodes: readonly { readonly cursor: string; readonly jobId: string; readonly job: { id: string } | null }[];
  readonly pageInfo: { readonly hasPreviousPage: boolean; readonly hasNextPage: boolean };
}

/** The log, or why it cannot be read. */
const readLog = async (app: TestApp, args: string) => {
  const query = `{ jobEvents(${args}) { nodes { cursor jobId job { id } } pageInfo { hasPreviousPage hasNextPage } } }`;
  const { data, errors } = await app.send({ query });
  return errors?.[0]?.extensions.code ?? (data as { jobEvents: Log }).jobEvents;
};
const placesIn = async (app: TestApp, args: string) => {
  const log = await readLog(app, args);
  return typeof log === 'string' ? log : log.nodes.map((event) => Number(event.cursor));
};

/** The places of a job's own events, or why they cannot be read. */
const placesOf = async (app: TestApp, id: string, args = 'first: 100') => {
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

/** How many rows there are of these jobs, in each table that has any. */
const rowsOf = (app: TestApp, ids: readonly string[]) =>
  inStore(app.dataDir, (db) => {
    const tables = ['JobWork', 'JobCredentials', 'JobHold', 'IdempotencyKey', 'ExecutionError', 'Event'];
    const list = ids.join(', ');
    const counts = tables.map((table) => [
      table,
      db.prepare(`SELECT count(*) FROM ${table} WHERE jobId IN (${list})`).pluck().get() as number,
    ]);
    return Object.fromEntries(counts.filter(([, count]) => count !== 0)) as Record<string, number>;
  });

test('a job is removed when its end is so long ago, with all of it but its events; one that lives never is', async () => {
  using folder = temporaryFolder();
  const ids = { older: '', edge: '', live: '' };
  {
    await using early = await startOn(-1, folder.path);
    ids.older = await early.end('older');
    ids.live = await early.pause('live');
  }
  {
    await using first = await startOn(0, folder.path);
    ids.edge = await first.begin('edge', { idempotencyKey: 'once' });
    first.script('edge').act(new Transient('the disk was full'), 'finish');
    await first.changes.reaches(ids.edge, 'SUCCEEDED');
  }
  const { older, edge, live } = ids;
  // What an end wipes, as if it had not.
  inStore(dataOf(folder.path), (db) => {
    db.prepare('INSERT INTO JobHold (jobId, resource, mode) VALUES (?, ?, ?)').run(edge, 'file#table', 'make');
    db.prepare('INSERT INTO JobCredentials (jobId, secrets) VALUES (?, ?)').run(edge, '{}');
  });
  {
    await using before = await startOn(14 - 1 / DAY_MS, folder.path);
    await removed(before.app, older);
    expect(await isGone(before.app, edge)).toBe(false);
    const again = await before.app.create('SCRIPTED', { name: 'edge', idempotencyKey: 'once' }, 'root');
    expect(again).toEqual({ id: edge, created: false });
    expect(rowsOf(before.app, [edge])).toEqual({
      JobWork: 1,
      JobCredentials: 1,
      JobHold: 1,
      IdempotencyKey: 1,
      ExecutionError: 1,
      Event: 5,
    });
  }
  await using then = await startOn(14, folder.path);
  await removed(then.app, edge);
  expect(rowsOf(then.app, [edge])).toEqual({ Event: 5 });
  expect(rowsOf(then.app, [live])).toEqual({ JobWork: 1, Event: 4 });
  const { data } = await then.app.send({ query: `{ jobs { nodes { id } } node(id: "${edge}") { id } }` });
  expect(data).toEqual({ jobs: { nodes: [{ id: live }] }, node: null });

  const log = (await readLog(then.app, 'first: 100')) as Log;
  expect(log.nodes.filter(({ jobId }) => jobId === edge)).toHaveLength(5);
  for (const { jobId, job } of log.nodes) expect(job).toEqual(jobId === live ? { id: live } : null);

  const again = await then.app.create('SCRIPTED', { name: 'edge', idempotencyKey: 'once' }, 'root');
  expect(again.created).toBe(true);
  expect(Number(again.id)).toBeGreaterThan(Number(edge));
});

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
  expect(await placesOf(app, a)).toEqual([]);
  expect(await placesOf(app, live)).toEqual([4, 5, 6, 7]);
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
  expect(await placesOf(app, live, 'last: 2')).toEqual([6, 7]);
  expect(await placesOf(app, live, `first: 2, after: "${cursor(5)}"`)).toBe('CURSOR_EXPIRED');
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
    expect(await placesOf(then.app, live)).toEqual([4, 5, 6, 7, 14, 15, 16]);
  }
  await using later = await startOn(10, folder.path, EVENTS_ONLY);
  await until(later.app, async () => (await placesOf(later.app, live))?.length === 3);
  expect(await placesOf(later.app, live)).toEqual([14, 15, 16]);
  expect((await later.app.store.log()).horizon).toBe(10);
});

test('a cursor is never used again, though every event is gone', async () => {
  using folder = temporaryFolder();
  await writeTwoTimes(folder.path);
  inStore(dataOf(folder.path), (db) => db.exec("UPDATE Job SET status = 'CANCELED', finishedAt = 1, finishOrder = 1"));
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

const countIn = (folder: string) =>
  inStore(dataOf(folder), (db) =>
    Object.fromEntries(
      ['Job', 'JobWork', 'Event'].map((table) => [table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]),
    ),
  );

/** Waits for so many commits that remove jobs. */
const removals = (app: TestApp, commits: number) =>
  new Promise<void>((resolve) => {
    let left = commits;
    const ignore = app.store.onCommit((commit) => {
      if (commit.removed) left -= 1;
      if (left > 0) return;
      ignore();
      resolve();
    });
  });

test('many go a batch at a time; stopped in the middle it stops at once, and the next start goes on', async () => {
  using folder = temporaryFolder();
  await (await startOn(0, folder.path))[Symbol.asyncDispose]();
  writeEnded(dataOf(folder.path), 1_300, START);
  {
    await using then = await startOn(100, folder.path);
    await removals(then.app, 3);
  }
  const left = countIn(folder.path);
  // The one that was under way when it was told to stop may have been carried out.
  expect([1_000, 900]).toContain(left.Job);
  expect(left).toEqual({ Job: left.Job, JobWork: left.Job, Event: 2_600 });
  await using again = await startOn(100, folder.path);
  await horizonAt(again.app, 2_600);
  expect(countIn(folder.path)).toEqual({ Job: 0, JobWork: 0, Event: 0 });
  expect(again.app.lost).toEqual([]);
});

test('people and workers are served while it goes on, and it writes no event', async () => {
  using folder = temporaryFolder();
  await (await startOn(0, folder.path))[Symbol.asyncDispose]();
  writeEnded(dataOf(folder.path), 3_000, START);
  await using then = await startOn(100, folder.path);
  let batches = 0;
  then.app.store.onCommit((commit) => {
    if (commit.removed) batches += 1;
  });
  const id = await then.end('now');
  expect(batches).toBeLessThan(30);
  await horizonAt(then.app, 6_000);
  expect(await isGone(then.app, id)).toBe(false);
  expect(await placesIn(then.app, 'first: 100')).toEqual([6_001, 6_002, 6_003]);
});

test('a kind forgets what its job left before the job goes, in a database or none', async () => {
  using folder = temporaryFolder();
  let id = '';
  {
    await using first = await startOn(0, folder.path);
    id = await first.begin('a');
    first.script('a').act({ checkpoint: 7 }, 'finish');
    await first.changes.reaches(id, 'SUCCEEDED');
  }
  const asked: { readonly work: Work<unknown, unknown>; readonly places: Places }[] = [];
  const forget: Forget = async (work, places) => void asked.push({ work, places });
  await using then = await startOn(14, folder.path, {}, forget);
  await removed(then.app, id);
  expect(asked).toMatchObject([
    {
      work: { details: { name: 'a' }, checkpoint: 7, claim: { jobId: id, epoch: 1 } },
      places: { databaseFile: null },
    },
  ]);
});

test('a job whose database cannot be cleared is kept a day longer; others go meanwhile', async () => {
  using folder = temporaryFolder();
  const ids = { locked: '', other: '' };
  {
    await using first = await startOn(0, folder.path);
    ids.locked = await first.end('locked');
    ids.other = await first.end('other');
  }
  const forget: Forget = async ({ details }) => {
    if ((details as { name: string }).name === 'locked') throw new Error('database demo is locked');
  };
  {
    await using then = await startOn(14, folder.path, {}, forget);
    await removed(then.app, ids.other);
    expect(await isGone(then.app, ids.locked)).toBe(false);
  }
  await using later = await startOn(15 + 1 / DAY_MS, folder.path, {}, forget);
  await removed(later.app, ids.locked);
});

test('a database that does not answer does not hold up the end of the server', async () => {
  using folder = temporaryFolder();
  let id = '';
  {
    await using first = await startOn(0, folder.path);
    id = await first.end('a');
  }
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  {
    await using _ = await startOn(14, folder.path, {}, () => {
      asked();
      return new Promise(() => undefined);
    });
    await isAsked;
  }
  await using again = await startOn(14, folder.path);
  await removed(again.app, id);
});
