/** Events arrive in the order of their cursors, each once, whatever the order in which their writers end. */
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createPostgresDatabase, execute } from '../support/postgres.ts';
import { eventsAfter, follow, openStores, WRITE_ORDERS } from '../support/stores.ts';
import type { Scene } from './contract/scene.ts';

const INSERT = `INSERT INTO event (job_id, at, actor_kind, actor_name, type, type_name, user_name, description, "to")
  VALUES (1, 1, 'SYSTEM', 'test', 'CUSTOM', 'RAW', 'root', '', 'PENDING') RETURNING cursor`;
/** What a writer does before its first number. */
const GUARDS = {
  lock: 'SELECT pg_advisory_xact_lock(1397640012, 2)',
  floor: 'SELECT signalbox_publish_floors(true, true)',
};

const connect = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};

/** Transactions of one event, each held for up to 50 ms, of which every tenth is rolled back. */
const writeRaw = async (url: string, guard: string, seed: number): Promise<readonly number[]> => {
  const client = await connect(url);
  const committed: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    await client.query('BEGIN');
    await client.query(guard);
    const { rows } = await client.query(INSERT);
    await client.query('SELECT pg_sleep($1)', [((seed * 7 + n * 13) % 50) / 1_000]);
    const isKept = (seed + n) % 10 !== 0;
    await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
    if (isKept) committed.push(Number(rows[0].cursor));
  }
  await client.end();
  return committed;
};

/** Reads on from the last cursor, as if numbers were drawn at the commit. */
const followNaively = (url: string) => {
  const seen: number[] = [];
  let ended = false;
  const reading = (async () => {
    const client = await connect(url);
    for (let isLast = false; !isLast; ) {
      isLast = ended;
      const { rows } = await client.query('SELECT cursor FROM event WHERE cursor > $1 ORDER BY cursor', [
        seen.at(-1) ?? 0,
      ]);
      seen.push(...rows.map(({ cursor }) => Number(cursor)));
    }
    await client.end();
  })();
  return async () => {
    ended = true;
    await reading;
    return seen;
  };
};

test('of writers that do not wait for each other a naive reader misses events, and every store gets each once', async () => {
  await using shared = await openStores('floor');
  const readers = shared.stores.map((store) => follow(store));
  const naive = followNaively(shared.url);
  const writers = Array.from({ length: 24 }, (_, seed) => writeRaw(shared.url, GUARDS.floor, seed));
  const committed = (await Promise.all(writers)).flat().sort((a, b) => a - b);
  // A store notices what a foreign program commits when it polls.
  await Promise.all(readers.map((reader) => reader.reaches(committed.at(-1) as number)));
  for (const { seen } of readers) expect(seen).toEqual(committed);
  expect((await naive()).length).toBeLessThan(committed.length);
});

describe.each(WRITE_ORDERS)('%s', (writeOrder) => {
  test('a number that is drawn and not committed hides later ones, on every store', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    const { head } = await other.store.log();
    const client = await connect(shared.url);
    await client.query('BEGIN');
    await client.query(GUARDS[writeOrder]);
    await client.query(INSERT);
    // Under the store lock it would wait for this transaction.
    const created = one.create('LATER');
    if (writeOrder === 'floor') await created;
    const before = await Promise.all([eventsAfter(one.store, head), eventsAfter(other.store, head)]);
    const heads = await Promise.all([one.store.log(), other.store.log()]);
    await client.query('COMMIT');
    await client.end();
    await created;
    expect(before).toEqual([[], []]);
    expect(heads.map((log) => log.head)).toEqual([head, head]);
    const all = await eventsAfter(other.store, head);
    expect(all.map(({ typeName }) => typeName)).toEqual(['RAW', 'LATER']);
    expect(await eventsAfter(one.store, head)).toEqual(all);
  });

  test('a writer that does not announce itself makes a reader miss its event', async () => {
    await using shared = await openStores(writeOrder, 2);
    const [one, other] = shared.scenes as [Scene, Scene];
    const { head } = await other.store.log();
    const client = await connect(shared.url);
    await client.query('BEGIN');
    await client.query(INSERT);
    await one.create('GUARDED');
    const before = await eventsAfter(other.store, head);
    await client.query('COMMIT');
    await client.end();
    expect(before.map(({ typeName }) => typeName)).toEqual(['GUARDED']);
    expect(await eventsAfter(other.store, before.at(-1)?.cursor ?? 0)).toEqual([]);
  });

  test('a transaction that is open in another database, or only reads, delays no event', async () => {
    await using shared = await openStores(writeOrder, 2);
    await using foreign = await createPostgresDatabase();
    await execute(foreign.url, 'CREATE TABLE t (id int)');
    const writer = await connect(foreign.url);
    await writer.query('BEGIN; INSERT INTO t VALUES (1)');
    const reader = await connect(shared.url);
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM job');
    const [one, other] = shared.scenes as [Scene, Scene];
    const seen = follow(other.store);
    for (let n = 0; n < 20; n += 1) await one.create('ANY');
    const { head } = await one.store.log();
    await seen.reaches(head);
    expect(seen.seen).toHaveLength(20);
    await Promise.all([writer.end(), reader.end()]);
  });

  test('all servers agree on the end of the log, also right after another has written', async () => {
    await using shared = await openStores(writeOrder);
    for (const scene of shared.scenes) {
      await scene.create('ANY');
      const logs = await Promise.all(shared.stores.map((store) => store.log()));
      for (const log of logs) expect(log).toEqual(logs[0]);
      expect(logs[0]?.end).toBe(logs[0]?.head);
    }
  });
});
