/** Several stores on one database, as several servers open them, in both orders of writes. */
import { describe, expect, test } from 'vitest';
import type { NewJob, NewSchedule } from '../../src/store/store.ts';
import { follow, openStores, WRITE_ORDERS } from '../support/stores.ts';
import { ADMIN, NEW_JOB, type Scene } from './contract/scene.ts';

const STORES = 3;
const SCHEDULED: Omit<NewJob, 'userName'> = {
  ...NEW_JOB,
  typeName: 'SCHEDULED',
  description: 'a run',
};
const SCHEDULE: Omit<NewSchedule, 'nextRunAt'> = {
  name: 'each minute',
  userName: 'root',
  cron: '* * * * *',
  timeZone: 'UTC',
  overlap: 'SKIP',
  onMissed: 'ONCE',
  fullEvery: null,
  type: 'CUSTOM',
  typeName: 'SCHEDULED',
  inputJson: {},
  secrets: null,
  priority: 0,
  node: null,
};

describe.each(WRITE_ORDERS)('%s', (writeOrder) => {
  test('with writers on three stores, of which some fail, every reader gets each event once, in order', async () => {
    await using shared = await openStores(writeOrder, STORES);
    const readers = shared.stores.map((store) => follow(store));
    const taken: Partial<NewJob> = { makes: { name: 'taken', url: 'file:taken.db', createdAt: 0 } };
    await shared.scenes[0]?.create('TAKES', taken);
    const write = async (scene: Scene, writer: number) => {
      let failed = 0;
      for (let job = 0; job < 12; job += 1) {
        const isRefused = (job + writer) % 10 === 0;
        await scene.create('ANY', isRefused ? taken : {}).catch(() => {
          failed += 1;
        });
      }
      return failed;
    };
    const failures = await Promise.all(
      shared.scenes.flatMap((scene) => Array.from({ length: 8 }, (_, writer) => write(scene, writer))),
    );
    const { head } = (await shared.stores[0]?.log()) ?? { head: 0 };
    await Promise.all(readers.map((reader) => reader.reaches(head)));
    const [first, ...others] = readers.map(({ seen }) => seen);
    expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
    for (const other of others) expect(other).toEqual(first);
    const failed = failures.reduce((sum, count) => sum + count, 0);
    expect(failed).toBeGreaterThan(0);
    expect(first).toHaveLength(1 + STORES * 8 * 12 - failed);
  });

  test('jobs that sessions on three stores claim at the same time are claimed once each', async () => {
    await using shared = await openStores(writeOrder, STORES);
    const jobs = await Promise.all(Array.from({ length: 600 }, () => shared.scenes[0]?.create('MANY')));
    const work = async (scene: Scene, worker: number) => {
      const session = `session ${shared.scenes.indexOf(scene)} ${worker}`;
      await scene.store.startSession({ id: session, name: session, types: ['MANY'] }, 0);
      const claims: [string, number][] = [];
      for (;;) {
        const { claimed } = await scene.claim(session, ['MANY'], { running: 10, holding: claims.map(([id]) => id) });
        if (claimed.length === 0) return claims;
        claims.push(...claimed.map(({ claim }) => [claim.jobId, claim.epoch] as [string, number]));
      }
    };
    const claims = (await Promise.all(shared.scenes.flatMap((scene) => [work(scene, 0), work(scene, 1)]))).flat();
    expect(claims.map(([id]) => id).sort()).toEqual([...jobs].sort());
    expect(new Set(claims.map(([, epoch]) => epoch))).toEqual(new Set([1]));
  });

  test('runs of schedules that three stores find due at the same time are made once each, by the clock of the database', async () => {
    await using shared = await openStores(writeOrder, STORES);
    const [first] = shared.scenes as [Scene];
    const due = Date.now() - 60_000;
    for (let schedule = 0; schedule < 40; schedule += 1) {
      // The last ones are due in a day, whatever time a server gives.
      const nextRunAt = schedule < 30 ? due : due + 86_400_000;
      await first.store.createSchedule({ ...SCHEDULE, nextRunAt }, 0);
    }
    const run = async ({ store }: Scene) => {
      const made: (string | null)[] = [];
      for (;;) {
        const { due: found } = await store.dueSchedules(null, Number.MAX_SAFE_INTEGER, []);
        if (found.length === 0) return made;
        const runs = found.map(({ id: scheduleId, version, runs, nextRunAt, queuedAt }) =>
          store.startRun(
            { scheduleId, version, runs, nextRunAt, queuedAt },
            { dueAt: nextRunAt, nextRunAt: null, chain: null },
            { ...SCHEDULED, userName: 'root' },
            0,
          ),
        );
        made.push(...(await Promise.all(runs)));
      }
    };
    const made = (await Promise.all(shared.scenes.map(run))).flat().filter((id) => id !== null);
    expect(new Set(made).size).toBe(30);
    expect(made).toHaveLength(30);
    const where = { is: 'equals', field: 'typeName', value: 'SCHEDULED' } as const;
    expect(await first.store.countJobs(ADMIN, where)).toBe(30);
  });

  test('of two jobs that would create one table, or have one key, at the same time, one is created', async () => {
    await using shared = await openStores(writeOrder, STORES);
    const [one, other] = shared.scenes as [Scene, Scene];
    for (let round = 0; round < 60; round += 1) {
      const holds = [{ resource: `table ${round}`, mode: 'make', label: `t${round}` }] as const;
      const made = await Promise.allSettled([one.create('MAKER', { holds }), other.create('MAKER', { holds })]);
      const created = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const refused = made.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(created).toHaveLength(1);
      expect(refused).toMatchObject([{ code: 'CONFLICT', message: `job ${created[0]} already makes table t${round}` }]);
      const idempotency = { mutation: 'X', key: `key ${round}`, inputHash: 'a' };
      const [first, second] = await Promise.all([
        one.create('KEYED', { idempotency }),
        other.create('KEYED', { idempotency }),
      ]);
      expect(first).toBe(second);
    }
  });

  test('users, removals and progress on one store are noticed on another', async () => {
    await using shared = await openStores(writeOrder, STORES);
    const [one, other] = shared.scenes as [Scene, Scene];
    const news = { users: 0, removed: 0, revision: 0 };
    other.store.onCommit(({ users, removed, revision }) => {
      news.users += Number(users);
      news.removed += Number(removed);
      news.revision = revision;
    });
    await one.store.createUser({ name: 'ann', isAdmin: false, privileges: [], databases: [], files: 'none' }, 0);
    await expect.poll(() => news.users).toBe(1);
    const { id, claim } = await one.running();
    await one.store.save(claim, { fractionCompleted: 0.5 }, 0);
    const { revision } = await one.store.log();
    await expect.poll(() => news.revision).toBe(revision);
    await one.settle(claim, 'finished');
    await one.store.removeJobs([id], Date.now() + 60_000);
    await expect.poll(() => news.removed).toBe(1);
  });
});
