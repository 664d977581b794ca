/** Foreign keys that are added. */
import { expect, test } from 'vitest';
import { cleanUp, execute, testKindContract } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const MADE = `CREATE TABLE shelf (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE UNIQUE, room INT, place TEXT, UNIQUE (room, place));
  CREATE TABLE goods (id INTEGER PRIMARY KEY AUTOINCREMENT, shelf INTEGER, code TEXT, room, place, of INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO shelf SELECT i, 'S' || i, i % 7, 'p' || i FROM n;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
    INSERT INTO goods SELECT i, i % 60 + 1, 's' || (i % 60 + 1), (i % 60 + 1) % 7, 'p' || (i % 60 + 1), max(1, i - 5) FROM n;
  UPDATE goods SET shelf = NULL WHERE id % 50 = 0; UPDATE goods SET room = NULL, place = 'nowhere' WHERE id % 60 = 0;`;

const BY_ID = {
  addForeignKey: {
    table: 'goods',
    name: 'lies on',
    columns: ['shelf'],
    references: 'SHELF',
    to: ['id'],
    onDelete: 'CASCADE',
  },
} as const;
const BY_CODE = {
  addForeignKey: {
    table: 'goods',
    name: 'coded',
    columns: ['code'],
    references: 'shelf',
    to: ['code'],
    onUpdate: 'SET_NULL',
  },
} as const;
const BY_PLACE = {
  addForeignKey: {
    table: 'goods',
    name: 'placed',
    columns: ['place', 'room'],
    references: 'shelf',
    to: ['place', 'room'],
  },
} as const;
const BY_SELF = {
  addForeignKey: {
    table: 'goods',
    name: 'part',
    columns: ['of'],
    references: 'goods',
    to: ['id'],
    onDelete: 'RESTRICT',
  },
} as const;

testKindContract('schema change that adds foreign keys', SCHEMA_CHANGE, () =>
  openChange(MADE.replace('i < 900', 'i < 400'), BY_CODE, BY_SELF),
);

test('foreign keys that are added are those of a table that was created with them', async () => {
  await using scene = await openChange(MADE, BY_ID, BY_CODE, BY_PLACE, BY_SELF);
  await using expected = await openChange(
    MADE.replace(
      'of INTEGER)',
      `of INTEGER, CONSTRAINT "lies on" FOREIGN KEY ("shelf") REFERENCES "shelf" ("id") ON DELETE CASCADE, ${'CONSTRAINT "coded" FOREIGN KEY ("code") REFERENCES "shelf" ("code") ON UPDATE SET NULL, '}CONSTRAINT "placed" FOREIGN KEY ("place", "room") REFERENCES "shelf" ("place", "room"), ${'CONSTRAINT "part" FOREIGN KEY ("of") REFERENCES "goods" ("id") ON DELETE RESTRICT)'}`,
    ),
    { addColumn: { table: 'goods', column: { name: 'x', type: 'INT' } } },
  );
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  await cleanUp(SCHEMA_CHANGE, scene, 'removed');
  expect(snapshotOf(scene.sql)).toEqual(snapshotOf(expected.sql));
  expect(scene.sql.pragma('foreign_key_list(goods)')).toEqual(expected.sql.pragma('foreign_key_list(goods)'));
  expect(scene.hidden()).toEqual([]);
  scene.sql.pragma('foreign_keys = ON');
  expect(() => scene.exec('INSERT INTO goods (shelf) VALUES (61)')).toThrow('FOREIGN KEY');
  expect(scene.description).toContain(
    'ADD CONSTRAINT "coded" FOREIGN KEY ("code") REFERENCES "shelf" ("code") ON UPDATE SET NULL',
  );
});

test('the same job may rename, convert and add what the key names', async () => {
  await using scene = await openChange(
    MADE,
    { renameColumn: { table: 'goods', column: 'shelf', to: 'on' } },
    { alterColumn: { table: 'goods', column: 'on', type: 'TEXT' } },
    { renameTable: { table: 'shelf', to: 'shelves' } },
    { renameColumn: { table: 'shelves', column: 'id', to: 'number' } },
    { addColumn: { table: 'goods', column: { name: 'spare', type: 'INT', default: '7' } } },
    { addForeignKey: { table: 'goods', name: 'one', columns: ['on'], references: 'shelves', to: ['number'] } },
    { addForeignKey: { table: 'goods', name: 'two', columns: ['spare'], references: 'shelves', to: ['number'] } },
    { renameColumn: { table: 'goods', column: 'spare', to: 'extra' } },
    { renameTable: { table: 'shelves', to: 'boards' } },
  );
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.sql.pragma('foreign_key_check')).toEqual([]);
  expect(scene.all('SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'goods\')')).toEqual([
    ['boards', 'extra', 'number'],
    ['boards', 'on', 'number'],
  ]);
});

type Failure = readonly [statement: string, error: string, change: Changes[number]];
const FAILURES: readonly Failure[] = [
  [
    'UPDATE goods SET shelf = 99 WHERE id = 300',
    'row with id 300, column shelf: table "shelf" has no row with the same "id": 99',
    BY_ID,
  ],
  [
    'DELETE FROM shelf WHERE id = 8',
    'row with id 7, column shelf: table "shelf" has no row with the same "id": 8',
    BY_ID,
  ],
  [
    "UPDATE shelf SET code = 'new' WHERE id = 8",
    'row with id 7, column code: table "shelf" has no row with the same "code": "s8"',
    BY_CODE,
  ],
  [
    "INSERT OR REPLACE INTO shelf (id, code) VALUES (61, 's8')",
    'row with id 7, column shelf: table "shelf" has no row with the same "id": 8',
    BY_ID,
  ],
  [
    "REPLACE INTO shelf (id, code) VALUES (8, 'other')",
    'row with id 7, column code: table "shelf" has no row with the same "code": "s8"',
    BY_CODE,
  ],
  [
    "UPDATE OR REPLACE shelf SET code = 's8' WHERE id = 9",
    'row with id 7, column shelf: table "shelf" has no row with the same "id": 8',
    BY_ID,
  ],
  [
    "UPDATE shelf SET place = 'gone' WHERE id = 8",
    'row with id 7: table "shelf" has no row with the same "place", "room": "p8", 1',
    BY_PLACE,
  ],
  [
    'DELETE FROM goods WHERE id = 300',
    'row with id 305, column of: table "goods" has no row with the same "id": 300',
    BY_SELF,
  ],
];

test.each(FAILURES)('%s fails the job, before it as during the copy', async (statement, error, change) => {
  for (const isDuring of [false, true]) {
    await using scene = await openChange(MADE, change);
    if (!isDuring) scene.exec(statement);
    let isChanged = false;
    const run = execute({
      kind: SCHEMA_CHANGE,
      scene,
      epoch: 1,
      watch: ({ message }) => {
        if (!isDuring || isChanged || message !== 'swapping') return;
        isChanged = true;
        // A connection that does not enforce foreign keys.
        scene.exec(statement);
      },
    });
    await expect(run).rejects.toThrow(new Error(`table "goods", ${error}`));
    const before = snapshotOf(scene.sql);
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert' });
    expect(snapshotOf(scene.sql).rows).toEqual(before.rows);
    expect(scene.hidden()).toEqual([]);
    expect(scene.sql.pragma('foreign_key_list(goods)')).toEqual([]);
  }
});

test('writers of both tables lose nothing, as long as the key holds in the end', async () => {
  await using scene = await openChange(MADE, BY_ID, BY_CODE, BY_SELF);
  scene.sql.pragma('foreign_keys = ON');
  let steps = 0;
  await execute({
    kind: SCHEMA_CHANGE,
    scene,
    epoch: 1,
    watch: ({ commit, message }) => {
      // It holds the lock while it commits.
      if (commit || message === 'cleaning up' || steps >= 9) return;
      steps += 1;
      // The parents go first, in one transaction with their children.
      scene.exec(`BEGIN; DELETE FROM shelf WHERE id = ${steps}; REPLACE INTO shelf (id, code) VALUES (${100 + steps}, 's${steps + 20}');
        UPDATE goods SET shelf = NULL, code = NULL WHERE shelf IN (${steps}, ${steps + 20}) OR code IN ('s${steps}', 's${steps + 20}');
        INSERT INTO shelf (id, code) VALUES (${200 + steps}, 'x${steps}'); INSERT INTO goods (shelf, code) VALUES (${200 + steps}, 'X${steps}'); COMMIT`);
    },
  });
  expect(steps).toBeGreaterThan(2);
  expect(scene.sql.pragma('foreign_key_check')).toEqual([]);
  expect(scene.all("SELECT count(*) FROM goods WHERE code LIKE 'X%'")[0]).toEqual([BigInt(steps)]);
});

type Refusal = readonly [message: string, field: string, change: Changes[number]];
const key = (more: object) => ({ addForeignKey: { ...BY_ID.addForeignKey, ...more } });
const REFUSALS: readonly Refusal[] = [
  ['table "none" does not exist', 'references', key({ references: 'none' })],
  ['"seen" is a view, not a table', 'references', key({ references: 'seen' })],
  ['table "shelf" has no column "none"', 'to.0', key({ to: ['none'] })],
  ['table "goods" has no column "none"', 'columns.0', key({ columns: ['none'] })],
  ['the columns of table "shelf" are neither its primary key nor unique together', 'to', key({ to: ['room'] })],
  ['columns has 2 entries, and to has 1: there must be as many', 'to', key({ columns: ['shelf', 'room'] })],
];

test.each(REFUSALS)('a foreign key is rejected at creation: %s', async (message, field, change) => {
  const open = openChange(`${MADE}; CREATE VIEW seen AS SELECT 1 AS id`, change);
  await expect(open).rejects.toMatchObject({
    message,
    extensions: { field: `input.changes.0.addForeignKey.${field}` },
  });
});
