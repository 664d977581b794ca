/** PostgreSQL fails, or an answer is lost: what a caller gets, and what is written. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Claim, Store } from '../../src/store/store.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { createPostgresDatabase, execute } from '../support/postgres.ts';
import { openAt, openStores, WRITE_ORDERS } from '../support/stores.ts';
import { ADMIN, LEASE_MS, Scene } from './contract/scene.ts';

const sceneOf = (store: Store) => {
  const scene = new Scene();
  scene.store = store;
  return scene;
};

const UNAVAILABLE = { code: 'UNAVAILABLE' };

describe.each(WRITE_ORDERS)('%s', (writeOrder) => {
  test('a call whose answer was lost after its commit gets the same answer when it is repeated', async () => {
    await using database = await createPostgresDatabase(writeOrder);
    await using proxy = await startCuttingProxy(database.url);
    const store = await openAt(proxy.url);
    const scene = sceneOf(store);
    const twice = async <T>(call: () => Promise<T>): Promise<T> => {
      proxy.arm();
      await expect(call()).rejects.toMatchObject(UNAVAILABLE);
      return call();
    };
    const idempotency = { mutation: 'X', key: 'key', inputHash: 'a' };
    const id = await twice(() => scene.create('LOST', { idempotency }));
    const session = await scene.session('LOST');
    const { claimed } = await twice(() => scene.claim(session, ['LOST']));
    expect(claimed).toMatchObject([{ claim: { jobId: id, epoch: 1 }, attempts: 0, task: 'run' }]);
    const claim = claimed[0]?.claim as Claim;
    expect(await twice(() => store.save(claim, { checkpoint: '1' }, scene.now))).toBe('RUNNING');
    expect(await twice(() => store.markBegan(claim))).toBe(true);
    const commandId = randomUUID();
    const paused = await twice(() => scene.order('PAUSE', [id], { commandId }));
    expect(paused.changed).toEqual([{ jobId: id, from: 'RUNNING', to: 'PAUSE_REQUESTED' }]);
    await scene.order('RESUME', [id]);
    expect(await twice(() => store.markCommitting(claim, {}, scene.now))).toBe(true);
    expect(await twice(() => scene.settle(claim, 'finished'))).toBe('SUCCEEDED');
    expect(await scene.history(id)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'RUNNING', 'SUCCEEDED']);
    expect(proxy.cuts).toBe(7);
    await store.close();
  });

  test('a server that has become read-only refuses writes as UNAVAILABLE, is read, and goes on later', async () => {
    await using database = await createPostgresDatabase(writeOrder);
    const name = new URL(database.url).pathname.slice(1);
    const cluster = database.url.replace(/[^/]*$/, 'postgres');
    const store = await openAt(database.url);
    const scene = sceneOf(store);
    const id = await scene.create('ANY');
    const setReadOnly = async (isOn: boolean) => {
      await execute(cluster, `ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn}`);
      await execute(cluster, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    };
    await setReadOnly(true);
    const refusals: string[] = [];
    const refused = async () => {
      const { message = '', ...failure } = await scene.create('ANY').catch((error) => error);
      expect(failure).toMatchObject(UNAVAILABLE);
      refusals.push(message);
    };
    await expect.poll(async () => refused().then(() => refusals.at(-1))).toContain('PostgreSQL is read-only');
    expect(await scene.status(id)).toBe('PENDING');
    await setReadOnly(false);
    await expect.poll(() => scene.create('LATER').catch(() => null)).not.toBeNull();
    expect(await scene.status(id)).toBe('PENDING');
    await store.close();
  });

  test('while the disk is full, calls are UNAVAILABLE and nothing is written; afterwards they succeed', async () => {
    await using shared = await openStores(writeOrder, 1);
    const [scene] = shared.scenes as [Scene];
    const { id, claim } = await scene.running();
    await execute(
      shared.url,
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON job FOR EACH STATEMENT EXECUTE FUNCTION full_disk()`,
    );
    const full = { ...UNAVAILABLE, message: 'the job store cannot be written: the disk is full' };
    await expect(scene.settle(claim, 'finished')).rejects.toMatchObject(full);
    await expect(scene.create('ANY')).rejects.toMatchObject(full);
    await expect(scene.order('PAUSE', [id])).rejects.toMatchObject(full);
    expect(await scene.job(id)).toMatchObject({ status: 'RUNNING', error: null });
    await execute(shared.url, 'DROP TRIGGER full_disk ON job');
    expect(await scene.settle(claim, 'finished')).toBe('SUCCEEDED');
    expect(await scene.history(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  });

  test('searches that take too long are refused, and meanwhile heartbeats and commands go on', async () => {
    await using shared = await openStores(writeOrder, 1);
    const [scene] = shared.scenes as [Scene];
    const { id, session } = await scene.running();
    await execute(
      shared.url,
      `WITH created AS (INSERT INTO job (type, type_name, description, user_name, status, created_at, modified_at)
        SELECT 'CUSTOM', 'X', repeat('x', 500), 'root', 'PAUSED', 0, 0 FROM generate_series(1, 100000) RETURNING id)
      INSERT INTO job_work (job_id, details) SELECT id, '{}' FROM created`,
    );
    const contains = (text: string) => ({ is: 'contains', field: 'description', value: text }) as const;
    const where = { is: 'any', of: Array.from({ length: 80 }, (_, n) => contains(`y${n}`)) } as const;
    const page = { direction: 'ascending', after: null, before: null, limit: 20 } as const;
    let ended = 0;
    const searches = Array.from({ length: 50 }, () =>
      scene.store
        .jobs({ ...page, orderBy: 'CREATED_AT', where }, ADMIN)
        .catch(({ code }) => code as string)
        .finally(() => {
          ended += 1;
        }),
    );
    expect(await scene.store.heartbeat(session, LEASE_MS, scene.now)).toBe(true);
    expect(await scene.order('PAUSE', [id])).toMatchObject({ changedCount: 1 });
    expect(await scene.status(id)).toBe('PAUSE_REQUESTED');
    expect(ended).toBeLessThan(searches.length);
    expect(await searches[0]).toBe('FILTER_TOO_BROAD');
  });
});

test('a server that finds no free connection at its start reports it once, and starts when there is one', async () => {
  await using database = await createPostgresDatabase();
  const name = new URL(database.url).pathname.slice(1);
  const role = `${name}_owner`;
  await execute(database.url, `CREATE ROLE ${role} LOGIN CONNECTION LIMIT 1`);
  await execute(database.url, `ALTER DATABASE ${name} OWNER TO ${role}; ALTER SCHEMA public OWNER TO ${role}`);
  const url = database.url.replace('//postgres@', `//${role}@`);
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  const notices: string[] = [];
  const opening = openAt(url, (notice) => notices.push(notice));
  await expect.poll(() => notices).toHaveLength(1);
  await execute(database.url, `ALTER ROLE ${role} CONNECTION LIMIT 20`);
  const store = await opening;
  await store.ping();
  expect(notices[0]).toBe('PostgreSQL has no free connection for the job store: trying again for 60 seconds');
  expect(notices).toHaveLength(1);
  await Promise.all([other.end(), store.close()]);
  await database.drop();
  await using rest = await createPostgresDatabase();
  await execute(rest.url, `DROP ROLE ${role}`);
});

test('servers that start at once on an empty database migrate it once, and have one id', async () => {
  await using database = await createPostgresDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openAt(database.url)));
  expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
  const rows = await execute(
    database.url,
    'SELECT migration_name AS name, count(*)::int AS n FROM _prisma_migrations GROUP BY 1',
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ n }) => n !== 1)).toEqual([]);
  await Promise.all(stores.map((store) => store.close()));
});
