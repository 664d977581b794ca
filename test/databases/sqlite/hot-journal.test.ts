import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/databases/sqlite/open.ts';
import { readDatabase } from '../../../src/databases/sqlite/read-database.ts';
import { temporaryFolder } from '../../support/process.ts';

/** A database as a process leaves it that was killed after it wrote half of a transaction to the file. */
const killedInTransaction = (folder: string): string => {
  const [original, file] = [join(folder, 'original.db'), join(folder, 'killed.db')];
  const sql = new Database(original);
  sql.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (1, hex(zeroblob(20000)))');
  sql.pragma('cache_size = 1');
  sql.exec("BEGIN; UPDATE t SET x = 'half'; INSERT INTO t SELECT NULL, hex(zeroblob(20000)) FROM t");
  for (let i = 0; i < 50; i += 1) sql.exec('INSERT INTO t (x) VALUES (hex(zeroblob(20000)))');
  for (const suffix of ['', '-journal']) copyFileSync(`${original}${suffix}`, `${file}${suffix}`);
  sql.exec('ROLLBACK');
  sql.close();
  return file;
};
const CONTENT = 'SELECT id, length(x) AS length FROM t';

test('a read-only connection cannot open what a killed process left by itself', () => {
  using folder = temporaryFolder();
  const sql = new Database(killedInTransaction(folder.path), { readonly: true });
  expect(() => sql.prepare(CONTENT).all()).toThrow(/readonly|unable to open/);
  sql.close();
});

test('a question about it reads the content from before the transaction', () => {
  using folder = temporaryFolder();
  const file = killedInTransaction(folder.path);
  expect(readDatabase(file, 'demo', (sql) => sql.prepare(CONTENT).all())).toEqual([{ id: 1, length: 40_000 }]);
  expect(existsSync(`${file}-journal`)).toBe(false);
});

test('the journal of a writer that is still at work is left alone', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'busy.db');
  const writer = new Database(file);
  writer.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (1, NULL)');
  writer.exec('BEGIN; INSERT INTO t VALUES (2, NULL)');
  expect(existsSync(`${file}-journal`)).toBe(true);
  const { sql, close } = openDatabase(file, 'demo', { readonly: true, lockWaitMs: 0 });
  expect(sql.prepare(CONTENT).all()).toEqual([{ id: 1, length: null }]);
  close();
  writer.exec('COMMIT');
  expect(writer.prepare(CONTENT).all()).toHaveLength(2);
  writer.close();
});
