import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { readTable } from '../../../src/databases/sqlite/catalogue.ts';
import { displacedIn, uniqueIndex, uniqueRowid } from '../../../src/databases/sqlite/displaced.ts';
import { quote } from '../../../src/databases/sqlite/names.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'displaced-'));
const file = path.join(folder, 'test.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAME = 'the "table';

/** Triggers that note the key of each row that is to be displaced, and of each row that somebody moves away. */
const watch = (sql: Sqlite.Database, key: string) => {
  const table = readTable(sql, NAME);
  if (table === undefined) throw new Error('there is no table');
  const displaced = displacedIn(table);
  const uniques = [
    ...(table.rowid === null || table.alias !== null ? [] : [uniqueRowid(table.rowid)]),
    ...table.indexes.filter(({ unique }) => unique).map(uniqueIndex),
  ].map(displaced);
  const notes = uniques.map(
    ({ where }) => `INSERT INTO noted SELECT ${quote(NAME)}.${key} FROM ${quote(NAME)} WHERE ${where};`,
  );
  const reads = [...new Set(uniques.flatMap((unique) => unique.reads))].map((name) => `NEW.${quote(name)} IS NULL`);
  sql.exec(`CREATE TABLE noted (k); CREATE TABLE moved (k);
    CREATE TRIGGER bi BEFORE INSERT ON ${quote(NAME)} BEGIN ${notes.join(' ')} SELECT 1; END;
    CREATE TRIGGER bu BEFORE UPDATE ON ${quote(NAME)} WHEN ${['1', ...reads].join(' OR ')} BEGIN ${notes.join(' ')} SELECT 1; END;
    CREATE TRIGGER au AFTER UPDATE ON ${quote(NAME)} BEGIN INSERT INTO moved VALUES (OLD.${key}); END;`);
};

const KEYS = ['k INTEGER PRIMARY KEY', 'k TEXT PRIMARY KEY', 'k INT PRIMARY KEY DESC NOT NULL', 'k'];
const INDEXES = [
  'a',
  'b COLLATE NOCASE',
  'a, b DESC',
  'lower(b), c',
  'g',
  'h',
  'h, a',
  'a) WHERE (c > 1 AND "the ""table".b <> \') x\'',
  'length(g)) WHERE (d IS NOT NULL',
  'd',
  'e COLLATE RTRIM, a',
  'f',
  'i',
  'typeof(f) || a',
];
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 4, arbitrary: fc.constantFrom('a', 'A', 'b', 'b ', '2', "it's") },
  { weight: 3, arbitrary: fc.constant(null) },
);
const row = fc.tuple(fc.integer({ min: 0, max: 6 }), ...Array.from({ length: 6 }, () => value));
const columns = ['k', 'a', 'b', 'c', 'd', 'e', 'f'];
const column = fc.constantFrom(...columns);

type Write = readonly [string, readonly unknown[]];
const write: fc.Arbitrary<Write> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('OR REPLACE', 'OR REPLACE', 'OR IGNORE', 'OR FAIL'),
      fc.array(row, { minLength: 1, maxLength: 3 }),
    )
    .map(
      ([or, rows]): Write => [
        `INSERT ${or} INTO ${quote(NAME)} (${columns.join(', ')}) VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
        rows.flat(),
      ],
    ),
  fc
    .tuple(column, value, column, value)
    .map(
      ([set, to, where, is]): Write => [
        `UPDATE OR REPLACE ${quote(NAME)} SET ${set} = ? WHERE ${where} IS ?`,
        [to, is],
      ],
    ),
  fc
    .constantFrom(
      'a = NULL, d = NULL',
      'f = NULL',
      'a = c, c = a',
      'b = upper(b)',
      'd = a',
      "e = e || ' '",
      'c = c + 1',
    )
    .map((set): Write => [`UPDATE OR REPLACE ${quote(NAME)} SET ${set}`, []]),
);

const scene = fc.record({
  key: fc.constantFrom(...KEYS),
  strict: fc.boolean(),
  indexes: fc.subarray(INDEXES, { minLength: 1, maxLength: 4 }),
  before: fc.array(row, { maxLength: 8 }),
  writes: fc.array(write, { minLength: 2, maxLength: 10 }),
});

it('finds each row that a REPLACE displaces, as another connection sees it', () => {
  let displaced = 0;
  fc.assert(
    fc.property(scene, ({ key, strict, indexes, before, writes }) => {
      const writer = new Sqlite(file);
      writer.pragma('journal_mode = OFF');
      writer.pragma('synchronous = OFF');
      writer.exec(`DROP TABLE IF EXISTS ${quote(NAME)}; DROP TABLE IF EXISTS noted; DROP TABLE IF EXISTS moved`);
      const [ANY, TEXT] = strict ? ['ANY', 'TEXT'] : ['', 'VARCHAR'];
      const typed = key.replace(/^k$/, `k ${ANY}`);
      writer.exec(`CREATE TABLE ${quote(NAME)} (${typed}, a ${ANY}, b ${ANY}, c ${ANY}, d TEXT NOT NULL DEFAULT (3 + 4),
        e ${ANY} COLLATE NOCASE NOT NULL DEFAULT 'd', f INTEGER NOT NULL DEFAULT 2, g TEXT AS (a || b) STORED, h ${ANY} AS (c || e),
        i ${TEXT} GENERATED ALWAYS AS (coalesce(g, '') || h || d) VIRTUAL)${strict ? ' STRICT' : ''}`);
      for (const [i, parts] of indexes.entries()) {
        writer.exec(`CREATE UNIQUE INDEX i${i} ON ${quote(NAME)} (${parts})`);
      }
      const attempt = ([statement, values]: Write) => {
        try {
          writer.prepare(statement).run(...values);
          return true;
        } catch (error) {
          if (!(error instanceof Sqlite.SqliteError) || !/^SQLITE_(CONSTRAINT|MISMATCH)/.test(error.code)) throw error;
          return false;
        }
      };
      for (const values of before) {
        attempt([`INSERT INTO ${quote(NAME)} (${columns.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?)`, values]);
      }
      watch(writer, '_rowid_');
      const reader = new Sqlite(file, { readonly: true });
      const rowids = () =>
        reader
          .prepare(`SELECT _rowid_ FROM ${quote(NAME)}`)
          .pluck()
          .all() as number[];
      const noted = (table: string) => new Set(reader.prepare(`SELECT k FROM ${table}`).pluck().all() as number[]);
      for (const one of writes) {
        writer.exec('DELETE FROM noted; DELETE FROM moved; SAVEPOINT one');
        const was = rowidsOf(writer);
        if (!attempt(one)) {
          if (writer.inTransaction) writer.exec('ROLLBACK TO one; RELEASE one');
          continue;
        }
        writer.exec('RELEASE one');
        const is = new Set(rowids());
        const gone = was.filter((rowid) => !is.has(rowid) && !noted('moved').has(rowid));
        displaced += gone.length;
        expect([...noted('noted')]).toEqual(expect.arrayContaining(gone));
      }
      reader.close();
      writer.close();
    }),
    { numRuns: Number(process.env.DISPLACED_RUNS ?? 120) },
  );
  expect(displaced).toBeGreaterThan(20);
});

const rowidsOf = (sql: Sqlite.Database) =>
  sql
    .prepare(`SELECT _rowid_ FROM ${quote(NAME)}`)
    .pluck()
    .all() as number[];

const scenes: readonly (readonly [title: string, made: string, write: string, gone: readonly number[]])[] = [
  [
    'a NULL that becomes the default',
    "k INTEGER PRIMARY KEY, x TEXT NOT NULL DEFAULT 'd' UNIQUE); INSERT INTO t VALUES (1, 'd'), (2, 'e'",
    'INSERT OR REPLACE INTO t VALUES (5, NULL)',
    [1],
  ],
  [
    'a default that is a bare word, which means a string',
    "k INTEGER PRIMARY KEY, x TEXT NOT NULL DEFAULT d UNIQUE); INSERT INTO t VALUES (1, 'd'), (2, 'e'",
    'UPDATE OR REPLACE t SET x = NULL WHERE k = 2',
    [1],
  ],
  [
    'a generated column of a column that is not updated',
    'k INTEGER PRIMARY KEY, a, b, g AS (a || b)); CREATE UNIQUE INDEX i ON t (g); INSERT INTO t VALUES (1, 1, 2), (2, 1, 3',
    'UPDATE OR REPLACE t SET b = 2 WHERE k = 2',
    [1],
  ],
  [
    'a generated column of a NULL that becomes the default',
    'k INTEGER PRIMARY KEY, a NOT NULL DEFAULT 1, b, g AS (a || b) UNIQUE); INSERT INTO t VALUES (1, 1, 2), (2, 3, 3',
    'INSERT OR REPLACE INTO t (k, a, b) VALUES (9, NULL, 2)',
    [1],
  ],
  [
    'another collation than that of the column',
    "k INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX i ON t (a COLLATE NOCASE); INSERT INTO t VALUES (1, 'x'), (2, 'y'",
    "INSERT OR REPLACE INTO t VALUES (3, 'X')",
    [1],
  ],
  [
    'seventeen rows by one',
    `k INTEGER PRIMARY KEY, ${Array.from({ length: 17 }, (_, i) => `c${i} UNIQUE`).join(', ')}); INSERT INTO t (${'k'}) VALUES ${Array.from({ length: 17 }, (_, i) => `(${i + 1})`).join(', ')}; ${Array.from({ length: 17 }, (_, i) => `UPDATE t SET c${i} = 1 WHERE k = ${i + 1}`).join('; ')}; INSERT INTO t (k) VALUES (50`,
    `INSERT OR REPLACE INTO t VALUES (99, ${Array(17).fill(1).join(', ')})`,
    Array.from({ length: 17 }, (_, i) => i + 1),
  ],
];

it.each(scenes)('finds rows displaced by %s, and no others', (_, made, write, gone) => {
  const sql = new Sqlite(':memory:');
  sql.exec(`CREATE TABLE t (${made})`);
  sql.exec(`ALTER TABLE t RENAME TO ${quote(NAME)}`);
  watch(sql, '_rowid_');
  sql.exec(write.replace(' t ', ` ${quote(NAME)} `));
  const noted = sql.prepare('SELECT DISTINCT k FROM noted ORDER BY k').pluck().all() as number[];
  expect(noted.filter((rowid) => !rowidsOf(sql).includes(rowid))).toEqual(gone);
  sql.close();
});

it('takes a name in double quotes that is no column for a string, in every connection', () => {
  const sql = new Sqlite(':memory:');
  sql.exec('CREATE TABLE t (k INTEGER PRIMARY KEY, a)');
  const index = { name: 'i', unique: true, origin: 'c', partial: true };
  const parts = [{ name: null, collation: 'BINARY', descending: false }];
  const table = readTable(sql, 't');
  if (table === undefined) throw new Error('there is no table');
  const text = 'CREATE UNIQUE INDEX i ON t (a || "b") WHERE "a" <> "it\'s"';
  const { where, reads } = displacedIn(table)(uniqueIndex({ ...index, parts, sql: text }));
  expect(where).toContain("(a || 'b')");
  expect(where).toContain(`"a" <> 'it''s'`);
  expect(reads).toEqual(['a']);
  sql.close();
});

it.each([
  ['random()', true],
  ['lower(hex(randomblob(8)))', true],
  ['changes()', true],
  ['unixepoch()', true],
  ["CAST(strftime('%s', 'now') AS INT)", true],
  ["strftime('%s', 'now') * 1000", false],
  ["datetime('now', '-1 day')", false],
  ['CURRENT_TIMESTAMP', false],
  ['abs(-1)', false],
  ["'a' || 'b'", false],
  ["'d'", false],
])('knows whether the default %s can be predicted', (text, isUnpredictable) => {
  const sql = new Sqlite(':memory:');
  sql.exec(
    `CREATE TABLE t (k INTEGER PRIMARY KEY, x NOT NULL DEFAULT (${text}) UNIQUE, y UNIQUE, z DEFAULT (random()) UNIQUE)`,
  );
  const table = readTable(sql, 't');
  if (table === undefined) throw new Error('there is no table');
  const found = table.indexes.map((index) => displacedIn(table)(uniqueIndex(index)).isUnpredictable);
  expect(found.toSorted()).toEqual([false, false, isUnpredictable]);
  sql.close();
});
