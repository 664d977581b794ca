import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLog, readColumnMaps, watchTable } from '../../../src/databases/sqlite/feed/log.ts';
import { pageReader } from '../../../src/kinds/changefeed/sqlite/entries.ts';
import type { SqlValue } from '../../../src/kinds/changefeed/sqlite/exact.ts';

const JOB = '7';
const OWNER = { jobId: JOB, storeId: null };
const NO_BOUNDS = { rows: 1e9, bytes: 1e12 };

/** How a table is keyed; each has the columns `k` and `m`. */
const KEYS = [
  ['k INTEGER PRIMARY KEY, m', ''],
  ['k TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, m', ''],
  ['k INT NOT NULL, m NOT NULL DEFAULT 1, PRIMARY KEY (k DESC, m)', ''],
  ['k NOT NULL, m NOT NULL DEFAULT 1, PRIMARY KEY (m, k)', 'WITHOUT ROWID'],
  ['k TEXT COLLATE NOCASE, m, PRIMARY KEY (k)', 'WITHOUT ROWID'],
  ['k INT NOT NULL PRIMARY KEY, m, rowid, oid TEXT', ''],
] as const;
const UNIQUES = [
  'CREATE UNIQUE INDEX i0 ON t (u)',
  'CREATE UNIQUE INDEX i1 ON t (w COLLATE NOCASE)',
  'CREATE UNIQUE INDEX i2 ON t (v) WHERE u > 2',
  `CREATE UNIQUE INDEX "i ""3""" ON t (lower(w) /* (odd, ) */, "u" DESC) -- , (
     WHERE t.v IS NOT NULL AND w <> ') WHERE'`,
  'CREATE UNIQUE INDEX i4 ON t (g, u)',
  'CREATE UNIQUE INDEX i5 ON t (d)',
  'CREATE UNIQUE INDEX i6 ON t (e, v)',
  'CREATE UNIQUE INDEX i7 ON t (length(e), u) WHERE d > 1',
];
const TRIGGERS = [
  "CREATE TRIGGER t0 AFTER INSERT ON t BEGIN UPDATE t SET v = 'touched' WHERE u = NEW.u; END",
  'CREATE TRIGGER t1 AFTER INSERT ON t WHEN NEW.u = 3 BEGIN DELETE FROM t WHERE u = 1; END',
  'CREATE TRIGGER t2 BEFORE INSERT ON t WHEN NEW.u = 4 BEGIN INSERT OR IGNORE INTO t (k, m, u, w) VALUES (NEW.k, NEW.m, 9, NEW.w); END',
  'CREATE TRIGGER t3 AFTER UPDATE ON t WHEN NEW.u = 2 BEGIN UPDATE t SET u = 5 WHERE u = 2; END',
  'CREATE TRIGGER t4 AFTER DELETE ON t WHEN OLD.u = 5 BEGIN INSERT OR REPLACE INTO t (k, m, u) VALUES (OLD.k, OLD.m, 6); END',
];

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 4, arbitrary: fc.constantFrom('a', 'A', 'b', 'B', "it's") },
  {
    weight: 1,
    arbitrary: fc.constantFrom<SqlValue>(null, 2n ** 62n + 1n, -0.5, 1e300, 'nul\0nul', Buffer.from([0, 255]), ''),
  },
);
const keyValue = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'A', 'b'));
const conflict = fc.constantFrom('', 'OR REPLACE', 'OR REPLACE', 'OR IGNORE', 'OR FAIL', 'OR ABORT', 'OR ROLLBACK');
const column = fc.constantFrom('k', 'm', 'u', 'v', 'w', 'd');
const row = fc.tuple(keyValue, keyValue, value, value, value, fc.oneof(value, fc.constant(null)));

type Write = readonly [string, readonly unknown[]];
const insert = fc
  .tuple(conflict, fc.array(row, { minLength: 1, maxLength: 3 }))
  .map(
    ([or, rows]): Write => [
      `INSERT ${or} INTO t (k, m, u, v, w, d) VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      rows.flat(),
    ],
  );
const upsert = fc
  .tuple(row, column, value)
  .map(
    ([values, set, to]): Write => [
      `INSERT INTO t (k, m, u, v, w, d) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET ${set} = ?`,
      [...values, to],
    ],
  );
const update = fc
  .tuple(conflict, column, value, column, value)
  .map(([or, set, to, where, is]): Write => [`UPDATE ${or} t SET ${set} = ? WHERE ${where} = ?`, [to, is]]);
const updateAll = fc
  .tuple(conflict, fc.constantFrom('u = u + 1', 'k = k + 1', 'd = NULL', "v = v || 'x'", 'w = u, u = w'))
  .map(([or, set]): Write => [`UPDATE ${or} t SET ${set}`, []]);
const remove = fc.tuple(column, value).map(([where, is]): Write => [`DELETE FROM t WHERE ${where} = ?`, [is]]);
const frame = fc.constantFrom<Write>(
  ['BEGIN', []],
  ['COMMIT', []],
  ['ROLLBACK', []],
  ['SAVEPOINT s', []],
  ['ROLLBACK TO s', []],
  ['DELETE FROM t', []],
);
const write = fc.oneof(
  { weight: 8, arbitrary: insert },
  { weight: 3, arbitrary: upsert },
  { weight: 5, arbitrary: update },
  { weight: 2, arbitrary: updateAll },
  { weight: 2, arbitrary: remove },
  { weight: 2, arbitrary: frame },
);

const scenario = fc.record({
  key: fc.constantFrom<readonly [string, string]>(...KEYS),
  uniques: fc.subarray(UNIQUES),
  triggers: fc.subarray(TRIGGERS, { maxLength: 2 }),
  later: fc.boolean(),
  child: fc.boolean(),
  diff: fc.boolean(),
  recursive: fc.boolean(),
  before: fc.array(row, { maxLength: 3 }),
  writes: fc.array(write, { minLength: 1, maxLength: 25 }),
});

test('replaying the log onto what was there gives the table, for every statement and every writer', () => {
  fc.assert(
    fc.property(scenario, ({ key, uniques, triggers, later, child, diff, recursive, before, writes }) => {
      const db = new Sqlite(':memory:');
      const [keyColumns, options] = key;
      const made = (parent: string) =>
        `CREATE TABLE t (u, v, w TEXT, g AS (u || w), d TEXT NOT NULL DEFAULT 7, e AS (d || g)${parent}, ${keyColumns}) ${options}`;
      db.exec(made(child ? ', p REFERENCES t (k) ON DELETE CASCADE ON UPDATE SET NULL' : ''));
      for (const index of uniques) db.exec(index);
      if (!later) for (const trigger of triggers) db.exec(trigger);
      const attempt = (statement: string, values: readonly unknown[]) => {
        try {
          db.prepare(statement).run(...values);
        } catch (error) {
          if (!(error instanceof Sqlite.SqliteError) || /signalbox/.test(error.message)) throw error;
        }
      };
      for (const values of before) attempt('INSERT INTO t (k, m, u, v, w, d) VALUES (?, ?, ?, ?, ?, ?)', values);
      const copy = new Sqlite(':memory:');
      copy.exec(made(''));
      // What is unique in the table is so in the copy at each step. But a trigger that somebody made later fires before the
      // feed's: a displaced row may be logged after the row that displaced it.
      const isInOrder = !later || triggers.length === 0;
      for (const index of isInOrder ? uniques : []) copy.exec(index);
      const columns = db.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck().all('t') as string[];
      const plain = columns.filter((name) => !/^[gep]$/.test(name));
      const read = (from: Sqlite.Database) =>
        from
          .prepare(`SELECT ${plain.join(', ')} FROM t ORDER BY k, m, typeof(k)`)
          .raw()
          .safeIntegers()
          .all() as SqlValue[][];
      const put = copy.prepare(`INSERT INTO t (${plain.join(', ')}) VALUES (${plain.map(() => '?').join(', ')})`);
      for (const values of read(db)) put.run(...values);

      db.pragma('foreign_keys = OFF');
      createLog(db, OWNER, 1e9);
      const columnMap = watchTable(db, { owner: OWNER, place: 0, diff }, 't');
      if (later) for (const trigger of triggers) db.exec(trigger);
      db.pragma(`recursive_triggers = ${recursive}`);
      db.pragma('foreign_keys = ON');
      db.pragma('trusted_schema = OFF');
      for (const [statement, values] of writes) {
        // OR FAIL keeps a row of which a newer trigger failed, and fires no other. The feed then recreates its own.
        if (isInOrder || !statement.includes('OR FAIL')) attempt(statement, values);
      }
      if (db.inTransaction) db.exec('COMMIT');

      const { entries } = pageReader(db, OWNER, readColumnMaps(db, OWNER))(1, 0, Number.MAX_SAFE_INTEGER, NO_BOUNDS);
      const keyed = columnMap.key.map((place) => columns[place] ?? '');
      // 1 and 1.0 are one key, to SQLite as in a message.
      const typeOf = (text: string) => `replace(typeof(${text}), 'real', 'integer')`;
      const isKey = keyed
        .map((name) => `${name} IS ? COLLATE BINARY AND ${typeOf(name)} = ${typeOf('?')}`)
        .join(' AND ');
      const drop = copy.prepare(`DELETE FROM t WHERE ${isKey}`);
      const was = copy
        .prepare(`SELECT ${columns.filter((name) => name !== 'p').join(', ')} FROM t WHERE ${isKey}`)
        .raw()
        .safeIntegers();
      let seq = 1;
      for (const entry of entries) {
        expect(entry.seq).toBeGreaterThan(seq);
        seq = entry.seq;
        const values = columnMap.key.flatMap((place) => [entry.after[place], entry.after[place]]);
        // A trigger of the table may change a row between a change and its entry.
        if (diff && triggers.length === 0)
          expect(withoutParent(entry.before, columns)).toEqual(was.get(...values) ?? null);
        drop.run(...values);
        if (entry.op === 'W') put.run(...plain.map((name) => entry.after[columns.indexOf(name)]));
      }
      expect(read(copy)).toEqual(read(db));
      expect(db.prepare(`SELECT count(*) FROM _signalbox_feed_${JOB}_notes`).pluck().get()).toBeLessThanOrEqual(64);
      copy.close();
      db.close();
    }),
    { numRuns: Number(process.env.FEED_RUNS ?? 600) },
  );
});

const withoutParent = (values: readonly SqlValue[] | null, columns: readonly string[]) =>
  values === null ? null : values.filter((_, i) => i < columns.length && columns[i] !== 'p');
