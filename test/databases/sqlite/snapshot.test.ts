/** Snapshots of databases that other programs made: in rollback-journal mode, with text that this server cannot run. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSnapshot } from '../../../src/databases/sqlite/snapshot.ts';
import { contentOf } from '../../kinds/restore/scene.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-snapshot-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const LIMITS = { tries: 5, lockedMs: 30_000, pagesAtOnce: 64 };
const fileOf = (name: string) => path.join(dir, `${name}.db`);

/** A database whose stored statements this server could not execute. */
const createForeign = (name: string, journal: 'DELETE' | 'WAL'): string => {
  const file = fileOf(name);
  const sql = new Sqlite(file);
  sql.exec(`PRAGMA journal_mode = ${journal}; PRAGMA auto_vacuum = NONE;
    CREATE TABLE kept (id INTEGER PRIMARY KEY, kind TEXT CHECK (kind <> 'vip'), area);
    CREATE INDEX some ON kept (id) WHERE kind = 'a';
    CREATE TABLE secret (x); CREATE TABLE localized (name TEXT);
    CREATE VIEW quoted AS SELECT id FROM kept WHERE kind = 'b';
    INSERT INTO kept SELECT value, char(97 + value % 3), value FROM json_each('[1,2,3,4,5,6,7,8,9]');
    INSERT INTO localized VALUES ('ä'), ('b');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO secret SELECT 'for-nobody' || i FROM n`);
  sql.unsafeMode(true);
  sql.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = replace(replace(sql, '''vip''', '"vip"'), '''a''', '"a"') WHERE name IN ('kept', 'some');
    UPDATE sqlite_schema SET sql = 'CREATE TABLE localized (name TEXT COLLATE german)' WHERE name = 'localized';
    UPDATE sqlite_schema SET sql = 'CREATE VIEW quoted AS SELECT id FROM kept WHERE kind = "b" AND ST_IsEmpty(area)' WHERE name = 'quoted';
    PRAGMA writable_schema = RESET`);
  sql.close();
  return file;
};

it.each(['DELETE', 'WAL'] as const)(
  'strings in double quotes and unknown collations and functions are copied as they are (%s)',
  async (journal) => {
    const source = createForeign(`foreign-${journal}`, journal);
    const file = fileOf(`copy-${journal}`);
    const snapshot = await makeSnapshot({ source, name: 'foreign', file, tables: null });
    expect(contentOf(file)).toEqual(contentOf(source));
    expect(snapshot.tables).toEqual(
      [
        ['kept', 9],
        ['secret', 2000],
        ['localized', 2],
      ].map(([name, rows]) => ({ name, rows, shadowOf: null })),
    );
    const some = fileOf(`some-${journal}`);
    const kept = await makeSnapshot({ source, name: 'foreign', file: some, tables: ['kept'] });
    expect(kept.statements.map((text) => text.split(' ')[2])).toEqual(['kept', 'some', 'quoted']);
    expect(readFileSync(some).includes('for-nobody')).toBe(false);
    expect(readFileSync(some).readUInt16BE(18)).toBe(0x0101);
  },
);

/** Runs while others write as often as they can. */
const withWriter = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  const writer = new Sqlite(file, { timeout: 0 });
  let isDone = false;
  let n = 0;
  const writing = (async () => {
    while (!isDone) {
      try {
        writer.exec(`UPDATE secret SET x = ${n++} WHERE rowid % 500 = 1`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SQLITE_BUSY' });
      }
      await new Promise(setImmediate);
    }
  })();
  try {
    return await work();
  } finally {
    isDone = true;
    await writing;
    writer.close();
  }
};

it('without WAL, the copy is made under the read lock after some tries, or fails with the way out', async () => {
  const source = createForeign('busy', 'DELETE');
  const order = { source, name: 'busy', file: fileOf('busy-copy'), tables: null };
  const limits = { ...LIMITS, tries: 3, pagesAtOnce: 1 };
  await withWriter(source, () => makeSnapshot(order, limits));
  const copy = new Sqlite(order.file);
  expect(copy.prepare('SELECT count(DISTINCT x) FROM secret WHERE rowid % 500 = 1').pluck().get()).toBe(1);
  expect(copy.prepare('SELECT count(*) FROM secret').pluck().get()).toBe(2000);
  copy.close();
  await withWriter(source, async () => {
    await expect(makeSnapshot(order, { ...limits, lockedMs: -1 })).rejects.toThrow(
      'database busy is not in WAL mode, others write to it, and copying it would keep them waiting for more than 0 s: ' +
        'run PRAGMA journal_mode=WAL on it',
    );
  });
});

it('without WAL, nobody waits while nobody has to: a write between two steps succeeds, and the copy has it', async () => {
  const source = createForeign('calm', 'DELETE');
  const writer = new Sqlite(source, { timeout: 0 });
  const order = { source, name: 'calm', file: fileOf('calm-copy'), tables: null };
  const made = makeSnapshot(order, { ...LIMITS, pagesAtOnce: 1 });
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  writer.exec("INSERT INTO kept VALUES (100, 'late', 1)");
  writer.close();
  await made;
  expect(contentOf(order.file)).toEqual(contentOf(source));
});

it('a transaction that another program left unfinished is rolled back, as by any program', async () => {
  const file = fileOf('writing');
  const sql = new Sqlite(file);
  sql.exec(`PRAGMA journal_mode = DELETE; CREATE TABLE t (x); INSERT INTO t VALUES ('before');
    CREATE TABLE filler (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO filler SELECT zeroblob(4000) FROM n;
    PRAGMA cache_size = 5; BEGIN; UPDATE t SET x = 'unfinished'; UPDATE filler SET x = randomblob(4000)`);
  const source = fileOf('hot');
  for (const end of ['', '-journal']) copyFileSync(`${file}${end}`, `${source}${end}`);
  sql.exec('ROLLBACK');
  expect(existsSync(`${source}-journal`)).toBe(true);
  await makeSnapshot({ source, name: 'hot', file: fileOf('hot-copy'), tables: null });
  expect(existsSync(`${source}-journal`)).toBe(false);
  expect(contentOf(fileOf('hot-copy'))).toEqual(contentOf(file));
  sql.close();
});
