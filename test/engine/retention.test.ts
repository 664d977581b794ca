import { expect, test } from 'vitest';
import { type Environment, Transient } from '../../src/jobs/kind.ts';
import type { TestApp } from '../support/app.ts';
import { isGone, removed, writeEnded } from '../support/history.ts';
import { temporaryFolder } from '../support/process.ts';
import { inStore, isOnPostgres } from '../support/store.ts';
import {
  DAY_MS,
  dataOf,
  type Forget,
  horizonAt,
  type Log,
  placesIn,
  readLog,
  START,
  startOn,
} from './retention-scene.ts';

/** How many rows there are of these jobs, in each table that has any. */
const rowsOf = async (app: TestApp, ids: readonly string[]) => {
  const tables = ['JobWork', 'JobCredentials', 'JobHold', 'IdempotencyKey', 'ExecutionError', 'Event'];
  const counts = await countEach(app.dataDir, tables, `WHERE jobId IN (${ids.join(', ')})`);
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
};

const countEach = async (dataDir: string, tables: readonly string[], where = ''): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await inStore<{ n: number | string }>(dataDir, `SELECT count(*) AS n FROM ${table} ${where}`);
    counts[table] = Number(row?.n);
  }
  return counts;
};

test('a job is removed when its end is so long ago, with all of it but its events; one that lives never is', async () => {
  using folder = temporaryFolder();
  const ids = { older: '', edge: '', live: '' };
  {
    await using early = await startOn(-1, folder.path);
    ids.older = await early.end('older');
    ids.live = await early.pause('live');
  }
  {
    await using first = await startOn(0, folder.path);
    ids.edge = await first.begin('edge', { idempotencyKey: 'once' });
    first.script('edge').act(new Transient('the disk was full'), 'finish');
    await first.changes.reaches(ids.edge, 'SUCCEEDED');
  }
  const { older, edge, live } = ids;
  // What an end wipes, as if it had not.
  const dataDir = dataOf(folder.path);
  await inStore(dataDir, `INSERT INTO JobHold (jobId, resource, mode) VALUES (${edge}, 'file#table', 'make')`);
  await inStore(dataDir, `INSERT INTO JobCredentials (jobId, secrets) VALUES (${edge}, '{}')`);
  {
    await using before = await startOn(14 - 1 / DAY_MS, folder.path);
    await removed(before.app, older);
    expect(await isGone(before.app, edge)).toBe(false);
    const again = await before.app.create('SCRIPTED', { name: 'edge', idempotencyKey: 'once' }, 'root');
    expect(again).toEqual({ id: edge, created: false, returnedOnce: {} });
    expect(await rowsOf(before.app, [edge])).toEqual({
      JobWork: 1,
      JobCredentials: 1,
      JobHold: 1,
      IdempotencyKey: 1,
      ExecutionError: 1,
      Event: 5,
    });
  }
  await using then = await startOn(14, folder.path);
  await removed(then.app, edge);
  expect(await rowsOf(then.app, [edge])).toEqual({ Event: 5 });
  // A store that is reached over a network has a key for each creation, in case its answer is lost.
  const key = isOnPostgres(dataDir) ? { IdempotencyKey: 1 } : {};
  expect(await rowsOf(then.app, [live])).toEqual({ JobWork: 1, Event: 4, ...key });
  const { data } = await then.app.send({ query: `{ jobs { nodes { id } } node(id: "${edge}") { id } }` });
  expect(data).toEqual({ jobs: { nodes: [{ id: live }] }, node: null });

  const log = (await readLog(then.app, 'first: 100')) as Log;
  expect(log.nodes.filter(({ jobId }) => jobId === edge)).toHaveLength(5);
  for (const { jobId, job } of log.nodes) expect(job).toEqual(jobId === live ? { id: live } : null);

  const again = await then.app.create('SCRIPTED', { name: 'edge', idempotencyKey: 'once' }, 'root');
  expect(again.created).toBe(true);
  expect(Number(again.id)).toBeGreaterThan(Number(edge));
});

const countIn = (folder: string) => countEach(dataOf(folder), ['Job', 'JobWork', 'Event']);

const later = () => {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

/** A database that does not answer when it is asked to forget the nth job, until it is opened. */
const stuckAt = (nth: number) => {
  let asked = 0;
  const reached = later();
  const opened = later();
  const cleanUp: Forget = async () => {
    asked += 1;
    if (asked !== nth) return;
    reached.resolve();
    await opened.promise;
  };
  return { cleanUp, reached: reached.promise, open: opened.resolve };
};

test('many go a batch at a time; stopped in the middle of one, the next start goes on', async () => {
  using folder = temporaryFolder();
  await (await startOn(0, folder.path))[Symbol.asyncDispose]();
  await writeEnded(dataOf(folder.path), 600, START);
  {
    const stuck = stuckAt(350);
    await using _ = await startOn(100, folder.path, {}, stuck.cleanUp);
    await stuck.reached;
  }
  // Of that batch, those that were forgotten are gone.
  expect(await countIn(folder.path)).toEqual({ Job: 251, JobWork: 251, Event: 1_200 });
  await using again = await startOn(100, folder.path);
  await horizonAt(again.app, 1_200);
  expect(await countIn(folder.path)).toEqual({ Job: 0, JobWork: 0, Event: 0 });
  expect(again.app.lost).toEqual([]);
});

test('requests and workers are served meanwhile; its commits report that jobs were removed, and no event does', async () => {
  using folder = temporaryFolder();
  await (await startOn(0, folder.path))[Symbol.asyncDispose]();
  await writeEnded(dataOf(folder.path), 250, START);
  const stuck = stuckAt(150);
  await using then = await startOn(100, folder.path, {}, stuck.cleanUp);
  await stuck.reached;
  let removals = 0;
  then.app.store.onCommit((commit) => {
    if (commit.removed) removals += 1;
  });
  const id = await then.end('now');
  expect(removals).toBe(0);
  stuck.open();
  await horizonAt(then.app, 500);
  expect(removals).toBe(2);
  expect(await isGone(then.app, id)).toBe(false);
  expect(await placesIn(then.app, 'first: 100')).toEqual([501, 502, 503]);
});

test('a kind forgets what its job left before the job goes, in a database or none', async () => {
  using folder = temporaryFolder();
  let id = '';
  {
    await using first = await startOn(0, folder.path);
    id = await first.begin('a');
    first.script('a').act({ checkpoint: 7 }, 'finish');
    await first.changes.reaches(id, 'SUCCEEDED');
  }
  const asked: { readonly work: Parameters<Forget>[0]; readonly environment: Environment }[] = [];
  const cleanUp: Forget = async (work, environment) => void asked.push({ work, environment });
  await using then = await startOn(14, folder.path, {}, cleanUp);
  await removed(then.app, id);
  expect(asked).toMatchObject([
    {
      work: { details: { name: 'a' }, checkpoint: 7, claim: { jobId: id, epoch: 1 } },
      environment: { database: null },
    },
  ]);
});

test('a job whose database cannot be cleared is kept a day longer; others go meanwhile', async () => {
  using folder = temporaryFolder();
  const ids = { locked: '', other: '' };
  {
    await using first = await startOn(0, folder.path);
    ids.locked = await first.end('locked');
    ids.other = await first.end('other');
  }
  const cleanUp: Forget = async ({ details }) => {
    if ((details as { name: string }).name === 'locked') throw new Error('database demo is locked');
  };
  {
    await using then = await startOn(14, folder.path, {}, cleanUp);
    await removed(then.app, ids.other);
    expect(await isGone(then.app, ids.locked)).toBe(false);
  }
  await using later = await startOn(15 + 1 / DAY_MS, folder.path, {}, cleanUp);
  await removed(later.app, ids.locked);
});

test('a database that does not answer does not hold up the end of the server', async () => {
  using folder = temporaryFolder();
  let id = '';
  {
    await using first = await startOn(0, folder.path);
    id = await first.end('a');
  }
  {
    const stuck = stuckAt(1);
    await using _ = await startOn(14, folder.path, {}, stuck.cleanUp);
    await stuck.reached;
  }
  await using again = await startOn(14, folder.path);
  await removed(again.app, id);
});
