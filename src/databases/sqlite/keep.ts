/**
 * Moves the tables that a job keeps for its readers out of its database: this copies them to a file of the job, which
 * appears complete and durable under its name, before clean-up drops them from the database.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { partOf } from '../kept.ts';
import { quote } from './names.ts';

const ROWS_AT_ONCE = 200;

/**
 * Copies tables to `file`. If the file exists, an interrupted move has completed it, and the tables may have lost rows
 * since. Nobody may write to the tables.
 */
export const keepTables = async (sql: Sqlite.Database, tables: readonly string[], file: string): Promise<void> => {
  const filled = tables.filter((table) => sql.prepare(`SELECT 1 FROM ${quote(table)} LIMIT 1`).get() !== undefined);
  if (filled.length === 0 || existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const part = partOf(file, randomUUID());
  try {
    closeSync(openSync(part, 'wx', 0o600));
    await copyTables(sql, filled, part);
    sync(part);
    publish(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  sync(path.dirname(file));
};

const copyTables = async (sql: Sqlite.Database, tables: readonly string[], part: string): Promise<void> => {
  const copy = new Sqlite(part);
  try {
    // An incomplete file is never read, and the whole file is synchronized before it gets its name.
    copy.pragma('journal_mode = OFF');
    copy.pragma('synchronous = OFF');
    copy.exec('BEGIN');
    for (const table of tables) await copyTable(sql, copy, table);
    copy.exec('COMMIT');
  } finally {
    copy.close();
  }
};

/** Reads a few rows at a time, so that writers of the database do not wait and this thread answers other queries. */
const copyTable = async (sql: Sqlite.Database, copy: Sqlite.Database, table: string): Promise<void> => {
  const create = sql.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck().get(table);
  copy.exec(create as string);
  const read = sql
    .prepare(`SELECT rowid, * FROM ${quote(table)} WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`)
    .safeIntegers()
    .raw();
  const insert = copy.prepare(
    `INSERT INTO ${quote(table)} VALUES (${read
      .columns()
      .slice(1)
      .map(() => '?')})`,
  );
  for (let after: unknown = 0; ; ) {
    const rows = read.all(after) as unknown[][];
    for (const [, ...values] of rows) insert.run(values);
    if (rows.length < ROWS_AT_ONCE) return;
    after = rows.at(-1)?.[0];
    await setImmediate();
  }
};

/** A link does not replace a file: one that another clean-up completed meanwhile stays, since it has all rows. */
const publish = (part: string, file: string): void => {
  try {
    linkSync(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

const sync = (file: string): void => {
  const handle = openSync(file, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
