import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabaseFile, openDatabase, type Target } from '../../../src/databases/sqlite/open.ts';
import { hide, rename } from '../../../src/databases/sqlite/rename.ts';
import { headOf, withName } from '../../../src/databases/sqlite/sql-text.ts';

const HIDDEN = '_signalbox_test_1_0';
const TABLE = `CREATE TABLE [it's] (
  x INTEGER PRIMARY KEY AUTOINCREMENT, -- a comment
  y TEXT UNIQUE COLLATE NOCASE CHECK ("it's".y <> ''),
  parent REFERENCES "it's"(x),
  g AS (x * 2), s AS (upper(y)) STORED, UNIQUE (g, y)
)`;
const INDEXES = [
  `CREATE UNIQUE INDEX "of ""it""" ON "it's"(y DESC) WHERE [it's].y > 'b'`,
  'CREATE INDEX on_g/* */ON/* */"it\'s" (g, lower(y))',
];

let dir: string;
let target: Target;
let theirs: Sqlite.Database;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-rename-'));
  const file = path.join(dir, 'demo.db');
  createDatabaseFile(file);
  theirs = new Sqlite(file);
  theirs.exec(`CREATE TABLE other (a REFERENCES "it's"(x));
    CREATE VIEW seen AS SELECT x, y FROM "it's";
    CREATE TRIGGER noted AFTER INSERT ON other BEGIN SELECT 1 FROM "it's"; END`);
  target = openDatabase(file, 'demo');
});
afterEach(() => {
  target.close();
  theirs.close();
  rmSync(dir, { recursive: true });
});

const catalogue = (sql: Sqlite.Database) =>
  sql.prepare('SELECT type, name, tbl_name AS of, sql FROM sqlite_schema ORDER BY type, name').all() as {
    readonly name: string;
    readonly of: string;
    readonly sql: string;
  }[];

const build = () => {
  const hidden = hide(TABLE, INDEXES, HIDDEN);
  for (const statement of hidden.statements) target.sql.exec(statement);
  target.sql.exec(`INSERT INTO ${HIDDEN} (x, y) VALUES (5, 'a'), (7, 'c')`);
  return hidden;
};

describe('a hidden table', () => {
  it('has every name of its own hidden, and what mentions the table follows it', () => {
    build();
    const made = catalogue(theirs).filter(({ of }) => of === HIDDEN);
    expect(made.map(({ name }) => name).sort()).toEqual([
      HIDDEN,
      `${HIDDEN}_1`,
      `${HIDDEN}_2`,
      `sqlite_autoindex_${HIDDEN}_1`,
      `sqlite_autoindex_${HIDDEN}_2`,
    ]);
    expect(made.map(({ sql }) => sql).join()).not.toContain("it's");
    expect(() => target.sql.exec(`INSERT INTO ${HIDDEN} (y) VALUES ('A')`)).toThrow('UNIQUE');
    expect(() => target.sql.exec(`INSERT INTO ${HIDDEN} (y) VALUES ('')`)).toThrow('CHECK');
  });

  it('is shown as it was declared, letter for letter, to a connection that was open before', () => {
    theirs.prepare('SELECT * FROM other').all();
    const before = catalogue(theirs);
    const { names } = build();
    target.tryBegin();
    rename(target.sql, names);
    expect(() => theirs.prepare('SELECT * FROM seen').all()).toThrow('no such table');
    target.commit();

    expect(theirs.prepare('SELECT * FROM seen').all()).toEqual([
      { x: 5, y: 'a' },
      { x: 7, y: 'c' },
    ]);
    const after = catalogue(theirs);
    for (const row of before) expect(after).toContainEqual(row);
    expect(after.map(({ name }) => name)).not.toContain(HIDDEN);
    expect(after.map(({ sql }) => sql)).toEqual(expect.arrayContaining([TABLE, ...INDEXES]));
    expect(after.filter(({ of }) => of === "it's").map(({ name }) => name)).toEqual([
      'of "it"',
      'on_g',
      "sqlite_autoindex_it's_1",
      "sqlite_autoindex_it's_2",
      "it's",
    ]);
    for (const sql of [theirs, target.sql]) {
      expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(() => sql.exec(`INSERT INTO "it's" (y) VALUES ('C')`)).toThrow('UNIQUE');
    }
    theirs.exec(`INSERT INTO "it's" (y) VALUES ('d'); INSERT INTO other VALUES (8)`);
    const by = theirs.prepare(`EXPLAIN QUERY PLAN SELECT * FROM "it's" INDEXED BY "of ""it""" WHERE y > 'b'`).get();
    expect(by).toMatchObject({ detail: expect.stringContaining('of "it"') });
    expect(theirs.prepare('SELECT * FROM sqlite_sequence').all()).toEqual([{ name: "it's", seq: 8 }]);
    expect(() => target.sql.exec("UPDATE sqlite_schema SET sql = ''")).toThrow('may not be modified');
  });

  it('is hidden again when the transaction is rolled back', () => {
    const { names } = build();
    const before = catalogue(theirs);
    target.tryBegin();
    rename(target.sql, names);
    target.rollback();
    expect(catalogue(theirs)).toEqual(before);
    expect(target.sql.prepare(`SELECT count(*) FROM ${HIDDEN}`).pluck().get()).toBe(2);
    expect(() => target.sql.prepare('SELECT * FROM seen').all()).toThrow('no such table');
    target.tryBegin();
    rename(target.sql, names);
    target.commit();
    expect(theirs.prepare('SELECT count(*) FROM seen').pluck().get()).toBe(2);
  });

  it('takes the place of another, which is put aside with its indexes; triggers stay with the name', () => {
    theirs.exec(`CREATE TABLE "it's" (x PRIMARY KEY, old); CREATE INDEX on_g ON "it's"(old);
      INSERT INTO "it's" VALUES (1, 2); CREATE TRIGGER kept AFTER DELETE ON "it's" BEGIN DELETE FROM other; END`);
    const { names } = build();
    const old = hide(
      `CREATE TABLE "it's" (x PRIMARY KEY, old)`,
      [`CREATE INDEX on_g ON "it's"(old)`],
      '_signalbox_old',
    );
    const [table = '', index = ''] = old.statements;
    target.sql.pragma('foreign_keys = OFF');
    target.tryBegin();
    rename(target.sql, [{ from: "it's", sql: table }, { from: 'on_g', sql: index, table: '_signalbox_old' }, ...names]);
    target.commit();
    expect(theirs.prepare('SELECT * FROM _signalbox_old').all()).toEqual([{ x: 1, old: 2 }]);
    theirs.exec(`INSERT INTO other VALUES (5); DELETE FROM "it's" WHERE x = 7; DROP TABLE _signalbox_old`);
    expect(theirs.prepare('SELECT count(*) FROM other').pluck().get()).toBe(0);
    expect(theirs.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});

describe('renaming', () => {
  it('fails when a name is taken, or nothing is there', () => {
    const { names } = build();
    expect(() => rename(target.sql, names)).toThrow('inside a transaction');
    theirs.exec('CREATE VIEW ON_G AS SELECT 1');
    target.tryBegin();
    expect(() => rename(target.sql, names)).toThrow('there is something named on_g already');
    target.rollback();
    theirs.exec(`DROP VIEW ON_G; DROP INDEX ${HIDDEN}_2`);
    target.tryBegin();
    expect(() => rename(target.sql, names)).toThrow(`there is no index named ${HIDDEN}_2`);
    target.rollback();
    expect(theirs.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('is refused for what SQLite would refuse', () => {
    expect(() => hide('CREATE TABLE t (a COLLATE nowhere)', [], HIDDEN)).toThrow('no such collation sequence: nowhere');
    expect(() => hide('CREATE TABLE t (a)', ['CREATE INDEX i ON t(b)'], HIDDEN)).toThrow('no such column: b');
  });
});

describe('the head of a statement', () => {
  it.each([
    ['CREATE TABLE a(x)', 'table', 'a'],
    ['CREATE TABLE "a ""b"""/* ( */(x)', 'table', 'a "b"'],
    ["CREATE TABLE 'it''s' (x)", 'table', "it's"],
    ['CREATE TABLE [a"b]\n(x)', 'table', 'a"b'],
    ['CREATE TABLE `a``b` -- no\n (x)', 'table', 'a`b'],
    ['CREATE UNIQUE INDEX größe ON t(x)', 'index', 'größe'],
    ['CREATE TRIGGER t1 AFTER INSERT ON a BEGIN SELECT 1; END', 'trigger', 't1'],
    ['CREATE VIEW v AS SELECT 1', 'view', 'v'],
  ])('%j makes a %s named %j', (statement, type, name) => {
    expect(headOf(statement)).toMatchObject({ type, name });
  });

  it.each([
    'CREATE TABLE a AS SELECT 1',
    'CREATE TABLE main.a (x)',
    'CREATE TABLE IF NOT EXISTS a (x)',
    'CREATE TEMP TABLE a (x)',
    'CREATE VIRTUAL TABLE a USING fts5(x)',
    "ATTACH 'x.db' AS y",
    ' CREATE TABLE a (x)',
    'create table a (x)',
    'CREATE TABLE "a (x)',
    '',
  ])('%j is none of a catalogue', (statement) => {
    expect(headOf(statement)).toBeNull();
  });

  it('is where another name is put', () => {
    expect(withName('CREATE UNIQUE INDEX [a b] ON t(x)', 'c"d')).toBe('CREATE UNIQUE INDEX "c""d" ON t(x)');
  });
});
