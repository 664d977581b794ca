/** What a database has in it before a job and after its end is equal, however the job ends. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';

const SCHEMA = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INTEGER CHECK (b > 0));
  CREATE INDEX t_b ON t (b);
  CREATE TABLE log (t INTEGER);
  CREATE TRIGGER t_log AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.id); END;
  CREATE VIEW v AS SELECT a, b FROM t;
  INSERT INTO t (a, b) VALUES ('one', 1), ('two', 2)`;

const databaseOf = (app: TestApp, name = 'demo.db') => join(app.dataDir, 'databases', name);
const withFile = <R>(file: string, use: (sql: Sqlite.Database) => R): R => {
  const sql = new Sqlite(file);
  try {
    return use(sql);
  } finally {
    sql.close();
  }
};
/** As `.schema` prints it, and the rows. */
const contentOf = (file: string) =>
  withFile(file, (sql) => [
    sql.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all(),
    sql.prepare('SELECT * FROM t ORDER BY id').all(),
  ]);
const ownIn = (file: string) =>
  withFile(file, (sql) =>
    sql.prepare("SELECT name FROM sqlite_schema WHERE instr(name, '_signalbox_') > 0").pluck().all(),
  );

const begin = async (dataDir: string) => {
  const app = await startApp({ dataDir, settings: { WORKERS: '4' } });
  const changes = changesOf(app);
  return {
    app,
    changes,
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

const prepare = async ({ app, changes }: Awaited<ReturnType<typeof begin>>) => {
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  withFile(databaseOf(app), (sql) => sql.exec(SCHEMA));
  const files = join(app.dataDir, 'files');
  mkdirSync(join(files, 'out'), { recursive: true });
  writeFileSync(join(files, 'rows.csv'), `a,b\n${'three,3\n'.repeat(2_000)}`);
  writeFileSync(join(files, 'bad.csv'), `a,b\n${'three,3\n'.repeat(50)}four,-1\n`);
  writeFileSync(join(files, 'new.csv'), `id\n${'1\n'.repeat(2_000)}`);
  const { id } = await app.create('BACKUP', { database: 'demo', destination: 'nodelocal:///out/backup' }, 'root');
  await changes.reaches(id, 'SUCCEEDED');
};

const SLOW = { maxRowsPerSecond: 200 };
const COLUMNS = [{ name: 'id', type: 'INTEGER' }];
const INTO = { database: 'demo', table: 't', csv: { header: true } };
const NEW = {
  database: 'demo',
  table: 'fresh',
  columns: COLUMNS,
  csv: { header: true },
  sources: ['nodelocal:///new.csv'],
};
const FEED = { database: 'demo', tables: ['t'] };
const CHECK = { createIndex: { table: 't', name: 't_a', columns: ['a'], unique: true } };

/** Jobs that change nothing in the end: what they are, and how each of them ends. */
const ENDINGS: readonly (readonly [string, object, 'FAILED' | 'CANCELED' | 'SUCCEEDED', cancelWhen?: string])[] = [
  ['IMPORT', { ...INTO, sources: ['nodelocal:///bad.csv'] }, 'FAILED'],
  ['IMPORT', { ...INTO, ...SLOW, sources: ['nodelocal:///rows.csv'] }, 'CANCELED', 'RUNNING'],
  ['IMPORT', { ...NEW, ...SLOW }, 'CANCELED', 'RUNNING'],
  ['IMPORT', { ...NEW, ...SLOW }, 'CANCELED', 'PAUSED'],
  ['IMPORT', { ...NEW, ...SLOW }, 'CANCELED', 'PENDING'],
  ['CHANGEFEED', FEED, 'CANCELED', 'RUNNING'],
  ['CHANGEFEED', FEED, 'CANCELED', 'PAUSED'],
  ['CHANGEFEED', { ...FEED, initialScan: 'ONLY', sink: 'nodelocal:///out/feed' }, 'SUCCEEDED'],
  ['BACKUP', { database: 'demo', destination: 'nodelocal:///out/second' }, 'SUCCEEDED'],
  ['RESTORE', { database: 'copy', source: 'nodelocal:///out/backup' }, 'SUCCEEDED'],
];

const endAs = async (
  { app, changes }: Awaited<ReturnType<typeof begin>>,
  [type, input, end, when]: (typeof ENDINGS)[number],
): Promise<string> => {
  const { id } = await app.create(type, input, 'root');
  if (when === 'PAUSED') {
    await changes.reaches(id, 'RUNNING');
    await order(app, 'PAUSE', [id]);
  }
  if (when !== undefined) {
    await changes.reaches(id, when as 'RUNNING');
    await order(app, 'CANCEL', [id]);
  }
  await changes.reaches(id, end);
  return id;
};

test('no job leaves a trace in its database when it has ended and the server has stopped', async () => {
  using folder = temporaryFolder();
  let file = '';
  let before: unknown;
  {
    await using scene = await begin(folder.path);
    await prepare(scene);
    file = databaseOf(scene.app);
    before = contentOf(file);
    for (const ending of ENDINGS) await endAs(scene, ending);
  }
  expect(contentOf(file)).toEqual(before);
  expect(ownIn(file.replace('demo.db', 'copy.db'))).toEqual([]);
});

test('a schema change that fails leaves the schema as it was, and one that succeeds only its change', async () => {
  using folder = temporaryFolder();
  let file = '';
  let before: unknown;
  {
    await using scene = await begin(folder.path);
    await prepare(scene);
    file = databaseOf(scene.app);
    withFile(file, (sql) => sql.exec("INSERT INTO t (a, b) VALUES ('one', 4)"));
    before = contentOf(file);
    await endAs(scene, ['SCHEMA_CHANGE', { database: 'demo', changes: [CHECK] }, 'FAILED']);
    await endAs(scene, [
      'SCHEMA_CHANGE',
      { database: 'demo', changes: [{ createIndex: { ...CHECK.createIndex, unique: false } }] },
      'SUCCEEDED',
    ]);
  }
  withFile(file, (sql) => sql.exec('DROP INDEX t_a'));
  expect(contentOf(file)).toEqual(before);
});

test('a database that is locked at the end of a job, or away until the next start, is clean afterwards', async () => {
  using folder = temporaryFolder();
  let file = '';
  let before: unknown;
  {
    await using scene = await begin(folder.path);
    await prepare(scene);
    file = databaseOf(scene.app);
    before = contentOf(file);
    const { id } = await scene.app.create('IMPORT', { ...NEW, ...SLOW }, 'root');
    await scene.changes.reaches(id, 'RUNNING');
    const holder = new Sqlite(file);
    holder.exec('BEGIN IMMEDIATE');
    await order(scene.app, 'CANCEL', [id]);
    await scene.changes.reaches(id, 'REVERTING');
    holder.exec('COMMIT');
    holder.close();
    await scene.changes.reaches(id, 'CANCELED');
    const { id: feed } = await scene.app.create('CHANGEFEED', FEED, 'root');
    await scene.changes.reaches(feed, 'RUNNING');
    await order(scene.app, 'PAUSE', [feed]);
    await scene.changes.reaches(feed, 'PAUSED');
  }
  // The feed is alive: it has its triggers and its log there.
  expect(ownIn(file)).not.toEqual([]);
  withFile(file, (sql) => sql.pragma('wal_checkpoint(TRUNCATE)'));
  renameSync(file, `${file}.away`);
  {
    await using scene = await begin(folder.path);
    const { data } = await scene.app.send({
      query: '{ jobs(where: { status: { equals: PAUSED } }) { nodes { id } } }',
    });
    const [feed] = (data as { jobs: { nodes: { id: string }[] } }).jobs.nodes;
    await order(scene.app, 'CANCEL', [String(feed?.id)]);
    await scene.changes.reaches(String(feed?.id), 'CANCELED');
  }
  renameSync(`${file}.away`, file);
  await using scene = await begin(folder.path);
  await expect.poll(() => ownIn(file)).toEqual([]);
  expect(contentOf(file)).toEqual(before);
  expect(scene.app.lost).toEqual([]);
});
