import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { execute } from '../kinds/contract.ts';
import { SCHEMA_CHANGE, snapshotOf } from '../kinds/schema-change/scene.ts';
import { goods, startWriter } from '../support/busy-writer.ts';
import { holdPartway } from '../support/partway.ts';
import { environmentOf, sqliteAt } from '../support/places.ts';
import { type Launched, launch, temporaryFolder, watchJob } from '../support/process.ts';

const CREATE = `mutation ($input: CreateSchemaChangeInput!) { createSchemaChange(input: $input) { job { id } } }`;
const JOB = 'query ($id: ID!) { job(id: $id) { status statusMessage error fractionCompleted } }';
const CANCEL = 'mutation ($id: ID!) { cancelJobs(jobs: { ids: [$id] }) { applied } }';
const RESUME = 'mutation ($id: ID!) { resumeJobs(jobs: { ids: [$id] }) { applied } }';
const PAUSE = 'mutation ($id: ID!) { pauseJobs(jobs: { ids: [$id] }) { applied } }';
const CRASHING = ['dist-test/crash-server.js'];
const CHANGES = [
  { alterColumn: { table: 'goods', column: 'price', nullable: false } },
  { addColumn: { table: 'goods', column: { name: 'unit', type: 'TEXT', nullable: false, default: "'piece'" } } },
  { dropIndex: { table: 'goods', name: 'prices' } },
];

interface Seen {
  readonly status: string;
  readonly statusMessage: string | null;
  readonly fractionCompleted: number;
}

/** A data folder with a database of so many goods, and a job in it that changes their table. */
const begin = async (server: Launched, dataDir: string, rows: number, database = 'demo', holdBeforeCommit = false) => {
  await server.send('mutation ($name: String!) { createDatabase(input: { name: $name }) { database { name } } }', {
    name: database,
  });
  const file = join(dataDir, 'databases', `${database}.db`);
  const sql = new Sqlite(file);
  sql.exec(goods(rows));
  const before = snapshotOf(sql);
  sql.close();
  const create = async () => {
    const input = { database, changes: CHANGES, holdBeforeCommit };
    const { createSchemaChange: made } = await server.send(CREATE, { input });
    return (made as unknown as { job: { id: string } }).job.id;
  };
  return { file, before, create };
};

const watch = (server: Launched, id: string, isWanted: (job: Seen) => boolean) =>
  watchJob(server, id, 'status statusMessage error fractionCompleted', isWanted);
const ended = (job: Seen) => ['SUCCEEDED', 'FAILED', 'CANCELED'].includes(job.status);

const read = (file: string) => {
  const sql = new Sqlite(file);
  const snapshot = snapshotOf(sql);
  const hidden = sql
    .prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%signalbox%jobs'")
    .all();
  sql.close();
  return { snapshot, hidden };
};

/** What the file comes to when it is changed while nobody else is there. */
const changedAtRest = async (file: string) => {
  const environment = environmentOf({ filesDir: join(file, '..'), database: sqliteAt(file) });
  const { details } = await SCHEMA_CHANGE.create({ database: 'demo', changes: CHANGES }, environment);
  const scene = {
    details,
    environment,
    snapshot: () => null,
    hidden: () => null,
    [Symbol.asyncDispose]: async () => {},
  };
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  return read(file).snapshot;
};

test('a schema change that is killed at random moments while another process writes comes to the same as at rest', {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  let server = await launch(folder.path);
  const { file, create } = await begin(server, folder.path, 8_000);
  const writer = await startWriter(file, 'goods', { keys: 8_000 });
  const id = await create();
  for (let kills = 0; kills < 2; kills += 1) {
    const fraction = (kills + Math.random()) / 2.5;
    await watch(server, id, (job) => job.fractionCompleted >= fraction || ended(job));
    await server.kill();
    server = await launch(folder.path);
  }
  expect(await watch(server, id, ended)).toMatchObject({ status: 'SUCCEEDED', error: null, fractionCompleted: 1 });
  await server.kill();
  await writer.stop();
  expect(read(file)).toEqual({ snapshot: await changedAtRest(writer.twin), hidden: [] });
});

test.each(['before save', 'after markCommitting', 'before settle'])(
  'a server that dies %s leaves a schema change that ends as if it had not',
  async (point) => {
    using folder = temporaryFolder();
    const dying = await launch(folder.path, CRASHING, { CRASH_AT: point });
    const { file, before, create } = await begin(dying, folder.path, 3_000);
    const id = await create();
    await dying.ended;
    // It has its new shape once that was committed, and not before.
    const isSwapped = point === 'before settle';
    expect(JSON.stringify(read(file).snapshot) === JSON.stringify(before)).toBe(!isSwapped);

    const server = await launch(folder.path);
    expect(await watch(server, id, ended)).toMatchObject({ status: 'SUCCEEDED', error: null, fractionCompleted: 1 });
    await server.kill();
    const { snapshot, hidden } = read(file);
    expect(hidden).toEqual([]);
    expect(snapshot.sound).toBe('ok');
    expect(String(snapshot.objects)).toContain('"unit" TEXT NOT NULL');
    expect(snapshot.rows[0]?.[1]).toHaveLength(3_000);
  },
);

test('a server that dies while it undoes a schema change leaves the table as it was', async () => {
  using folder = temporaryFolder();
  const dying = await launch(folder.path, CRASHING, { CRASH_AT: 'before settle', CRASH_COUNT: '2' });
  const { file, before, create } = await begin(dying, folder.path, 15_000);
  const id = await create();
  const sql = new Sqlite(file);
  await holdPartway(sql);
  await dying.send(CANCEL, { id });
  sql.exec('COMMIT');
  sql.close();
  await dying.ended;

  const server = await launch(folder.path);
  expect(await watch(server, id, ended)).toMatchObject({ status: 'CANCELED', error: null });
  await server.kill();
  expect(read(file)).toEqual({ snapshot: before, hidden: [] });
});

const write = (file: string, statements: string) => {
  const sql = new Sqlite(file);
  sql.exec(statements);
  sql.close();
};

const DURING = "DELETE FROM goods WHERE id = 7; UPDATE goods SET name = 'before' WHERE id = 8";
const LATER = "DELETE FROM goods WHERE id = 9; UPDATE goods SET name = 'after' WHERE id = 10";

test.each(['holds before its swap', 'is paused'])(
  'a schema change that %s still waits after kill -9; then RESUME makes it, and CANCEL leaves the table to its writers',
  async (wait) => {
    const isHeld = wait !== 'is paused';
    using folder = temporaryFolder();
    const settings = { SCHEMA_CHANGES_PAUSABLE: String(!isHeld) };
    let server = await launch(folder.path, undefined, settings);
    const waiting = async (database: string) => {
      const { file, create } = await begin(server, folder.path, 8_000, database, isHeld);
      const id = await create();
      if (!isHeld) {
        const sql = new Sqlite(file);
        await holdPartway(sql);
        await server.send(PAUSE, { id });
        sql.exec('COMMIT');
        sql.close();
      }
      await watch(server, id, ({ status }) => status === 'PAUSED');
      write(file, DURING);
      return { file, id };
    };
    const [one, other] = [await waiting('one'), await waiting('other')];
    await server.kill();
    for (const { file } of [one, other]) write(file, LATER);

    server = await launch(folder.path, undefined, settings);
    for (const { id } of [one, other]) expect((await server.send(JOB, { id })).job).toMatchObject({ status: 'PAUSED' });
    const twin = join(folder.path, 'twin.db');
    write(twin, `${goods(8_000)}; ${DURING}; ${LATER}`);
    const untouched = read(twin);
    expect(read(one.file).snapshot).toEqual(untouched.snapshot);
    await server.send(RESUME, { id: one.id });
    await server.send(CANCEL, { id: other.id });
    expect(await watch(server, one.id, ended)).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(await watch(server, other.id, ended)).toMatchObject({ status: 'CANCELED', error: null });
    await server.kill();
    expect(read(other.file)).toEqual(untouched);
    expect(read(one.file)).toEqual({ snapshot: await changedAtRest(twin), hidden: [] });
  },
);
