import { expect, test } from 'vitest';
import type { Position } from '../../../src/store/store.ts';
import { ADMIN, type Scene } from './scene.ts';

const DAY_MS = 86_400_000;

export const testRetention = (scene: Scene): void => {
  const end = async () => {
    const { id, claim } = await scene.running();
    await scene.settle(claim, 'finished');
    return id;
  };
  /** Those that ended in this test: it begins at a day of its own. */
  const begin = () => {
    scene.now += 100 * DAY_MS;
    return [scene.now - 1, 0] as Position;
  };

  test('jobs that have ended are found in the order of their end, and removed with their keys', async () => {
    const start = begin();
    const idempotency = { mutation: scene.name('TYPE'), key: 'once', inputHash: 'a' };
    const { id: first, claim } = await scene.running({ idempotency });
    const live = (await scene.running()).id;
    await scene.settle(claim, 'finished');
    scene.now += 1;
    const second = await end();
    const by = scene.now;
    scene.now += 1;
    const young = await end();
    const found = await scene.store.endedJobs(by, start, 10);
    expect(found.map(({ id }) => id)).toEqual([first, second]);
    expect(found[0]).toMatchObject({
      storeId: scene.store.id,
      epoch: 1,
      details: {},
      checkpoint: null,
      database: null,
    });
    const [, next] = await scene.store.endedJobs(by, start, 10);
    expect(await scene.store.endedJobs(by, [next?.finishedAt ?? 0, Number(first)], 1)).toEqual([next]);
    const removed: boolean[] = [];
    const ignore = scene.store.onCommit((commit) => removed.push(commit.removed));
    expect(await scene.store.removeJobs([first, second, young, live], by)).toBe(2);
    ignore();
    expect(removed).toContain(true);
    expect((await scene.store.jobsById([first, second, young, live], ADMIN)).map(({ id }) => id)).toEqual(
      [live, young].sort(),
    );
    expect(await scene.store.jobByKey('root', idempotency)).toBeNull();
    expect(await scene.history(first)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  });

  test('a job that began in its target is not removed before it is cleaned up there', async () => {
    const start = begin();
    const { id, claim } = await scene.running({ details: { table: 't' } });
    await scene.store.markBegan(claim);
    await scene.store.save(claim, { checkpoint: '{"line":9}' }, scene.now);
    await scene.settle(claim, 'finished');
    const untouched = await end();
    expect(await scene.store.pendingCleanups(10)).toMatchObject([
      { id, epoch: 1, storeId: scene.store.id, details: { table: 't' }, checkpoint: { line: 9 } },
    ]);
    const idsOfEnded = async () => (await scene.store.endedJobs(scene.now, start, 10)).map(({ id }) => id);
    expect(await idsOfEnded()).toEqual([untouched]);
    expect(await scene.store.removeJobs([id], scene.now)).toBe(0);
    await scene.store.cleanedUp(id);
    await scene.store.cleanedUp(id);
    expect(await scene.store.pendingCleanups(10)).toEqual([]);
    expect(await idsOfEnded()).toEqual([id, untouched]);
    expect(await scene.store.removeJobs([id], scene.now)).toBe(1);
  });

  test('clean-ups that are pending are read on from a position', async () => {
    begin();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { id, claim } = await scene.running();
      await scene.store.markBegan(claim);
      await scene.settle(claim, 'finished');
      ids.push(id);
    }
    const [first] = await scene.store.pendingCleanups(1);
    expect(first?.id).toBe(ids[0]);
    const rest = await scene.store.pendingCleanups(10, [first?.finishedAt ?? 0, Number(first?.id)]);
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(1));
    for (const id of ids) await scene.store.cleanedUp(id);
  });

  test('answers to commands are kept for as long as asked, and a repeated command is a new one afterwards', async () => {
    begin();
    const id = await scene.create('KEPT');
    const commandId = scene.name('command');
    await scene.order('PAUSE', [id], { commandId });
    while ((await scene.store.removeCommands(scene.now - 1, 5)) > 0);
    expect(await scene.order('PAUSE', [id], { commandId })).toMatchObject({ changedCount: 1 });
    expect(await scene.store.removeCommands(scene.now, 5)).toBe(1);
    expect(await scene.order('PAUSE', [id], { commandId })).toMatchObject({ changedCount: 0, unchangedCount: 1 });
  });

  test('old events go, but not those of jobs that live, and the log begins behind the last that went', async () => {
    begin();
    const { horizon } = await scene.store.log();
    const live = (await scene.running()).id;
    const ended = await end();
    const by = scene.now;
    scene.now += 1;
    const young = await end();
    let after = horizon;
    let removed = 0;
    for (let upTo: number | null = 0; upTo !== null; ) {
      const batch = await scene.store.removeEvents(by, after, 7);
      removed += batch.removed;
      upTo = batch.upTo;
      after = upTo ?? after;
    }
    expect(removed).toBeGreaterThan(0);
    expect(await scene.history(ended)).toEqual([]);
    expect(await scene.history(live)).toEqual(['PENDING', 'RUNNING']);
    const log = await scene.store.log();
    const [first] = await scene.events(young);
    expect(log.horizon).toBeGreaterThan(horizon);
    expect(log.horizon).toBeLessThan(first?.cursor ?? 0);
    const page = { direction: 'ascending', after: null, before: null, limit: 1_000 } as const;
    const { events } = await scene.store.events(page, ADMIN);
    expect(events[0]?.cursor).toBeGreaterThan(log.horizon);
    expect(events.map(({ jobId }) => jobId)).toContain(young);
    await expect(scene.order('PAUSE', [live], { unchangedSince: log.horizon - 1 })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    });
  });
};
