/**
 * Dispatch: empty jobs of a kind that runs inline, created, run and ended, in a whole server with its store in threads,
 * durable. Compared with as many durable transactions of one insert each, by the bare driver, in the same run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { pino } from 'pino';
import { startApp } from '../src/app/app.ts';
import { readConfig } from '../src/config.ts';
import type { Kind } from '../src/jobs/kind.ts';
import type { Result } from './support/server.ts';

const JOBS = 2_000;
/** How many creations are in progress at the same time when they are not made one by one. */
const AT_ONCE = 64;

export const measure = async (): Promise<readonly Result[]> => {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  try {
    const inserts = transactionsPerSecond(join(dir, 'baseline.db'));
    return [
      resultOf('one at a time', await jobsPerSecond(join(dir, 'single'), 1), inserts),
      resultOf(`${AT_ONCE} at a time`, await jobsPerSecond(join(dir, 'many'), AT_ONCE), inserts),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const resultOf = (name: string, jobs: number, inserts: number): Result => ({
  name: `empty inline jobs, created ${name}`,
  measured: `${jobs.toFixed(0)} jobs/s`,
  against: `durable inserts: ${inserts.toFixed(0)} transactions/s`,
  ratio: jobs / inserts,
  target: 'none yet',
  met: true,
});

const EMPTY: Kind<object, object, null> = {
  type: 'CUSTOM',
  typeName: 'EMPTY',
  pausable: true,
  cancelable: true,
  inline: true,
  create: async () => ({ details: {}, description: 'EMPTY', database: null }),
  run: async function* () {},
  revert: async function* () {},
};

const jobsPerSecond = async (dataDir: string, atOnce: number): Promise<number> => {
  const app = await startApp({
    config: readConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, WORKERS: '16' }),
    log: pino({ level: 'silent' }),
    kinds: [EMPTY as Kind],
    onLost: (error) => {
      throw error;
    },
  });
  try {
    await run(app, Math.ceil(JOBS / 10), atOnce);
    const began = performance.now();
    await run(app, JOBS, atOnce);
    return JOBS / ((performance.now() - began) / 1_000);
  } finally {
    await app.stop();
  }
};

const ALL = { sees: 'all', controls: [], userName: '' } as const;
const ENDED = { is: 'in', field: 'to', value: ['SUCCEEDED'] } as const;

/** Creates so many jobs and waits until the event of each one's end has been read from the log. */
export const run = async ({ create, store }: Awaited<ReturnType<typeof startApp>>, jobs: number, atOnce: number) => {
  let after = (await store.log()).head;
  let left = jobs;
  const creating = Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await create('EMPTY', {}, 'root');
      }
    }),
  );
  for (let ended = 0; ended < jobs; ) {
    const committed = new Promise<void>((resolve) => {
      const ignore = store.onCommit((commit) => {
        if (commit.head <= after) return;
        ignore();
        resolve();
      });
    });
    const page = { direction: 'ascending', after: [after], before: null, limit: 500 } as const;
    const { events } = await store.events(page, ALL, { where: ENDED });
    ended += events.length;
    after = events.at(-1)?.cursor ?? after;
    if (events.length === 0) await committed;
  }
  await creating;
};

export const transactionsPerSecond = (file: string): number => {
  const sql = new Sqlite(file);
  sql.pragma('journal_mode = WAL');
  sql.pragma('synchronous = FULL');
  sql.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)');
  const insert = sql.prepare('INSERT INTO t (text) VALUES (?)');
  const began = performance.now();
  for (let n = 0; n < JOBS; n += 1) insert.run('x'.repeat(200));
  const seconds = (performance.now() - began) / 1_000;
  sql.close();
  return JOBS / seconds;
};
