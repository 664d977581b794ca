/** An expression that a user wrote may never end: it is stopped all the same, others go on, and the file stays whole. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobWhen, order } from '../support/control.ts';
import { launch, temporaryFolder, watchJob } from '../support/process.ts';

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c';
/** Each row takes a tenth of a second, and there are many. */
const SLOW = 'length(hex(zeroblob(20000000 + id))) > 5';
const INDEX = {
  database: 'demo',
  changes: [{ createIndex: { table: 't', name: 'slow', columns: ['id'], where: SLOW } }],
};

const fill = (file: string) => {
  const sql = new Database(file);
  sql.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i FROM n;
    CREATE TABLE u (x);
    CREATE TRIGGER never AFTER INSERT ON u BEGIN SELECT (${ENDLESS}); END`);
  sql.close();
};

const check = (file: string, rows: number) => {
  // The clean-up after a job locks the file for a moment; a process that still evaluated would do so for minutes.
  const sql = new Database(file, { timeout: 5_000 });
  sql.exec('BEGIN IMMEDIATE');
  expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(sql.prepare('SELECT count(*) FROM t').pluck().get()).toBe(20_000);
  expect(sql.prepare('SELECT count(*) FROM u').pluck().get()).toBe(rows);
  expect(sql.prepare("SELECT name FROM sqlite_schema WHERE name = 'slow'").all()).toEqual([]);
  sql.close();
};

test('CANCEL ends an index whose WHERE takes very long, and an import into a table with an endless trigger', async () => {
  await using app = await startApp({ settings: { WORKERS: '4' } });
  await using changes = changesOf(app);
  for (const name of ['demo', 'other']) {
    await app.send({ query: `mutation { createDatabase(input: { name: "${name}" }) { database { name } } }` });
  }
  const file = join(app.dataDir, 'databases', 'demo.db');
  fill(file);
  writeFileSync(join(app.dataDir, 'files', 'u.csv'), 'x\n1\n');
  const into = (database: string, more: object = {}) => ({
    database,
    table: 'u',
    sources: ['nodelocal:///u.csv'],
    ...more,
  });
  for (const [type, input] of [
    ['SCHEMA_CHANGE', INDEX],
    ['IMPORT', into('demo')],
  ] as const) {
    const { id } = await app.create(type, input, 'root');
    await changes.reaches(id, 'RUNNING');
    // Others are not kept waiting: neither another job nor a question.
    const columns = [{ name: 'x', type: 'TEXT' }];
    const table = `u_${type.toLowerCase()}`;
    const { id: other } = await app.create('IMPORT', into('other', { table, columns }), 'root');
    await changes.reaches(other, 'SUCCEEDED');
    expect((await app.send({ query: '{ database(name: "other") { tables { name } } }' })).errors).toBeUndefined();
    await order(app, 'CANCEL', [id]);
    const { finishedAt, events } = await jobWhen(app, id, ({ status }) => status === 'CANCELED');
    expect(finishedAt).not.toBeNull();
    expect(events.nodes.map((event) => ('to' in event ? event.to : ''))).toEqual([
      'PENDING',
      'RUNNING',
      'CANCEL_REQUESTED',
      'REVERTING',
      'CANCELED',
    ]);
    check(file, 0);
  }
});

test('SIGTERM ends the server within DRAIN_SECONDS while such expressions are evaluated, and the files are whole', async () => {
  using folder = temporaryFolder();
  const server = await launch(folder.path, undefined, { DRAIN_SECONDS: '8', WORKERS: '2' });
  await server.send('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const file = join(folder.path, 'databases', 'demo.db');
  fill(file);
  writeFileSync(join(folder.path, 'files', 'u.csv'), 'x\n1\n');
  const { change, load } = (await server.send(
    `mutation ($input: CreateSchemaChangeInput!) {
      change: createSchemaChange(input: $input) { job { id } }
      load: createImport(input: { database: "demo", table: "u", sources: ["nodelocal:///u.csv"] }) { job { id } }
    }`,
    { input: INDEX },
  )) as unknown as Record<'change' | 'load', { job: { id: string } }>;
  for (const { job } of [change, load]) {
    await watchJob<{ status: string }>(server, job.id, 'status', ({ status }) => status === 'RUNNING');
  }
  server.process.kill('SIGTERM');
  const [code, signal] = (await server.ended) as [number | null, string | null];
  expect([code, signal]).toEqual([0, null]);
  check(file, 0);
});
