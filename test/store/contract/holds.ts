import { expect, test } from 'vitest';
import type { Hold } from '../../../src/jobs/holds.ts';
import type { Scene } from './scene.ts';

export const testHolds = (scene: Scene): void => {
  const holdOn = (resource: string, mode: Hold['mode']): readonly Hold[] => [{ resource, mode, label: resource }];
  const claimedIds = async (session: string, type: string) =>
    (await scene.claim(session, [type])).claimed.map(({ claim }) => claim.jobId);

  test('a job that needs a held table waits for it, in the order of creation', async () => {
    const table = scene.name('table');
    const type = scene.name('TYPE');
    const [write, alter] = [holdOn(table, 'write'), holdOn(table, 'alter')];
    const first = await scene.create(type, { holds: write });
    const change = await scene.create(type, { holds: alter, priority: 9 });
    const last = await scene.create(type, { holds: write });
    const session = await scene.session(type);
    expect(await scene.store.blockers([first, change, last])).toEqual({
      [first]: [],
      [change]: [first],
      [last]: [change],
    });
    expect((await scene.job(last)).statusMessage).toBe(`waiting for job ${change}`);
    expect(await claimedIds(session, type)).toEqual([first]);
    const { claimed } = await scene.claim(session, [type], { holding: [] });
    for (const { claim } of claimed) await scene.settle(claim, 'finished');
    expect((await scene.job(change)).statusMessage).toBe('waiting for a worker');
    expect(await claimedIds(session, type)).toEqual([change]);
    expect(await scene.status(last)).toBe('PENDING');
  });

  test('jobs that go together run together, and a paused job keeps what it holds', async () => {
    const table = scene.name('table');
    const type = scene.name('TYPE');
    const ids = [
      await scene.create(type, { holds: holdOn(table, 'write') }),
      await scene.create(type, { holds: holdOn(table, 'write') }),
    ];
    const session = await scene.session(type);
    const { claimed } = await scene.claim(session, [type]);
    expect(claimed.map(({ claim }) => claim.jobId)).toEqual(ids);
    await scene.order('PAUSE', ids);
    for (const { claim } of claimed) expect(await scene.settle(claim, 'stopped')).toBe('PAUSED');
    const change = await scene.create(type, { holds: holdOn(table, 'alter') });
    expect(await claimedIds(session, type)).toEqual([]);
    expect(await scene.store.blockers([change])).toEqual({ [change]: ids });
  });

  test('two jobs that make the same table are refused, until the first has ended', async () => {
    const table = scene.name('table');
    const making = { holds: holdOn(table, 'make') };
    const first = await scene.create('MAKER', making);
    await expect(scene.create('MAKER', making)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `job ${first} already makes table ${table}`,
    });
    await scene.order('CANCEL', [first]);
    expect(await scene.create('MAKER', making)).not.toBe(first);
  });

  test('a job whose time has not come keeps nobody waiting', async () => {
    const table = scene.name('table');
    const type = scene.name('TYPE');
    const later = await scene.create(type, { holds: holdOn(table, 'alter'), runAt: scene.now + 60_000 });
    const now = await scene.create(type, { holds: holdOn(table, 'alter') });
    const session = await scene.session(type);
    expect(await claimedIds(session, type)).toEqual([now]);
    scene.now += 60_000;
    expect((await scene.claim(session, [type], { holding: [now] })).claimed).toEqual([]);
    expect(await scene.store.blockers([later])).toEqual({ [later]: [now] });
  });
};
