import { expect, test } from 'vitest';
import { createFeed, drain, isDelivered, openPlace, revertFeed, startFeed } from './scene.ts';

const T = 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)';

test('a feed tells what is there, then every change, in the order of commit', async () => {
  await using place = openPlace(`${T}; INSERT INTO t VALUES (1, 'one'), (2, 'two')`);
  const feed = await createFeed(place);
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec("INSERT INTO t VALUES (3, 'three'); UPDATE t SET name = 'TWO' WHERE id = 2; DELETE FROM t WHERE id = 1");
  place.exec("BEGIN; INSERT INTO t VALUES (4, 'four'); ROLLBACK");
  await running.until(() => isDelivered(place));
  expect(await running.stop()).toBe('stopped');
  expect(place.messages()).toEqual([
    { key: [1], after: { id: 1, name: 'one' }, table: 't' },
    { key: [2], after: { id: 2, name: 'two' }, table: 't' },
    { key: [3], after: { id: 3, name: 'three' }, table: 't' },
    { key: [2], after: { id: 2, name: 'TWO' }, table: 't' },
    { key: [1], after: null, table: 't' },
  ]);
});

test('what changes while nobody works on it arrives when it goes on', async () => {
  await using place = openPlace(`${T}; INSERT INTO t VALUES (1, 'one')`);
  const feed = await createFeed(place, { initialScan: 'NO', diff: true });
  await drain(place, feed, 1);
  place.exec("UPDATE t SET name = 'x'; UPDATE t SET name = 'y'; DELETE FROM t");
  expect(place.files()).toEqual([]);
  await drain(place, feed, 2);
  expect(place.messages()).toEqual([
    { key: [1], after: { id: 1, name: 'x' }, before: { id: 1, name: 'one' }, table: 't' },
    { key: [1], after: { id: 1, name: 'y' }, before: { id: 1, name: 'x' }, table: 't' },
    { key: [1], after: null, before: { id: 1, name: 'y' }, table: 't' },
  ]);
  await revertFeed(place, feed, 3);
  expect(place.hidden()).toEqual([]);
});
