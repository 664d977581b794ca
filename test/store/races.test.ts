/** What several servers do to the same jobs at the same time, in both orders of writes. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JobId } from '../../src/jobs/job.ts';
import { execute } from '../support/postgres.ts';
import { eventsAfter, openStores, WRITE_ORDERS } from '../support/stores.ts';
import { ADMIN, type Scene } from './contract/scene.ts';

const ROUNDS = 40;

/** Jobs that never ran, put there at once. */
const addJobs = async (url: string, typeName: string, count: number, status = 'PENDING') => {
  await execute(
    url,
    `WITH created AS (INSERT INTO job (type, type_name, description, user_name, status, created_at, modified_at, fraction_completed)
      SELECT 'CUSTOM', $1, '', 'root', $2, 0, 0, 0 FROM generate_series(1, $3::int) RETURNING id)
    INSERT INTO job_work (job_id, details) SELECT id, '{}' FROM created`,
    [typeName, status, count],
  );
  await execute(url, 'ANALYZE job');
};

const ofType = (typeName: string) => ({ where: { is: 'equals', field: 'typeName', value: typeName } }) as const;
const unique = () => ({ commandId: randomUUID() });

describe.each(WRITE_ORDERS)('%s', (writeOrder) => {
  test('an older job that is resumed while a younger one is claimed never runs next to it', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    for (let round = 0; round < ROUNDS; round += 1) {
      const type = `SKEWED ${round}`;
      const holds = [{ resource: `table ${round}`, mode: 'alter', label: 't' }] as const;
      const older = await one.create(type, { holds });
      await one.order('PAUSE', [older], unique());
      const younger = await one.create(type, { holds });
      for (const { store } of [one, other]) {
        await store.startSession({ id: `${type} ${store === one.store}`, name: 'w', types: [type] }, 0);
      }
      const claims = await Promise.all([
        one.claim(`${type} true`, [type]),
        other.order('RESUME', [older], unique()).then(() => other.claim(`${type} false`, [type])),
      ]);
      const claimed = claims.flatMap((answer) => answer.claimed.map(({ claim }) => claim.jobId));
      expect([[older], [younger], []]).toContainEqual(claimed);
      const statuses = await Promise.all([one.status(older), other.status(younger)]);
      expect(statuses.filter((status) => status === 'RUNNING')).toHaveLength(claimed.length);
      // What was left out, since another was looking at it, is claimed as soon as it is looked at again.
      if (claimed.length === 0) expect(claims.map(({ nextAttemptInMs }) => nextAttemptInMs)).toContain(50);
      await one.order('CANCEL', [older, younger], unique());
    }
  });

  test('jobs that end while a large selection is paused stay as they ended, and are counted as refused', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    await addJobs(shared.url, 'LARGE', 3_000);
    await other.store.startSession({ id: 'worker', name: 'w', types: ['LARGE'] }, 0);
    const { claimed } = await other.claim('worker', ['LARGE'], { running: 40 });
    const pausing = one.order('PAUSE', [], { jobs: ofType('LARGE'), ...unique() });
    const settled = await Promise.all(claimed.map(({ claim }) => other.settle(claim, 'finished')));
    const outcome = await pausing;
    expect(settled.filter((status) => status !== 'SUCCEEDED')).toEqual([]);
    expect(outcome).toMatchObject({ selectedCount: 3_000, changedCount: 3_000 - outcome.refusedCount });
    const counts = await one.store.countByStatus(ADMIN, ofType('LARGE').where);
    expect(Object.fromEntries(counts.map(({ status, count }) => [status, count]))).toEqual({
      PAUSED: 2_960,
      SUCCEEDED: 40,
    });
    for (const { claim } of claimed) {
      const history = await one.history(claim.jobId);
      expect(history.indexOf('SUCCEEDED')).toBe(history.length - 1);
    }
  });

  test('guards hold at the commit, or nothing is written, while others move the same jobs', async () => {
    await using shared = await openStores(writeOrder, 3);
    const [one, other, third] = shared.scenes as [Scene, Scene, Scene];
    const ids = await Promise.all(Array.from({ length: 20 }, () => one.create('GUARDED')));
    let moving = true;
    const movers = [other, third].map(async (scene, mover) => {
      for (let n = 0; moving; n += 1) {
        const command = n % 2 === 0 ? 'PAUSE' : 'RESUME';
        await scene.order(command, [ids[(n * 7 + mover) % ids.length] as JobId], unique());
      }
    });
    const isPending = { is: 'in', field: 'status', value: ['PENDING'] } as const;
    const where = { is: 'all', of: [ofType('GUARDED').where, isPending] } as const;
    const outcomes: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      const { head } = await one.store.log();
      const selected = await one.store.statusesOf({ where }, 100, ADMIN);
      const guard = n % 2 === 0 ? { expectedCount: selected.length } : { unchangedSince: head };
      const command = { jobs: { where }, reason: `order ${n}`, ...guard, ...unique() };
      const outcome = await one.order('PAUSE', [], command).then(
        ({ selectedCount, changedCount }) => {
          if ('expectedCount' in guard)
            expect([selectedCount, changedCount]).toEqual([selected.length, selected.length]);
          return 'applied';
        },
        ({ code }) => code,
      );
      outcomes.push(outcome);
      const paused = (await eventsAfter(one.store, head)).filter(({ reason }) => reason === `order ${n}`);
      if (outcome !== 'applied') expect(paused).toEqual([]);
      await one.order('RESUME', ids, unique());
    }
    moving = false;
    await Promise.all(movers);
    expect(new Set(outcomes)).toEqual(new Set(['applied', ...outcomes.filter((code) => code !== 'applied')]));
    for (const code of new Set(outcomes)) expect(['applied', 'COUNT_MISMATCH', 'CHANGED_SINCE']).toContain(code);
  });

  test('one refusal in a large selection that must not have any leaves no trace', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    await addJobs(shared.url, 'WHOLE', 3_000);
    await addJobs(shared.url, 'WHOLE', 1, 'SUCCEEDED');
    const [before, log] = [await other.store.countByStatus(ADMIN, ofType('WHOLE').where), await other.store.log()];
    const outcome = await one.order('PAUSE', [], { jobs: ofType('WHOLE'), abortOnRefusal: true, ...unique() });
    expect(outcome).toMatchObject({ applied: false, refusedCount: 1, changedCount: 3_000 });
    expect(await other.store.countByStatus(ADMIN, ofType('WHOLE').where)).toEqual(before);
    expect(await other.store.log()).toEqual(log);
  });

  test('a large selection does not delay the work of others, nor they its end', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    await addJobs(shared.url, 'MANY', 20_000);
    const outcome = one.order('PAUSE', [], { jobs: ofType('MANY'), ...unique() });
    const ids: JobId[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(await other.create('OTHER'));
    expect(await outcome).toMatchObject({ changedCount: 20_000 });
    const events = await execute(shared.url, 'SELECT cursor, job_id FROM event ORDER BY cursor');
    expect(events).toHaveLength(20_020);
    expect(ids.every((id) => events.some((event) => event.job_id === id))).toBe(true);
  });
});
