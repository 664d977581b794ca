import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { execute } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE, type SchemaScene } from './scene.ts';

/** Makes the changes, and opens the database as somebody does who comes later. */
const changed = async (made: string, ...changes: Changes): Promise<SchemaScene> => {
  const scene = await openChange(made, ...changes);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.hidden()).toEqual([]);
  const later = new Sqlite(scene.file);
  expect(later.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(later.pragma('foreign_key_check')).toEqual([]);
  later.close();
  return scene;
};
const NOT_NULL = (table: string, column: string) => ({ alterColumn: { table, column, nullable: false } });

test('rowids, and the numbers that AUTOINCREMENT has given already, stay', async () => {
  await using scene = await changed(
    `CREATE TABLE t (a); INSERT INTO t (_rowid_, a) VALUES (-5, 'x'), (7, 'y'), (9223372036854775807, 'z');
     CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO counted VALUES (90, 1); DELETE FROM counted;
     INSERT INTO counted VALUES (3, 1)`,
    NOT_NULL('t', 'a'),
    NOT_NULL('counted', 'a'),
  );
  expect(scene.all('SELECT _rowid_, a FROM t')).toEqual([
    [-5n, 'x'],
    [7n, 'y'],
    [9223372036854775807n, 'z'],
  ]);
  scene.exec('INSERT INTO counted (a) VALUES (2)');
  expect(scene.all('SELECT id FROM counted')).toEqual([[3n], [91n]]);
  expect(scene.all('SELECT * FROM sqlite_sequence')).toEqual([['counted', 91n]]);
});

test('every sort of index stays, and is used', async () => {
  await using scene = await changed(
    `CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE, b, c, UNIQUE (b, c));
     CREATE INDEX "a ""descending""" ON t (b DESC, a COLLATE RTRIM); CREATE UNIQUE INDEX partial ON t (c) WHERE b > 1;
     CREATE INDEX computed ON t (lower(a) || b, c); INSERT INTO t VALUES ('A', 1, 1), ('B', 2, 1), ('C', 1, 2); ANALYZE`,
    NOT_NULL('t', 'a'),
    { dropIndex: { table: 't', name: 'PARTIAL' } },
    { createIndex: { table: 't', name: 'made', columns: ['C', 'a'], where: "a <> 'x'" } },
  );
  const plan = (select: string) => String(scene.all(`EXPLAIN QUERY PLAN ${select}`));
  expect(plan('SELECT * FROM t WHERE b = 1 ORDER BY b DESC, a COLLATE RTRIM')).toContain('a "descending"');
  expect(plan("SELECT * FROM t WHERE lower(a) || b = 'a1'")).toContain('computed');
  expect(plan("SELECT * FROM t INDEXED BY made WHERE c = 1 AND a <> 'x'")).toContain('made');
  expect(() => scene.exec("INSERT INTO t VALUES ('a', 9, 9)")).toThrow('UNIQUE');
  expect(() => scene.exec("INSERT INTO t VALUES ('d', 2, 1)")).toThrow('UNIQUE');
  // What was known of an index that is gone is gone, and no more.
  expect(scene.all('SELECT DISTINCT idx FROM sqlite_stat1 ORDER BY 1').flat()).toEqual([
    'a "descending"',
    'computed',
    'sqlite_autoindex_t_1',
    'sqlite_autoindex_t_2',
  ]);
});

test('triggers go on firing, views go on showing, and both follow a column that is renamed', async () => {
  await using scene = await changed(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE TABLE noted (what, a);
     CREATE TRIGGER "in" AFTER INSERT ON t BEGIN INSERT INTO noted VALUES ('insert', NEW.a); END;
     CREATE TRIGGER up BEFORE UPDATE OF a ON t WHEN NEW.a IS NOT OLD.a BEGIN INSERT INTO noted VALUES ('update', OLD.a); END;
     CREATE TRIGGER elsewhere AFTER DELETE ON noted BEGIN DELETE FROM t WHERE a = OLD.a; END;
     CREATE VIEW seen AS SELECT a AS x, b + 1 AS c FROM t; CREATE VIEW over AS SELECT c FROM seen;
     CREATE TRIGGER instead INSTEAD OF INSERT ON seen BEGIN INSERT INTO t (a, b) VALUES (NEW.x, NEW.c); END;
     INSERT INTO t VALUES (1, 'x', 1)`,
    { renameColumn: { table: 't', column: 'a', to: 'the a' } },
    NOT_NULL('t', 'b'),
  );
  scene.exec(`INSERT INTO seen (x, c) VALUES ('y', 5)`);
  scene.exec(`UPDATE t SET "the a" = 'z' WHERE id = 1; DELETE FROM noted WHERE what = 'insert' AND a = 'y'`);
  expect(scene.all('SELECT * FROM noted')).toEqual([
    ['insert', 'x'],
    ['update', 'x'],
  ]);
  expect(scene.all('SELECT * FROM t')).toEqual([[1n, 'z', 1n]]);
  expect(scene.all('SELECT * FROM over')).toEqual([[2n]]);
});

test('foreign keys from the table, to it and to itself stay, and nothing that refers to a row is touched', async () => {
  await using scene = await changed(
    `CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
     CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT, up REFERENCES t ON DELETE CASCADE, note,
       FOREIGN KEY (code) REFERENCES parent (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
     CREATE UNIQUE INDEX codes ON t (code);
     CREATE TABLE child (a REFERENCES t (id) ON DELETE CASCADE, b REFERENCES t (code) ON DELETE SET NULL ON UPDATE CASCADE);
     INSERT INTO parent VALUES (1, 'x'), (2, 'y'); INSERT INTO t VALUES (1, 'x', NULL, 0), (2, 'y', 1, 0), (3, NULL, 2, 0);
     INSERT INTO child VALUES (1, 'y'), (2, 'x'), (3, NULL)`,
    NOT_NULL('t', 'note'),
    { renameColumn: { table: 't', column: 'code', to: 'c' } },
  );
  expect(scene.all('SELECT count(*) FROM child')).toEqual([[3n]]);
  expect(() => scene.exec('INSERT INTO child VALUES (99, NULL)')).toThrow('FOREIGN KEY');
  expect(() => scene.exec("INSERT INTO t VALUES (9, 'nowhere', NULL, 1)")).toThrow('FOREIGN KEY');
  scene.exec("UPDATE parent SET code = 'z' WHERE id = 2");
  expect(scene.all('SELECT id, c FROM t ORDER BY id')).toEqual([
    [1n, 'x'],
    [2n, 'z'],
    [3n, null],
  ]);
  scene.exec('DELETE FROM t WHERE id = 2');
  expect(scene.all('SELECT id FROM t')).toEqual([[1n]]);
  expect(scene.all('SELECT * FROM child')).toEqual([[1n, null]]);
});

test('while it is copied, and behind the swap, no row out of sight holds up who deletes what it refers to', async () => {
  await using scene = await openChange(
    `CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES parent, a);
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO parent SELECT i FROM n;
     INSERT INTO t SELECT id, id, 1 FROM parent`,
    NOT_NULL('t', 'a'),
  );
  let deleted = 0;
  const watch = ({ commit }: { readonly commit?: true }) => {
    // Then the lock is held.
    if (commit) return;
    deleted += 1;
    scene.exec(`DELETE FROM t WHERE id = ${deleted}; DELETE FROM parent WHERE id = ${deleted}`);
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
  expect(deleted).toBeGreaterThan(8);
  expect(scene.all('SELECT count(*), min(id) FROM t')).toEqual([[BigInt(900 - deleted), BigInt(deleted + 1)]]);
});

test('CHECKs, defaults, collations, computed columns, STRICT and WITHOUT ROWID stay', async () => {
  await using scene = await changed(
    `CREATE TABLE t (k TEXT COLLATE NOCASE, l INT DEFAULT (1 + 1), v INTEGER, made INT AS (v * 2) STORED, seen TEXT AS (k || l),
       CHECK (v < 100), PRIMARY KEY (k, l DESC)) STRICT, WITHOUT ROWID;
     INSERT INTO t (k, l, v) VALUES ('a', 1, 1), ('a', 2, 2), ('B', 1, 3)`,
    { addColumn: { table: 't', column: { name: 'at', type: 'TEXT', default: 'CURRENT_TIMESTAMP', nullable: false } } },
    { alterColumn: { table: 't', column: 'v', default: '7' } },
  );
  expect(scene.all('SELECT k, l, v, made, seen, length(at) FROM t')).toEqual([
    ['a', 2n, 2n, 4n, 'a2', 19n],
    ['a', 1n, 1n, 2n, 'a1', 19n],
    ['B', 1n, 3n, 6n, 'B1', 19n],
  ]);
  scene.exec("INSERT INTO t (k) VALUES ('c')");
  expect(scene.all("SELECT l, v, made FROM t WHERE k = 'C'")).toEqual([[2n, 7n, 14n]]);
  expect(() => scene.exec("INSERT INTO t (k, v) VALUES ('d', 100)")).toThrow('CHECK');
  expect(() => scene.exec("INSERT INTO t (k, v) VALUES ('d', 'x')")).toThrow('cannot store');
  expect(() => scene.exec("INSERT INTO t (k, l) VALUES ('A', 1)")).toThrow('UNIQUE');
});

test('a row from before a column was added has its default for good, also when the default is another one', async () => {
  await using scene = await changed(
    "CREATE TABLE t (a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b DEFAULT 'old'",
    { alterColumn: { table: 't', column: 'b', default: "'new'" } },
  );
  scene.exec('INSERT INTO t (a) VALUES (2)');
  expect(scene.all('SELECT * FROM t')).toEqual([
    [1n, 'old'],
    [2n, 'new'],
  ]);
});

test('what changes nothing but the catalogue writes no row', async () => {
  const rows = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)';
  await using scene = await openChange(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(10) NOT NULL, b CHECK (b > 0)) ; CREATE INDEX i ON t (a);
     CREATE VIEW v AS SELECT a FROM t; ${rows} INSERT INTO t SELECT i, 'n' || i, i FROM n`,
    { renameColumn: { table: 't', column: 'a', to: 'name' } },
    { alterColumn: { table: 't', column: 'name', nullable: true, type: 'TEXT' } },
    { addColumn: { table: 't', column: { name: 'c', type: 'INTEGER', nullable: false, default: '-1' } } },
    { addColumn: { table: 't', column: { name: 'd', type: 'TEXT' } } },
  );
  const root = () => scene.all("SELECT rootpage FROM sqlite_schema WHERE name = 't'");
  const before = root();
  const counters: unknown[] = [];
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch: (step) => counters.push(step.counters) });
  expect(root()).toEqual(before);
  expect(new Set(counters.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"rows":0}']));
  expect(scene.all('SELECT * FROM t WHERE id = 77')).toEqual([[77n, 'n77', 77n, -1n, null]]);
  scene.exec('INSERT INTO t (id, b) VALUES (6000, 5)');
  expect(scene.all('SELECT * FROM t WHERE id = 6000')).toEqual([[6000n, null, 5n, -1n, null]]);
  expect(scene.all('SELECT count(*), count(name) FROM v')).toEqual([[5001n, 5000n]]);
  expect(scene.sql.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('columns that are called like a rowid, and like what the job keeps for itself, are columns like any other', async () => {
  await using scene = await openChange(
    `CREATE TABLE t (rowid TEXT, _rowid_ INT UNIQUE, k0, k1, seq, side, "end"); CREATE UNIQUE INDEX u ON t (seq || k0) WHERE side > 0;
     INSERT INTO t (oid, rowid, _rowid_, k0, k1, seq, side) VALUES (5, 'a', 9, 1, 2, 3, 4), (-1, NULL, 8, 5, 6, 7, 8)`,
    NOT_NULL('t', 'k1'),
    { renameColumn: { table: 't', column: 'end', to: 'oid' } },
    { renameColumn: { table: 't', column: 'rowid', to: 'h' } },
  );
  const watch = ({ commit }: { readonly commit?: true }, count: number) => {
    if (!commit && count === 2) scene.exec('REPLACE INTO t (k0, k1, seq, side, _rowid_) VALUES (1, 2, 3, 1, 70)');
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
  expect(scene.hidden()).toEqual([]);
  expect(scene.all('SELECT rowid, h, _rowid_, k0, k1, seq, side, oid FROM t')).toEqual([
    [-1n, null, 8n, 5n, 6n, 7n, 8n, null],
    [6n, null, 70n, 1n, 2n, 3n, 1n, null],
  ]);
});

test('a constraint that replaces or ignores rows by itself does so for writers, and not for the job', async () => {
  await using scene = await openChange(
    `CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, a INT NOT NULL ON CONFLICT REPLACE DEFAULT 5 UNIQUE ON CONFLICT REPLACE,
       b UNIQUE ON CONFLICT IGNORE, c);
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, i + 10, i, 1 FROM n;
     INSERT INTO t VALUES (400, 5, 400, 1)`,
    NOT_NULL('t', 'c'),
  );
  const watch = ({ commit }: { readonly commit?: true }, count: number) => {
    if (commit || count !== 4) return;
    // Pushes out 400, by the default; 7; nobody; 20, and is gone again.
    scene.exec(`INSERT INTO t VALUES (500, NULL, 500, 1); INSERT INTO t VALUES (7, 1000, 501, 1);
      INSERT INTO t VALUES (600, 1001, 3, 1); INSERT INTO t VALUES (700, 30, 700, 1); DELETE FROM t WHERE id = 700`);
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
  expect(scene.all('SELECT id, a, b FROM t WHERE id IN (7, 20, 400, 500, 600, 700)')).toEqual([
    [7n, 1000n, 501n],
    [500n, 5n, 500n],
  ]);
  expect(scene.all('SELECT count(*) FROM t')).toEqual([[300n]]);
  expect(scene.sql.pragma('integrity_check', { simple: true })).toBe('ok');

  await using made = await openChange(
    'CREATE TABLE t (a NOT NULL ON CONFLICT IGNORE, b); INSERT INTO t VALUES (1, 1), (1, 2)',
    { addColumn: { table: 't', column: { name: 'c', type: 'INT', default: '1 + 1' } } },
  );
  await execute({ kind: SCHEMA_CHANGE, scene: made, epoch: 1 });
  expect(made.all('SELECT * FROM t')).toEqual([
    [1n, 1n, 2n],
    [1n, 2n, 2n],
  ]);
});

test('a connection that had its statements ready goes on with them', async () => {
  await using scene = await openChange(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)',
    NOT_NULL('t', 'a'),
    { createIndex: { table: 't', name: 'i', columns: ['a'], unique: true } },
  );
  const insert = scene.sql.prepare('INSERT INTO t (a) VALUES (?)');
  const count = scene.sql.prepare('SELECT count(*) FROM t').pluck();
  insert.run(2);
  expect(count.get()).toBe(2);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  insert.run(3);
  expect(count.get()).toBe(3);
  expect(() => insert.run(3)).toThrow('UNIQUE');
  expect(() => insert.run(null)).toThrow('NOT NULL');
});

test('what another job has left on the table goes, and what it has elsewhere stays', async () => {
  await using scene = await openChange(
    `CREATE TABLE t (a); CREATE TABLE other (a); CREATE TABLE _signalbox_import_5_rows (first INTEGER PRIMARY KEY, last);
     CREATE TRIGGER _signalbox_import_5_inserted AFTER INSERT ON t BEGIN DELETE FROM _signalbox_import_5_rows WHERE first = NEW.a; END;
     CREATE TRIGGER _signalbox_import_6_inserted AFTER INSERT ON other BEGIN SELECT 1; END; DROP TABLE _signalbox_import_5_rows`,
    NOT_NULL('t', 'a'),
  );
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.hidden()).toEqual([['_signalbox_import_6_inserted']]);
  scene.exec('INSERT INTO t VALUES (1)');
});
