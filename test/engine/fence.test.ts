import { expect, test } from 'vitest';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { startGhost } from '../support/dead-worker.ts';
import { startScripted } from '../support/scripted-app.ts';

const SAVED = { checkpoint: '99', fractionCompleted: 0.99, message: 'from the grave' };
const REPORTS = ['stopped', 'finished', 'failed', 'retry', 'pauseAsked', 'reverted', 'revertFailed'] as const;

/** One place, taken: what is created now is claimed by nobody but a ghost. */
const startTaken = async (settings: Readonly<Record<string, string>> = {}) => {
  const scene = await startScripted({ settings: { WORKERS: '1', ...settings } });
  await scene.start('holder');
  return scene;
};

test('of two workers that claim at once, one gets the job', async () => {
  await using scene = await startTaken();
  const { app } = scene;
  const ghosts = [await startGhost(app, 'one'), await startGhost(app, 'two')];
  const id = await scene.create('a');

  const claimed = await Promise.all(ghosts.map((ghost) => ghost.claim()));

  expect(claimed.flat().map(({ claim }) => claim)).toEqual([{ jobId: id, sessionId: expect.any(String), epoch: 1 }]);
  expect(await jobNow(app, id)).toMatchObject({ coordinator: claimed.flat()[0]?.claim.sessionId });
});

test('a worker whose job was taken over writes nothing any more, whatever it reports', async () => {
  await using scene = await startTaken();
  const { app, script, changes } = scene;
  const id = await scene.create('a');
  const ghost = await startGhost(app, 'ghost');
  const { claim } = await ghost.take(id);
  await app.store.save(claim, { checkpoint: '5', fractionCompleted: 0.5 }, Date.now());
  await ghost.die();
  script('holder').act('finish');
  await jobWhen(app, id, ({ coordinator }) => coordinator !== 'ghost');
  const before = await jobNow(app, id);

  expect(await app.store.save(claim, SAVED, Date.now())).toBeNull();
  expect(await app.store.markCommitting(claim, SAVED, Date.now())).toBe(false);
  for (const report of REPORTS) {
    const settled = { report, saved: SAVED, error: 'boo', actor: 'ghost' };
    expect(await app.store.settle(claim, settled, Date.now())).toBeNull();
  }

  expect(await jobNow(app, id)).toEqual(before);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(script('a').runs).toEqual([{ phase: 'run', from: 5 }]);
});

test('a worker that was declared dead writes nothing, though nobody has taken its job over yet', async () => {
  await using scene = await startTaken();
  const { app } = scene;
  const id = await scene.create('a');
  const ghost = await startGhost(app, 'ghost');
  const { claim } = await ghost.take(id);
  await app.store.save(claim, { checkpoint: '5' }, Date.now());
  await ghost.die();
  const before = await jobNow(app, id);

  expect(await app.store.save(claim, SAVED, Date.now())).toBeNull();
  expect(await app.store.markCommitting(claim, SAVED, Date.now())).toBe(false);
  expect(await app.store.settle(claim, { report: 'finished', actor: 'ghost' }, Date.now())).toBeNull();
  expect(await ghost.claim()).toEqual([]);
  expect(await jobNow(app, id)).toEqual(before);
});

test('an older claim of the same worker writes nothing', async () => {
  await using scene = await startTaken();
  const { app } = scene;
  const id = await scene.create('a');
  const ghost = await startGhost(app, 'ghost');
  const { claim: older } = await ghost.take(id);
  expect(await app.store.settle(older, { report: 'stopped', actor: 'ghost' }, Date.now())).toBe('PENDING');
  const { claim: newer } = await ghost.take(id);
  const before = await jobNow(app, id);

  expect(newer.epoch).toBe(older.epoch + 1);
  expect(await app.store.save(older, SAVED, Date.now())).toBeNull();
  expect(await app.store.settle(older, { report: 'finished', actor: 'ghost' }, Date.now())).toBeNull();
  expect(await jobNow(app, id)).toEqual(before);
});

test('a worker not heard of for a lease is declared dead, its job is taken over, and its next heartbeat reports it', async () => {
  await using scene = await startTaken({ LEASE_SECONDS: '2' });
  const { app, script } = scene;
  const id = await scene.create('a');
  const ghost = await startGhost(app, 'ghost');
  const { claim } = await ghost.take(id);
  await app.store.save(claim, { checkpoint: '5' }, Date.now());
  const before = await jobNow(app, id);
  script('holder').act('finish');

  await jobWhen(app, id, ({ coordinator }) => coordinator !== 'ghost');

  expect(await app.store.heartbeat('ghost', 2_000, Date.now())).toBe(false);
  const after = await jobNow(app, id);
  expect(after).toMatchObject({ status: 'RUNNING', attempts: 0 });
  expect(after.events).toEqual(before.events);
});

test('a heartbeat within the lease keeps the claims', async () => {
  await using scene = await startTaken();
  const { app } = scene;
  const id = await scene.create('a');
  const now = Date.now();
  const ghost = await startGhost(app, 'ghost');
  const { claim } = await ghost.take(id);
  await startGhost(app, 'other');

  expect(await app.store.heartbeat('ghost', 15_000, now + 14_000)).toBe(true);
  expect(await app.store.heartbeat('other', 15_000, now + 28_000)).toBe(true);
  expect(await app.store.save(claim, { checkpoint: '5' }, now + 28_000)).toBe('RUNNING');
});

test('a checkpoint is accepted in every status in which a claim is held, and answered with the status', async () => {
  await using scene = await startTaken();
  const { app } = scene;
  const id = await scene.create('a');
  const ghost = await startGhost(app, 'ghost');
  const { claim } = await ghost.take(id);
  const save = (checkpoint: number) => app.store.save(claim, { checkpoint: String(checkpoint) }, Date.now());

  expect(await save(1)).toBe('RUNNING');
  await order(app, 'PAUSE', [id]);
  expect(await save(2)).toBe('PAUSE_REQUESTED');
  expect(await app.store.markCommitting(claim, {}, Date.now())).toBe(false);
  await order(app, 'CANCEL', [id]);
  expect(await save(3)).toBe('CANCEL_REQUESTED');
  expect(await app.store.markCommitting(claim, {}, Date.now())).toBe(false);
  expect(await jobNow(app, id)).toMatchObject({ status: 'CANCEL_REQUESTED', coordinator: 'ghost' });
});
