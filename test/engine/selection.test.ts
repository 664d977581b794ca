import { expect, test } from 'vitest';
import { jobNow, order, orderRefused } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

const MISSING = '9007199254740991';

test('a selection is changed where it can be; each distinct id is counted once, and every refusal is listed', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '1' } });
  const { app, script, changes } = scene;
  const ended = await scene.start('ended');
  script('ended').act('finish');
  await changes.reaches(ended, 'SUCCEEDED');
  const running = await scene.start('running');
  const waiting = await scene.create('waiting');
  const paused = await scene.create('paused');
  await order(app, 'PAUSE', [paused], { reason: 'first' });
  const before = await Promise.all([ended, paused].map((id) => jobNow(app, id)));

  const ids = [waiting, paused, MISSING, running, ended, waiting, MISSING];
  const outcome = await order(app, 'PAUSE', ids, { reason: 'second' });

  expect(outcome).toMatchObject({
    applied: true,
    selectedCount: 5,
    changedCount: 2,
    unchangedCount: 1,
    refusedCount: 2,
  });
  expect(outcome.changed).toEqual([
    { jobId: running, from: 'RUNNING', to: 'PAUSE_REQUESTED' },
    { jobId: waiting, from: 'PENDING', to: 'PAUSED' },
  ]);
  expect(outcome.refusals).toEqual([
    { jobId: MISSING, code: 'NOT_FOUND', message: `job with ID ${MISSING} does not exist` },
    { jobId: ended, code: 'INVALID_STATUS', message: `cannot pause succeeded job ${ended}` },
  ]);
  expect(await Promise.all([ended, paused].map((id) => jobNow(app, id)))).toEqual(before);
  expect(await jobNow(app, waiting)).toMatchObject({ status: 'PAUSED', pauseReason: 'second' });
});

test('all that one command did carries its id, and the cursor before it; another command has another', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '1' } });
  const { app } = scene;
  await scene.start('holder');
  const ids = [await scene.create('a'), await scene.create('b'), await scene.create('c')];

  const paused = await order(app, 'PAUSE', ids);
  const resumed = await order(app, 'RESUME', ids);

  expect(paused.commandId).not.toBe(resumed.commandId);
  for (const id of ids) {
    const { events } = await jobNow(app, id);
    expect(events.nodes.map((event) => ('to' in event ? [event.to, event.commandId] : []))).toEqual([
      ['PENDING', null],
      ['PAUSED', paused.commandId],
      ['PENDING', resumed.commandId],
    ]);
    const cursors = events.nodes.map(({ cursor }) => cursor);
    expect([...cursors, paused.cursor].sort()).toEqual([cursors[0], paused.cursor, cursors[1], cursors[2]]);
    expect(cursors.filter((cursor) => cursor > resumed.cursor)).toEqual([cursors[2]]);
  }
});

test('all or nothing is nothing when one job is not there, and all when none refuses', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '1' } });
  const { app } = scene;
  await scene.start('holder');
  const ids = [await scene.create('a'), await scene.create('b')];
  const before = await Promise.all(ids.map((id) => jobNow(app, id)));

  const refused = await order(app, 'CANCEL', [...ids, MISSING], { onRefusal: 'ABORT' });
  expect(refused).toMatchObject({
    applied: false,
    commandId: null,
    selectedCount: 3,
    changedCount: 2,
    refusedCount: 1,
    refusals: [{ jobId: MISSING, code: 'NOT_FOUND' }],
  });
  expect(await Promise.all(ids.map((id) => jobNow(app, id)))).toEqual(before);

  const applied = await order(app, 'CANCEL', ids, { onRefusal: 'ABORT' });
  expect(applied).toMatchObject({ applied: true, changedCount: 2, refusedCount: 0 });
  for (const id of ids) expect(await jobNow(app, id)).toMatchObject({ status: 'CANCELED' });
});

test('ten thousand ids are taken in one call, and one more is refused', async () => {
  await using scene = await startScripted();
  const { app } = scene;
  const id = await scene.start('a');
  const missing = Array.from({ length: 9_999 }, (_, n) => String(Number(MISSING) - n));

  const outcome = await order(app, 'PAUSE', [...missing, id]);
  expect(outcome).toMatchObject({ selectedCount: 10_000, changedCount: 1, unchangedCount: 0, refusedCount: 9_999 });
  expect(outcome.refusals).toHaveLength(9_999);

  await scene.changes.reaches(id, 'PAUSED');
  const before = await jobNow(app, id);
  expect(await orderRefused(app, 'RESUME', [...missing, id, '1'])).toMatchObject({
    message: 'jobs.ids has 10001 values: at most 10000 are allowed',
    extensions: { code: 'BAD_USER_INPUT', field: 'jobs.ids' },
  });
  expect(await jobNow(app, id)).toEqual(before);
});

test.each([
  ['no ids', [], 'jobs.ids'],
  ['a word', ['1', 'lunch'], 'jobs.ids.1'],
  ['a negative number', ['-1'], 'jobs.ids.0'],
  ['a number beyond 2^53', ['9007199254740992'], 'jobs.ids.0'],
])('a selection of %s is refused as a whole', async (_, ids, field) => {
  await using scene = await startScripted();
  expect(await orderRefused(scene.app, 'PAUSE', ids)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field } });
});

test('a reason of 1,024 characters is kept on the event and on the job, and a longer one is refused', async () => {
  await using scene = await startScripted({ settings: { WORKERS: '1' } });
  const { app } = scene;
  await scene.start('holder');
  const id = await scene.create('a');
  const before = await jobNow(app, id);

  expect(await orderRefused(app, 'PAUSE', [id], { reason: 'x'.repeat(1_025) })).toMatchObject({
    extensions: { code: 'BAD_USER_INPUT', field: 'reason' },
  });
  expect(await jobNow(app, id)).toEqual(before);

  const reason = 'x'.repeat(1_024);
  await order(app, 'PAUSE', [id], { reason });
  const paused = await jobNow(app, id);
  expect(paused.pauseReason).toBe(reason);
  expect(paused.events.nodes.at(-1)).toMatchObject({ reason });
});
