import { expect, test } from 'vitest';
import { PauseAsked, Transient } from '../../src/jobs/kind.ts';
import { RETRY, waitMs } from '../../src/jobs/retry.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

const LONG = { firstWaitMs: 200_000 };

test('a job with a transient failure waits for its next attempt, shows this, and continues from its checkpoint', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 20 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  script('a').act({ checkpoint: 4, fractionCompleted: 0.3 }, new Transient('the target is busy'));
  await changes.reaches(id, 'RUNNING', 2);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(script('a').runs.map(({ from }) => from)).toEqual([null, 4]);
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, statusMessage: null, nextAttemptAt: null });
  expect(job.executionErrors).toMatchObject([{ attempt: 1, message: 'the target is busy' }]);
  expect(job.events.nodes[2]).toMatchObject({ from: 'RUNNING', to: 'PENDING', error: 'the target is busy' });
});

test('a job that waits for its next attempt shows its time and the error, and holds no worker', async () => {
  await using scene = await startScripted({ retry: LONG, settings: { WORKERS: '1' } });
  const { app, script } = scene;
  const id = await scene.start('a');

  script('a').act(new Transient('the target is busy'));
  const job = await jobWhen(app, id, ({ status }) => status === 'PENDING');

  expect(job).toMatchObject({
    attempts: 1,
    coordinator: null,
    statusMessage: 'waiting for its next attempt: the target is busy',
    availableCommands: ['PAUSE', 'RESUME', 'CANCEL'],
  });
  const wait = Date.parse(String(job.nextAttemptAt)) - Date.parse(String(job.modifiedAt));
  expect(wait).toBeGreaterThanOrEqual(100_000);
  expect(wait).toBeLessThanOrEqual(200_000);
  await scene.start('another');
});

test('waits double from one second to five minutes, at least half of each being waited', () => {
  const waits = (jitter: number) => [1, 2, 3, 9, 10, 50].map((failures) => waitMs(failures, { ...RETRY, jitter }));
  expect(RETRY.attempts).toBe(5);
  expect(waits(1)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  expect(waits(0)).toEqual([500, 1_000, 2_000, 128_000, 150_000, 150_000]);
});

test('resuming a job that waits for its next attempt ends the wait: a change without an event', async () => {
  await using scene = await startScripted({ retry: LONG });
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  script('a').act(new Transient('busy'));
  const waiting = await jobWhen(app, id, ({ status }) => status === 'PENDING');

  const outcome = await order(app, 'RESUME', [id]);
  expect(outcome).toMatchObject({ changedCount: 1, unchangedCount: 0, refusedCount: 0 });
  expect(outcome.changed).toEqual([{ jobId: id, from: 'PENDING', to: 'PENDING' }]);
  await changes.reaches(id, 'RUNNING', 2);

  const job = await jobNow(app, id);
  expect(job).toMatchObject({ attempts: 0, nextAttemptAt: null, statusMessage: null });
  expect(job.events.nodes.length).toBe(waiting.events.nodes.length + 1);
  expect(await order(app, 'RESUME', [id])).toMatchObject({ changedCount: 0, unchangedCount: 1 });
});

test('resuming a job whose undoing waits ends the wait too', async () => {
  await using scene = await startScripted({ retry: LONG });
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  script('a').act(new Error('wrong'), new Error('cannot undo'));
  const waiting = await jobWhen(app, id, ({ nextAttemptAt }) => nextAttemptAt !== null);
  expect(waiting).toMatchObject({ status: 'REVERTING', attempts: 1, statusMessage: 'cannot undo', error: 'wrong' });

  const outcome = await order(app, 'RESUME', [id]);
  expect(outcome.changed).toEqual([{ jobId: id, from: 'REVERTING', to: 'REVERTING' }]);
  script('a').act('finish');
  await changes.reaches(id, 'FAILED');

  expect((await jobNow(app, id)).events.nodes.length).toBe(waiting.events.nodes.length + 1);
});

test('the fifth transient failure is the last: the job is reverted and fails with that error', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 1 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  for (const attempt of [1, 2, 3, 4, 5]) script('a').act(new Transient(`busy ${attempt}`));
  script('a').act(new Error('cannot undo'), new Error('nor now'), 'finish');
  await changes.reaches(id, 'FAILED');

  expect(changes.statusesOf(id).filter((status) => status === 'RUNNING')).toHaveLength(5);
  expect(changes.statusesOf(id).slice(-3)).toEqual(['RUNNING', 'REVERTING', 'FAILED']);
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: 'busy 5', nextAttemptAt: null });
  expect(job.executionErrors.map(({ attempt, message }) => [attempt, message])).toEqual([
    [2, 'nor now'],
    [1, 'cannot undo'],
    [5, 'busy 5'],
    [4, 'busy 4'],
    [3, 'busy 3'],
    [2, 'busy 2'],
    [1, 'busy 1'],
  ]);
  expect(job.events.nodes.at(-2)).toMatchObject({ to: 'REVERTING', error: 'busy 5' });
});

test('progress forgives the attempts that failed before it, and a checkpoint that stays does not', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 1 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  for (let checkpoint = 1; checkpoint <= 6; checkpoint += 1) script('a').act({ checkpoint }, new Transient('busy'));
  await changes.reaches(id, 'RUNNING', 7);
  expect(await jobNow(app, id)).toMatchObject({ attempts: 1 });

  for (let attempt = 2; attempt <= 5; attempt += 1) script('a').act({ checkpoint: 6 }, new Transient('busy'));
  await changes.reaches(id, 'REVERTING');
  script('a').act('finish');
  await changes.reaches(id, 'FAILED');
});

test('the last ten errors are kept, newest first, each cut at 1,024 characters', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 1 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  for (let checkpoint = 1; checkpoint <= 12; checkpoint += 1) {
    script('a').act({ checkpoint }, new Transient(`${checkpoint} ${'x'.repeat(2_000)}`));
  }
  script('a').act(new Error('y'.repeat(2_000)));
  await changes.reaches(id, 'REVERTING');

  const job = await jobNow(app, id);
  expect(job.executionErrors.map(({ message }) => message.split(' ')[0])).toEqual(
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(String),
  );
  for (const { message } of job.executionErrors) expect(message).toHaveLength(1_024);
  expect(job.error).toHaveLength(1_024);
});

test('a kind may ask to be paused instead of failing; its reason is kept until the job is resumed', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  script('a').act({ checkpoint: 5 }, new PauseAsked('the sink is full'));
  await changes.reaches(id, 'PAUSED');
  const paused = await jobNow(app, id);
  expect(paused).toMatchObject({
    pauseReason: 'the sink is full',
    statusMessage: 'the sink is full',
    error: null,
    attempts: 0,
  });
  expect(paused.executionErrors).toEqual([]);
  expect(paused.events.nodes.at(-1)).toMatchObject({ from: 'RUNNING', to: 'PAUSED', reason: 'the sink is full' });

  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'RUNNING', 2);
  expect(await jobNow(app, id)).toMatchObject({ pauseReason: null });
  expect(script('a').runs.at(-1)).toEqual({ phase: 'run', from: 5 });
});
