/** A database for one test of SCHEMA CHANGE, and a job in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import type { Kind } from '../../../src/jobs/kind.ts';
import type { Details } from '../../../src/kinds/schema-change/details.ts';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import type { SchemaChangeRequest } from '../../../src/kinds/schema-change/input.ts';
import { environmentOf, sqliteAt } from '../../support/places.ts';
import type { Scene } from '../contract.ts';

export const SCHEMA_CHANGE = schemaChangeKind as Kind;

export type Changes = SchemaChangeRequest['changes'];

export interface SchemaScene extends Scene {
  readonly file: string;
  readonly details: Details;
  readonly description: string;
  /** A connection of somebody else's. */
  readonly sql: Sqlite.Database;
  /** Runs statements in it. */
  exec(sql: string): void;
  all(sql: string): unknown[];
}

export type SchemaPlace = Omit<SchemaScene, 'details' | 'description'>;

/** Makes a database by `made`, and a job of these changes. */
export const openChange = async (made: string, ...changes: Changes): Promise<SchemaScene> => {
  const place = openPlace(made);
  try {
    const { details, description } = await schemaChangeKind.create({ database: 'demo', changes }, place.environment);
    return { ...place, details, description };
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
};

export const openPlace = (made: string): SchemaPlace => {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalbox-schema-'));
  const file = path.join(dir, 'demo.db');
  createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec(made);
  const all = (statement: string) => sql.prepare(statement).raw().safeIntegers().all();
  return {
    environment: environmentOf({ filesDir: dir, database: sqliteAt(file) }),
    file,
    sql,
    exec: (statements) => void sql.exec(statements),
    all,
    snapshot: () => snapshotOf(sql),
    hidden: () => all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name <> '_signalbox_jobs'"),
    [Symbol.asyncDispose]: async () => {
      sql.close();
      rmSync(dir, { recursive: true });
    },
  };
};

/** All that others see: every statement, and every row with its rowid; that it is sound, and what is numbered next. */
export const snapshotOf = (sql: Sqlite.Database) => {
  const all = (statement: string) => sql.prepare(statement).raw().safeIntegers().all();
  const own = String.raw`name NOT LIKE '\_signalbox%' ESCAPE '\' AND tbl_name NOT LIKE '\_signalbox%' ESCAPE '\'`;
  const objects = all(`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE ${own} ORDER BY type, name`);
  const tables = sql.prepare(
    `SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '\\_signalbox%' ESCAPE '\\'
       AND name <> 'sqlite_schema' ORDER BY name`,
  );
  const rows = (tables.all() as { readonly name: string; readonly wr: number }[]).map(({ name, wr }) => {
    const table = `"${name.replaceAll('"', '""')}"`;
    const selected = wr === 1 ? '*' : '_rowid_, *';
    try {
      // Types too: 1 and '1' are not the same.
      return [name, all(`SELECT ${selected} FROM ${table}`).map((row) => (row as unknown[]).map(typed))];
    } catch (error) {
      // A key in an order that is missing here.
      return [name, String(error)];
    }
  });
  return { objects, rows, sound: soundnessOf(sql) };
};

/** `ok`, or why not. */
export const soundnessOf = (sql: Sqlite.Database): string => {
  try {
    return String(sql.pragma('integrity_check', { simple: true }));
  } catch (error) {
    return String(error);
  }
};

const typed = (value: unknown) => {
  if (typeof value === 'bigint') return `${value}`;
  return typeof value === 'string' ? JSON.stringify(value) : value;
};
