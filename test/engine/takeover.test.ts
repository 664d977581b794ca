import { expect, test } from 'vitest';
import { Transient } from '../../src/jobs/kind.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { haunt, startGhost } from '../support/dead-worker.ts';
import { startScripted } from '../support/scripted-app.ts';

/** A job that a ghost holds, with a checkpoint saved under its claim; the server's one place is taken. */
const startHaunted = async (saved: { checkpoint?: string } = { checkpoint: '5' }) => {
  const scene = await startScripted({ settings: { WORKERS: '1' }, retry: { firstWaitMs: 1 } });
  await scene.start('holder');
  const id = await scene.create('a');
  const ghost = await startGhost(scene.app, 'ghost');
  const { claim } = await ghost.take(id);
  if (saved.checkpoint !== undefined) await scene.app.store.save(claim, saved, Date.now());
  return { ...scene, id, claim, ghost, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
};

const originCheck = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};

test('a running job whose worker died goes on from its checkpoint: no event, no attempt spent', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id } = scene;
  const before = await jobNow(app, id);
  const fenceAcquired: number[] = [];
  script('a').acquireFence = async ({ epoch }) => void fenceAcquired.push(epoch);

  await scene.ghost.die();
  script('holder').act('finish');
  const taken = await jobWhen(app, id, ({ coordinator }) => coordinator !== 'ghost');
  expect(taken).toMatchObject({ status: 'RUNNING', attempts: 0, startedAt: before.startedAt });
  expect(taken.events).toEqual(before.events);
  expect(taken.executionErrors).toEqual([]);

  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(script('a').runs).toEqual([{ phase: 'run', from: 5 }]);
  expect(fenceAcquired).toEqual([2]);
});

test('a claim that dies without a checkpoint spends an attempt, and the job waits for its next', async () => {
  await using scene = await startHaunted({});
  const { app, script, changes, id, ghost } = scene;

  await ghost.die();
  script('holder').act('finish');
  await changes.reaches(id, 'RUNNING', 2);

  const job = await jobNow(app, id);
  expect(job).toMatchObject({ attempts: 1, nextAttemptAt: null, error: null });
  expect(job.executionErrors).toMatchObject([{ attempt: 1, message: 'the worker was lost' }]);
  expect(job.events.nodes.slice(-2)).toMatchObject([
    { from: 'RUNNING', to: 'PENDING', error: 'the worker was lost', actor: { kind: 'SYSTEM', name: 'recovery' } },
    { from: 'PENDING', to: 'RUNNING', error: null },
  ]);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
});

test('a job that loses its worker five times fails and is reverted', async () => {
  await using scene = await startHaunted({});
  const { app, script, changes, id, ghost } = scene;

  await ghost.die();
  await haunt(app, 4);
  await changes.reaches(id, 'REVERTING');
  script('a').act('finish');
  await changes.reaches(id, 'FAILED');

  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: 'worker lost 5 times', nextAttemptAt: null });
  expect(job.executionErrors.map(({ attempt }) => attempt)).toEqual([5, 4, 3, 2, 1]);
  expect(job.events.nodes.slice(-2)).toMatchObject([
    { to: 'REVERTING', error: 'worker lost 5 times', actor: { kind: 'SYSTEM', name: 'recovery' } },
    { to: 'FAILED', error: 'worker lost 5 times' },
  ]);
  expect(script('a').runs).toEqual([{ phase: 'revert', from: null }]);
});

test('undoing that loses its worker is tried again without end, and keeps the last ten errors', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id, claim } = scene;

  const failed = app.store.settle(claim, { report: 'failed', error: 'wrong', actor: 'ghost' }, Date.now());
  await haunt(app, 13);
  expect(await failed).toBe('REVERTING');
  const lost = await jobWhen(app, id, ({ attempts }) => attempts === 13);
  expect(lost).toMatchObject({
    status: 'REVERTING',
    error: 'wrong',
    statusMessage: 'waiting for its next attempt: the worker was lost',
  });
  expect(lost.executionErrors.map(({ attempt }) => attempt)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);

  await order(app, 'PAUSE', [id]);
  await changes.reaches(id, 'PAUSED');
  await order(app, 'RESUME', [id]);
  script('a').act('finish');
  await changes.reaches(id, 'FAILED');
  expect(changes.statusesOf(id).filter((status) => status === 'REVERTING')).toHaveLength(2);
  expect(await jobNow(app, id)).toMatchObject({ error: 'wrong' });
});

test('a pause that a dead worker did not finish is true only when the next one has entered the target', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost } = scene;
  const entering = originCheck();
  const fenceAcquired = originCheck();
  script('a').acquireFence = () => {
    entering.open();
    return fenceAcquired.opened;
  };
  await order(app, 'PAUSE', [id], { reason: 'lunch' });
  const before = await jobNow(app, id);
  await ghost.die();
  await order(app, 'PAUSE', [await scene.create('another')]);

  await entering.opened;
  expect(await jobNow(app, id)).toMatchObject({ status: 'PAUSE_REQUESTED', pauseReason: 'lunch' });
  expect((await jobNow(app, id)).events).toEqual(before.events);
  fenceAcquired.open();
  await changes.reaches(id, 'PAUSED');

  expect(await jobNow(app, id)).toMatchObject({ statusMessage: 'lunch', attempts: 0, coordinator: null });
  expect(script('a').runs).toEqual([]);
});

test('a job is not PAUSED before its fence can be acquired', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost } = scene;
  let tries = 0;
  script('a').acquireFence = async () => {
    tries += 1;
    if (tries === 1) throw new Error('the target is locked');
  };
  await order(app, 'PAUSE', [id], { reason: 'lunch' });
  await ghost.die();
  await order(app, 'PAUSE', [await scene.create('another')]);

  const waiting = await jobWhen(app, id, ({ statusMessage }) => statusMessage?.includes('locked') === true);
  expect(waiting).toMatchObject({
    status: 'PAUSE_REQUESTED',
    statusMessage: 'waiting to be paused: the target is locked',
    pauseReason: 'lunch',
  });
  await changes.reaches(id, 'PAUSED');
  expect(await jobNow(app, id)).toMatchObject({ statusMessage: 'lunch', executionErrors: [] });
  expect(tries).toBe(2);
});

test.each([
  ['work', 'RUNNING'],
  ['undoing', 'REVERTING'],
] as const)('a pause of %s that was taken over is not PAUSED before the fence was acquired', async (_, status) => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost, claim } = scene;
  if (status === 'REVERTING') {
    // Together, so that the server's own worker does not come between the two.
    const failed = app.store.settle(claim, { report: 'failed', error: 'wrong', actor: 'ghost' }, Date.now());
    const [taken] = await Promise.all([ghost.take(id), failed]);
    await app.store.save(taken.claim, { checkpoint: '6' }, Date.now());
  }
  const trying = originCheck();
  const tried = originCheck();
  const tries: number[] = [];
  script('a').acquireFence = async ({ epoch }) => {
    tries.push(epoch);
    trying.open();
    if (tries.length === 1) await tried.opened;
    if (tries.length <= 2) throw new Transient('the target is locked');
  };
  await ghost.die();
  script('holder').act('finish');
  await trying.opened;

  await order(app, 'PAUSE', [id], { reason: 'lunch' });
  tried.open();
  const waiting = await jobWhen(app, id, ({ statusMessage }) => statusMessage?.includes('locked') === true);
  expect(waiting).toMatchObject({
    status: 'PAUSE_REQUESTED',
    statusMessage: 'waiting to be paused: the target is locked',
  });
  await changes.reaches(id, 'PAUSED');

  expect(new Set(tries).size).toBe(1);
  expect(tries).toHaveLength(3);
  expect(await jobNow(app, id)).toMatchObject({ statusMessage: 'lunch', attempts: 0, executionErrors: [] });
  expect(script('a').runs).toEqual([]);
});

test.each([
  ['RESUME', ['RUNNING', 'PENDING', 'RUNNING', 'SUCCEEDED']],
  ['CANCEL', ['CANCEL_REQUESTED', 'REVERTING', 'CANCELED']],
] as const)('%s while the next worker enters the target takes effect', async (command, then) => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost } = scene;
  const entering = originCheck();
  const fenceAcquired = originCheck();
  script('a').acquireFence = () => {
    entering.open();
    return fenceAcquired.opened;
  };
  await order(app, 'PAUSE', [id]);
  await ghost.die();
  await order(app, 'PAUSE', [await scene.create('another')]);
  await entering.opened;

  await order(app, command, [id]);
  script('holder').act('finish');
  script('a').act('finish');
  fenceAcquired.open();
  await changes.reaches(id, then.at(-1) ?? '');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', ...then]);
  expect(script('a').runs).toEqual([{ phase: command === 'RESUME' ? 'run' : 'revert', from: 5 }]);
});

test('a cancel whose worker died is carried out by the next, however busy it is', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost } = scene;
  await order(app, 'CANCEL', [id]);
  expect(await jobNow(app, id)).toMatchObject({ status: 'CANCEL_REQUESTED', coordinator: 'ghost' });

  await ghost.die();
  await order(app, 'PAUSE', [await scene.create('another')]);
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(script('a').runs).toEqual([{ phase: 'revert', from: 5 }]);
  expect(script('holder').closed).toBe(0);
});

test('a job that was being published when its worker died is run again, and never reverted', async () => {
  await using scene = await startHaunted();
  const { app, script, changes, id, ghost, claim } = scene;
  expect(await app.store.markCommitting(claim, { checkpoint: '6' }, Date.now())).toBe(true);
  await ghost.die();
  expect((await order(app, 'CANCEL', [id])).refusals).toMatchObject([{ code: 'INVALID_STATUS' }]);

  script('holder').act('finish');
  script('a').act(new Error('not yet'), 'finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(script('a').runs).toEqual([
    { phase: 'run', from: 6 },
    { phase: 'run', from: 6 },
  ]);
});
