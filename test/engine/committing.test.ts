import { expect, test } from 'vitest';
import { PauseAsked, Transient } from '../../src/jobs/kind.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

const COMMIT = { checkpoint: 9, fractionCompleted: 0.9, commit: true } as const;

test('a job that is being published refuses to pause and to be canceled, and finishes', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  script('a').act(COMMIT);
  const committing = await jobWhen(app, id, ({ fractionCompleted }) => fractionCompleted === 0.9);
  expect(committing).toMatchObject({ status: 'RUNNING', availableCommands: [] });

  for (const command of ['PAUSE', 'CANCEL'] as const) {
    expect((await order(app, command, [id])).refusals).toEqual([
      {
        jobId: id,
        code: 'INVALID_STATUS',
        message: `cannot ${command.toLowerCase()} job ${id}: it is already being published`,
      },
    ]);
  }
  expect(await jobNow(app, id)).toEqual(committing);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test.each([
  ['PAUSE', 'PAUSED', 'run'],
  ['CANCEL', 'REVERTING', 'revert'],
] as const)('%s that comes before the work is published keeps it from being published', async (command, to, next) => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  {
    using _ = script('a').lingers();
    await order(app, command, [id]);
    script('a').act(COMMIT);
    await changes.reaches(id, to);
  }
  expect(script('a').closed).toBe(1);
  expect(await jobNow(app, id)).toMatchObject({ fractionCompleted: 0.9 });

  if (command === 'PAUSE') await order(app, 'RESUME', [id]);
  script('a').act('finish');
  await changes.reaches(id, command === 'PAUSE' ? 'SUCCEEDED' : 'CANCELED');
  expect(script('a').runs).toEqual([
    { phase: 'run', from: null },
    { phase: next, from: 9 },
  ]);
});

test('publishing that fails is retried without limit, after any error, and is never reverted', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 1, maxWaitMs: 2 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');

  script('a').act(COMMIT, new Error('wrong 0'));
  for (const n of [1, 2, 3])
    script('a').act(new Transient(`busy ${n}`), new Error(`wrong ${n}`), new PauseAsked('full'));
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(new Set(changes.statusesOf(id))).toEqual(new Set(['PENDING', 'RUNNING', 'SUCCEEDED']));
  expect(script('a').runs).toHaveLength(11);
  expect(
    script('a')
      .runs.slice(1)
      .every(({ phase, from }) => phase === 'run' && from === 9),
  ).toBe(true);
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, fractionCompleted: 1, pauseReason: null });
  expect(job.executionErrors.map(({ message }) => message).slice(0, 3)).toEqual(['full', 'wrong 3', 'busy 3']);
});

test('publishing that waits for its next attempt refuses to pause and to be canceled, and can be resumed', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 200_000 } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  script('a').act(COMMIT, new PauseAsked('the sink is full'));

  const waiting = await jobWhen(app, id, ({ status }) => status === 'PENDING');
  expect(waiting).toMatchObject({
    attempts: 1,
    pauseReason: null,
    statusMessage: 'waiting for its next attempt: the sink is full',
    availableCommands: ['RESUME'],
  });
  await order(app, 'RESUME', [id]);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
});
