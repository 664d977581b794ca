/**
 * Jobs of an empty kind of one's own, created 64 at a time, run and ended: inline, in work processes, and by a worker in
 * another program, on an embedded store in threads. Compared with durable transactions of one insert each, in the same run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startApp } from '../src/app/app.ts';
import { readConfig } from '../src/config.ts';
import type { Kind } from '../src/jobs/kind.ts';
import { run, transactionsPerSecond } from './dispatch.ts';
import type { Result } from './support/server.ts';

const JOBS = Number(process.env.JOBS ?? 500);
const AT_ONCE = 64;
const MODULE = new URL('./support/empty-kind.mjs', import.meta.url).href;
const PLACES = ['inline', 'process', 'remote'] as const;

export const measure = async (): Promise<readonly Result[]> => {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  try {
    const inserts = transactionsPerSecond(join(dir, 'baseline.db'));
    const results: Result[] = [];
    for (const place of PLACES) {
      const jobs = await jobsPerSecond(join(dir, place), place);
      results.push({
        name: `empty jobs of a kind of one's own, ${place}`,
        measured: `${jobs.toFixed(0)} jobs/s`,
        against: `durable inserts: ${inserts.toFixed(0)} transactions/s`,
        ratio: jobs / inserts,
        target: 'none yet',
        met: true,
      });
    }
    return results;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const jobsPerSecond = async (dataDir: string, place: (typeof PLACES)[number]): Promise<number> => {
  const { empty } = (await import(MODULE)) as { readonly empty: Kind };
  const app = await startApp({
    config: readConfig({
      ...{ HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, WORKERS: '16', MAX_PROCESSES: '4' },
      MAX_REQUESTS_PER_SECOND: '1000000',
    }),
    log: pino({ level: 'silent' }),
    kinds: { inline: [empty], process: [{ url: MODULE, exportName: 'empty' }], remote: [] }[place],
    onLost: (error) => {
      throw error;
    },
  });
  const worker = place === 'remote' ? fork(new URL('./support/worker.mjs', import.meta.url), [app.url]) : null;
  try {
    if (worker !== null) await once(worker, 'message');
    await run(app, Math.ceil(JOBS / 10), AT_ONCE);
    const began = performance.now();
    await run(app, JOBS, AT_ONCE);
    return JOBS / ((performance.now() - began) / 1_000);
  } finally {
    worker?.kill();
    await app.stop();
  }
};
