/** Tables that are renamed, and constraints and indexes beyond plain columns. */
import { expect, test } from 'vitest';
import { cleanUp, execute, testKindContract } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE, snapshotOf, soundnessOf } from './scene.ts';

const rows = (table: string, count: number, values: string) =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) INSERT INTO ${table} SELECT ${values} FROM n;`;

const GOODS = `CREATE TABLE goods (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, price REAL, CHECK (price < 1e6) /* the end */);
  CREATE INDEX names ON goods (name); CREATE TABLE sold (id INTEGER PRIMARY KEY, goods INTEGER REFERENCES goods, note TEXT);
  CREATE VIEW cheap AS SELECT id FROM goods WHERE price < 3; CREATE TABLE log (name);
  CREATE TRIGGER added AFTER INSERT ON goods BEGIN INSERT INTO log VALUES (NEW.name); END;
  CREATE TRIGGER sells AFTER INSERT ON sold BEGIN UPDATE goods SET price = price + 1 WHERE id = NEW.goods; END;
  ${rows('goods', 900, "i, 'n' || i, i / 2.0")} INSERT INTO sold SELECT id, id, '' FROM goods WHERE id < 9; DELETE FROM log; ANALYZE;`;

const make = async (made: string, ...changes: Changes) => {
  const scene = await openChange(made, ...changes);
  const sound = soundnessOf(scene.sql);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  await cleanUp(SCHEMA_CHANGE, scene, 'removed');
  expect(scene.hidden()).toEqual([]);
  expect(soundnessOf(scene.sql)).toBe(sound);
  expect(scene.sql.pragma('foreign_key_check')).toEqual([]);
  return scene;
};

type Snapshot = ReturnType<typeof snapshotOf>;

const CHECK = { addCheck: { table: 'goods', name: 'paid', expression: 'price > 0' } };
const UNIQUE = { addUnique: { table: 'goods', name: 'once', columns: ['name', 'price'] } };
const RENAME = { renameTable: { table: 'goods', to: 'the "Goods"' } };

testKindContract('schema change that renames a table and adds constraints', SCHEMA_CHANGE, () =>
  openChange(GOODS, CHECK, RENAME, {
    createIndex: {
      table: 'the "Goods"',
      name: 'lower',
      parts: [{ on: { expression: "lower(name) || '!'" }, order: 'DESC' }, { on: { column: 'price' } }],
    },
  }),
);

test.each([
  ['in the catalogue alone', []],
  ['together with a copy', [CHECK]],
])('a table is renamed %s as by ALTER TABLE, and all that names it follows', async (_, more) => {
  await using expected = await openChange(GOODS, RENAME);
  expected.sql.pragma('foreign_keys = ON');
  expected.exec('ALTER TABLE goods RENAME TO "the ""Goods"""');
  await using scene = await make(
    GOODS,
    RENAME,
    ...more.map(({ addCheck }) => ({ addCheck: { ...addCheck, table: 'the "Goods"' } })),
  );
  const [is, should] = [scene, expected].map(({ sql }) => snapshotOf(sql)) as [Snapshot, Snapshot];
  const parts = ({ objects, rows: all, sound }: Snapshot) => ({
    // A statement of its own is stored for the table that is copied.
    objects: more.length === 0 ? objects : objects.filter((object) => (object as string[])[1] !== 'the "Goods"'),
    rows: all.filter(([name]) => !String(name).startsWith('sqlite_stat')),
    sound,
  });
  expect(parts(is)).toEqual(parts(should));
  expect(scene.all('SELECT DISTINCT tbl FROM sqlite_stat1 ORDER BY tbl')).toEqual([['sold'], ['the "Goods"']]);
  scene.sql.pragma('foreign_keys = ON');
  scene.exec('INSERT INTO "the ""Goods""" (name, price) VALUES (\'new\', 1); INSERT INTO sold (goods) VALUES (901)');
  expect(scene.all('SELECT * FROM log')).toEqual([['new']]);
  expect(scene.all('SELECT price FROM "the ""Goods""" WHERE id = 901')).toEqual([[2]]);
  expect(() => scene.exec('DELETE FROM "the ""Goods"""')).toThrow('FOREIGN KEY');
});

test('names of tables can move on in one job', async () => {
  await using scene = await make(
    'CREATE TABLE a (x); CREATE TABLE b (y); INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)',
    { renameTable: { table: 'a', to: 'spare' } },
    { renameTable: { table: 'b', to: 'A' } },
    { addColumn: { table: 'SPARE', column: { name: 'z', type: 'INT', default: '1 + 1' } } },
  );
  expect(scene.all('SELECT * FROM spare')).toEqual([[1n, 2n]]);
  expect(scene.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%signalbox%' ORDER BY name")).toEqual([
    ['A'],
    ['spare'],
  ]);
});

test('constraints that are added hold from the swap on', async () => {
  await using scene = await make(GOODS, CHECK, UNIQUE);
  expect(() => scene.exec('INSERT INTO goods (price) VALUES (-1)')).toThrow('CHECK constraint failed: paid');
  expect(() => scene.exec("INSERT INTO goods (name, price) VALUES ('n70', 35)")).toThrow('UNIQUE');
  scene.exec("INSERT INTO goods (name, price) VALUES ('n70', 4)");
});

test('an index has expressions, orders and collations, and is used', async () => {
  await using scene = await make(GOODS, {
    createIndex: {
      table: 'goods',
      name: 'parts',
      unique: true,
      where: 'price > 2',
      parts: [
        { on: { column: 'NAME' }, collation: 'NOCASE', order: 'DESC' },
        { on: { expression: ' abs(price) + 1 ' } },
        { on: { column: 'id' }, order: 'ASC' },
      ],
    },
  });
  expect(scene.all("SELECT sql FROM sqlite_schema WHERE name = 'parts'")).toEqual([
    ['CREATE UNIQUE INDEX "parts" ON "goods" ("name" COLLATE "NOCASE" DESC, (abs(price) + 1), "id") WHERE price > 2'],
  ]);
  expect(scene.description).toContain('ON "demo"."goods" ("NAME" COLLATE "NOCASE" DESC, ( abs(price) + 1 ), "id")');
  const plan = scene.sql.prepare(
    "EXPLAIN QUERY PLAN SELECT 1 FROM goods WHERE name = 'N7' COLLATE NOCASE AND price > 2",
  );
  expect(JSON.stringify(plan.all())).toContain('INDEX parts');
});

type Case = readonly [made: string, error: string, ...changes: Changes];

test.each<Case>([
  [
    'UPDATE goods SET price = -0.5 WHERE id = 77',
    'table "goods", row with id 77: CHECK constraint failed: paid',
    CHECK,
  ],
  [
    "UPDATE goods SET name = 'n50', price = 25 WHERE id = 77",
    'table "goods", row with id 77: another row has the same "name", "price": "n50", 25',
    UNIQUE,
  ],
  [
    'SELECT 1',
    'table "goods", row with id 2: another row has the same values in index "i"',
    { createIndex: { table: 'goods', name: 'i', unique: true, parts: [{ on: { expression: 'price > 9000' } }] } },
  ],
])('%s: the job fails with: %s', async (...given) => {
  const [made, error, ...changes] = given as unknown as Case;
  await using scene = await openChange(`${GOODS};${made}`, ...changes);
  const before = snapshotOf(scene.sql);
  await expect(execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 })).rejects.toThrow(new Error(error));
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert' });
  expect(snapshotOf(scene.sql)).toEqual(before);
  expect(scene.hidden()).toEqual([]);
});

test('a row that breaks a CHECK fails only a change that concerns it', async () => {
  const made = `PRAGMA ignore_check_constraints = ON; CREATE TABLE k (id INTEGER PRIMARY KEY, a CONSTRAINT positive CHECK (a > 0), b, CHECK (b <> a));
    INSERT INTO k VALUES (3, -1, '5'), (4, 2, 2); PRAGMA ignore_check_constraints = OFF`;
  await using scene = await make(made, { createIndex: { table: 'k', name: 'n', columns: ['a'] } });
  expect(scene.all('SELECT a FROM k')).toEqual([[-1n], [2n]]);
  expect(scene.all("SELECT sql FROM sqlite_schema WHERE name = 'k'")).toEqual([
    ['CREATE TABLE k (id INTEGER PRIMARY KEY, a CONSTRAINT positive CHECK (a > 0), b, CHECK (b <> a))'],
  ]);
  expect(() => scene.exec('INSERT INTO k (a) VALUES (0)')).toThrow('CHECK constraint failed: positive');
  await using other = await openChange(made, { alterColumn: { table: 'k', column: 'b', type: 'INTEGER' } });
  await expect(execute({ kind: SCHEMA_CHANGE, scene: other, epoch: 1 })).rejects.toThrow(
    new Error('table "k", row with id 4: CHECK constraint failed: b <> a'),
  );
});
