/** PostgreSQL fails over to a server that lacks the last transactions, or is set back to an older copy. */
import { expect, test } from 'vitest';
import { isLost } from '../../src/store/store.ts';
import { execute, startOwnCluster } from '../support/postgres.ts';
import { eventsAfter, openAt } from '../support/stores.ts';
import { ADMIN, Scene } from './contract/scene.ts';

test.each([
  { name: 'lock, after a failover', writeOrder: 'lock', failsOver: true },
  { name: 'floor, after a failover', writeOrder: 'floor', failsOver: true },
  { name: 'floor, with a restored copy', writeOrder: 'floor', failsOver: false },
])('no cursor and no id is given twice, and what was lost is known: $name', async ({ writeOrder, failsOver }) => {
  await using cluster = await startOwnCluster();
  await execute(cluster.url, `ALTER DATABASE postgres SET signalbox.write_order = '${writeOrder}'`);
  const notices: string[] = [];
  const scene = new Scene();
  scene.store = await openAt(cluster.url, (notice) => notices.push(notice));
  /** As soon as the server answers again. */
  const create = async () => {
    let id = '';
    await expect
      .poll(async () => {
        id = await scene.create('ANY').catch(() => '');
        return id;
      })
      .not.toBe('');
    return id;
  };
  const { id, claim, session } = await scene.running();
  const kept = await scene.store.log();
  await cluster.keepCopy();

  await create();
  const lostIds = [await scene.create('LOST'), await scene.create('LOST')];
  const lostEvents = await eventsAfter(scene.store, kept.head);
  await cluster.setBack(failsOver);

  const later = await create();
  const events = await eventsAfter(scene.store, kept.head);
  const { lost, head, end } = await scene.store.log();
  expect(lost).toHaveLength(1);
  for (const { cursor } of lostEvents) expect(isLost(cursor, lost)).toBe(true);
  for (const cursor of [kept.head, head, end, ...events.map((event) => event.cursor)]) {
    expect(isLost(cursor, lost)).toBe(false);
  }
  const given = lostEvents.map(({ cursor }) => cursor);
  expect(Math.min(...events.map(({ cursor }) => cursor))).toBeGreaterThan(Math.max(...given));
  expect(events.map(({ jobId }) => jobId)).toContain(later);
  for (const lostId of lostIds) {
    expect(await scene.store.job(lostId, ADMIN)).toBeNull();
    expect(Number(later)).toBeGreaterThan(Number(lostId));
  }
  // The session has ended, and the next claim has an epoch that no target can have seen.
  expect(await scene.store.save(claim, { checkpoint: '1' }, scene.now)).toBeNull();
  expect(await scene.store.heartbeat(session, 15_000, scene.now)).toBe(false);
  const [row] = await execute(cluster.url, 'SELECT epoch FROM job WHERE id = $1', [Number(id)]);
  expect(row?.epoch).toBe(1_001);
  expect(notices.filter((notice) => notice.includes('lacks its last events'))).toHaveLength(1);

  const other = await openAt(cluster.url, (notice) => notices.push(notice));
  expect(await other.log()).toMatchObject({ lost, head });
  expect(notices.filter((notice) => notice.includes('lacks its last events'))).toHaveLength(1);
  await other.close();
  await scene.store.close();
});
