import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  affinityOf,
  foreignKeysOf,
  listTables,
  nameConflict,
  readTable,
  triggersOn,
} from '../../../src/databases/sqlite/catalogue.ts';

let sql: Sqlite.Database;
beforeEach(() => {
  sql = new Sqlite(':memory:');
  sql.exec(`
    CREATE TABLE "a ""b' [c]" ("x ""y" TEXT NOT NULL DEFAULT 'it''s', "É" COLLATE NOCASE UNIQUE, g AS ("É" || 1), s INT AS (2) STORED,
      PRIMARY KEY ("É" COLLATE RTRIM, "x ""y" DESC)) WITHOUT ROWID;
    CREATE UNIQUE INDEX "i ""1" ON "a ""b' [c]" (lower(g) COLLATE NOCASE DESC, s) WHERE "É" <> ') WHERE';
    CREATE TABLE plain (id INTEGER PRIMARY KEY, parent REFERENCES plain, oid, other REFERENCES "a ""b' [c]" ("É"));
    CREATE TABLE down (id INTEGER PRIMARY KEY DESC, _rowid_);
    CREATE TABLE full (rowid ANY, oid ANY, _rowid_ ANY) STRICT;`);
  sql.exec(`
    CREATE VIEW broken AS SELECT a FROM nowhere;
    CREATE VIEW fine AS SELECT * FROM plain;
    CREATE TRIGGER plain AFTER INSERT ON PLAIN BEGIN SELECT 1; END;
    CREATE VIRTUAL TABLE words USING fts5(text);
    CREATE TABLE _signalbox_jobs (a)`);
  sql.unsafeMode(true);
  sql.pragma('writable_schema = ON');
  sql.exec(
    `INSERT INTO sqlite_schema VALUES ('table', 'lost', 'lost', 0, 'CREATE VIRTUAL TABLE lost USING no_such_module(a)')`,
  );
  sql.pragma('writable_schema = RESET');
  sql.unsafeMode(false);
});
afterEach(() => sql.close());

describe('the catalogue', () => {
  it('lists tables and views, whatever is broken elsewhere, without what is reserved', () => {
    const listed = listTables(sql).map(({ name, type }) => `${name}: ${type}`);
    expect(listed.filter((line) => !line.startsWith('words_'))).toEqual([
      `a "b' [c]: table`,
      'broken: view',
      'down: table',
      'fine: view',
      'full: table',
      'lost: virtual',
      'plain: table',
      'words: virtual',
    ]);
    expect(listed.filter((line) => line.startsWith('words_')).every((line) => line.endsWith(': shadow'))).toBe(true);
  });

  it('reads columns, keys and indexes of a table with any names, by its name in any case', () => {
    expect(readTable(sql, `A "B' [c]`)).toMatchObject({
      name: `a "b' [c]`,
      withoutRowid: true,
      alias: null,
      rowid: null,
      isRenumbered: false,
      columns: [
        { name: 'x "y', type: 'TEXT', notNull: true, default: "'it''s'", keyPosition: 2, generated: false },
        { name: 'É', type: '', keyPosition: 1, generated: false },
        { name: 'g', generated: true },
        { name: 's', generated: true },
      ],
      key: [
        { name: 'É', collation: 'RTRIM', descending: false },
        { name: 'x "y', collation: 'BINARY', descending: true },
      ],
    });
    const indexes = readTable(sql, `a "b' [c]`)?.indexes ?? [];
    expect(indexes.find(({ name }) => name === 'i "1')).toMatchObject({
      unique: true,
      partial: true,
      origin: 'c',
      parts: [
        { name: null, collation: 'NOCASE', descending: true },
        { name: 's', collation: 'BINARY', descending: false },
      ],
    });
    // It folds the case of ASCII letters only, as SQLite does.
    expect(readTable(sql, 'PLAIN')?.name).toBe('plain');
    expect(readTable(sql, '_signalbox_jobs')).toBeUndefined();
  });

  it('knows which column is the rowid, and which name leads to it', () => {
    expect(readTable(sql, 'plain')).toMatchObject({ alias: 'id', rowid: '_rowid_', isRenumbered: false });
    expect(readTable(sql, 'down')).toMatchObject({ alias: null, rowid: 'oid', isRenumbered: false });
    expect(readTable(sql, 'full')).toMatchObject({ alias: null, rowid: null, strict: true, isRenumbered: true });
  });

  it('reads triggers and foreign keys by table, and finds what has a name', () => {
    expect(triggersOn(sql, 'Plain').map(({ name }) => name)).toEqual(['plain']);
    const actions = { onDelete: 'NO ACTION', onUpdate: 'NO ACTION' };
    expect(foreignKeysOf(sql, 'plain')).toEqual([
      { id: 0, table: `a "b' [c]`, from: 'other', to: 'É', ...actions },
      { id: 1, table: 'plain', from: 'parent', to: null, ...actions },
    ]);
    expect(nameConflict(sql, 'BROKEN')).toBe('a view');
    expect(nameConflict(sql, 'i "1')).toBe('an index');
    expect(nameConflict(sql, 'plain', 'trigger')).toBe('a trigger');
    expect(nameConflict(sql, 'fine', 'trigger')).toBeNull();
  });

  it.each([
    ['FLOATING POINT', 'INTEGER'],
    ['CHARINT', 'INTEGER'],
    ['varchar(10)', 'TEXT'],
    ['', 'BLOB'],
    ['double', 'REAL'],
    ['decimal(5, 2)', 'NUMERIC'],
  ])('%j has affinity %s', (type, affinity) => {
    expect(affinityOf(type, false)).toBe(affinity);
  });
});
