import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Transient } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

/** A folder to start one server after the other on, with what the jobs do kept between them. */
const keptFolder = () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-stop-'));
  const { kind, script } = scriptedKind();
  return {
    script,
    start: () => startApp({ dataDir, kinds: [kind], settings: { WORKERS: '4' }, retry: { firstWaitMs: 200_000 } }),
    [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }),
  };
};
type App = Awaited<ReturnType<ReturnType<typeof keptFolder>['start']>>;

const startJob = async (app: App, name: string) => {
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name }, 'root');
  await changes.reaches(id, 'RUNNING');
  return id;
};

test('a server that stops lets its running jobs go: they wait, and go on from their checkpoint after the start', async () => {
  using folder = keptFolder();
  const first = await folder.start();
  const id = await startJob(first, 'a');
  folder.script('a').act({ checkpoint: 3, fractionCompleted: 0.1 }, { checkpoint: 4, fractionCompleted: 0.2 });
  await jobWhen(first, id, ({ fractionCompleted }) => fractionCompleted !== 0);
  await first.stop();
  expect(folder.script('a').closed).toBe(1);

  await using second = await folder.start();
  await using changes = changesOf(second);
  await changes.reaches(id, 'RUNNING', 2);
  const job = await jobNow(second, id);
  expect(job).toMatchObject({ attempts: 0, executionErrors: [], error: null, fractionCompleted: 0.2 });
  folder.script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'PENDING', 'RUNNING', 'SUCCEEDED']);
  expect(folder.script('a').runs.map(({ from }) => from)).toEqual([null, 4]);
  expect(folder.script('a').closed).toBe(2);
  expect(second.lost).toEqual([]);
});

test('requests that the stopping server has not carried out yet are carried out, each by the next outcome', async () => {
  using folder = keptFolder();
  const first = await folder.start();
  const paused = await startJob(first, 'paused');
  const canceled = await startJob(first, 'canceled');
  const reverting = await startJob(first, 'reverting');
  folder.script('reverting').act(new Error('wrong'));
  await jobWhen(first, reverting, ({ status }) => status === 'REVERTING');
  {
    using _paused = folder.script('paused').lingers();
    using _canceled = folder.script('canceled').lingers();
    await order(first, 'PAUSE', [paused], { reason: 'lunch' });
    await order(first, 'CANCEL', [canceled]);
  }
  await first.stop();

  await using second = await folder.start();
  await using changes = changesOf(second);
  for (const name of ['canceled', 'reverting']) folder.script(name).act('finish');
  await changes.reaches(canceled, 'CANCELED');
  await changes.reaches(reverting, 'FAILED');
  expect(await jobNow(second, paused)).toMatchObject({ status: 'PAUSED', pauseReason: 'lunch' });
  expect(changes.statusesOf(paused)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'PAUSED']);
  expect(changes.statusesOf(canceled).slice(-3)).toEqual(['CANCEL_REQUESTED', 'REVERTING', 'CANCELED']);
  expect(await jobNow(second, reverting)).toMatchObject({ error: 'wrong', executionErrors: [] });
});

test('what waits, is paused or has ended is after a restart as it was', async () => {
  using folder = keptFolder();
  const first = await folder.start();
  const waiting = await startJob(first, 'waiting');
  folder.script('waiting').act(new Transient('busy'));
  await jobWhen(first, waiting, ({ status }) => status === 'PENDING');
  const paused = await startJob(first, 'paused');
  await order(first, 'PAUSE', [paused], { reason: 'lunch' });
  await jobWhen(first, paused, ({ status }) => status === 'PAUSED');
  const ended = await startJob(first, 'ended');
  folder.script('ended').act('finish');
  await jobWhen(first, ended, ({ status }) => status === 'SUCCEEDED');
  const ids = [waiting, paused, ended];
  const before = await Promise.all(ids.map((id) => jobNow(first, id)));
  await first.stop();

  await using second = await folder.start();
  await startJob(second, 'another');
  expect(await Promise.all(ids.map((id) => jobNow(second, id)))).toEqual(before);
});

test('a job that was being published when the server stopped is published after the start', async () => {
  using folder = keptFolder();
  const first = await folder.start();
  const id = await startJob(first, 'a');
  folder.script('a').act({ checkpoint: 3, fractionCompleted: 0.9, commit: true });
  await jobWhen(first, id, ({ fractionCompleted }) => fractionCompleted === 0.9);
  await first.stop();

  await using second = await folder.start();
  await using changes = changesOf(second);
  await changes.reaches(id, 'RUNNING', 2);
  expect((await order(second, 'CANCEL', [id])).refusals).toMatchObject([{ code: 'INVALID_STATUS' }]);
  folder.script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(folder.script('a').runs).toEqual([
    { phase: 'run', from: null },
    { phase: 'run', from: 3 },
  ]);
});
