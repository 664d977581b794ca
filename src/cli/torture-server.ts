/**
 * The kind contract on a real server, with work processes or with workers in other programs: at each checkpoint a job is
 * killed with its process, paused, canceled, or taken over by another worker while the first one goes on.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { pino } from 'pino';
import { type App, startApp } from '../app/app.ts';
import { messageOf } from '../errors.ts';
import { RETRY } from '../jobs/retry.ts';
import type { JobStatus } from '../jobs/status.ts';
import { readSettings } from '../settings.ts';
import type { CheckOptions, KindReport, KindScene, Violation } from '../testing/check-kind.ts';
import { type Held, openGate } from './torture-gate.ts';

export interface Module {
  readonly url: string;
  readonly exportName: string;
}

const ROOT = { sees: 'all', controls: ['all'], userName: 'root' } as const;
const WORKERS = 2;

export const checkOnServer = async (
  where: 'process' | 'remote',
  scene: KindScene,
  module: Module,
  { points = 10, steps: wantedSteps = 0 }: CheckOptions,
): Promise<KindReport> => {
  const { kind, input } = scene;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-torture-'));
  const gate = await openGate();
  const url = new URL('./gated-kind.js', import.meta.url);
  url.search = new URLSearchParams({ module: module.url, export: module.exportName, control: gate.url }).toString();
  const environment = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: folder, MAX_REQUESTS_PER_SECOND: '1000000' };
  const app = await startApp({
    config: readSettings({ environment }).config,
    log: pino({ level: 'silent' }),
    kinds: where === 'process' ? [{ url: url.href, exportName: 'gatedKind' }] : [],
    retry: { ...RETRY, firstWaitMs: 1, maxWaitMs: 1 },
    onLost: () => undefined,
  });
  const workers = new Map<number, ChildProcess>();
  const startWorker = async () => {
    const worker = fork(fileURLToPath(new URL('./gated-worker.js', import.meta.url)), [app.url, url.href]);
    const [message] = await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
    if (message !== 'ready') throw new Error(`the worker ended at its start with ${message}`);
    workers.set(worker.pid ?? 0, worker);
  };
  const job = async (id: string) => {
    const found = await app.store.job(id, ROOT);
    if (found === null) throw new Error(`job ${id} does not exist`);
    return found;
  };
  const create = async () => (await app.create(kind.typeName, input, 'root')).id;
  const kill = async ({ pid, jobId }: Held) => {
    const { claimedBy } = await job(jobId);
    process.kill(pid, 'SIGKILL');
    if (where === 'process') return;
    workers.delete(pid);
    await startWorker();
    // As after a lease.
    await app.store.endSession(claimedBy ?? '', Date.now());
  };
  try {
    if (where === 'remote') for (let count = 0; count < WORKERS; count += 1) await startWorker();
    await scene.reset();
    const before = gate.steps();
    const whole = await ended(app, await create(), 'SUCCEEDED');
    const expected = { target: await scene.observe(), result: whole.result };
    const checkpoints = gate.steps() - before;

    const violations: Violation[] = [];
    const compare = async (interruption: string, wanted: unknown, result: unknown = expected.result) => {
      const found = await scene.observe();
      const message = 'the target differs';
      if (!isDeepStrictEqual(found, wanted)) violations.push({ interruption, message, expected: wanted, found });
      else if (!isDeepStrictEqual(result, expected.result)) {
        violations.push({ interruption, message: 'the result differs', expected: expected.result, found: result });
      }
    };
    const finish = async (name: string, id: string) =>
      compare(name, expected.target, (await ended(app, id, 'SUCCEEDED')).result);

    const interruptions: Readonly<Record<string, (name: string, held: Held, first: unknown) => Promise<void>>> = {
      killed: async (name, held) => {
        await kill(held);
        held.release();
        await finish(name, held.jobId);
      },
      ...(kind.pausable && {
        paused: async (name, held) => {
          await command(app, 'pause', held.jobId);
          held.release('stop');
          await ended(app, held.jobId, 'PAUSED');
          await command(app, 'resume', held.jobId);
          await finish(name, held.jobId);
        },
      }),
      ...(kind.cancelable && {
        canceled: async (name, held, first) => {
          await command(app, 'cancel', held.jobId);
          held.release('stop');
          await ended(app, held.jobId, 'CANCELED');
          if (kind.reverts !== false) await compare(name, first);
        },
      }),
      ...(where === 'remote' && {
        'taken over': async (name, held) => {
          await app.store.endSession((await job(held.jobId)).claimedBy ?? '', Date.now());
          await ended(app, held.jobId, 'SUCCEEDED');
          held.release();
          await held.ended;
          await finish(name, held.jobId);
        },
      }),
    };
    let count = 0;
    const every = Math.max(1, Math.ceil(checkpoints / points));
    for (let round = 0; round === 0 || gate.steps() < wantedSteps; round += 1) {
      for (let n = 1 + (round % every); n <= checkpoints; n += every) {
        for (const [what, interrupt] of Object.entries(interruptions)) {
          const name = `${what} after checkpoint ${n}`;
          count += 1;
          await scene.reset();
          const first = await scene.observe();
          const reached = gate.hold(n);
          await create();
          await interrupt(name, await reached, first).catch((error) => {
            violations.push({ interruption: name, message: messageOf(error), expected: null, found: null });
          });
        }
      }
      if (violations.length > 0) break;
    }
    return { checkpoints, steps: gate.steps(), interruptions: count, violations };
  } finally {
    for (const worker of workers.values()) worker.kill('SIGKILL');
    await app.stop();
    gate.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const command = async (app: App, name: 'pause' | 'resume' | 'cancel', id: string): Promise<void> => {
  const query = `mutation { ${name}Jobs(jobs: { ids: ["${id}"] }) { changedCount } }`;
  const response = await fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-signalbox-user': 'root' },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await response.json()) as { readonly errors?: readonly { readonly message: string }[] };
  if (errors?.[0] !== undefined) throw new Error(errors[0].message);
};

const ENDED: readonly JobStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELED'];

/** @throws Error if the job ends otherwise */
const ended = async (app: App, id: string, wanted: JobStatus) => {
  for (;;) {
    let ignore = () => {};
    const committed = new Promise<void>((resolve) => {
      ignore = app.store.onCommit(() => resolve());
    });
    try {
      const job = await app.store.job(id, ROOT);
      if (job?.status === wanted) return job;
      if (job === null || ENDED.includes(job.status)) {
        throw new Error(`the job is ${job?.status ?? 'gone'} instead of ${wanted}: ${job?.error ?? 'no error'}`);
      }
      await committed;
    } finally {
      ignore();
    }
  }
};
