/** What a feed adds to its messages, and leaves out of them, on request. */
import { expect, test } from 'vitest';
import { createFeed, drain, isDelivered, openPlace, startFeed } from './scene.ts';

const T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT); INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2)";

interface Told {
  readonly key: readonly unknown[];
  readonly operation?: string;
  readonly transaction?: string;
}

test('with operations, each message names its operation, and one transaction has one name', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { operations: true });
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec("BEGIN; INSERT INTO t VALUES (3, 'three', 3); UPDATE t SET a = 'x' WHERE id = 1; COMMIT");
  await running.until(() => isDelivered(place));
  place.exec('UPDATE t SET id = 9 WHERE id = 3; DELETE FROM t WHERE id = 2');
  await running.until(() => isDelivered(place));
  await running.stop();
  const told = place.messages() as readonly Told[];
  expect(told.map(({ key, operation }) => [key[0], operation])).toEqual([
    [1, 'INSERT'],
    [2, 'INSERT'],
    [3, 'INSERT'],
    [1, 'UPDATE'],
    [3, 'DELETE'],
    [9, 'INSERT'],
    [2, 'DELETE'],
  ]);
  const names = told.map(({ transaction }) => transaction);
  expect(names[2]).toBe(names[3]);
  expect(names[4]).not.toBe(names[3]);
  expect(names.every((name) => /^\d{16}$/.test(name ?? ''))).toBe(true);
});

test('with operations, a batch that ends within a transaction does not split its name', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { operations: true, initialScan: 'NO', diff: true });
  await drain(place, feed, 1);
  place.exec("INSERT OR REPLACE INTO t VALUES (1, 'again', 1)");
  place.exec(`BEGIN; WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
    INSERT INTO t SELECT i, 'row', i FROM n; COMMIT`);
  await drain(place, feed, 2);
  const told = place.messages() as readonly Told[];
  expect(told.length).toBe(11_992);
  expect(place.files().length).toBeGreaterThan(1);
  expect(told[0]?.operation).toBe('UPDATE');
  expect(new Set(told.slice(1).map(({ transaction }) => transaction)).size).toBe(1);
});

test('with columns, messages have these and the key', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, { columns: [{ table: 'T', columns: ['B'] }], diff: true, initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec("UPDATE t SET a = 'x', b = 7 WHERE id = 1; ALTER TABLE t ADD COLUMN c; DELETE FROM t WHERE id = 2");
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { key: [1], after: { id: 1, b: 7 }, before: { id: 1, b: 1 }, table: 't' },
    { key: [2], after: null, before: { id: 2, b: 2 }, table: 't' },
  ]);
});

test.each([
  [{ columns: [{ table: 'u', columns: ['a'] }] }, 'input.columns.0.table', 'table "u" is not one of the tables'],
  [{ columns: [{ table: 't', columns: ['a', 'x'] }] }, 'input.columns.0.columns.1', 'table "t" has no column "x"'],
  [
    {
      columns: [
        { table: 't', columns: ['a'] },
        { table: 'T', columns: [] },
      ],
    },
    'input.columns.1.table',
    'table "T" is named twice',
  ],
  [
    { source: 'LOG' as const },
    'input.source',
    'source LOG is not possible: SQLite has no log that can be read; use AUTO or TRIGGERS',
  ],
])('bad input %j names %s', async (input, field, message) => {
  await using place = openPlace(T);
  await expect(createFeed(place, input)).rejects.toMatchObject({ message, extensions: { field } });
});

test.each([true, false])(
  'with backfill, replaying gives the table after a schema change (paused: %s)',
  async (isPaused) => {
    await using place = openPlace(T);
    const feed = await createFeed(place, { backfill: true, operations: true });
    await drain(place, feed, 1);
    const running = startFeed(place, feed, 2);
    if (isPaused) await running.stop();
    else await running.until(() => running.steps.length >= 2);
    place.exec(
      'ALTER TABLE t RENAME COLUMN a TO name; ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN c DEFAULT 5',
    );
    place.exec("INSERT INTO t VALUES (3, 'three', 6)");
    if (!isPaused) await running.until(() => place.messages().length >= 6 && isDelivered(place));
    await running.stop();
    await drain(place, feed, 3);
    const told = place.messages();
    expect(Object.fromEntries(told.map(({ key, after }) => [key[0], after]))).toEqual({
      1: { id: 1, name: 'one', c: 5 },
      2: { id: 2, name: 'two', c: 5 },
      3: { id: 3, name: 'three', c: 6 },
    });
    expect((told as readonly Told[]).findLast(({ key }) => key[0] === 1)?.operation).toBe('UPDATE');
  },
);

test('without backfill, a schema change alone sends nothing', async () => {
  await using place = openPlace(T);
  const feed = await createFeed(place, {});
  await drain(place, feed, 1);
  place.exec('ALTER TABLE t ADD COLUMN c DEFAULT 5');
  await drain(place, feed, 2);
  expect(place.messages()).toHaveLength(2);
});
