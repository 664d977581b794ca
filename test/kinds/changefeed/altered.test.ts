/** What others do to a watched table while a feed is at work, or paused. */
import { execFileSync } from 'node:child_process';
import Sqlite from 'better-sqlite3';
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

test('rows displaced through a unique index that appeared unseen are deleted, whoever made it in whatever way', async () => {
  await using place = open();
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  place.exec("CREATE UNIQUE INDEX late ON t (b); INSERT OR REPLACE INTO t VALUES (3, 'three', 1)");
  await drain(place, feed, 2);
  expect(replay(place)).toEqual(
    new Map([
      ['[3]', { id: 3, a: 'three', b: 1 }],
      ['[1]', null],
    ]),
  );
  place.exec('ALTER TABLE t RENAME COLUMN b TO c');
  place.exec("INSERT OR REPLACE INTO t VALUES (4, 'four', 2); UPDATE OR REPLACE t SET c = 2 WHERE id = 3");
  await drain(place, feed, 3);
  expect(replay(place)).toEqual(
    new Map([
      ['[3]', { id: 3, a: 'three', c: 2 }],
      ['[1]', null],
      ['[2]', null],
      ['[4]', null],
    ]),
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

test('an older copy of the file is an error, and no file that was delivered is overwritten', async () => {
  await using place = open();
  const feed = await createFeed(place);
  await drain(place, feed, 1);
  const files = place.files();
  place.exec('DELETE FROM t');
  const older = startFeed(place, feed, 2, { acked: 100, scanned: 0 });
  expect(String(await older.ended)).toMatch(
    /older copy: its changefeed is at 0000000000000003, but messages up to 0000000000000100 were delivered/,
  );
  expect(place.files()).toEqual(files);
  await drain(place, feed, 3);
  expect(place.files().length).toBeGreaterThan(files.length);
});

/** The last message of each key, without those of rows that were never sent. */
const replay = (place: Place) =>
  new Map(place.messages().map(({ key, after }) => [JSON.stringify(key), after ?? null]));

const PRICES = `CREATE TABLE t (id INTEGER PRIMARY KEY, price TEXT, price_new TEXT COLLATE NOCASE);
  CREATE UNIQUE INDEX by_price ON t (price_new); INSERT INTO t VALUES (1, 'old', 'new'), (2, 'old 2', 'new 2')`;

/** Statements of another process, each in a transaction of its own. */
const programs = {
  'in this process': (file: string, statements: readonly string[]) => {
    const sql = new Sqlite(file);
    for (const statement of statements) sql.exec(statement);
    sql.close();
  },
  'by the shell without double-quoted strings': (file: string, statements: readonly string[]) => {
    const input = ['.bail on', '.dbconfig dqs_dml off', '.dbconfig dqs_ddl off', ...statements.map((one) => `${one};`)];
    execFileSync('sqlite3', [file], { input: input.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] });
  },
} as const;

const chains: readonly (readonly [string, readonly string[], Readonly<Record<string, unknown>>])[] = [
  [
    'a column takes the name of another, which is dropped',
    [
      'ALTER TABLE t RENAME COLUMN price TO price_old',
      'ALTER TABLE t RENAME COLUMN price_new TO price',
      'ALTER TABLE t DROP COLUMN price_old',
      "INSERT INTO t VALUES (3, 'x')",
    ],
    { '[3]': { id: 3, price: 'x' } },
  ],
  [
    'two columns trade names',
    [
      'ALTER TABLE t RENAME COLUMN price TO swap',
      'ALTER TABLE t RENAME COLUMN price_new TO price',
      'ALTER TABLE t RENAME COLUMN swap TO price_new',
      "INSERT INTO t (id, price, price_new) VALUES (3, 'p', 'n')",
    ],
    { '[3]': { id: 3, price_new: 'n', price: 'p' } },
  ],
  [
    'a column is renamed and named back',
    [
      'ALTER TABLE t RENAME COLUMN price TO swap',
      "UPDATE t SET swap = 'y' WHERE id = 1",
      'ALTER TABLE t RENAME COLUMN swap TO price',
    ],
    { '[1]': { id: 1, price: 'y', price_new: 'new' } },
  ],
  [
    'a unique index and its renamed column are dropped',
    [
      'ALTER TABLE t RENAME COLUMN price_new TO fresh',
      "INSERT OR REPLACE INTO t VALUES (4, 'four', 'new 2')",
      'DROP INDEX by_price',
      'ALTER TABLE t DROP COLUMN fresh',
      "INSERT INTO t VALUES (5, 'five')",
    ],
    { '[2]': null, '[4]': { id: 4, price: 'four' }, '[5]': { id: 5, price: 'five' } },
  ],
  [
    'the key is renamed',
    [
      'ALTER TABLE t RENAME COLUMN id TO price_id',
      "INSERT INTO t VALUES (3, 'x', 'y')",
      'ALTER TABLE t RENAME COLUMN price TO id',
      "UPDATE t SET id = 'z' WHERE price_id = 1",
    ],
    { '[3]': { price_id: 3, id: 'x', price_new: 'y' }, '[1]': { price_id: 1, id: 'z', price_new: 'new' } },
  ],
];
const ways = [
  { program: 'in this process', isPaused: true, diff: true },
  { program: 'by the shell without double-quoted strings', isPaused: true, diff: false },
  { program: 'by the shell without double-quoted strings', isPaused: false, diff: true },
] as const;
const cases = chains.flatMap(([title, statements, told]) => ways.map((way) => ({ title, statements, told, ...way })));

test.each(cases)(
  'values are under the right names when $title: $program, paused: $isPaused, diff: $diff',
  async ({ statements, told, isPaused, program, diff }) => {
    await using place = open(PRICES);
    const feed = await createFeed(place, { initialScan: 'NO', diff });
    await drain(place, feed, 1);
    if (isPaused) programs[program](place.file, statements);
    const running = startFeed(place, feed, 2);
    if (!isPaused) {
      await running.until(() => running.steps.length >= 2);
      programs[program](place.file, statements);
    }
    await running.until(() => isDelivered(place) && isAdapted(place));
    await running.stop();
    // What was written between the last look and the stop.
    await drain(place, feed, 3);
    expect(Object.fromEntries(replay(place))).toEqual(told);
  },
);

const wide = Array.from({ length: 40 }, (_, i) => `c${i}`);
const displacing: readonly (readonly [string, string, string, readonly number[]])[] = [
  [
    'by a default that takes the place of NULL',
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL DEFAULT 'd' UNIQUE); INSERT INTO t VALUES (1, 'd')",
    'INSERT OR REPLACE INTO t VALUES (5, NULL)',
    [1],
  ],
  [
    'through a unique index on a generated column',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, g AS (a || b)); CREATE UNIQUE INDEX i ON t (g);
     INSERT INTO t VALUES (1, 1, 2), (2, 1, 3)`,
    'UPDATE OR REPLACE t SET b = 2 WHERE id = 2',
    [1],
  ],
  [
    'forty by one row',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, ${wide.join(', ')}); ${wide.map((name) => `CREATE UNIQUE INDEX i${name} ON t (${name})`).join('; ')};
     ${wide.map((name, i) => `INSERT INTO t (id, ${name}) VALUES (${i + 1}, 0)`).join('; ')}`,
    `INSERT OR REPLACE INTO t VALUES (99, ${wide.map(() => 0).join(', ')})`,
    wide.map((_, i) => i + 1),
  ],
  [
    'a hundred by one statement',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, x UNIQUE); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
     WHERE i < 100) INSERT INTO t SELECT i, i FROM n`,
    'INSERT OR REPLACE INTO t SELECT id + 1000, x FROM t',
    Array.from({ length: 100 }, (_, i) => i + 1),
  ],
];

test.each(displacing)('the deletion of rows that are displaced %s is sent', async (_, made, write, gone) => {
  await using place = open(made);
  const feed = await createFeed(place, { initialScan: 'NO' });
  await drain(place, feed, 1);
  programs['by the shell without double-quoted strings'](place.file, [write]);
  await drain(place, feed, 2);
  const deleted = place.messages().flatMap(({ key, after }) => (after === null ? key : []));
  expect(deleted.toSorted((a, b) => Number(a) - Number(b))).toEqual(gone);
});

test('a trigger that only another program can run fails neither the feed nor a write of that program', async () => {
  await using place = open(`CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (7, 'seven', 7);
    CREATE TRIGGER theirs AFTER INSERT ON t WHEN ST_IsEmpty(NEW.a) BEGIN SELECT 1; END`);
  const feed = await createFeed(place);
  await drain(place, feed, 1);
  place.sql.function('ST_IsEmpty', (_: unknown) => 0);
  place.exec("INSERT INTO t VALUES (1, 'one', 'x'); ALTER TABLE t ADD COLUMN c");
  await drain(place, feed, 2);
  expect(replay(place)).toEqual(
    new Map([
      ['[7]', { id: 7, a: 'seven', b: 7 }],
      ['[1]', { id: 1, a: 'one', b: 'x' }],
    ]),
  );
});

test('a feed warns of rows that it may miss, and of nothing else', async () => {
  await using place = open(`CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL DEFAULT (random()) UNIQUE,
      b NOT NULL DEFAULT 'b' UNIQUE, c NOT NULL DEFAULT CURRENT_TIMESTAMP UNIQUE);
    CREATE UNIQUE INDEX t_b ON t (b + 1); CREATE UNIQUE INDEX t_id ON t (id % 10); CREATE TABLE plain (id PRIMARY KEY, x UNIQUE)`);
  const feed = await createFeed(place, { tables: ['t', 'plain'] });
  const running = startFeed(place, feed);
  await running.until(() => isDelivered(place));
  await running.stop();
  expect(running.steps.flatMap(({ warnings = [] }) => warnings)).toEqual([
    expect.stringMatching(/^table "t": .* the unique index on "id % 10", which depends on the rowid/),
    expect.stringMatching(
      /^table "t": .* the unique index on "a", which has a default that differs from call to call$/,
    ),
  ]);
});

test('the key can be renamed that is part of a unique index, and so can what takes its name', async () => {
  await using place = open(`${T}; CREATE UNIQUE INDEX both ON t (id, a); CREATE UNIQUE INDEX low ON t (lower(id), b)`);
  const feed = await createFeed(place, { initialScan: 'NO', diff: true });
  await drain(place, feed, 1);
  programs['by the shell without double-quoted strings'](place.file, [
    'ALTER TABLE t RENAME COLUMN id TO key',
    'ALTER TABLE t RENAME COLUMN a TO id',
    "INSERT OR REPLACE INTO t VALUES (1, 'new', 2), (3, 'three', 3)",
    'ALTER TABLE t RENAME COLUMN key TO a',
    'UPDATE OR REPLACE t SET a = 2 WHERE a = 3',
  ]);
  await drain(place, feed, 2);
  expect(Object.fromEntries(replay(place))).toEqual({
    '[1]': { a: 1, id: 'new', b: 2 },
    '[2]': { a: 2, id: 'three', b: 3 },
    '[3]': null,
  });
});
