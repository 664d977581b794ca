/** A job store is copied to PostgreSQL and back: nothing is lost, and clients continue after their cursors. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/app/assets.ts';
import { copyTables, type TableRow, type TableStore } from '../../src/store/copy.ts';
import { openTables } from '../../src/store/open.ts';
import { createPostgresDatabase, execute } from '../support/postgres.ts';
import { launch, temporaryFolder } from '../support/process.ts';

const SECRET = 'the secret of all servers';

const run = async (folder: string, from: string, to: string, more: Record<string, string> = {}) => {
  const env = { ...process.env, DATA_DIR: folder, SIGNALBOX_SECRET: SECRET, ...more };
  const args = ['dist/copy-store.js', '--from', from, '--to', to];
  return promisify(execFile)(process.execPath, args, { env }).then(
    ({ stdout }) => ({ stdout, failure: '' }),
    (error) => ({ stdout: '', failure: String(error.stderr) }),
  );
};

/** All rows of a store, by table. */
const contentOf = async (url: string) => {
  const store = await openTables({ url, migrations: MIGRATIONS, as: 'source' });
  try {
    const content: Record<string, TableRow[]> = {};
    for (const table of Object.keys(await store.columns())) {
      content[table] = [];
      for await (const rows of store.rows(table)) content[table].push(...rows);
      content[table].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    }
    return content;
  } finally {
    await store.close();
  }
};

/** One row in each table, with a value in each column. */
const fill = (file: string) => {
  const db = new Database(file);
  db.pragma('foreign_keys = OFF');
  const tables = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\'`,
    )
    .pluck()
    .all() as string[];
  const named: Record<string, string> = {
    userName: 'root',
    databaseName: 'demo',
    jobId: '1',
    actorName: 'root',
    url: 'file:demo.db',
    status: 'PAUSED',
    claimedBy: 'session',
    types: '[]',
    privileges: '[]',
    counters: '[]',
    warnings: '["w"]',
    details: '{}',
    kinds: '[]',
    outcome: '{}',
    finishedAt: '1',
  };
  for (const table of tables) {
    const columns = db.prepare('SELECT name, type FROM pragma_table_info(?)').all(table) as {
      name: string;
      type: string;
    }[];
    const key = { Job: { id: 1 }, User: { name: 'ann' }, Database: { name: 'demo' } }[table] ?? {};
    const values = columns.map(({ name, type }) => {
      const given = (key as Record<string, unknown>)[name] ?? named[name];
      if (name === 'secrets') return '{"sources.0":"s3://secret"}';
      if (table === 'JobWork' && name === 'inputJson') return '{}';
      if (given !== undefined) return given;
      if (/TEXT/.test(type)) return `${name}-1`;
      return /BOOLEAN/.test(type) ? 1 : /REAL/.test(type) ? 0.5 : 7;
    });
    if (table === 'Counters') continue;
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    db.prepare(`INSERT OR REPLACE INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`).run(
      values,
    );
  }
  db.exec(`UPDATE Counters SET lastJobId = 900, lastRevision = 800, horizon = 2`);
  db.exec(`UPDATE sqlite_sequence SET seq = 700 WHERE name = 'Event'`);
  db.exec('UPDATE WorkerSession SET endedAt = 7');
  db.close();
  return tables;
};

test('every table is copied to PostgreSQL and back, and nothing is different afterwards', async () => {
  using folder = temporaryFolder();
  await using database = await createPostgresDatabase();
  const file = join(folder.path, 'signalbox.db');
  const server = await launch(folder.path, ['dist/main.js'], { SIGNALBOX_SECRET: SECRET });
  server.process.kill('SIGTERM');
  await server.ended;
  const tables = fill(file);
  const before = await contentOf(`file:${file}`);
  // A table that the test does not fill would not be tested.
  for (const table of tables) expect([table, before[table]?.length ?? 0]).not.toEqual([table, 0]);

  expect(await run(folder.path, `file:${file}`, database.url)).toMatchObject({ failure: '' });
  const there = await contentOf(database.url);
  expect(Object.keys(there).sort()).toEqual([...tables].sort());
  expect(there.Job).toMatchObject([{ id: 1, node: null }]);
  expect(there.Database).toMatchObject([
    { name: 'demo', node: readFileSync(join(folder.path, 'node'), 'utf8').trim() },
  ]);
  const sequences = await execute(
    database.url,
    `SELECT nextval('job_id_seq')::int AS job, nextval('job_revision_seq')::int AS revision, nextval('event_cursor_seq')::int AS event`,
  );
  expect(sequences).toEqual([{ job: 901, revision: 801, event: 701 }]);

  const back = join(folder.path, 'back.db');
  expect(await run(folder.path, database.url, `file:${back}`)).toMatchObject({ failure: '' });
  const after = await contentOf(`file:${back}`);
  // Sealed anew, and not sealed at all before.
  for (const table of ['JobCredentials', 'Schedule']) {
    expect([table, after[table]?.[0]?.secrets]).toEqual([table, expect.stringMatching(/^aes-256-gcm:/)]);
  }
  const common = (content: typeof before) => ({
    ...content,
    JobCredentials: null,
    Schedule: content.Schedule?.map(({ secrets: _, ...row }) => row),
    Counters: content.Counters?.map(({ secretProbe: _, lastJobId: _id, lastRevision: _revision, ...row }) => row),
  });
  expect(common(after)).toEqual(common(before));
  expect(after.Counters).toMatchObject([{ lastJobId: 901, lastRevision: 801 }]);
});

test('a store with a table that the other has no place for is not copied', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'signalbox.db');
  const server = await launch(folder.path, ['dist/main.js']);
  await server.kill();
  const db = new Database(file);
  db.exec('CREATE TABLE Forgotten (id INTEGER PRIMARY KEY)');
  db.close();
  const [from, to] = [
    await openTables({ url: `file:${file}`, migrations: MIGRATIONS, as: 'source' }),
    await openTables({ url: `file:${join(folder.path, 'copy.db')}`, migrations: MIGRATIONS, as: 'target' }),
  ] as [TableStore, TableStore];
  await expect(copyTables({ from, to })).rejects.toThrow('the table Forgotten is in one of the stores only');
  await Promise.all([from.close(), to.close()]);
  expect(existsSync(join(folder.path, 'copy.db'))).toBe(false);
});

test('a client continues after its cursor on the copy, and jobs go on', async () => {
  using folder = temporaryFolder();
  await using database = await createPostgresDatabase();
  const file = `file:${join(folder.path, 'signalbox.db')}`;
  const settings = { SIGNALBOX_SECRET: SECRET, NODE_NAME: 'a' };
  let server = await launch(folder.path, ['dist/main.js'], settings);
  await server.send('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const input = `{ database: "demo", table: "t", sources: ["nodelocal:///sample.csv"], maxRowsPerSecond: 1,
    columns: [{ name: "id", type: "INTEGER" }, { name: "name", type: "TEXT" }, { name: "email", type: "TEXT" },
      { name: "city", type: "TEXT" }, { name: "balance", type: "REAL" }, { name: "joined", type: "TEXT" }] }`;
  const made = await server.send(`mutation { createImport(input: ${input}) { job { id } } }`);
  const { id } = (made as unknown as { createImport: { job: { id: string } } }).createImport.job;
  const cursorOf = async () =>
    ((await server.send('{ jobs { cursor } }')) as unknown as { jobs: { cursor: string } }).jobs.cursor;
  const eventsAfter = async (cursor: string) =>
    (
      (await server.send(
        `{ jobEvents(after: "${cursor}") { nodes { jobId ... on JobStatusChange { to } } } }`,
      )) as unknown as {
        jobEvents: { nodes: { jobId: string; to: string }[] };
      }
    ).jobEvents.nodes;
  await server.send(`mutation { pauseJobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  await expect
    .poll(
      async () => ((await server.send(`{ job(id: "${id}") { status } }`)).job as unknown as { status: string }).status,
    )
    .toBe('PAUSED');
  const cursor = await cursorOf();
  // A store in use is not copied.
  expect((await run(folder.path, file, database.url, settings)).failure).toContain('in use');
  await server.send(`mutation { resumeJobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  server.process.kill('SIGTERM');
  await server.ended;

  expect(await run(folder.path, file, database.url, settings)).toMatchObject({ failure: '' });
  server = await launch(folder.path, ['dist/main.js'], { ...settings, DATABASE_URL: database.url });
  await expect
    .poll(async () => (await eventsAfter(cursor)).map((event) => event.to).slice(0, 2))
    .toEqual(['PENDING', 'RUNNING']);
  expect((await run(folder.path, database.url, `file:${join(folder.path, 'other.db')}`, settings)).failure).toContain(
    'is used by the server a',
  );
  await server.send(`mutation { cancelJobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  await expect
    .poll(
      async () => ((await server.send(`{ job(id: "${id}") { status } }`)).job as unknown as { status: string }).status,
    )
    .toBe('CANCELED');
  server.process.kill('SIGTERM');
  await server.ended;
  expect((await run(folder.path, file, database.url, settings)).failure).toContain('not empty');
});
