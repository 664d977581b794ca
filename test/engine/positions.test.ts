import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineKind } from '../../src/jobs/define.ts';
import { Fenced } from '../../src/jobs/kind.ts';
import { postgresPosition, sqlitePosition } from '../../src/positions.ts';
import { checkKind } from '../../src/testing/check-kind.ts';
import { createPostgresDatabase } from '../support/postgres.ts';

const FIRST = { jobId: '7', epoch: 1 };
const SECOND = { jobId: '7', epoch: 2 };

test('in SQLite the position is saved with the work, and an older claim saves nothing more', () => {
  const database = new Sqlite(':memory:');
  database.exec('CREATE TABLE t (n INTEGER)');
  const insert = (n: number, position: { save(position: number): void }) =>
    database.transaction(() => {
      database.prepare('INSERT INTO t VALUES (?)').run(n);
      position.save(n);
    })();
  const older = sqlitePosition<number>(database, FIRST);
  expect(older.begin()).toBeNull();
  insert(1, older);
  const newer = sqlitePosition<number>(database, SECOND);
  expect(newer.begin()).toBe(1);
  expect(() => insert(2, older)).toThrow(Fenced);
  expect(() => older.begin()).toThrow(Fenced);
  older.remove();
  insert(2, newer);
  expect(database.prepare('SELECT n FROM t').pluck().all()).toEqual([1, 2]);
  expect(sqlitePosition(database, { jobId: '8', epoch: 1 }).begin()).toBeNull();
  newer.remove();
  expect(database.prepare('SELECT job_id FROM signalbox_position').pluck().all()).toEqual(['8']);
  database.close();
});

test('in PostgreSQL the position is saved with the work, and an older claim saves nothing more', async () => {
  await using database = await createPostgresDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('CREATE TABLE t (n int)');
    const insert = async (n: number, position: { save(position: number): Promise<void> }) => {
      await client.query('BEGIN');
      try {
        await client.query('INSERT INTO t VALUES ($1)', [n]);
        await position.save(n);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    };
    const older = postgresPosition<number>(client, FIRST);
    expect(await older.begin()).toBeNull();
    await insert(1, older);
    const newer = postgresPosition<number>(client, SECOND);
    expect(await newer.begin()).toBe(1);
    await expect(insert(2, older)).rejects.toThrow(Fenced);
    await expect(older.begin()).rejects.toThrow(Fenced);
    await insert(2, newer);
    expect((await client.query('SELECT n FROM t')).rows).toEqual([{ n: 1 }, { n: 2 }]);
    await newer.remove();
    expect((await client.query('SELECT * FROM signalbox_position')).rows).toEqual([]);
  } finally {
    await client.end();
  }
});

test('a kind that keeps its position passes the contract: nothing is done twice, and undoing undoes all', async () => {
  const database = new Sqlite(':memory:');
  database.exec('CREATE TABLE sent (n INTEGER)');
  const kind = defineKind({
    name: 'SEND',
    input: z.object({ to: z.int() }),
    async *run({ input, ...work }) {
      const position = sqlitePosition<number>(database, work);
      for (let n = (position.begin() ?? 0) + 1; n <= input.to; n += 1) {
        database.transaction(() => {
          database.prepare('INSERT INTO sent VALUES (?)').run(n);
          position.save(n);
        })();
        yield { checkpoint: null, fractionCompleted: n / input.to };
      }
    },
    async revert(work) {
      const position = sqlitePosition<number>(database, work);
      position.begin();
      database.transaction(() => {
        database.exec('DELETE FROM sent');
        position.remove();
      })();
    },
  });
  const report = await checkKind({
    kind,
    input: { to: 5 },
    reset: () => database.exec('DELETE FROM sent; DROP TABLE IF EXISTS signalbox_position'),
    observe: () => database.prepare('SELECT n FROM sent').pluck().all(),
  });
  expect(report).toMatchObject({ checkpoints: 5, interruptions: 25, violations: [] });
  database.close();
});
