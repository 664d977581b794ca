import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';

/** A table of so many goods that `busy-writer.mjs` writes to, with unique indexes of all sorts. */
export const goods = (rows: number) => `
  CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, price INTEGER, old);
  CREATE UNIQUE INDEX cheap ON goods (price % 1000, name) WHERE price < 5;
  CREATE UNIQUE INDEX lowered ON goods (lower(name) || '.') WHERE name NOT LIKE 'new%';
  CREATE INDEX prices ON goods (price DESC);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO goods SELECT i, 'n' || i, i, 1 FROM n;`;

/** Writes to a database and to a twin of it, in a process of its own, until it is stopped. */
export const startWriter = async (file: string, table: 'goods' | 'links', { seed = 7, keys = 3_000 } = {}) => {
  const twin = `${file}.twin`;
  const sql = new Sqlite(file);
  sql.pragma('wal_checkpoint(TRUNCATE)');
  sql.close();
  copyFileSync(file, twin);
  const child = spawn(process.execPath, ['test/support/busy-writer.mjs', file, twin, `${seed}`, table, `${keys}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    twin,
    /** How many transactions it made, and in milliseconds the longest of them and the longest that one waited for the lock. */
    stop: async () => {
      child.stdin.end();
      const { value } = await lines.next();
      if (child.exitCode === null) await once(child, 'exit');
      return JSON.parse(value) as { readonly made: number; readonly longest: number; readonly waited: number };
    },
  };
};
