import { expect, test } from 'vitest';
import type { ClaimAnswer, TypeLimit } from '../../../src/store/store.ts';
import type { Scene } from './scene.ts';

const idsOf = ({ claimed }: ClaimAnswer) => claimed.map(({ claim }) => claim.jobId);

/** How many jobs of a type run at the same time. */
export const testPlaces = (scene: Scene): void => {
  const claimer = (session: string, concurrency: readonly TypeLimit[], ...types: readonly string[]) => {
    const holding: string[] = [];
    return async (running = 10) => {
      const answer = await scene.claim(session, types, { running, holding, concurrency });
      holding.push(...idsOf(answer));
      return answer.claimed;
    };
  };

  test('of a limited type only so many jobs run, in all sessions, and others behind them are not held up', async () => {
    const [limited, free] = [scene.name('TYPE'), scene.name('TYPE')];
    const ids = [
      await scene.create(limited),
      await scene.create(limited),
      await scene.create(limited),
      await scene.create(free),
    ];
    const concurrency = [{ typeName: limited, total: 2 }];
    const [one, other] = [await scene.session(limited, free), await scene.session(limited, free)];
    const claimOne = claimer(one, concurrency, limited, free);
    const claimOther = claimer(other, concurrency, limited, free);
    const first = await claimOne(3);
    expect(first.map(({ claim }) => claim.jobId).sort()).toEqual([ids[0], ids[1], ids[3]].sort());
    expect(await claimOther()).toEqual([]);
    expect(await scene.status(ids[2] ?? '')).toBe('PENDING');
    const { claim } = first.find((job) => job.claim.jobId === ids[0]) ?? { claim: undefined };
    if (claim === undefined) throw new Error('the first job was not claimed');
    await scene.settle(claim, 'finished');
    expect((await claimOther()).map((job) => job.claim.jobId)).toEqual([ids[2]]);
  });

  test('a paused job leaves its place, and waits for another when it is resumed', async () => {
    const type = scene.name('TYPE');
    const [first, second] = [await scene.create(type), await scene.create(type)];
    const session = await scene.session(type);
    const claim = claimer(session, [{ typeName: type, total: 1 }], type);
    const [held] = await claim();
    if (held === undefined) throw new Error('nothing was claimed');
    await scene.order('PAUSE', [first]);
    expect(await claim()).toEqual([]);
    await scene.settle(held.claim, 'stopped');
    const [next] = await claim();
    expect(next?.claim.jobId).toBe(second);
    await scene.order('RESUME', [first]);
    expect(await claim()).toEqual([]);
    if (next !== undefined) await scene.settle(next.claim, 'finished');
    // A job that the session held before is claimed again, under a new epoch.
    const again = await scene.claim(session, [type], { concurrency: [{ typeName: type, total: 1 }] });
    expect(idsOf(again)).toEqual([first]);
  });

  test('jobs with the same key are counted by themselves', async () => {
    const type = scene.name('TYPE');
    const keyed = (key: string) =>
      scene.create(type, { holds: [{ resource: `count:${type}#${key}`, mode: 'count', label: type }] });
    const [a1, a2, b1, b2] = [await keyed('a'), await keyed('a'), await keyed('b'), await keyed('b')];
    expect(await scene.store.blockers([a2, b2])).toEqual({ [a2]: [], [b2]: [] });
    const session = await scene.session(type);
    const claim = claimer(session, [{ typeName: type, perKey: 1 }], type);
    const claimed = await claim(2);
    expect(claimed.map((job) => job.claim.jobId)).toEqual([a1, b1]);
    expect(await claim()).toEqual([]);
    if (claimed[1] !== undefined) await scene.settle(claimed[1].claim, 'finished');
    expect((await claim()).map((job) => job.claim.jobId)).toEqual([b2]);
    expect(await scene.status(a2)).toBe('PENDING');
  });

  test('reverting never waits for a place', async () => {
    const type = scene.name('TYPE');
    const concurrency = [{ typeName: type, total: 1 }];
    const [first, second] = [await scene.create(type), await scene.create(type)];
    const session = await scene.session(type);
    const claim = claimer(session, concurrency, type);
    const [held] = await claim();
    if (held === undefined) throw new Error('nothing was claimed');
    await scene.order('PAUSE', [first]);
    await scene.settle(held.claim, 'stopped');
    expect((await claim()).map((job) => job.claim.jobId)).toEqual([second]);
    await scene.order('CANCEL', [first]);
    const reverting = await scene.claim(session, [type], { holding: [second], concurrency });
    expect(reverting.claimed.map((job) => [job.claim.jobId, job.task])).toEqual([[first, 'revert']]);
  });

  test('a report may bring a policy of its own for the next attempt', async () => {
    const { id, claim } = await scene.running();
    const retry = { attempts: 2, firstWaitMs: 7_000, maxWaitMs: 7_000 };
    await scene.settle(claim, 'retry', { retry });
    const { nextAttemptAt } = await scene.job(id);
    expect((nextAttemptAt ?? 0) - scene.now).toBeGreaterThanOrEqual(3_500);
    expect((nextAttemptAt ?? 0) - scene.now).toBeLessThanOrEqual(7_000);
    await scene.order('PAUSE', [id]);
    await scene.order('RESUME', [id]);
    const session = await scene.session((await scene.job(id)).typeName);
    const taken = async () => scene.take(session, (await scene.job(id)).typeName, id);
    await scene.settle(await taken(), 'retry', { retry: { ...retry, firstWaitMs: 1, maxWaitMs: 1 } });
    scene.now += 1_000;
    await scene.settle(await taken(), 'retry', { retry });
    expect(await scene.status(id)).toBe('REVERTING');
  });
};
