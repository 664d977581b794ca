/** A store in a file as tables: see ../copy.ts. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Numbered, OpenTables, TableRow } from '../copy.ts';
import { readMigrations } from '../migrations.ts';
import { lockStore } from './lock.ts';
import { migrate, missingIn } from './migrate.ts';
import { fileOf } from './open.ts';

const ROWS_AT_ONCE = 1_000;

/** A new store is written next to its place, and moved there when it is complete. */
export const openSqliteTables: OpenTables = async ({ url, migrations, as }) => {
  const place = fileOf(url);
  const folder = join(migrations, 'sqlite', 'migrations');
  if (as === 'target' && existsSync(place)) throw new Error(`${place} exists already: name a file that does not exist`);
  if (as === 'source' && !existsSync(place)) throw new Error(`${place} does not exist`);
  const lock = lockStore(place);
  const file = as === 'target' ? `${place}-copying` : place;
  const release = () => {
    lock.release();
    for (const suffix of as === 'target' ? ['', '-wal', '-shm'] : []) rmSync(`${file}${suffix}`, { force: true });
  };
  try {
    if (as === 'target') {
      rmSync(file, { force: true });
      migrate(file, folder);
    } else if (missingIn(file, readMigrations(folder)).length > 0) {
      throw new Error(`${file} is of an older version: start a server of this version once`);
    }
    const db = new Database(file, { readonly: as === 'source' });
    if (as === 'target') {
      db.pragma('foreign_keys = OFF');
      db.exec('BEGIN');
      // What a new store contains is in the other one too.
      for (const table of tablesOf(db)) db.exec(`DELETE FROM "${table}"`);
    }
    return {
      columns: async () => Object.fromEntries(tablesOf(db).map((table) => [table, columnsOf(db, table)])),
      rows: async function* (table) {
        let rows: TableRow[] = [];
        for (const row of db.prepare<[], TableRow>(`SELECT * FROM "${table}"`).iterate()) {
          rows.push(row);
          if (rows.length < ROWS_AT_ONCE) continue;
          yield rows;
          rows = [];
        }
        if (rows.length > 0) yield rows;
      },
      insert: async (table, columns, rows) => {
        const names = columns.map((name) => `"${name}"`).join(', ');
        const insert = db.prepare(`INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`);
        for (const row of rows) insert.run(columns.map((name) => row[name] ?? null));
      },
      lastNumber: async (of) => lastNumber(db, of),
      setLastNumber: async (of, value) => {
        const [table = ''] = of.split('.');
        const counter = COUNTERS[of];
        if (counter !== undefined) return void db.prepare(`UPDATE Counters SET ${counter} = ?`).run(value);
        const { changes } = db.prepare('UPDATE sqlite_sequence SET seq = ? WHERE name = ?').run(value, table);
        if (changes === 0) db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, value);
      },
      commit: async () => {
        if ((db.pragma('foreign_key_check') as unknown[]).length > 0) {
          throw new Error('the copy has a row that refers to no other');
        }
        db.exec('COMMIT');
        db.pragma('wal_checkpoint(TRUNCATE)');
        rmSync(`${place}-reached`, { force: true });
        renameSync(file, place);
      },
      close: async () => {
        db.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
};

/** Numbers that are kept in the row of counters; the others are in SQLite's own table. */
const COUNTERS: Partial<Record<Numbered, string>> = { 'Job.id': 'lastJobId', 'Job.revision': 'lastRevision' };

const lastNumber = (db: Database.Database, of: Numbered): number => {
  const [table = '', column = ''] = of.split('.');
  const counter = COUNTERS[of];
  const kept =
    counter === undefined
      ? `(SELECT seq FROM sqlite_sequence WHERE name = '${table}')`
      : `(SELECT ${counter} FROM Counters)`;
  return db
    .prepare<[], number>(`SELECT max(coalesce(${kept}, 0), coalesce((SELECT max(${column}) FROM ${table}), 0))`)
    .pluck()
    .get() as number;
};

/** In the order in which they were created: what is referred to precedes what refers to it. */
const tablesOf = (db: Database.Database): string[] =>
  db
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        AND name NOT LIKE '\\_prisma%' ESCAPE '\\' ORDER BY name`,
    )
    .pluck()
    .all();

const columnsOf = (db: Database.Database, table: string): string[] =>
  db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
