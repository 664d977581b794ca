import { expect, test } from 'vitest';
import type { Scene } from './scene.ts';

export const testWork = (scene: Scene): void => {
  test('a save keeps the checkpoint, the message, the counters, and the greatest fraction', async () => {
    const { id, claim, session, type } = await scene.running();
    const counters = [{ name: 'rows', value: 12 }];
    const saved = { checkpoint: '{"line":6}', message: 'importing', counters, fractionCompleted: 0.6 };
    expect(await scene.store.save(claim, saved, scene.now + 5)).toBe('RUNNING');
    expect(await scene.store.save(claim, { fractionCompleted: 0.2 }, scene.now + 6)).toBe('RUNNING');
    expect(await scene.job(id)).toMatchObject({
      statusMessage: 'importing',
      counters,
      fractionCompleted: 0.6,
      modifiedAt: scene.now + 6,
    });
    expect(await scene.history(id)).toEqual(['PENDING', 'RUNNING']);
    await scene.settle(claim, 'stopped');
    expect(await scene.taken(session, type, id)).toMatchObject({ checkpoint: { line: 6 }, fractionCompleted: 0.6 });
  });

  test('warnings are kept once each, cut, and at most 100', async () => {
    const { id, claim } = await scene.running();
    await scene.store.save(claim, { warnings: ['a', 'b', 'a'] }, scene.now);
    await scene.store.save(claim, { warnings: ['b', 'c'.repeat(2_000)] }, scene.now);
    expect((await scene.job(id)).warnings).toEqual(['a', 'b', `${'c'.repeat(1_023)}…`]);
    const many = Array.from({ length: 150 }, (_, n) => `w${n}`);
    await scene.settle(claim, 'finished', { saved: { warnings: many } });
    const { warnings } = await scene.job(id);
    expect(warnings).toHaveLength(100);
    expect(warnings.slice(0, 4)).toEqual(['a', 'b', `${'c'.repeat(1_023)}…`, 'w0']);
  });

  test('nothing is written under a claim that is not current', async () => {
    const { id, claim, type } = await scene.running();
    const other = await scene.session(type);
    expect(await scene.store.isCurrent(claim)).toBe(true);
    await scene.store.save(claim, { checkpoint: '1' }, scene.now);
    await scene.store.endSession(claim.sessionId, scene.now);
    expect(await scene.store.isCurrent(claim)).toBe(false);
    const newer = await scene.take(other, type, id);
    expect(newer).toEqual({ jobId: id, sessionId: other, epoch: claim.epoch + 1 });
    const before = [await scene.job(id), await scene.store.log()];
    const stale = [claim, { ...newer, sessionId: claim.sessionId }, { ...newer, epoch: claim.epoch }];
    for (const claim of stale) {
      expect(await scene.store.isCurrent(claim)).toBe(false);
      expect(await scene.store.markBegan(claim)).toBe(false);
      expect(await scene.store.save(claim, { checkpoint: '2', message: 'late' }, scene.now)).toBeNull();
      expect(await scene.store.markCommitting(claim, {}, scene.now)).toBe(false);
      for (const report of ['stopped', 'finished', 'failed', 'retry', 'pauseAsked', 'reverted'] as const) {
        expect(await scene.settle(claim, report)).toBeNull();
      }
    }
    expect([await scene.job(id), await scene.store.log()]).toEqual(before);
    expect(await scene.store.isCurrent(newer)).toBe(true);
  });

  test('a save under a claim is accepted whatever was requested meanwhile, and answers that', async () => {
    const { id, claim } = await scene.running();
    await scene.order('PAUSE', [id]);
    expect(await scene.store.save(claim, { checkpoint: '1' }, scene.now)).toBe('PAUSE_REQUESTED');
    await scene.order('CANCEL', [id]);
    expect(await scene.store.save(claim, { checkpoint: '2' }, scene.now)).toBe('CANCEL_REQUESTED');
  });

  test('that work began in the target is kept from claim to claim', async () => {
    const { id, claim, session, type } = await scene.running();
    expect(await scene.store.markBegan(claim)).toBe(true);
    expect(await scene.store.markBegan(claim)).toBe(true);
    await scene.settle(claim, 'stopped');
    expect(await scene.taken(session, type, id)).toMatchObject({ began: true, storeId: scene.store.id });
  });

  test('a report is repeated with the same answer, whatever became of the job since', async () => {
    const { id, claim, session, type } = await scene.running();
    expect(await scene.settle(claim, 'stopped')).toBe('PENDING');
    const before = [await scene.job(id), await scene.store.log()];
    expect(await scene.settle(claim, 'stopped')).toBe('PENDING');
    expect([await scene.job(id), await scene.store.log()]).toEqual(before);
    await scene.order('PAUSE', [id]);
    expect(await scene.settle(claim, 'stopped')).toBe('PENDING');
    expect(await scene.status(id)).toBe('PAUSED');
    await scene.order('RESUME', [id]);
    const next = await scene.take(session, type, id);
    expect(await scene.settle(claim, 'stopped')).toBeNull();
    expect(await scene.settle(next, 'finished')).toBe('SUCCEEDED');
    expect(await scene.settle(next, 'finished')).toBe('SUCCEEDED');
    const lost = await scene.running();
    await scene.settle(lost.claim, 'stopped');
    const last = await scene.take(lost.session, lost.type, lost.id);
    await scene.store.endSession(lost.session, scene.now);
    // It made a report under an earlier claim, and none under this one.
    expect(await scene.settle(last, 'stopped')).toBeNull();
    expect(await scene.history(id)).toEqual([
      ...['PENDING', 'RUNNING', 'PENDING', 'PAUSED', 'PENDING'],
      ...['RUNNING', 'SUCCEEDED'],
    ]);
  });

  test('a mark that is repeated is as true as the first time, and is refused after a request', async () => {
    const { id, claim } = await scene.running();
    expect(await scene.store.markCommitting(claim, { checkpoint: '1' }, scene.now)).toBe(true);
    expect(await scene.store.markCommitting(claim, { checkpoint: '1' }, scene.now)).toBe(true);
    expect(await scene.job(id)).toMatchObject({ status: 'RUNNING', committing: true });
    expect(await scene.order('PAUSE', [id])).toMatchObject({ changedCount: 0, refusedCount: 1 });
    const requested = await scene.running();
    await scene.order('CANCEL', [requested.id]);
    expect(await scene.store.markCommitting(requested.claim, {}, scene.now)).toBe(false);
    expect(await scene.job(requested.id)).toMatchObject({ status: 'CANCEL_REQUESTED', committing: false });
  });

  test('a job that was asked to pause is not paused before the fence has been acquired', async () => {
    const { id, claim } = await scene.running();
    await scene.order('PAUSE', [id]);
    expect(await scene.settle(claim, 'stopped', { fenceAcquired: false })).toBe('PAUSE_REQUESTED');
    expect(await scene.job(id)).toMatchObject({ status: 'PAUSE_REQUESTED', claimedBy: claim.sessionId });
    expect(await scene.settle(claim, 'stopped')).toBe('PAUSED');
  });

  test('an attempt that fails waits longer each time; the fifth is the last, and RESUME ends the wait', async () => {
    const { id, type, session, claim } = await scene.running();
    let current = claim;
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(await scene.settle(current, 'retry', { error: `busy ${attempt}` })).toBe('PENDING');
      const job = await scene.job(id);
      expect(job).toMatchObject({ attempts: attempt, error: null });
      expect(job.statusMessage).toBe(`waiting for its next attempt: busy ${attempt}`);
      const wait = Number(job.nextAttemptAt) - scene.now;
      waits.push(wait);
      scene.now += wait - 1;
      expect((await scene.claim(session, [type])).claimed).toEqual([]);
      scene.now += 1;
      current = await scene.take(session, type, id);
    }
    for (const [at, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(500 * 2 ** at);
    expect(await scene.settle(current, 'retry', { error: 'busy 5' })).toBe('REVERTING');
    expect(await scene.job(id)).toMatchObject({ error: 'busy 5', attempts: 0, nextAttemptAt: null });
    const errors = (await scene.store.executionErrors([id]))[id];
    expect(errors?.map(({ attempt, message }) => [attempt, message])).toEqual(
      [5, 4, 3, 2, 1].map((attempt) => [attempt, `busy ${attempt}`]),
    );

    const waiting = await scene.running();
    await scene.settle(waiting.claim, 'retry');
    expect(await scene.order('RESUME', [waiting.id])).toMatchObject({ changedCount: 1, unchangedCount: 0 });
    expect(await scene.job(waiting.id)).toMatchObject({ nextAttemptAt: null, attempts: 0 });
    await scene.take(waiting.session, waiting.type, waiting.id);
  });

  test('progress forgives the attempts that failed before it; a checkpoint that stays does not', async () => {
    const { id, type, session, claim } = await scene.running();
    await scene.settle(claim, 'retry', { saved: { checkpoint: '1' } });
    scene.now += 600_000;
    const second = await scene.take(session, type, id);
    await scene.settle(second, 'retry', { saved: { checkpoint: '1' } });
    expect(await scene.job(id)).toMatchObject({ attempts: 2 });
    scene.now += 600_000;
    const third = await scene.take(session, type, id);
    await scene.settle(third, 'retry', { saved: { checkpoint: '2' } });
    expect(await scene.job(id)).toMatchObject({ attempts: 1 });
  });
};
