/** What others do to a watched table while a feed is at work, or paused. */
import { expect, test } from 'vitest';
import { PauseAsked } from '../../../src/jobs/kind.ts';
import { createFeed, drain, isDelivered, openPlace, type Place, revertFeed, startFeed } from './scene.ts';

const T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT); INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2)";
const open = (statements = T) => openPlace(statements);

/** Statements of others, each in a commit of its own, and all of it delivered in between. */
const follow = async (place: Place, ...statements: readonly string[]) => {
  const feed = await createFeed(place, { initialScan: 'NO' });
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  for (const statement of statements) {
    place.exec(statement);
    await running.until(() => isDelivered(place) && isAdapted(place));
  }
  await running.stop();
  return place.messages().map(({ key, after }) => [key, after]);
};

/** The feed has made its triggers for the table as it is. */
const isAdapted = (place: Place) => {
  const [[shape]] = place.all('SELECT shape FROM _signalbox_feed_27536791415282_shapes ORDER BY id DESC LIMIT 1') as [
    [string],
  ];
  const columns = place.all("SELECT name FROM pragma_table_xinfo('t')").flat();
  return JSON.stringify((JSON.parse(shape) as { columns: string[] }).columns) === JSON.stringify(columns);
};

test('a column that is added, renamed or dropped gives messages in the new shape', async () => {
  await using place = open();
  const told = await follow(
    place,
    'ALTER TABLE t ADD COLUMN c DEFAULT 5',
    'UPDATE t SET b = 10 WHERE id = 1',
    'ALTER TABLE t RENAME COLUMN a TO aa',
    'UPDATE t SET b = 11 WHERE id = 1',
    'ALTER TABLE t DROP COLUMN b',
    "INSERT INTO t VALUES (3, 'three', 6)",
  );
  expect(told).toEqual([
    [[1], { id: 1, a: 'one', b: 10, c: 5 }],
    [[1], { id: 1, aa: 'one', b: 11, c: 5 }],
    [[3], { id: 3, aa: 'three', c: 6 }],
  ]);
});

test('what is altered while a feed is paused makes nobody wait or fail, and the rows are told again as they are', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec(
    "UPDATE t SET a = 'ONE' WHERE id = 1; ALTER TABLE t ADD COLUMN c DEFAULT 5; UPDATE t SET c = 6 WHERE id = 2",
  );
  place.exec("ALTER TABLE t DROP COLUMN b; INSERT INTO t VALUES (3, 'three', 7); ALTER TABLE t RENAME COLUMN a TO aa");
  place.exec("UPDATE t SET aa = 'Three' WHERE id = 3; DELETE FROM t WHERE id = 1");
  await drain(place, feed, 2);
  const told = place.messages().map(({ key, after }) => [key, after] as const);
  const last = new Map(told.map(([key, after]) => [String(key), after]));
  expect([...last.values()]).toEqual([null, { id: 2, aa: 'two', c: 6 }, { id: 3, aa: 'Three', c: 7 }]);
  expect(told.at(-1)?.[1]).not.toHaveProperty('a');
});

test('a table that is dropped ends the feed, after all that was changed before', async () => {
  await using place = open(`${T}; CREATE TABLE other (id INTEGER PRIMARY KEY)`);
  const feed = await createFeed(place, { initialScan: 'NO', tables: ['t', 'other'] });
  await drain(place, feed, 1);
  place.exec("UPDATE t SET a = 'last' WHERE id = 1; INSERT INTO other VALUES (1); DROP TABLE t");
  expect(await startFeed(place, feed, 2).ended).toEqual(
    new Error('table "t" was dropped or recreated by another program'),
  );
  expect(place.messages().map(({ table, key, after }) => [table, key, after])).toEqual([
    ['t', [1], { id: 1, a: 'last', b: 1 }],
    ['other', [1], { id: 1 }],
  ]);
  await revertFeed(place, feed, 3);
  expect(place.hidden()).toEqual([]);
  place.exec('INSERT INTO other VALUES (2)');
});

test.each([
  ['dropped while it runs', 'DROP TABLE t', 'table "t" was dropped or recreated by another program'],
  [
    'made anew',
    'DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY)',
    'table "t" was dropped or recreated by another program',
  ],
  ['renamed', 'ALTER TABLE t RENAME TO x', 'table "t" was renamed to "x"'],
  [
    'robbed of a trigger',
    'DROP TRIGGER _signalbox_feed_27536791415282_0_au',
    'a trigger of the feed on table "t" was dropped',
  ],
])('with onError PAUSE the feed of a table that was %s asks to be paused', async (_, statement, said) => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO', onError: 'PAUSE' });
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  place.exec(statement);
  expect(await running.ended).toEqual(new PauseAsked(said));
  await revertFeed(place, feed, 2);
  expect(place.hidden()).toEqual([]);
});

test('a unique index that is made later pushes rows out that are told', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec('CREATE UNIQUE INDEX late ON t (b)');
  await drain(place, feed, 2);
  place.exec("INSERT OR REPLACE INTO t VALUES (3, 'three', 1)");
  await drain(place, feed, 3);
  expect(place.messages()).toEqual([
    { key: [1], after: null, table: 't' },
    { key: [3], after: { id: 3, a: 'three', b: 1 }, table: 't' },
  ]);
});

test('a unique index that is made while rows are written unseen is an error, and never silence', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec("CREATE UNIQUE INDEX late ON t (b); INSERT OR REPLACE INTO t VALUES (3, 'three', 1)");
  expect(String(await startFeed(place, feed, 2).ended)).toMatch(
    /a unique index was created on table "t" while rows were written/,
  );
});

test('a trigger of somebody else that is made later does not come before those of the feed', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec("CREATE TRIGGER theirs AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'no'); END");
  await drain(place, feed, 2);
  expect(() => place.exec("INSERT OR FAIL INTO t VALUES (3, 'three', 3)")).toThrow('no');
  expect(place.all('SELECT id FROM t').length).toBe(3);
  await drain(place, feed, 3);
  expect(place.messages().map(({ key }) => key)).toEqual([[3]]);
});

test('a feed with the row as it was survives a column that goes', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO', diff: true });
  await drain(place, feed, 1);
  place.exec("ALTER TABLE t DROP COLUMN b; UPDATE t SET a = 'x' WHERE id = 1; DELETE FROM t WHERE id = 2");
  await drain(place, feed, 2);
  place.exec("UPDATE t SET a = 'y' WHERE id = 1");
  await drain(place, feed, 3);
  expect(place.messages().at(-1)).toEqual({
    key: [1],
    after: { id: 1, a: 'y' },
    before: { id: 1, a: 'x' },
    table: 't',
  });
});
