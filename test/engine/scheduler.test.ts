/**
 * The scheduler alone, on a store in a file, with a clock that the tests move. It is stopped and started again, with the
 * store, at each step.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVault } from '../../src/auth/vault.ts';
import type { User } from '../../src/auth/viewer.ts';
import { readCron } from '../../src/engine/cron.ts';
import type { Prepare } from '../../src/engine/prepare.ts';
import { type SchedulerOptions, startScheduler } from '../../src/engine/scheduler.ts';
import { createSchedules } from '../../src/engine/schedules.ts';
import { startViewers } from '../../src/engine/viewers.ts';
import { unavailable } from '../../src/errors.ts';
import { createRegistry } from '../../src/jobs/registry.ts';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import type { NewSchedule, Store } from '../../src/store/store.ts';
import { ADMIN } from '../store/contract/scene.ts';
import { scriptedKind } from '../support/scripted.ts';

const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'signalbox-scheduler-'));
const root: User = {
  name: 'root',
  isAdmin: true,
  privileges: [],
  databases: 'all',
  files: 'all',
  createdAt: 0,
};
let clock = Date.UTC(2026, 0, 1);
let store: Store;
/** Fails each creation of a job while it is set. */
let failure: Error | null = null;
/** What a person does while the next job is validated. */
let meanwhile: (() => Promise<void>) | null = null;

const AWAY = { url: 'x://away' };

const prepare: Prepare = async (typeName, input, { viewer }, timing) => {
  if (failure !== null) throw failure;
  if (input.url === AWAY.url) throw unavailable('this storage is away');
  const act = meanwhile;
  meanwhile = null;
  await act?.();
  const job = {
    ...({ type: 'CUSTOM', typeName, userName: viewer.name, description: JSON.stringify(input), details: {} } as const),
    ...{ database: null, inputJson: '{}', continuous: false, holds: [], makes: null, idempotency: null, ...timing },
  };
  return { job, storedInput: input, secretPaths: [], returnedOnce: {} };
};

const open = () =>
  openStore({
    threads: false,
    url: `file:${join(folder, 'signalbox.db')}`,
    migrations: resolve('prisma'),
    retry: RETRY,
    onLost: () => undefined,
    onSetBack: () => undefined,
  });

const jobOptions = () => ({
  store,
  registry: createRegistry([scriptedKind().kind]),
  remoteKinds: { refresh: async () => undefined },
  prepare,
  databases: { nodeFor: () => null },
  vault: createVault({ secret: 'a secret', fileKey: null, storeId: 'a' }),
});

const start = (more: Partial<SchedulerOptions> = {}) =>
  startScheduler({
    ...jobOptions(),
    viewers: { find: () => root, refresh: async () => undefined },
    log: pino({ level: 'silent' }),
    node: null,
    maintenance: false,
    now: () => clock,
    ...more,
  });

/** Starts again, with the store, and looks once for what is due. */
const restart = async () => {
  await store.close();
  store = await open();
  await look();
};
const look = async () => {
  const scheduler = start();
  await scheduler.tick();
  await scheduler.stop();
};

const add = (cron: string, timeZone: string, more: Partial<NewSchedule> = {}) =>
  store.createSchedule(
    {
      ...({
        name: cron,
        userName: 'root',
        cron,
        timeZone,
        overlap: 'SKIP',
        onMissed: 'ONCE',
        fullEvery: null,
      } as const),
      ...({
        type: 'CUSTOM',
        typeName: 'SCRIPTED',
        inputJson: { url: 'x://{date}/{time}/{run}' },
        secrets: null,
      } as const),
      ...{ priority: 0, nextRunAt: readCron(cron, timeZone).after(clock), node: null },
      ...more,
    },
    clock,
  );

const jobsOf = async (id: string) => {
  const where = { is: 'equals', field: 'scheduleId', value: id } as const;
  const page = { direction: 'ascending', after: null, before: null, limit: 500, orderBy: 'CREATED_AT', where } as const;
  return (await store.jobs(page, ADMIN)).jobs;
};
const urlsOf = async (id: string) => (await jobsOf(id)).map(({ description }) => JSON.parse(description).url);
/** Ends the jobs of a schedule, which no worker claims. */
const endJobs = async (id: string) => {
  const ids = (await jobsOf(id)).filter(({ finishedAt }) => finishedAt === null).map((job) => job.id);
  if (ids.length === 0) return;
  await store.control(
    {
      ...({
        command: 'CANCEL',
        jobs: { ids },
        access: ADMIN,
        actor: { kind: 'USER', name: 'root' },
        reason: null,
      } as const),
      ...{ commandId: `end ${ids[0]}`, abortOnRefusal: false, dryRun: false, expectedCount: null, refusingTypes: [] },
      ...{ unchangedSince: null, list: { changed: 0, refusals: 0 } },
    },
    clock,
  );
};
const find = async (id: string) => (await store.schedulesById([id], ADMIN))[0];

beforeAll(async () => {
  store = await open();
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('across both changes of the clock, with a restart in every minute around a run', () => {
  test.each([
    ['30 2 * * *', '2026-03-28T01:30:00Z', ['2026-03-28/02-30-00', '2026-03-29/03-00-00', '2026-03-30/02-30-00']],
    ['30 2 * * *', '2026-10-24T00:30:00Z', ['2026-10-24/02-30-00', '2026-10-25/02-30-00', '2026-10-26/02-30-00']],
  ])('each run of %s from %s on is made once', async (cron, first, expected) => {
    const times = readCron(cron, 'Europe/Berlin');
    clock = Date.parse(first) - MINUTE;
    const { id } = await add(cron, 'Europe/Berlin');
    let due = Date.parse(first);
    for (const _ of expected) {
      // The hour before and after as well: the local time of this run may be there twice, or not at all.
      for (const minutes of [-61, -60, -59, -3, -2, -1, 0, 1, 2, 3, 59, 60, 61]) {
        clock = Math.max(clock, due + minutes * MINUTE);
        await restart();
      }
      await endJobs(id);
      due = Number(times.after(due));
    }
    expect((await urlsOf(id)).map((url) => url.slice('x://'.length))).toEqual(
      expected.map((name, n) => `${name}/${n + 1}`),
    );
    await store.deleteSchedule(id);
  });
});

test('two schedulers on one store make each run once, and one that was stopped in a run made it or did not', async () => {
  const { id } = await add('* * * * *', 'UTC');
  for (let run = 1; run <= 5; run += 1) {
    clock += MINUTE;
    const schedulers = [start(), start(), start()];
    const ticks = schedulers.map((scheduler) => scheduler.tick());
    await schedulers[0]?.stop();
    await Promise.all(ticks);
    for (const scheduler of schedulers) await scheduler.stop();
    expect(await jobsOf(id)).toHaveLength(run);
    await endJobs(id);
  }
  await store.deleteSchedule(id);
});

test('one run makes up for all that were missed, or none does', async () => {
  const once = await add('0 * * * *', 'UTC');
  const none = await add('0 * * * *', 'UTC', { onMissed: 'NONE' });
  clock = Number(once.nextRunAt) + 5 * 60 * MINUTE + 30 * MINUTE;
  const last = new Date(Number(once.nextRunAt) + 5 * 60 * MINUTE).toISOString();
  await restart();
  await restart();
  expect(await urlsOf(once.id)).toEqual([`x://${last.slice(0, 10)}/${last.slice(11, 13)}-00-00/1`]);
  expect(await jobsOf(none.id)).toEqual([]);
  expect(await find(none.id)).toMatchObject({
    lastError: `the run of ${last} was missed: no server made runs at that time`,
    runs: 0,
  });
  const next = Date.parse(last) + 60 * MINUTE;
  expect([await find(once.id), await find(none.id)]).toMatchObject([{ nextRunAt: next }, { nextRunAt: next }]);
  // A run that is on time, or almost, is not missed.
  clock = next + 30_000;
  await endJobs(once.id);
  await restart();
  expect(await jobsOf(none.id)).toHaveLength(1);
  expect(await find(none.id)).toMatchObject({ lastError: null, lastRunAt: clock });
  for (const { id } of [once, none]) await store.deleteSchedule(id);
});

test('a run that is due while the last job lives is left out, or waits, but only one does', async () => {
  const skip = await add('* * * * *', 'UTC');
  const queue = await add('* * * * *', 'UTC', { overlap: 'QUEUE' });
  for (let minute = 1; minute <= 4; minute += 1) {
    clock += MINUTE;
    await restart();
  }
  expect(await jobsOf(skip.id)).toHaveLength(1);
  expect(await jobsOf(queue.id)).toHaveLength(1);
  const [live] = await jobsOf(skip.id);
  expect((await find(skip.id))?.lastError).toMatch(`was left out: job ${live?.id} of the last run had not ended`);
  const second = Number(queue.nextRunAt) + MINUTE;
  expect(await find(queue.id)).toMatchObject({ queuedAt: second, lastError: null });
  for (const { id } of [skip, queue]) await endJobs(id);
  await restart();
  expect(await jobsOf(skip.id)).toHaveLength(1);
  expect((await urlsOf(queue.id)).at(1)).toContain(new Date(second).toISOString().slice(11, 19).replaceAll(':', '-'));
  await endJobs(queue.id);
  await restart();
  expect(await jobsOf(queue.id)).toHaveLength(2);
  for (const { id } of [skip, queue]) await store.deleteSchedule(id);
});

test('a run that cannot be made now is tried again for a while, and then refused', async () => {
  const { id, nextRunAt } = await add('0 5 * * *', 'UTC', { onMissed: 'NONE' });
  clock = Number(nextRunAt);
  failure = unavailable('the storage is away');
  const scheduler = start();
  await scheduler.tick();
  expect(await find(id)).toMatchObject({ nextRunAt, lastError: 'the storage is away', lastRunAt: clock });
  clock += 5 * MINUTE;
  failure = null;
  await scheduler.tick();
  expect(await jobsOf(id)).toHaveLength(1);
  await endJobs(id);
  clock = Number((await find(id))?.nextRunAt);
  failure = unavailable('the storage is away');
  await scheduler.tick();
  clock += 16 * MINUTE;
  await scheduler.tick();
  expect(await find(id)).toMatchObject({ lastError: 'the storage is away', lastRunAt: clock, runs: 1 });
  failure = new Error('a mistake in a kind');
  clock = Number((await find(id))?.nextRunAt);
  await scheduler.tick();
  expect(await find(id)).toMatchObject({ lastError: 'the server failed: the reason is in its log', runs: 1 });
  failure = null;
  await scheduler.stop();
  await store.deleteSchedule(id);
});

test('schedules that wait for a storage do not keep others from their runs', async () => {
  const stuck: string[] = [];
  for (let n = 0; n < 101; n += 1) {
    stuck.push((await add('0 0 1 1 *', 'UTC', { nextRunAt: clock, inputJson: AWAY })).id);
  }
  const { id } = await add('* * * * *', 'UTC', { nextRunAt: clock + 1 });
  clock += 2;
  const scheduler = start();
  await scheduler.tick();
  await scheduler.tick();
  expect(await jobsOf(id)).toHaveLength(1);
  expect(await find(stuck[0] ?? '')).toMatchObject({
    nextRunAt: clock - 2,
    lastError: 'this storage is away',
    runs: 0,
  });
  await scheduler.stop();
  for (const one of [...stuck, id]) await store.deleteSchedule(one);
});

test('a run is tried again for as long, however soon the next one is due', async () => {
  const { id, nextRunAt } = await add('* * * * *', 'UTC');
  const due = Number(nextRunAt);
  failure = unavailable('the storage is away');
  const scheduler = start();
  for (const minutes of [0, 5, 10, 14]) {
    clock = due + minutes * MINUTE;
    await scheduler.tick();
    expect(await find(id)).toMatchObject({ nextRunAt: due, lastRunAt: due, runs: 0 });
  }
  clock = due + 16 * MINUTE;
  await scheduler.tick();
  expect(await find(id)).toMatchObject({ nextRunAt: clock + MINUTE, lastError: failure.message, lastRunAt: clock });
  failure = null;
  clock += MINUTE;
  await scheduler.tick();
  expect(await jobsOf(id)).toHaveLength(1);
  await scheduler.stop();
  await store.deleteSchedule(id);
});

test('a run that a server has tried in time is not missed for the next one, until it is too late', async () => {
  const { id, nextRunAt } = await add('0 5 * * *', 'UTC', { onMissed: 'NONE' });
  const due = Number(nextRunAt);
  clock = due;
  failure = unavailable('the storage is away');
  await restart();
  failure = null;
  clock = due + 5 * MINUTE;
  await restart();
  expect(await jobsOf(id)).toHaveLength(1);
  await endJobs(id);
  clock = Number((await find(id))?.nextRunAt);
  failure = unavailable('the storage is away');
  await restart();
  failure = null;
  clock += 16 * MINUTE;
  await restart();
  expect(await jobsOf(id)).toHaveLength(1);
  expect((await find(id))?.lastError).toMatch('was missed');
  await store.deleteSchedule(id);
});

test('maintenance leaves schedules of users as they are, however long it takes', async () => {
  const user: User = { ...root, name: 'cleo', isAdmin: false, privileges: ['CREATEJOB'] };
  const viewers = { find: (name: string) => (name === 'cleo' ? user : root), refresh: async () => undefined };
  const own = await add('0 5 * * *', 'UTC', { userName: 'cleo' });
  const admins = await add('0 5 * * *', 'UTC');
  clock = Number(own.nextRunAt);
  const maintained = start({ maintenance: true, viewers });
  await maintained.tick();
  clock += 60 * MINUTE;
  await maintained.tick();
  await maintained.stop();
  expect(await find(own.id)).toEqual(own);
  expect(await jobsOf(admins.id)).toHaveLength(1);
  const scheduler = start({ viewers });
  await scheduler.tick();
  await scheduler.stop();
  expect(await jobsOf(own.id)).toHaveLength(1);
  for (const { id } of [own, admins]) await store.deleteSchedule(id);
});

test('a schedule whose time zone is no longer known shows that, and makes no runs', async () => {
  const { id, nextRunAt } = await add('* * * * *', 'UTC', { timeZone: 'Mars/Phobos' });
  clock = Number(nextRunAt);
  await look();
  const lastError = expect.stringContaining('"Mars/Phobos" is not a time zone');
  expect(await find(id)).toMatchObject({ nextRunAt: null, lastError, runs: 0 });
  await store.deleteSchedule(id);
});

test('the users are read once for all runs that are due', async () => {
  const added = [await add('* * * * *', 'UTC'), await add('* * * * *', 'UTC'), await add('* * * * *', 'UTC')];
  clock = Number(added[0]?.nextRunAt);
  let reads = 0;
  const refresh = async () => {
    reads += 1;
  };
  const scheduler = start({ viewers: { find: () => root, refresh } });
  await scheduler.tick();
  await scheduler.stop();
  for (const { id } of added) {
    expect(await jobsOf(id)).toHaveLength(1);
    await store.deleteSchedule(id);
  }
  expect(reads).toBe(1);
});

test('listeners hear of users only when these differ from before', async () => {
  const failed = (error: unknown) => {
    throw error;
  };
  const viewers = await startViewers(store, failed);
  let changes = 0;
  const ignore = viewers.onChange(() => {
    changes += 1;
  });
  await viewers.refresh();
  await viewers.refresh();
  expect(changes).toBe(0);
  await store.createUser({ ...root, name: 'dora' }, clock);
  await viewers.refresh();
  expect([changes, viewers.find('DORA')?.name]).toEqual([1, 'dora']);
  ignore();
  viewers.stop();
});

test('a schedule that is paused while a change of it is validated stays paused', async () => {
  const { id } = await add('0 5 * * *', 'UTC');
  const manager = {
    ...({ viewer: root, tokenId: null, signal: () => new AbortController().signal, access: ADMIN } as const),
    by: { actor: { kind: 'USER', name: 'root' }, at: clock } as const,
  };
  const schedules = createSchedules({
    ...jobOptions(),
    scheduler: { run: async () => '1', tick: async () => undefined },
    viewers: { find: () => root },
    keyOf: async () => null,
    now: () => clock,
  });
  const job = {
    ...{ typeName: 'SCRIPTED', input: { url: 'x://other' }, priority: 0, fullEvery: null },
    ...{ typeField: 'input.job.typeName', field: 'input.job' },
  };
  meanwhile = async () => void (await schedules.setPaused([id], true, manager));
  const updated = await schedules.update(id, { cron: '0 6 * * *', job }, manager);
  expect(updated).toMatchObject({ cron: '0 6 * * *', paused: true, nextRunAt: null, inputJson: { url: 'x://other' } });
  expect(await find(id)).toEqual(updated);
  await store.deleteSchedule(id);
});
