import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createLog, watchTable } from '../src/databases/sqlite/feed/log.ts';
import { triggerName } from '../src/databases/sqlite/feed/names.ts';
import { median, type Result } from './support/server.ts';

const ROWS = 4_000;
const AT_ONCE = 100;
const RUNS = 3;
const OWNER = { jobId: '1', storeId: null };

/** The indexes of the table besides its key, and the most that its writers may pay. */
const TABLES = {
  'its key only': { indexes: [], most: 10 },
  'two indexes that are not unique': { indexes: ['INDEX a ON t (name)', 'INDEX b ON t (city)'], most: 10 },
  'a unique index': { indexes: ['UNIQUE INDEX a ON t (email)'], most: 10 },
  'three unique indexes': {
    indexes: ['UNIQUE INDEX a ON t (email)', 'UNIQUE INDEX b ON t (name)', 'UNIQUE INDEX c ON t (id, city)'],
    most: 10,
  },
} as const;

/**
 * The cost of the triggers of a feed to writers: inserts, updates and deletes in a watched table, compared with the
 * same table without a feed; and without the BEFORE triggers, which find the rows that a REPLACE displaces. Each is the
 * median of some runs in turn.
 */
export const measure = async (): Promise<readonly Result[]> =>
  Object.entries(TABLES).flatMap(([name, { indexes, most }]) =>
    (['none', 'REPLACE'] as const).map((conflict) => measureTable(name, indexes, conflict, most)),
  );

type Kind = 'plain' | 'watched' | 'without BEFORE';

const measureTable = (name: string, indexes: readonly string[], conflict: 'none' | 'REPLACE', most: number): Result => {
  const times: Record<Kind, number[]> = { plain: [], watched: [], 'without BEFORE': [] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const kind of Object.keys(times) as Kind[]) times[kind].push(write(kind, indexes, conflict));
  }
  const each = (kind: Kind) => (median(times[kind]) * 1_000) / (3 * ROWS);
  const ratio = each('watched') / each('plain');
  return {
    name: `writes to a table with ${name}${conflict === 'none' ? '' : `, by INSERT OR REPLACE`}`,
    measured: `${each('watched').toFixed(1)} µs a row; ${each('without BEFORE').toFixed(1)} µs without BEFORE triggers`,
    against: `not watched: ${each('plain').toFixed(1)} µs`,
    ratio,
    target: `<= ${most}`,
    met: ratio <= most,
  };
};

/** In milliseconds. */
const write = (kind: Kind, indexes: readonly string[], conflict: 'none' | 'REPLACE'): number => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const sql = new Database(join(folder, 'bench.db'));
  try {
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = NORMAL');
    sql.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT, balance REAL, joined TEXT)');
    for (const index of indexes) sql.exec(`CREATE ${index}`);
    if (kind !== 'plain') {
      createLog(sql, OWNER, 1e12);
      watchTable(sql, { owner: OWNER, place: 0, diff: false }, 't');
    }
    if (kind === 'without BEFORE') {
      for (const event of ['bi', 'bu'] as const) sql.exec(`DROP TRIGGER IF EXISTS "${triggerName(OWNER, 0, event)}"`);
    }
    const or = conflict === 'REPLACE' ? 'OR REPLACE ' : '';
    const insert = sql.prepare(`INSERT ${or}INTO t VALUES (?, ?, ?, ?, ?, ?)`);
    const update = sql.prepare('UPDATE t SET name = ?, balance = ? WHERE id = ?');
    const remove = sql.prepare('DELETE FROM t WHERE id = ?');
    const inBatches = (change: (row: number) => void): void => {
      const some = sql.transaction((from: number) => {
        for (let row = from; row < from + AT_ONCE; row += 1) change(row);
      });
      for (let row = 0; row < ROWS; row += AT_ONCE) some.immediate(row);
    };
    const began = performance.now();
    inBatches((row) => void insert.run(row, `person ${row}`, `p${row}@example.org`, 'Ghent, B', row / 4, '2020-01-01'));
    inBatches((row) => void update.run(`other ${row}`, row / 2, row));
    inBatches((row) => void remove.run(row));
    return performance.now() - began;
  } finally {
    sql.close();
    rmSync(folder, { recursive: true });
  }
};
