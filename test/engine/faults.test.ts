import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Fenced, type Kind, Transient } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, jobWhen, order, orderRefused } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

test('work whose target was entered by a newer claim than the store knows of is tried under the next', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  script('a').acquireFence = async ({ epoch }) => {
    if (epoch < 4) throw new Fenced(`epoch ${epoch} is not the newest`);
  };
  const id = await scene.start('a');

  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(changes.statusesOf(id).filter((status) => status === 'RUNNING')).toHaveLength(4);
  expect((await jobNow(app, id)).executionErrors.map(({ attempt }) => attempt)).toEqual([3, 2, 1]);
  expect(script('a').runs).toEqual([{ phase: 'run', from: null }]);
});

test('a target that cannot be entered for a while delays work and undoing, and is no failure of either', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  let tries = 0;
  script('a').acquireFence = async () => {
    tries += 1;
    if (tries % 2 === 1) throw new Transient('the target is locked');
  };
  const id = await scene.start('a');
  await changes.reaches(id, 'RUNNING', 2);

  await order(app, 'CANCEL', [id]);
  await scene.reverts(id);
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(tries).toBe(4);
  expect(script('a').runs.map(({ phase }) => phase)).toEqual(['run', 'revert']);
  expect(await jobNow(app, id)).toMatchObject({ error: null });
});

test('a pause that comes while the target is being entered waits for that, and the work is not begun', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  let acquireFence = () => {};
  script('a').acquireFence = () =>
    new Promise((resolve) => {
      acquireFence = resolve;
    });
  const id = await scene.start('a');

  await order(app, 'PAUSE', [id], { reason: 'lunch' });
  expect(await jobNow(app, id)).toMatchObject({ status: 'PAUSE_REQUESTED' });
  acquireFence();
  await changes.reaches(id, 'PAUSED');
  expect(script('a').runs).toEqual([]);
});

test('a checkpoint that is no JSON fails the job, and its generator is closed', async () => {
  let closed = 0;
  const kind: Kind<object, object, unknown> = {
    type: 'CUSTOM',
    typeName: 'ODD',
    pausable: true,
    cancelable: true,
    inline: true,
    create: async () => ({ details: {}, description: 'odd', database: null }),
    run: async function* () {
      try {
        yield { checkpoint: 1n };
      } finally {
        closed += 1;
      }
    },
    // biome-ignore lint/correctness/useYield: there is nothing to undo.
    revert: async function* () {
      return;
    },
  };
  await using app = await startApp({ kinds: [kind as Kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('ODD', {}, 'root');

  await changes.reaches(id, 'FAILED');

  expect(closed).toBe(1);
  expect(await jobNow(app, id)).toMatchObject({ error: 'Do not know how to serialize a BigInt', attempts: 0 });
});

test('a store that is locked for longer than it waits delays its jobs, and is no failure of theirs', async () => {
  // It waits for the lock in threads of its own: in this one it would keep the test waiting too.
  // The lease is longer than the lock is held: otherwise the server stops its jobs by itself, as one that is cut off.
  await using scene = await startScripted({ storeThreads: true, embedded: true, settings: { LEASE_SECONDS: '60' } });
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  const other = await scene.start('other');
  const before = await jobNow(app, other);
  const locker = new Database(`${app.dataDir}/signalbox.db`);
  locker.exec('BEGIN IMMEDIATE');

  script('a').act({ checkpoint: 3, fractionCompleted: 0.5 }, 'finish');
  expect(await orderRefused(app, 'PAUSE', [other])).toMatchObject({
    message: 'the job store is locked by another program',
    extensions: { code: 'UNAVAILABLE' },
  });
  expect(await jobNow(app, other)).toEqual(before);
  locker.exec('ROLLBACK');
  locker.close();
  await changes.reaches(id, 'SUCCEEDED');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect(await jobWhen(app, id, ({ finishedAt }) => finishedAt !== null)).toMatchObject({
    attempts: 0,
    executionErrors: [],
    error: null,
  });
});
