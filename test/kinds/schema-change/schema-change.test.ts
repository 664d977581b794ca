import { copyFileSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Step } from '../../../src/jobs/kind.ts';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { claimOf } from '../../support/claimed.ts';
import { execute, JOB_ID } from '../contract.ts';
import { openChange, openPlace, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const ROWS = `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO t SELECT i, i, 'b' || i FROM n;`;
const NOT_NULL = { alterColumn: { table: 't', column: 'a', nullable: false } };
const INDEX = { createIndex: { table: 't', name: 'i', columns: ['b'] } };

const stepsOf = async (scene: Awaited<ReturnType<typeof openChange>>) => {
  const steps: Step<unknown>[] = [];
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch: (step) => steps.push(step) });
  return steps;
};

test('the phase is told, and rows are counted', async () => {
  await using scene = await openChange(ROWS, NOT_NULL);
  const steps = await stepsOf(scene);
  expect([...new Set(steps.map(({ message }) => message))]).toEqual(['copying rows', 'swapping', 'cleaning up']);
  expect(steps.at(-1)).toMatchObject({ fractionCompleted: 1, counters: { rows: 900 } });
  expect(steps[0]).toMatchObject({ fractionCompleted: 0, counters: { rows: 0 } });
  const fractions = steps.map(({ fractionCompleted }) => fractionCompleted ?? 0);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});

test('what is copied for an index alone is called building it', async () => {
  await using scene = await openChange(ROWS, INDEX);
  const messages = (await stepsOf(scene)).map(({ message }) => message);
  expect([...new Set(messages)]).toEqual(['building index', 'swapping', 'cleaning up']);
  await using other = await openChange(ROWS, INDEX, NOT_NULL);
  expect((await stepsOf(other))[0]).toMatchObject({ message: 'copying rows' });
});

test('the statement that a job stands for names database, tables and all changes; those of one table are one', async () => {
  await using scene = await openChange(
    `${ROWS} CREATE TABLE "a ""b""" (x); CREATE INDEX old ON t (b)`,
    { addColumn: { table: 'T', column: { name: 'n', type: 'VARCHAR(10)', nullable: false, default: '1 + 1' } } },
    { alterColumn: { table: 't', column: 'a', type: 'TEXT', nullable: true, dropDefault: true } },
    { dropColumn: { table: 't', column: 'a' } },
    { renameColumn: { table: 'a "b"', column: 'x', to: 'y "z"' } },
    { createIndex: { table: 't', name: 'i', columns: ['b', 'n'], unique: true, where: "b <> ''" } },
    { dropIndex: { table: 't', name: 'old' } },
    { alterColumn: { table: 't', column: 'b', default: "'x'" } },
  );
  expect(scene.description).toBe(
    `ALTER TABLE "demo"."t" ADD COLUMN "n" VARCHAR(10) NOT NULL DEFAULT (1 + 1), ALTER COLUMN "a" TYPE TEXT, ` +
      `ALTER COLUMN "a" DROP NOT NULL, ALTER COLUMN "a" DROP DEFAULT, DROP COLUMN "a"; ` +
      `ALTER TABLE "demo"."a ""b""" RENAME COLUMN "x" TO "y ""z"""; ` +
      `CREATE UNIQUE INDEX "i" ON "demo"."t" ("b", "n") WHERE b <> ''; DROP INDEX "old" ON "demo"."t"; ` +
      `ALTER TABLE "demo"."t" ALTER COLUMN "b" SET DEFAULT 'x'`,
  );
  expect(scene.details.tables).toEqual(['t', 'a "b"']);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.all('SELECT * FROM t WHERE id = 7')).toEqual([[7n, 'b7', '2']]);
});

test('columns have types under which SQLite changes no value', async () => {
  await using scene = await openChange(
    'CREATE TABLE t (a TEXT); INSERT INTO t VALUES (1.10)',
    { addColumn: { table: 't', column: { name: 'zip', type: 'STRING', default: "'00601'" } } },
    { addColumn: { table: 't', column: { name: 'at', type: 'TIMESTAMPTZ' } } },
    { alterColumn: { table: 't', column: 'a', type: 'string(5)' } },
  );
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.all('SELECT * FROM t')).toEqual([['1.1', '00601', null]]);
  expect(scene.all("SELECT name, type FROM pragma_table_info('t')")).toEqual([
    ['a', 'TEXT'],
    ['zip', 'TEXT'],
    ['at', 'TIMESTAMPTZ'],
  ]);
});

test('the tables are held against whoever else changes or fills them', async () => {
  await using place = openPlace('CREATE TABLE "Größe" (a); CREATE TABLE TT (a)');
  const { holds } = await schemaChangeKind.create(
    {
      database: 'demo',
      changes: ['GRößE', 'tt', 'Größe'].map((table) => ({ alterColumn: { table, column: 'a', nullable: false } })),
    },
    place.environment,
  );
  expect(holds).toEqual([
    { table: 'größe', mode: 'alter' },
    { table: 'tt', mode: 'alter' },
  ]);
});

test('a table whose foreign key names a column that is renamed is held too', async () => {
  await using place = openPlace(
    'CREATE TABLE p (a UNIQUE); CREATE TABLE c (x REFERENCES p (a)); CREATE VIEW v AS SELECT a FROM p',
  );
  const changes = [{ renameColumn: { table: 'p', column: 'a', to: 'b' } }];
  const { holds, details } = await schemaChangeKind.create({ database: 'demo', changes }, place.environment);
  expect(holds?.map(({ table }) => table)).toEqual(['p', 'c']);
  expect(details.tables).toEqual(['p']);
});

test('while somebody else holds the lock the job says so, and goes on once it is free', async () => {
  await using scene = await openChange(ROWS, NOT_NULL);
  const waited: unknown[] = [];
  const watch = ({ message }: Step<unknown>, count: number) => {
    if (count === 3) scene.exec('BEGIN IMMEDIATE; UPDATE t SET a = 0 WHERE id = 1');
    if (!message?.startsWith('waiting')) return;
    waited.push(message);
    if (waited.length === 2) scene.exec('COMMIT');
  };
  expect((await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch })).ended).toBe(true);
  expect(new Set(waited)).toEqual(new Set(['waiting for the lock of database demo, held by another process']));
  expect(scene.all('SELECT a FROM t WHERE id = 1')).toEqual([[0n]]);
});

test.each([
  ['a rollback journal', 'PRAGMA journal_mode = DELETE'],
  ['pages that are given back', 'PRAGMA auto_vacuum = FULL; VACUUM'],
  ['small pages', 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL'],
])('a database with %s is changed as any other', async (_, pragmas) => {
  await using scene = await openChange(
    `${pragmas}; ${ROWS} CREATE UNIQUE INDEX u ON t (b); CREATE TABLE after (x); INSERT INTO after VALUES (zeroblob(5000))`,
    NOT_NULL,
    INDEX,
  );
  const watch = ({ commit }: Step<unknown>, count: number) => {
    if (!commit) scene.exec(`REPLACE INTO t VALUES (${1000 + count}, 1, 'b${count}')`);
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
  expect(scene.hidden()).toEqual([]);
  expect(snapshotOf(scene.sql)).toMatchObject({ sound: 'ok' });
  expect(scene.all('SELECT count(*), count(DISTINCT b) FROM t')).toEqual([[900n, 900n]]);
});

test('a database in UTF-16, with texts that are none, keeps every byte', async () => {
  await using place = openPlace('');
  place.sql.close();
  for (const end of ['', '-wal', '-shm']) rmSync(`${place.file}${end}`, { force: true });
  const sql = new Sqlite(place.file);
  sql.exec(`PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = WAL; CREATE TABLE t (k TEXT PRIMARY KEY, a) WITHOUT ROWID;
    INSERT INTO t VALUES (CAST(x'00d8' AS TEXT), CAST(x'41' AS TEXT)), ('ä', x'00'), (CAST(x'01d8' AS TEXT), 1)`);
  const snapshot = () => sql.prepare('SELECT hex(k), typeof(a), hex(a) FROM t').raw().all();
  const before = snapshot();
  const { details } = await schemaChangeKind.create({ database: 'demo', changes: [NOT_NULL] }, place.environment);
  let isTouched = false;
  const watch = () => {
    if (isTouched) return;
    isTouched = true;
    sql.exec("UPDATE t SET k = CAST(x'02d8' AS TEXT) WHERE a = 1; UPDATE t SET k = CAST(x'01d8' AS TEXT) WHERE a = 1");
  };
  await execute({ kind: SCHEMA_CHANGE, scene: { ...place, details }, epoch: 1, watch });
  expect(snapshot()).toEqual(before);
  expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
  sql.close();
});

const NOT_NULL_N = {
  addColumn: { table: 't', column: { name: 'n', type: 'TEXT', nullable: false, default: "lower('A')" } },
};

test('a row that a REPLACE pushes out through a generated column, of which only a part is updated, is gone', async () => {
  const rows = `CREATE TABLE t (a INTEGER PRIMARY KEY, u, w TEXT, g AS (u || w), b);
    CREATE UNIQUE INDEX by_g ON t (g); INSERT INTO t (a, u, w) VALUES (1, 'x', '4'), (2, 'y', '4')`;
  await using scene = await openChange(rows, NOT_NULL_N);
  let isTouched = false;
  const watch = ({ message }: { readonly message?: string | null }) => {
    if (isTouched || message !== 'swapping') return;
    isTouched = true;
    scene.exec("UPDATE OR REPLACE t SET u = 'x' WHERE a = 2; UPDATE t SET u = 'z' WHERE a = 2");
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, watch });
  expect(isTouched).toBe(true);
  expect(scene.all('SELECT a, g, n FROM t')).toEqual([[2n, 'z4', 'a']]);
});

test('a database whose file was taken away while the job was at work is waited for', async () => {
  await using scene = await openChange(ROWS, NOT_NULL);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, stopAt: 4 });
  scene.sql.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(scene.file, `${scene.file}.away`);
  rmSync(scene.file);
  await expect(execute({ kind: SCHEMA_CHANGE, scene, epoch: 2 })).rejects.toMatchObject({ name: 'Transient' });
  const revert = execute({ kind: SCHEMA_CHANGE, scene, epoch: 3, task: 'revert' });
  await expect(revert).rejects.toMatchObject({
    name: 'Transient',
    message: expect.stringContaining('is missing, and what'),
  });
});

test('what an ended job left in its database is forgotten with it', async () => {
  await using scene = await openChange(ROWS, NOT_NULL);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, stopAt: 5 });
  expect(scene.hidden()).not.toEqual([]);
  const work = { details: scene.details, checkpoint: null, claim: claimOf(JOB_ID, 1) };
  const before = snapshotOf(scene.sql);
  await schemaChangeKind.cleanUp?.(work, scene.environment, 'removed');
  await schemaChangeKind.cleanUp?.(work, scene.environment, 'removed');
  expect(scene.hidden()).toEqual([]);
  expect(scene.all('SELECT count(*) FROM _signalbox_jobs')).toEqual([[0n]]);
  expect(snapshotOf(scene.sql).rows).toEqual(before.rows);
  scene.exec('INSERT INTO t (b) VALUES (1)');
});
