import { rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { type BenchServer, median, type Result, startServer } from './support/server.ts';
import { fillStore } from './support/store.ts';

const JOBS = 1_000_000;
const RUNS = 3;

/**
 * Pausing 100,000 of a million jobs by a filter, compared with writing the same rows and events in plain SQL; in turn.
 */
export const measure = async (): Promise<readonly Result[]> => {
  using store = await fillStore(JOBS);
  await using server = await startServer({ DATA_DIR: store.dataDir, WORKERS: '1' });
  const copy = store.copy();
  const ours: number[] = [];
  const theirs: number[] = [];
  const stalls: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    theirs.push(pauseBare(copy, `user${run}`));
    const { ms, stallMs } = await pause(server, `user${run}`);
    ours.push(ms);
    stalls.push(stallMs);
  }
  rmSync(copy);
  const ratio = median(ours) / median(theirs);
  const stall = Math.max(...stalls);
  const text = (ms: number) => `${ms.toFixed(0)} ms`;
  return [
    {
      name: `pause ${JOBS / 10} of ${JOBS} jobs by filter`,
      measured: text(median(ours)),
      against: `bare SQL: ${text(median(theirs))}`,
      ratio,
      target: '<= 2',
      met: ratio <= 2,
    },
    {
      name: 'longest wait for { __typename } meanwhile',
      measured: text(stall),
      against: 'nothing',
      ratio: stall / 50,
      target: '<= 50 ms',
      met: stall <= 50,
    },
  ];
};

const pause = async (server: BenchServer, userName: string) => {
  let ended = false;
  let stallMs = 0;
  const watching = (async () => {
    while (!ended) {
      const asked = performance.now();
      await server.send('{ __typename }');
      stallMs = Math.max(stallMs, performance.now() - asked);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const began = performance.now();
  const { pauseJobs } = await server.send<{ pauseJobs: { changedCount: number } }>(
    `mutation ($userName: String!) { pauseJobs(jobs: { where: { userName: { equals: $userName } } }) { changedCount } }`,
    { userName },
  );
  const ms = performance.now() - began;
  ended = true;
  await watching;
  if (pauseJobs.changedCount !== JOBS / 10) throw new Error(`${pauseJobs.changedCount} jobs were paused`);
  return { ms, stallMs };
};

const pauseBare = (file: string, userName: string): number => {
  const sql = new Sqlite(file);
  sql.pragma('synchronous = FULL');
  sql.pragma('cache_size = -65536');
  const began = performance.now();
  const now = Date.now();
  sql.transaction(() => {
    sql
      .prepare(`UPDATE Job SET status = 'PAUSED', statusMessage = NULL, nextAttemptAt = NULL, modifiedAt = ?,
        revision = revision + 1 WHERE userName = ?`)
      .run(now, userName);
    sql
      .prepare(`INSERT INTO Event (jobId, at, actorKind, actorName, type, typeName, userName, database, description,
          "from", "to", command, commandId)
        SELECT id, ?, 'USER', 'root', type, typeName, userName, database, description, 'PENDING', 'PAUSED', 'PAUSE', 'bench'
        FROM Job WHERE userName = ?`)
      .run(now, userName);
  })();
  const ms = performance.now() - began;
  sql.close();
  return ms;
};
