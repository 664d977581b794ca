import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/databases/sqlite/errors.ts';
import {
  checkFence,
  hasFence,
  insertFence,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/databases/sqlite/fence.ts';
import { inspect } from '../../../src/databases/sqlite/inspect.ts';
import { fold, isReserved, quote } from '../../../src/databases/sqlite/names.ts';
import { createDatabaseFile, openDatabase } from '../../../src/databases/sqlite/open.ts';
import { Fenced, Transient } from '../../../src/jobs/kind.ts';
import { claimOf } from '../../support/claimed.ts';

let dir: string;
let file: string;
let theirs: Sqlite.Database;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-databases-'));
  file = path.join(dir, 'demo.db');
  createDatabaseFile(file);
  theirs = new Sqlite(file);
});
afterEach(() => {
  theirs.close();
  rmSync(dir, { recursive: true });
});

describe('a new database file', () => {
  it('is empty, in WAL mode, and for its owner only', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(theirs.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(theirs.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });

  it('takes the place of none that is there', () => {
    const before = readFileSync(file);
    expect(() => createDatabaseFile(file)).toThrow('exists already');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(() => createDatabaseFile(path.join(dir, 'nowhere', 'x.db'))).toThrow();
  });
});

describe('opening', () => {
  it('makes no file', () => {
    expect(() => openDatabase(path.join(dir, 'none.db'), 'none')).toThrow(
      new Transient('the file of database none is missing'),
    );
  });

  it('refuses what is no database, by its name', () => {
    writeFileSync(path.join(dir, 'text.db'), 'x'.repeat(5000));
    expect(() => openDatabase(path.join(dir, 'text.db'), 'text')).toThrow(/^database text is not a SQLite database$/);
  });

  it('reports a lock held by another connection, without waiting long', () => {
    theirs.exec('BEGIN IMMEDIATE');
    const target = openDatabase(file, 'demo', { lockWaitMs: 10 });
    expect(target.tryBegin()).toBe(false);
    theirs.exec('COMMIT');
    expect(target.tryBegin()).toBe(true);
    target.rollback();
    target.rollback();
    expect(target.sql.inTransaction).toBe(false);
    target.close();
  });

  it('commits nothing into a file that is gone, or is another one by now', () => {
    const target = openDatabase(file, 'demo');
    target.tryBegin();
    rmSync(file);
    expect(() => target.commit()).toThrow(new Transient('the file of database demo is gone'));
    createDatabaseFile(file);
    expect(() => target.commit()).toThrow(Transient);
    target.close();
  });
});

describe('failures of SQLite', () => {
  it.each([
    ['SQLITE_BUSY_SNAPSHOT', 'database demo is locked', true],
    ['SQLITE_LOCKED', 'database demo is locked', true],
    ['SQLITE_FULL', 'disk is full', true],
    ['SQLITE_IOERR_WRITE', 'database demo: disk I/O error (SQLITE_IOERR_WRITE)', true],
    ['SQLITE_CANTOPEN', 'database demo cannot be opened', true],
    ['SQLITE_READONLY_DIRECTORY', 'database demo cannot be written to', false],
    ['SQLITE_CORRUPT_INDEX', 'database demo is damaged: said', false],
    ['SQLITE_CONSTRAINT_CHECK', 'said', false],
  ])('%s', (code, message, passing) => {
    const failure = failureOf(new Sqlite.SqliteError('said', code), 'demo');
    expect((failure as Error).message).toBe(message);
    expect(failure instanceof Transient).toBe(passing);
  });
});

describe('names', () => {
  it('are quoted whatever they hold, but for NUL', () => {
    expect(quote('a "b"; --')).toBe('"a ""b""; --"');
    expect(() => quote('a\0')).toThrow();
  });

  it('are one name to us when they are one to SQLite', () => {
    for (const [a, b] of [
      ['Ab', 'aB'],
      ['Ä', 'ä'],
      ['K', 'k'],
      ['İ', 'i'],
    ] as const) {
      const same = new Sqlite(':memory:').prepare('SELECT ? = ? COLLATE NOCASE').pluck().get(a, b) === 1;
      expect(fold(a) === fold(b)).toBe(same);
    }
  });

  it('are reserved by their beginning, in any case', () => {
    expect(['sqlite_x', 'SQLITE_', '_Signalbox_jobs', '_signalbox', 'my_sqlite_x'].map(isReserved)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the fence', () => {
  const claim = (epoch: number, jobId = '9007199254740991') => claimOf(jobId, epoch);

  it('lets a newer claim in, and no other', () => {
    insertFence(theirs, claim(1));
    insertFence(theirs, claim(3));
    expect(() => insertFence(theirs, claim(3))).toThrow(Fenced);
    expect(() => insertFence(theirs, claim(2))).toThrow(Fenced);
    insertFence(theirs, claim(1, '7'));
    checkFence(theirs, claim(3));
    for (const other of [claim(2), claim(4), claim(3, '8')]) expect(() => checkFence(theirs, other)).toThrow(Fenced);
    expect(theirs.prepare('SELECT * FROM _signalbox_jobs ORDER BY jobId').raw().safeIntegers().all()).toEqual([
      [7n, 1n, null],
      [9007199254740991n, 3n, null],
    ]);
  });

  it('keeps a checkpoint that later claims read, and earlier ones cannot write', () => {
    expect(hasFence(theirs, claim(1))).toBe(false);
    expect(readCheckpoint(theirs, claim(1))).toBe(null);
    insertFence(theirs, claim(1));
    writeCheckpoint(theirs, claim(1), { rows: 5 });
    insertFence(theirs, claim(2));
    expect(() => writeCheckpoint(theirs, claim(1), { rows: 6 })).toThrow(Fenced);
    expect(readCheckpoint(theirs, claim(2))).toEqual({ rows: 5 });
    expect(hasFence(theirs, claim(2))).toBe(true);
  });
});

describe('the shape of a database', () => {
  it('has its tables, columns, indexes and counts, and nothing that is kept for ourselves', async () => {
    theirs.exec(`
      CREATE TABLE "a ""b""" (id INTEGER PRIMARY KEY, "größe" TEXT NOT NULL DEFAULT 'x''y', n AS (id * 2), u UNIQUE);
      CREATE TABLE keyed (k TEXT, l INT, v, PRIMARY KEY (l, k)) WITHOUT ROWID;
      CREATE TABLE strict (k INT PRIMARY KEY) STRICT;
      CREATE INDEX by_size ON "a ""b""" ("größe", lower("größe"));
      CREATE VIEW seen AS SELECT 1;
      CREATE VIRTUAL TABLE found USING fts5 (text);
      CREATE TABLE _signalbox_jobs (a);
      CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);
      INSERT INTO "a ""b""" (u) VALUES (1), (2);
      INSERT INTO keyed VALUES ('a', 1, 0), ('b', 1, 0), ('a', 2, 0);`);
    const plain = { nullable: true, primaryKey: false, default: null };
    expect((await inspect(file, 'demo', 1000)).tables).toEqual([
      {
        name: 'a "b"',
        columns: [
          { ...plain, name: 'id', type: 'INTEGER', nullable: false, primaryKey: true },
          { ...plain, name: 'größe', type: 'TEXT', nullable: false, default: "'x''y'" },
          { ...plain, name: 'n', type: '' },
          { ...plain, name: 'u', type: '' },
        ],
        indexes: [
          { name: 'by_size', columns: ['größe', '(expression)'], unique: false },
          { name: 'sqlite_autoindex_a "b"_1', columns: ['u'], unique: true },
        ],
        rowCount: 2,
      },
      {
        name: 'counted',
        columns: [{ ...plain, name: 'id', type: 'INTEGER', nullable: false, primaryKey: true }],
        indexes: [],
        rowCount: 0,
      },
      { name: 'found', columns: [{ ...plain, name: 'text', type: '' }], indexes: [], rowCount: null },
      {
        name: 'keyed',
        columns: [
          { ...plain, name: 'k', type: 'TEXT', nullable: false, primaryKey: true },
          { ...plain, name: 'l', type: 'INT', nullable: false, primaryKey: true },
          { ...plain, name: 'v', type: '' },
        ],
        indexes: [],
        rowCount: 3,
      },
      {
        name: 'strict',
        columns: [{ ...plain, name: 'k', type: 'INT', nullable: false, primaryKey: true }],
        indexes: [],
        rowCount: 0,
      },
    ]);
  });

  it('counts tables of any size and key, in windows', async () => {
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000) SELECT';
    theirs.exec(`
      CREATE TABLE a (rowid, oid TEXT); INSERT INTO a ${numbers} i, NULL FROM n;
      CREATE TABLE b (k, l, PRIMARY KEY (k DESC, l)) WITHOUT ROWID; INSERT INTO b ${numbers} i / 3000, i FROM n;
      CREATE TABLE c (i INTEGER PRIMARY KEY); INSERT INTO c ${numbers} i - 9223372036854775807 FROM n LIMIT 4000;
      CREATE TABLE d (rowid, oid, _rowid_)`);
    const counts = (await inspect(file, 'demo', 5000)).tables.map(({ rowCount }) => rowCount);
    expect(counts).toEqual([10_000, 10_000, 4_000, null]);
  });

  it('has no counts when there is no time, and still all else', async () => {
    theirs.exec('CREATE TABLE a (b); INSERT INTO a VALUES (1)');
    expect((await inspect(file, 'demo', -1)).tables).toMatchObject([
      { name: 'a', columns: [{ name: 'b' }], rowCount: null },
    ]);
  });

  it('that cannot be read is an error with the reason', async () => {
    writeFileSync(path.join(dir, 'text.db'), 'x'.repeat(5000));
    await expect(inspect(path.join(dir, 'text.db'), 'text', 100)).rejects.toThrow(
      /^database text is not a SQLite database$/,
    );
    await expect(inspect(path.join(dir, 'none.db'), 'none', 100)).rejects.toThrow(
      /^the file of database none is missing$/,
    );
  });
});
