import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

test('a job that finishes goes from PENDING over RUNNING to SUCCEEDED, and is whole', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');

  script('a').act({ checkpoint: 1, fractionCompleted: 0.4 }, 'finish');
  await changes.reaches(id, 'SUCCEEDED');

  const job = await jobNow(app, id);
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect(job).toMatchObject({ fractionCompleted: 1, error: null, statusMessage: null, coordinator: null });
  expect(job.finishedAt).toBe(job.modifiedAt);
  expect([job.createdAt, job.startedAt, job.finishedAt]).toEqual([job.createdAt, job.startedAt, job.finishedAt].sort());
});

test('a running job that is asked to pause stops, keeps its checkpoint, and writes nothing more', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  script('a').act({ checkpoint: 7, fractionCompleted: 0.5, message: 'half' });

  const outcome = await order(app, 'PAUSE', [id], { reason: 'lunch' });
  expect(outcome).toMatchObject({
    applied: true,
    dryRun: false,
    selectedCount: 1,
    changedCount: 1,
    unchangedCount: 0,
    refusedCount: 0,
    changed: [{ jobId: id, from: 'RUNNING', to: 'PAUSE_REQUESTED' }],
    refusals: [],
  });
  await changes.reaches(id, 'PAUSED');

  const paused = await jobNow(app, id);
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'PAUSED']);
  expect(paused).toMatchObject({
    pauseReason: 'lunch',
    statusMessage: 'lunch',
    fractionCompleted: 0.5,
    attempts: 0,
    finishedAt: null,
    coordinator: null,
  });
  expect(script('a')).toMatchObject({ closed: 1, runs: [{ phase: 'run', from: null }] });
  script('a').act({ checkpoint: 8 });
  expect(await jobNow(app, id)).toEqual(paused);
});

test('a pause that is already so changes nothing, and the first reason stays until the job is resumed', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  await order(app, 'PAUSE', [id], { reason: 'first' });
  await changes.reaches(id, 'PAUSED');
  const before = await jobNow(app, id);

  const again = await order(app, 'PAUSE', [id], { reason: 'second' });
  expect(again).toMatchObject({ applied: true, changedCount: 0, unchangedCount: 1, refusedCount: 0, changed: [] });
  expect(await jobNow(app, id)).toEqual(before);

  await order(app, 'RESUME', [id], { reason: 'go on' });
  await changes.reaches(id, 'RUNNING', 2);
  const resumed = await jobNow(app, id);
  expect(resumed).toMatchObject({ pauseReason: null, statusMessage: null });
  expect(resumed.events.nodes.map((event) => ('reason' in event ? event.reason : null))).toEqual([
    null,
    null,
    'first',
    null,
    'go on',
    null,
  ]);
});

test('a resumed job goes on from its checkpoint, and its fraction never falls', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  script('a').act({ checkpoint: 7, fractionCompleted: 0.5 });
  await order(app, 'PAUSE', [id]);
  await changes.reaches(id, 'PAUSED');

  await order(app, 'RESUME', [id]);
  script('a').act({ checkpoint: 8, fractionCompleted: 0.2 });
  await order(app, 'PAUSE', [id]);
  await changes.reaches(id, 'PAUSED', 2);
  expect(await jobNow(app, id)).toMatchObject({ fractionCompleted: 0.5 });

  await order(app, 'RESUME', [id]);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(script('a').runs.map(({ from }) => from)).toEqual([null, 7, 8]);
  expect(await jobNow(app, id)).toMatchObject({ fractionCompleted: 1, startedAt: expect.any(String) });
});

test('a job that is never run is paused, resumed and canceled at once, by the command alone', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const holder = await app.create('SCRIPTED', { name: 'holder' }, 'root');
  await changes.reaches(holder.id, 'RUNNING');
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');

  for (const [command, to] of [
    ['PAUSE', 'PAUSED'],
    ['RESUME', 'PENDING'],
    ['CANCEL', 'CANCELED'],
  ] as const) {
    expect((await order(app, command, [id])).changed).toMatchObject([{ to }]);
    expect(await jobNow(app, id)).toMatchObject({ status: to, startedAt: null });
  }
  const job = await jobNow(app, id);
  expect(job).toMatchObject({ error: null, fractionCompleted: 0 });
  expect(job.finishedAt).toBe(job.modifiedAt);
  expect(script('a').runs).toEqual([]);
});

test('a fraction outside 0 to 1 is cut to it', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const fractionAfter = async (fractionCompleted: number) => {
    const name = String(fractionCompleted);
    const { id } = await app.create('SCRIPTED', { name }, 'root');
    await changes.reaches(id, 'RUNNING');
    script(name).act({ checkpoint: 1, fractionCompleted });
    await order(app, 'PAUSE', [id]);
    await changes.reaches(id, 'PAUSED');
    return (await jobNow(app, id)).fractionCompleted;
  };

  expect(await fractionAfter(1.7)).toBe(1);
  expect(await fractionAfter(-3)).toBe(0);
  expect(await fractionAfter(Number.NaN)).toBe(0);
});
