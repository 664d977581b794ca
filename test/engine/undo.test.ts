import { expect, test } from 'vitest';
import { Transient } from '../../src/jobs/kind.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

test('cancelling a running job undoes it once, from its checkpoint, and leaves no error', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  script('a').act({ checkpoint: 7, fractionCompleted: 0.5 });

  await order(app, 'CANCEL', [id], { reason: 'no more' });
  await changes.reaches(id, 'REVERTING');
  expect(await jobNow(app, id)).toMatchObject({ finishedAt: null, fractionCompleted: 0.5 });
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'CANCEL_REQUESTED', 'REVERTING', 'CANCELED']);
  expect(script('a')).toMatchObject({
    closed: 2,
    runs: [
      { phase: 'run', from: null },
      { phase: 'revert', from: 7 },
    ],
  });
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, statusMessage: null, fractionCompleted: 0.5, coordinator: null });
  expect(job.finishedAt).toBe(job.modifiedAt);
});

test('cancelling a paused job goes through REVERTING, however busy the workers are', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '1' } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  await order(app, 'PAUSE', [id], { reason: 'lunch' });
  await changes.reaches(id, 'PAUSED');
  const holder = await scene.start('holder');

  const { changed } = await order(app, 'CANCEL', [id]);
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(changed).toEqual([{ jobId: id, from: 'PAUSED', to: 'CANCEL_REQUESTED' }]);
  expect(changes.statusesOf(id).slice(-3)).toEqual(['CANCEL_REQUESTED', 'REVERTING', 'CANCELED']);
  expect(await jobNow(app, id)).toMatchObject({ pauseReason: null });
  expect(await jobNow(app, holder)).toMatchObject({ status: 'RUNNING' });
  expect(script('holder').closed).toBe(0);
});

test('a job that has failed is reverted and fails with its first error, although the revert fails twice', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  script('a').act({ checkpoint: 3 }, new Error('line 7 is wrong'), new Error('cannot undo'), new Error('nor now'));
  const reverting = await jobWhen(app, id, ({ executionErrors }) => executionErrors.length === 2);
  expect(reverting).toMatchObject({ status: 'REVERTING', error: 'line 7 is wrong', finishedAt: null });
  script('a').act('finish');
  await changes.reaches(id, 'FAILED');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'REVERTING', 'FAILED']);
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: 'line 7 is wrong', statusMessage: null });
  expect(job.executionErrors.map(({ message, attempt }) => [attempt, message])).toEqual([
    [2, 'nor now'],
    [1, 'cannot undo'],
  ]);
  expect(job.events.nodes.slice(2)).toMatchObject([
    { to: 'REVERTING', error: 'line 7 is wrong' },
    { to: 'FAILED', error: 'line 7 is wrong' },
  ]);
  expect(script('a').runs).toEqual([
    { phase: 'run', from: null },
    { phase: 'revert', from: 3 },
    { phase: 'revert', from: 3 },
    { phase: 'revert', from: 3 },
  ]);
});

test.each([
  ['cancel', 'CANCELED', null],
  ['failure', 'FAILED', 'line 7 is wrong'],
] as const)(
  'a job paused while reverting by %s continues to revert when it is resumed, and ends %s',
  async (cause, end, error) => {
    await using scene = await startScripted();
    const { app, script, changes } = scene;
    const id = await scene.start('a');
    if (cause === 'cancel') await order(app, 'CANCEL', [id]);
    else script('a').act(new Error('line 7 is wrong'));
    await changes.reaches(id, 'REVERTING');
    script('a').act({ checkpoint: 9 });

    await order(app, 'PAUSE', [id], { reason: 'lunch' });
    await changes.reaches(id, 'PAUSED');
    expect(await jobNow(app, id)).toMatchObject({
      pauseReason: 'lunch',
      statusMessage: 'lunch',
      error,
      coordinator: null,
    });
    await order(app, 'RESUME', [id]);
    await changes.reaches(id, 'REVERTING', 2);
    script('a').act('finish');
    await changes.reaches(id, end);

    expect(changes.statusesOf(id).slice(-5)).toEqual(['REVERTING', 'PAUSE_REQUESTED', 'PAUSED', 'REVERTING', end]);
    expect(script('a').runs.at(-1)).toEqual({ phase: 'revert', from: 9 });
    expect(await jobNow(app, id)).toMatchObject({ error, pauseReason: null });
  },
);

test('a revert that fails while a pause is requested pauses, and names what is left', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  await order(app, 'CANCEL', [id]);
  await scene.reverts(id);
  using _ = script('a').lingers();
  await order(app, 'PAUSE', [id], { reason: 'lunch' });

  script('a').act(new Error('cannot undo'));
  await changes.reaches(id, 'PAUSED');

  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, statusMessage: 'lunch', nextAttemptAt: null });
  expect(job.executionErrors).toMatchObject([{ message: 'cannot undo' }]);
  expect(job.events.nodes.at(-1)).toMatchObject({ to: 'PAUSED', error: 'cannot undo' });
});

test.each([
  ['has finished', 'finish', null],
  ['fails for good', new Error('line 7 is wrong'), 'line 7 is wrong'],
  ['fails in passing', new Transient('busy'), 'busy'],
] as const)('work that %s while a cancel is requested is reverted, and the job has no error', async (_, act, error) => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  {
    using _lingering = script('a').lingers();
    await order(app, 'CANCEL', [id]);
    script('a').act(act);
    await changes.reaches(id, 'REVERTING');
  }
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, attempts: 0, fractionCompleted: 0 });
  expect(job.events.nodes.at(-2)).toMatchObject({ from: 'CANCEL_REQUESTED', to: 'REVERTING', error });
});

test.each([
  ['finishes, has succeeded', 'finish', ['SUCCEEDED']],
  ['fails permanently, is reverted', new Error('line 7 is wrong'), ['REVERTING', 'FAILED']],
  ['fails in passing, is paused', new Transient('busy'), ['PAUSED']],
] as const)('work that was asked to pause and %s', async (_, act, to) => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  using _lingering = script('a').lingers();
  await order(app, 'PAUSE', [id], { reason: 'lunch' });

  script('a').act(act, 'finish');
  await changes.reaches(id, to.at(-1) ?? '');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', ...to]);
  expect((await jobNow(app, id)).pauseReason).toBe(to[0] === 'PAUSED' ? 'lunch' : null);
});
