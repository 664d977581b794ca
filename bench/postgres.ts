/**
 * The store on PostgreSQL, durable, next to the same rows written by bare statements, in turn: a command on a tenth of
 * many jobs, single moves by four stores in both orders of writes, and dispatch by four stores.
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import pg from 'pg';
import { RETRY } from '../src/jobs/retry.ts';
import { openStore } from '../src/store/open.ts';
import type { ControlOrder, NewJob, Store } from '../src/store/store.ts';
import { NEW_JOB } from '../test/store/contract/scene.ts';
import { createPostgresDatabase, endCluster, execute, prepareCluster } from '../test/support/postgres.ts';
import { median, type Result } from './support/server.ts';

const JOBS = Number(process.env.JOBS ?? 1_000_000);
const RUNS = 3;
const STORES = 4;
const MOVES = Math.min(2_000, JOBS / 100);
const BARE_CLIENTS = 16;
/** Calls in progress at a store. */
const AT_ONCE = 32;

export const measure = async (): Promise<readonly Result[]> => {
  process.env.POSTGRES_DURABLE = 'true';
  prepareCluster();
  try {
    return [
      await bulk('lock'),
      await bulk('floor'),
      ...(await moves()),
      await dispatch('lock'),
      await dispatch('floor'),
    ];
  } finally {
    endCluster();
  }
};

type WriteOrder = 'lock' | 'floor';

const openStores = async (writeOrder: WriteOrder, count: number) => {
  const database = await createPostgresDatabase(writeOrder);
  const stores = await Promise.all(
    Array.from({ length: count }, () =>
      openStore({
        url: database.url,
        migrations: resolve('prisma'),
        retry: RETRY,
        onLost: () => undefined,
        onSetBack: () => undefined,
      }),
    ),
  );
  return {
    url: database.url,
    stores,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    },
  };
};

/** Waiting jobs of ten users, a tenth each, that no worker claims. */
const fill = async (url: string, jobs: number, runAt: number | null) => {
  await execute(
    url,
    `WITH created AS (INSERT INTO job (type, type_name, description, user_name, database, status, status_message,
        created_at, modified_at, run_at, fraction_completed)
      SELECT 'IMPORT', 'IMPORT', 'IMPORT TABLE "bench"."t' || i || '" FROM CSV ''nodelocal:///rows.csv''',
        'user' || (i % 10), 'bench', 'PENDING', 'waiting for a worker', 0, 0, $2::bigint, 0
      FROM generate_series(1, $1::int) i RETURNING id)
    INSERT INTO job_work (job_id, details) SELECT id, '{}' FROM created`,
    [jobs, runAt],
  );
  await execute(url, 'VACUUM ANALYZE job');
};

const FAR = 2 ** 45;

const orderOf = (jobs: ControlOrder['jobs'], command: ControlOrder['command']): ControlOrder => ({
  command,
  jobs,
  access: { sees: 'all', controls: ['all'], userName: 'root' },
  actor: { kind: 'USER', name: 'root' },
  reason: null,
  commandId: randomUUID(),
  abortOnRefusal: false,
  dryRun: false,
  expectedCount: null,
  unchangedSince: null,
  refusingTypes: [],
  list: { changed: 0, refusals: 0 },
});

const msOf = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const bulk = async (writeOrder: WriteOrder): Promise<Result> => {
  await using scene = await openStores(writeOrder, 1);
  const [store] = scene.stores as [Store];
  await fill(scene.url, JOBS, FAR);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    bare.push(await msOf(() => pauseBare(scene.url, `user${2 * run}`)));
    const where = { is: 'equals', field: 'userName', value: `user${2 * run + 1}` } as const;
    ours.push(
      await msOf(async () => {
        const { changedCount } = await store.control(orderOf({ where }, 'PAUSE'), Date.now());
        if (changedCount !== JOBS / 10) throw new Error(`${changedCount} jobs were paused`);
      }),
    );
  }
  const ratio = median(ours) / median(bare);
  return {
    name: `${writeOrder}: pause ${JOBS / 10} of ${JOBS} jobs by filter`,
    measured: `${median(ours).toFixed(0)} ms`,
    against: `bare SQL: ${median(bare).toFixed(0)} ms`,
    ratio,
    target: '<= 2',
    met: ratio <= 2,
  };
};

const EVENT = `INSERT INTO event (job_id, at, actor_kind, actor_name, type, type_name, user_name, database, description,
    "from", "to", command, command_id)
  SELECT id, 0, 'USER', 'root', type, type_name, user_name, database, description, 'PENDING', 'PAUSED', 'PAUSE', 'bench'
  FROM job`;
const UPDATE = `UPDATE job SET status = 'PAUSED', status_message = NULL, next_attempt_at = NULL, modified_at = 1,
  revision = nextval('job_revision_seq')`;

const pauseBare = async (url: string, userName: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`${UPDATE} WHERE user_name = $1`, [userName]);
  await client.query(`${EVENT} WHERE user_name = $1`, [userName]);
  await client.query('COMMIT');
  await client.end();
};

/** Calls a function for each number below `count`, with so many calls in progress at the same time. */
const forEach = async (count: number, atOnce: number, work: (n: number) => Promise<unknown>) => {
  let next = 0;
  const run = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
};

const perSecond = async (count: number, work: () => Promise<unknown>) => (count * 1_000) / (await msOf(work));

const moves = async (): Promise<readonly Result[]> => {
  const bare = await movesBare();
  const results: Result[] = [];
  for (const writeOrder of ['lock', 'floor'] as const) {
    await using scene = await openStores(writeOrder, STORES);
    await fill(scene.url, MOVES, FAR);
    const ids = (await execute(scene.url, 'SELECT id FROM job')).map(({ id }) => String(id));
    const pause = (n: number) =>
      (scene.stores[n % STORES] as Store).control(orderOf({ ids: [ids[n] as string] }, 'PAUSE'), Date.now());
    const ours = await perSecond(MOVES, () => forEach(MOVES, STORES * AT_ONCE, pause));
    results.push({
      name: `${writeOrder}: single commands on ${STORES} stores`,
      measured: `${ours.toFixed(0)} commands/s`,
      against: `bare SQL, ${BARE_CLIENTS} clients, unordered: ${bare.toFixed(0)} commits/s`,
      ratio: ours / bare,
      target: 'none yet',
      met: true,
    });
  }
  return results;
};

const movesBare = async (): Promise<number> => {
  await using scene = await openStores('lock', 1);
  await fill(scene.url, MOVES, FAR);
  const ids = (await execute(scene.url, 'SELECT id FROM job')).map(({ id }) => String(id));
  const clients = Array.from({ length: BARE_CLIENTS }, () => new pg.Client({ connectionString: scene.url }));
  await Promise.all(clients.map((client) => client.connect()));
  const idle = [...clients];
  const speed = await perSecond(MOVES, () =>
    forEach(MOVES, BARE_CLIENTS, async (n) => {
      const client = idle.pop() as pg.Client;
      await client.query('BEGIN');
      await client.query(`${UPDATE} WHERE id = $1`, [ids[n]]);
      await client.query(`${EVENT} WHERE id = $1`, [ids[n]]);
      await client.query('COMMIT');
      idle.push(client);
    }),
  );
  await Promise.all(clients.map((client) => client.end()));
  return speed;
};

const NEW: NewJob = { ...NEW_JOB, typeName: 'EMPTY', description: 'EMPTY' };

/** Each store claims and ends what it gets, until all jobs have ended. */
const dispatch = async (writeOrder: WriteOrder): Promise<Result> => {
  await using scene = await openStores(writeOrder, STORES);
  await forEach(MOVES, STORES * AT_ONCE, (n) => (scene.stores[n % STORES] as Store).createJob(NEW, Date.now()));
  let ended = 0;
  const work = async (store: Store, n: number) => {
    const session = `session ${n}`;
    await store.startSession({ id: session, name: session, types: ['EMPTY'] }, 0);
    while (ended < MOVES) {
      const { claimed } = await store.claim(session, { running: 64, reverting: 8, holding: [], types: ['EMPTY'] }, 0);
      await Promise.all(
        claimed.map(({ claim }) => store.settle(claim, { report: 'finished', actor: session }, Date.now())),
      );
      ended += claimed.length;
    }
  };
  const speed = await perSecond(MOVES, () => Promise.all(scene.stores.map(work)));
  return {
    name: `${writeOrder}: empty jobs claimed and ended by ${STORES} stores`,
    measured: `${speed.toFixed(0)} jobs/s`,
    against: 'nothing',
    ratio: speed / 4_400,
    target: 'none yet',
    met: true,
  };
};
