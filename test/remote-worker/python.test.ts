import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/process.ts';
import { startWithTokens, tokenFor } from '../support/tokens.ts';

const startPython = async (url: string, token: string): Promise<ChildProcess> => {
  const worker = spawn('python3', ['examples/worker.py', new URL('/', url).href, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(worker.stdout as NodeJS.ReadableStream, 'data');
  return worker;
};

const end = async (worker: ChildProcess, signal: NodeJS.Signals) => {
  const closed = once(worker, 'close');
  worker.kill(signal);
  await closed;
};

test('a worker in Python counts lines, is killed, and another one goes on at the checkpoint', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lines');
  writeFileSync(path, 'a line\n'.repeat(1_000));
  await using scene = await startWithTokens({ settings: { LEASE_SECONDS: '8' } });
  const { token } = await tokenFor(scene.app, 'root', { scope: 'WORKER', kinds: ['LINE_COUNT'] });
  const first = await startPython(scene.url, token);
  const { id } = await scene.app.create('LINE_COUNT', { path, linesPerSecond: 100 }, 'root');
  const query = `{ job(id: "${id}") { status fractionCompleted counters { name value } ... on CustomJob { result } events(first: 50) { nodes { ... on JobStatusChange { to } } } } }`;
  const job = () => scene.run<{ status: string; fractionCompleted: number | null }>(scene.root, query);
  const reaches = (status: string) => expect.poll(async () => (await job()).status).toBe(status);
  await expect.poll(async () => (await job()).fractionCompleted ?? 0).toBeGreaterThan(0);
  await scene.run(scene.root, `mutation { pauseJobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  await reaches('PAUSED');
  const paused = (await job()).fractionCompleted ?? 0;
  await scene.run(scene.root, `mutation { resumeJobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  await expect.poll(async () => (await job()).fractionCompleted ?? 0).toBeGreaterThan(paused);
  // It is there before the first one is killed, so that at each moment some worker knows the kind.
  const second = await startPython(scene.url, token);
  try {
    await end(first, 'SIGKILL');
    await reaches('SUCCEEDED');
  } finally {
    await end(second, 'SIGTERM');
  }
  const history = 'PENDING RUNNING PAUSE_REQUESTED PAUSED PENDING RUNNING SUCCEEDED';
  expect(await job()).toMatchObject({
    counters: [{ name: 'lines', value: 1_000 }],
    result: { lines: 1_000 },
    events: { nodes: history.split(' ').map((to) => ({ to })) },
  });
});
