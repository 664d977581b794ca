/** Restores under other names: everything that names a table follows it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import { openPlace, type Place } from '../backup/scene.ts';
import { cleanUp, execute } from '../contract.ts';
import { backUp, contentOf, createRestore, RESTORE, restore } from './scene.ts';

const SOURCE = `
  CREATE TABLE shelf (id INTEGER PRIMARY KEY, "of" INT REFERENCES shelf, code TEXT UNIQUE);
  CREATE TABLE goods (id INTEGER PRIMARY KEY AUTOINCREMENT, shelf INT REFERENCES shelf ON DELETE CASCADE, name TEXT, old AS (name || 'x'),
    CHECK (goods.name <> '') /* kept */);
  CREATE INDEX names ON goods (name) WHERE goods.id > 2; CREATE INDEX codes ON shelf (lower(code));
  CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID; CREATE INDEX b_of_pairs ON pairs (b); CREATE TABLE log (what);
  CREATE VIEW cheap AS SELECT g.name, s.code FROM goods g JOIN shelf AS s ON g.shelf = s.id WHERE g.name <> 'none';
  CREATE VIEW cheaper AS SELECT name FROM cheap; CREATE VIEW logged AS SELECT what FROM log;
  CREATE TRIGGER noted AFTER INSERT ON goods BEGIN INSERT INTO log SELECT 'goods' || name FROM goods WHERE id = NEW.id; END;
  CREATE TRIGGER through INSTEAD OF INSERT ON cheap BEGIN INSERT INTO goods (name) VALUES (NEW.name); END;
  CREATE VIRTUAL TABLE goods_search USING fts5(name, content='goods', content_rowid='id');
  CREATE TRIGGER found AFTER INSERT ON goods BEGIN INSERT INTO goods_search (rowid, name) VALUES (NEW.id, NEW.name); END;
  CREATE TRIGGER lost AFTER DELETE ON goods BEGIN
    INSERT INTO goods_search (goods_search, rowid, name) VALUES ('delete', OLD.id, OLD.name); END;
  CREATE VIRTUAL TABLE words USING fts5vocab(goods_search, 'row');
  INSERT INTO shelf VALUES (1, NULL, 'A'), (2, 1, 'B'); INSERT INTO pairs VALUES (1, 'x'), (2, 'y');
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO goods SELECT i, i % 2 + 1, 'n' || i FROM n;
  DELETE FROM goods WHERE id > 290; ANALYZE;`;

/** As SQLite names them in a copy of the database. */
const RENAMED = [
  { table: 'GOODS', to: 'new "Goods"' },
  { table: 'shelf', to: 'goods' },
  { table: 'pairs', to: 'shelf' },
  { table: 'goods_search', to: 'search' },
];

const open = async (): Promise<Place> => {
  const place = openPlace(SOURCE);
  await backUp(place);
  return place;
};

const read = (file: string, ...selects: readonly string[]): readonly unknown[] => {
  const sql = new Sqlite(file);
  try {
    return selects.map((select) => sql.prepare(select).raw().all());
  } finally {
    sql.close();
  }
};

const write = (file: string, statements: string) => {
  const sql = new Sqlite(file);
  try {
    sql.exec(statements);
  } finally {
    sql.close();
  }
};

const targetOf = (place: Place, isThere: boolean) => {
  const file = path.join(place.dir, `target-${isThere}.db`);
  if (isThere) createDatabaseFile(file);
  return { file, isThere };
};

test('tables that trade names are the same in a new database and in an existing one, and all that names them follows', async () => {
  await using place = await open();
  const contents: unknown[] = [];
  for (const isThere of [false, true]) {
    const target = targetOf(place, isThere);
    expect(await restore(place, target, { as: RENAMED })).toEqual([]);
    contents.push(contentOf(target.file));
    const { file } = target;
    expect(read(file, 'PRAGMA integrity_check', 'PRAGMA foreign_key_check')).toEqual([[['ok']], []]);
    write(file, `INSERT INTO cheap (name) VALUES ('added'); INSERT INTO goods VALUES (3, 2, 'C')`);
    expect(
      read(
        file,
        'SELECT id, old FROM "new ""Goods""" ORDER BY id DESC LIMIT 1',
        'SELECT count(*) FROM cheap',
        "SELECT rowid FROM search WHERE search MATCH 'added'",
        'SELECT what FROM log ORDER BY rowid DESC LIMIT 1',
        "SELECT a FROM shelf WHERE b = 'y'",
        "SELECT term FROM words WHERE term = 'added'",
        "SELECT DISTINCT tbl, idx FROM sqlite_stat1 WHERE idx NOT NULL AND tbl NOT LIKE 'search%' ORDER BY 1, 2",
        `SELECT sql FROM sqlite_schema WHERE name = 'names'`,
        "SELECT name, code FROM cheap WHERE name = 'n7'",
      ),
    ).toEqual([
      [[301, 'addedx']],
      [[290]],
      [[301]],
      [['goodsadded']],
      [[2]],
      [['added']],
      [
        ['goods', 'codes'],
        ['goods', 'sqlite_autoindex_goods_1'],
        ['new "Goods"', 'names'],
        ['shelf', 'b_of_pairs'],
        ['shelf', 'shelf'],
      ],
      [['CREATE INDEX names ON "new ""Goods""" (name) WHERE "new ""Goods""".id > 2']],
      [['n7', 'B']],
    ]);
    expect(() =>
      write(file, `PRAGMA foreign_keys = ON; INSERT INTO "new ""Goods""" (shelf, name) VALUES (9, 'x')`),
    ).toThrow('FOREIGN KEY');
    expect(() => write(file, `INSERT INTO "new ""Goods""" (name) VALUES ('')`)).toThrow('CHECK');
  }
  expect(contents[1]).toEqual(contents[0]);
});

test('a table restored next to itself changes nothing of it, and gets free names for its indexes and triggers', async () => {
  await using place = await open();
  const before = contentOf(place.file) as [{ name: string }, unknown][];
  const as = [{ table: 'goods', to: 'goods_then' }];
  const warnings = await restore(place, { file: place.file, isThere: true }, { tables: ['goods'], as });
  expect(warnings).toEqual([
    'view "cheap" was left out: a view keeps its name, which is in use',
    'view "cheaper" was left out: a view keeps its name, which is in use',
    'trigger "through" was left out: it uses view "cheap", which is left out',
  ]);
  const after = contentOf(place.file) as typeof before;
  const added = ['goods_then', 'names_goods_then', 'noted_goods_then', 'found_goods_then', 'lost_goods_then'];
  const isStatistic = (name: string) => /^sqlite_/.test(name);
  expect(after.filter(([{ name }]) => !added.includes(name) && !isStatistic(name))).toEqual(
    before.filter(([{ name }]) => !isStatistic(name)),
  );
  expect(after.flatMap(([{ name }]) => (added.includes(name) ? [name] : [])).sort()).toEqual([...added].sort());
  expect(read(place.file, 'SELECT seq FROM sqlite_sequence ORDER BY name', 'SELECT count(*) FROM goods_then')).toEqual([
    [[300], [300]],
    [[290]],
  ]);
  expect(read(place.file, "SELECT sql FROM sqlite_schema WHERE name = 'noted_goods_then'")).toEqual([
    [
      [
        `CREATE TRIGGER "noted_goods_then" AFTER INSERT ON "goods_then" BEGIN INSERT INTO log SELECT 'goods' || name FROM "goods_then" WHERE id = NEW.id; END`,
      ],
    ],
  ]);
});

test.each([
  [{ as: [{ table: 'none', to: 'x' }] }, 'as.0.table', 'table "none" is not among the restored tables'],
  [
    { tables: ['shelf'], as: [{ table: 'goods', to: 'x' }] },
    'as.0.table',
    'table "goods" is not among the restored tables',
  ],
  [
    {
      as: [
        { table: 'goods', to: 'x' },
        { table: 'Goods', to: 'y' },
      ],
    },
    'as.1.table',
    'table "Goods" is named twice',
  ],
  [
    {
      as: [
        { table: 'goods', to: 'x' },
        { table: 'log', to: 'X' },
      ],
    },
    'as.1.to',
    'two tables are to get the name "X"',
  ],
  [{ as: [{ table: 'goods', to: 'LOG' }] }, 'as.0.to', 'table "log" is restored under this name'],
  [{ as: [{ table: 'goods', to: 'Cheap' }] }, 'as.0.to', 'the restore has another view named "cheap"'],
  [{ as: [{ table: 'goods', to: 'codes' }] }, 'as.0.to', 'the restore has another index named "codes"'],
  [
    { as: [{ table: 'goods', to: '_signalbox_x' }] },
    'as.0.to',
    'table "_signalbox_x" begins with sqlite_ or _signalbox_, which are reserved',
  ],
  [{ as: [{ table: 'goods', to: '' }] }, 'as.0.to', 'table "" is empty'],
  [{ as: [] }, 'as', 'as is empty: omit it to keep all names'],
  [
    { isThere: true, tables: ['log'], as: [{ table: 'log', to: 'GOODS' }] },
    'as.0.to',
    'database "copy" has a table named "GOODS" already',
  ],
  [
    { isThere: true, tables: ['log'], as: [{ table: 'log', to: 'names' }] },
    'as.0.to',
    'database "copy" has an index named "names" already',
  ],
])(
  '%j is rejected',
  async ({ isThere = false, ...input }: { isThere?: boolean; as: { table: string; to: string }[] }, field, message) => {
    await using place = await open();
    const before = contentOf(place.file);
    const environment = isThere ? place.environment : { ...place.environment, database: null };
    await expect(createRestore(environment, input)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(message),
      extensions: { field: `input.${field}` },
    });
    expect(contentOf(place.file)).toEqual(before);
  },
);

test('a name that another program takes meanwhile fails the restore, and nothing is left', async () => {
  await using place = await open();
  const { file } = targetOf(place, true);
  const { details, description } = await createRestore(
    { ...place.environment, database: { engine: 'sqlite', file } },
    { tables: ['goods'], as: [{ table: 'goods', to: 'later' }] },
  );
  expect(description).toBe(`RESTORE copy.goods AS later FROM '${details.source}'`);
  write(file, 'CREATE TABLE later (a)');
  const before = contentOf(file);
  const scene = { details, environment: { ...place.environment, database: { engine: 'sqlite', file } } } as never;
  await expect(execute({ kind: RESTORE, scene, epoch: 1 })).rejects.toThrow('has a table named "later" already');
  await execute({ kind: RESTORE, scene, epoch: 2, task: 'revert' });
  await cleanUp(RESTORE, scene, 'ended');
  expect(contentOf(file)).toEqual(before);
  expect(existsSync(path.join(place.dir, 'work', '1'))).toBe(false);
});

test('a new database is the same when the restore is stopped at any of its steps', async () => {
  await using place = await open();
  const input = {
    tables: ['goods', 'shelf'],
    as: [
      { table: 'goods', to: 'shelf' },
      { table: 'shelf', to: 'goods' },
    ],
  };
  const contents: unknown[] = [];
  for (const stopAt of [1, 2, 3, 4, 99]) {
    const file = path.join(place.dir, `stopped-${stopAt}.db`);
    const environment = { ...place.environment, database: { engine: 'sqlite', file } as const };
    const { details } = await createRestore({ ...environment, database: null }, input);
    const scene = { details, environment } as never;
    const { checkpoints } = await execute({ kind: RESTORE, scene, epoch: 1, stopAt });
    await execute({ kind: RESTORE, scene, epoch: 2, checkpoint: checkpoints.at(-1) });
    await cleanUp(RESTORE, scene, 'ended');
    contents.push(contentOf(file));
    expect(read(file, 'PRAGMA integrity_check', 'SELECT count(*) FROM shelf')).toEqual([[['ok']], [[290]]]);
  }
  expect(contents).toEqual(contents.map(() => contents[0]));
});
