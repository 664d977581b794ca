import { expect, test } from 'vitest';
import type { ClaimAnswer } from '../../../src/store/store.ts';
import type { Scene } from './scene.ts';

const idsOf = ({ claimed }: ClaimAnswer) => claimed.map(({ claim }) => claim.jobId);

export const testClaims = (scene: Scene): void => {
  test('higher priorities are claimed first, then older jobs, as far as there are slots', async () => {
    const type = scene.name('TYPE');
    const old = await scene.create(type);
    const urgent = await scene.create(type, { priority: 5 });
    const idle = await scene.create(type, { priority: -5 });
    const young = await scene.create(type);
    const session = await scene.session(type);
    const rounds: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      rounds.push(...idsOf(await scene.claim(session, [type], { running: 1, holding: rounds })));
    }
    expect(rounds).toEqual([urgent, old, young, idle]);
    expect(idsOf(await scene.claim(session, [type], { holding: rounds }))).toEqual([]);
  });

  test('a job is claimed by one session, under its first epoch', async () => {
    const type = scene.name('TYPE');
    const id = await scene.create(type, { details: { rows: 6 } });
    const [one, other] = [await scene.session(type), await scene.session(type)];
    const { claimed } = await scene.claim(one, [type]);
    expect(claimed).toEqual([
      {
        claim: { jobId: id, sessionId: one, epoch: 1 },
        storeId: scene.store.id,
        began: false,
        attempts: 0,
        typeName: type,
        task: 'run',
        details: { rows: 6 },
        checkpoint: null,
        database: null,
        databaseName: null,
        owner: { name: 'root', isAdmin: true, privileges: [], databases: expect.anything(), files: 'none' },
        inputJson: '{}',
        committing: false,
        fractionCompleted: 0,
      },
    ]);
    expect(idsOf(await scene.claim(other, [type]))).toEqual([]);
    expect(await scene.job(id)).toMatchObject({ status: 'RUNNING', claimedBy: one, coordinator: `worker of ${one}` });
    expect(await scene.job(id)).toMatchObject({ startedAt: scene.now, rateSince: scene.now, rateFraction: 0 });
  });

  test('a session claims the types that it knows, and no others', async () => {
    const [known, unknown] = [scene.name('TYPE'), scene.name('TYPE')];
    const ids = [await scene.create(known), await scene.create(unknown)];
    const session = await scene.session(known);
    expect(idsOf(await scene.claim(session, [known]))).toEqual([ids[0]]);
    expect(await scene.status(ids[1] ?? '')).toBe('PENDING');
  });

  test('a job is not claimed before its time, and the answer has the wait', async () => {
    const type = scene.name('TYPE');
    const id = await scene.create(type, { runAt: scene.now + 10_001 });
    const session = await scene.session(type);
    const early = await scene.claim(session, [type]);
    expect(idsOf(early)).toEqual([]);
    expect(early.nextAttemptInMs).toBeGreaterThan(0);
    expect(early.nextAttemptInMs).toBeLessThanOrEqual(10_000);
    scene.now += 9_999;
    expect(idsOf(await scene.claim(session, [type]))).toEqual([]);
    // A pause and a resume do not make it earlier.
    await scene.order('PAUSE', [id]);
    scene.now -= 1;
    await scene.order('RESUME', [id]);
    scene.now -= 1;
    expect(idsOf(await scene.claim(session, [type]))).toEqual([]);
    scene.now += 1;
    expect(idsOf(await scene.claim(session, [type]))).toEqual([id]);
  });

  test('reverting and continuous jobs take no slots of running ones', async () => {
    const type = scene.name('TYPE');
    const session = await scene.session(type);
    const canceled = await scene.create(type);
    await scene.take(session, type, canceled).then((claim) => scene.settle(claim, 'stopped'));
    await scene.order('CANCEL', [canceled]);
    const running = await scene.create(type);
    const continuous = [await scene.create(type, { continuous: true }), await scene.create(type, { continuous: true })];
    const answer = await scene.claim(session, [type], { running: 0, reverting: 1 });
    expect(answer.claimed.map(({ claim, task }) => [claim.jobId, task]).sort()).toEqual(
      [[canceled, 'revert'], ...continuous.map((id) => [id, 'run'])].sort(),
    );
    expect(await scene.status(running)).toBe('PENDING');
  });

  test('what a session owns and does not hold is handed out to it again, under the same epoch', async () => {
    const { id, type, session, claim } = await scene.running();
    await scene.store.save(claim, { checkpoint: '{"line":4}', fractionCompleted: 0.4 }, scene.now);
    const waiting = await scene.create(type);
    const before = [await scene.job(id), await scene.store.log()];
    const again = await scene.claim(session, [type], { running: 1 });
    expect(again.claimed).toMatchObject([{ claim, task: 'run', checkpoint: { line: 4 }, fractionCompleted: 0.4 }]);
    expect([await scene.job(id), await scene.store.log()]).toEqual(before);
    expect(await scene.status(waiting)).toBe('PENDING');
    expect(idsOf(await scene.claim(session, [type], { running: 1, holding: [id] }))).toEqual([waiting]);
    expect(await scene.status(id)).toBe('RUNNING');
  });

  test('a request to a job that its session does not hold is handed out to be carried out', async () => {
    for (const [command, to] of [
      ['PAUSE', 'PAUSED'],
      ['CANCEL', 'REVERTING'],
    ] as const) {
      const { id, type, session } = await scene.running();
      await scene.order(command, [id]);
      const { claimed, requested } = await scene.claim(session, [type]);
      expect(requested).toEqual([id]);
      expect(claimed).toMatchObject([{ task: 'release' }]);
      for (const { claim } of claimed) expect(await scene.settle(claim, 'stopped')).toBe(to);
    }
  });

  test('a session hears of its own jobs that were asked to stop, and of no others', async () => {
    const mine = await scene.running();
    const other = await scene.running();
    await scene.order('PAUSE', [mine.id, other.id]);
    const answer = await scene.claim(mine.session, [mine.type], { holding: [mine.id] });
    expect(answer).toMatchObject({ claimed: [], requested: [mine.id] });
  });
};
