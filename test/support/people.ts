import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A CSV file of `rows` people in a data folder's files. */
export const writePeople = (dataDir: string, rows: number): void => {
  mkdirSync(join(dataDir, 'files'), { recursive: true });
  const lines = Array.from(
    { length: rows },
    (_, n) => `${n + 1},person ${n + 1},p${n + 1}@example.org,"Ghent, B",${n / 4},2020-01-01`,
  );
  writeFileSync(join(dataDir, 'files', 'people.csv'), `id,name,email,city,balance,joined\n${lines.join('\n')}\n`);
};

const TYPES = { id: 'INTEGER', name: 'TEXT', email: 'TEXT', city: 'TEXT', balance: 'REAL', joined: 'TEXT' };

export const peopleImport = (more: Record<string, unknown> = {}) => ({
  database: 'demo',
  table: 'people',
  sources: ['nodelocal:///people.csv'],
  columns: Object.entries(TYPES).map(([name, type]) => ({ name, type })),
  ...more,
});

/** What is in the table, as one line: how many rows, how many different, and a hash of all of them in order. */
export const readPeople = (dataDir: string) => {
  const db = new Database(join(dataDir, 'databases', 'demo.db'), { readonly: true });
  try {
    const hash = createHash('sha256');
    let count = 0;
    for (const row of db.prepare('SELECT * FROM people ORDER BY id').raw().iterate()) {
      hash.update(JSON.stringify(row));
      count += 1;
    }
    const { ids } = db.prepare('SELECT count(DISTINCT id) AS ids FROM people').get() as { ids: number };
    return { count, ids, hash: hash.digest('hex') };
  } finally {
    db.close();
  }
};

/** The tables that people see. */
export const tablesOf = (dataDir: string): string[] => {
  const db = new Database(join(dataDir, 'databases', 'demo.db'), { readonly: true });
  try {
    const rows = db.prepare(
      `SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_signalbox\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite_%'`,
    );
    return rows.pluck().all() as string[];
  } finally {
    db.close();
  }
};
