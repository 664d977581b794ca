import { expect, test } from 'vitest';
import type { JobCommand } from '../../src/jobs/status.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

type Scene = Awaited<ReturnType<typeof startScripted>>;

/** Looks at the job after every commit: it may never be RUNNING without a worker. */
const watchHolders = ({ app }: Scene, id: string) => {
  const looks: ReturnType<typeof jobNow>[] = [];
  const ignore = app.store.onCommit(() => looks.push(jobNow(app, id)));
  return async () => {
    ignore();
    const seen = await Promise.all(looks);
    return seen.filter(({ status, coordinator }) => status === 'RUNNING' && coordinator === null);
  };
};

test('a job resumed while its worker stops for the pause goes on, and never runs with nobody on it', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  const unheld = watchHolders(scene, id);
  script('a').act({ checkpoint: 4 });
  {
    using _ = script('a').lingers();
    await order(app, 'PAUSE', [id], { reason: 'lunch' });
    const { changed } = await order(app, 'RESUME', [id]);
    expect(changed).toEqual([{ jobId: id, from: 'PAUSE_REQUESTED', to: 'RUNNING' }]);
    expect(await jobNow(app, id)).toMatchObject({ status: 'RUNNING', pauseReason: null });
  }
  await changes.reaches(id, 'RUNNING', 3);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(changes.statusesOf(id)).toEqual([
    ...['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'RUNNING'],
    ...['PENDING', 'RUNNING', 'SUCCEEDED'],
  ]);
  expect(script('a').runs).toEqual([
    { phase: 'run', from: null },
    { phase: 'run', from: 4 },
  ]);
  expect(script('a').closed).toBe(2);
  expect(await jobNow(app, id)).toMatchObject({ attempts: 0, executionErrors: [] });
  expect(await unheld()).toEqual([]);
});

test('a job paused again while its worker still stops for the first pause is paused, with the second reason', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  {
    using _ = script('a').lingers();
    await order(app, 'PAUSE', [id], { reason: 'first' });
    await order(app, 'RESUME', [id]);
    await order(app, 'PAUSE', [id], { reason: 'second' });
  }
  await changes.reaches(id, 'PAUSED');

  expect(await jobNow(app, id)).toMatchObject({ status: 'PAUSED', pauseReason: 'second', coordinator: null });
  expect(script('a')).toMatchObject({ closed: 1, runs: [{ phase: 'run', from: null }] });
});

test('undoing that is resumed while its worker stops for the pause goes on', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  await order(app, 'CANCEL', [id]);
  await scene.reverts(id);
  {
    using _ = script('a').lingers();
    await order(app, 'PAUSE', [id]);
    await order(app, 'RESUME', [id]);
  }
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(changes.statusesOf(id).slice(-4)).toEqual(['REVERTING', 'PAUSE_REQUESTED', 'REVERTING', 'CANCELED']);
});

test('a job canceled while its worker stops for a pause is canceled', async () => {
  await using scene = await startScripted();
  const { app, script, changes } = scene;
  const id = await scene.start('a');
  {
    using _ = script('a').lingers();
    await order(app, 'PAUSE', [id], { reason: 'lunch' });
    await order(app, 'CANCEL', [id]);
  }
  script('a').act('finish');
  await changes.reaches(id, 'CANCELED');

  expect(changes.statusesOf(id)).toEqual([
    ...['PENDING', 'RUNNING', 'PAUSE_REQUESTED'],
    ...['CANCEL_REQUESTED', 'REVERTING', 'CANCELED'],
  ]);
  expect(await jobNow(app, id)).toMatchObject({ pauseReason: null, error: null });
});

/** The same numbers in every run: mulberry32. */
const numbers = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let n = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
  return ((n ^ (n >>> 14)) >>> 0) / 4_294_967_296;
};

test('whatever is ordered, and however fast, every job takes only steps of the table and reaches an end', async () => {
  await using scene = await startScripted({ retry: { firstWaitMs: 1 }, settings: { WORKERS: '3' } });
  const { app, script } = scene;
  const random = numbers(7);
  const names = Array.from({ length: 8 }, (_, n) => `job ${n}`);
  const ids = await Promise.all(names.map(scene.create));
  const some = () => ids.filter(() => random() < 0.4);
  for (let round = 0; round < 25; round += 1) {
    const command: JobCommand = random() < 0.48 ? 'PAUSE' : random() < 0.9 ? 'RESUME' : 'CANCEL';
    const chosen = some();
    if (chosen.length > 0) await order(app, command, chosen);
    for (const name of names) if (random() < 0.3) script(name).act({ checkpoint: round });
  }

  await order(app, 'RESUME', ids);
  for (const name of names) script(name).act('finish', 'finish');
  for (const id of ids) {
    const { events } = await jobWhen(app, id, ({ finishedAt }) => finishedAt !== null);
    const chain = events.nodes.map((event) => ('to' in event ? [event.from, event.to] : []));
    chain.forEach(([from], place) => {
      expect([id, place, from]).toEqual([id, place, place === 0 ? null : chain[place - 1]?.[1]]);
    });
  }
  for (const name of names) expect(script(name).closed).toBe(script(name).runs.length);
});
