import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import type { CreateSchemaChangeInput, JobSelector, SchemaChangeInput } from '../../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { jobNow, order } from '../../support/control.ts';
import { holdPartway } from '../../support/partway.ts';
import { openStock } from './api-scene.ts';

const CHANGE = graphql(/* GraphQL */ `
  mutation ChangeStock($input: CreateSchemaChangeInput!) {
    createSchemaChange(input: $input) {
      created
      job {
        id
        type
        typeName
        description
        database
        tables
        rowsBackfilled
        availableCommands
      }
    }
  }
`);
const DONE = graphql(/* GraphQL */ `
  query ChangedStock($id: ID!) {
    job(id: $id) {
      status
      error
      fractionCompleted
      statusMessage
      ... on SchemaChangeJob {
        tables
        rowsBackfilled
      }
    }
  }
`);

const changeStock = async (app: TestApp, changes: readonly SchemaChangeInput[]) =>
  (await app.execute(CHANGE, { input: { database: 'stock', changes: [...changes] } })).createSchemaChange;

test('columns and indexes of a table are changed together, in one job', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 2_000);

  const { job, created } = await changeStock(app, [
    { addColumn: { table: 'goods', column: { name: 'unit', type: 'TEXT', nullable: false, default: "'piece'" } } },
    { alterColumn: { table: 'goods', column: 'name', nullable: false } },
    { renameColumn: { table: 'goods', column: 'price', to: 'cost' } },
    { createIndex: { table: 'goods', name: 'costs', columns: ['cost', 'unit'], where: 'cost > 1' } },
    { dropIndex: { table: 'goods', name: 'names' } },
  ]);
  await changes.reaches(job.id, 'SUCCEEDED');

  expect(created).toBe(true);
  expect(job).toMatchObject({
    type: 'SCHEMA_CHANGE',
    typeName: 'SCHEMA_CHANGE',
    database: 'stock',
    tables: ['goods'],
    rowsBackfilled: 0,
    availableCommands: ['CANCEL'],
    description:
      `ALTER TABLE "stock"."goods" ADD COLUMN "unit" TEXT NOT NULL DEFAULT 'piece', ALTER COLUMN "name" SET NOT NULL, ` +
      `RENAME COLUMN "price" TO "cost"; CREATE INDEX "costs" ON "stock"."goods" ("cost", "unit") WHERE cost > 1; ` +
      `DROP INDEX "names" ON "stock"."goods"`,
  });
  expect(changes.statusesOf(job.id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect((await app.execute(DONE, { id: job.id })).job).toEqual({
    status: 'SUCCEEDED',
    error: null,
    fractionCompleted: 1,
    statusMessage: null,
    tables: ['goods'],
    rowsBackfilled: 2_000,
  });
  expect(stock.all('SELECT * FROM goods WHERE id IN (1, 2000)')).toEqual([
    [1, 'thing 1', 0.25, 'piece'],
    [2000, 'thing 60', 500, 'piece'],
  ]);
  expect(stock.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%signalbox%jobs' ORDER BY 1").flat()).toEqual([
    'costs',
    'goods',
  ]);
  expect(stock.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(() => stock.exec('INSERT INTO goods (name) VALUES (NULL)')).toThrow('NOT NULL');
});

const PAUSE = graphql(/* GraphQL */ `
  mutation PauseSome($jobs: JobSelector!, $onRefusal: RefusalPolicy!, $dryRun: Boolean!) {
    pauseJobs(jobs: $jobs, onRefusal: $onRefusal, dryRun: $dryRun) {
      applied
      selectedCount
      changedCount
      unchangedCount
      refusedCount
      refusals {
        jobId
        code
        message
      }
    }
  }
`);
const pause = async (app: TestApp, jobs: JobSelector, onRefusal: 'SKIP' | 'ABORT' = 'SKIP', dryRun = false) =>
  (await app.execute(PAUSE, { jobs, onRefusal, dryRun })).pauseJobs;
const NOT_NULL: SchemaChangeInput = { alterColumn: { table: 'goods', column: 'price', nullable: false } };

test('a schema change cannot be paused, in whatever status, however it is chosen', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 100_000);
  const running = (await changeStock(app, [NOT_NULL])).job.id;
  const pending = (await changeStock(app, [{ addColumn: { table: 'goods', column: { name: 'unit', type: 'TEXT' } } }]))
    .job.id;
  // Somebody who writes keeps the first from going on; the second waits for the first.
  await holdPartway(stock);
  const refused = (id: string) => ({
    jobId: id,
    code: 'NOT_PAUSABLE',
    message: `schema change job ${id} cannot be paused`,
  });
  const neither = {
    selectedCount: 2,
    changedCount: 0,
    unchangedCount: 0,
    refusedCount: 2,
    refusals: [refused(running), refused(pending)],
  };
  const byType: JobSelector = { where: { type: { equals: 'SCHEMA_CHANGE' } } };

  expect(await pause(app, { ids: [running, pending] })).toEqual({ applied: true, ...neither });
  expect(await pause(app, byType)).toEqual({ applied: true, ...neither });
  expect(await pause(app, { all: true })).toEqual({ applied: true, ...neither });
  expect(await pause(app, byType, 'ABORT')).toEqual({ applied: false, ...neither });
  expect(await pause(app, byType, 'SKIP', true)).toEqual({ applied: false, ...neither });
  expect(await jobNow(app, running)).toMatchObject({ status: 'RUNNING', availableCommands: ['CANCEL'] });
  expect(await jobNow(app, pending)).toMatchObject({ status: 'PENDING', availableCommands: ['CANCEL'] });

  await order(app, 'CANCEL', [running]);
  await changes.reaches(running, 'REVERTING');
  expect((await pause(app, { ids: [running] })).refusals).toEqual([refused(running)]);
  stock.exec('COMMIT');
  await changes.reaches(running, 'CANCELED');
  await changes.reaches(pending, 'SUCCEEDED');
  expect(await pause(app, byType)).toEqual({ applied: true, ...neither });
  expect(changes.statusesOf(running)).toEqual(['PENDING', 'RUNNING', 'CANCEL_REQUESTED', 'REVERTING', 'CANCELED']);
  expect(changes.statusesOf(pending)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test('canceled partway, a schema change leaves the table exactly as it was', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 100_000);
  const snapshot = () => [
    stock.all("SELECT * FROM sqlite_schema WHERE name NOT LIKE '%signalbox%jobs'"),
    stock.all('SELECT count(*), sum(id), sum(price), min(name), max(name) FROM goods'),
  ];
  const before = snapshot();
  const { job } = await changeStock(app, [
    NOT_NULL,
    { createIndex: { table: 'goods', name: 'prices', columns: ['price'] } },
  ]);
  await holdPartway(stock);
  const half = await jobNow(app, job.id);
  expect(half).toMatchObject({ status: 'RUNNING', statusMessage: expect.stringMatching(/copying rows|waiting/) });
  expect(half.fractionCompleted).toBeLessThan(0.75);
  await order(app, 'CANCEL', [job.id]);
  stock.exec('COMMIT');
  await changes.reaches(job.id, 'CANCELED');

  expect(changes.statusesOf(job.id)).toEqual(['PENDING', 'RUNNING', 'CANCEL_REQUESTED', 'REVERTING', 'CANCELED']);
  expect(snapshot()).toEqual(before);
  expect(stock.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('a row that does not fit fails a schema change, naming its table and column, and the table is as it was', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 3_000);
  stock.exec('UPDATE goods SET price = NULL WHERE id = 2345');
  const { job } = await changeStock(app, [NOT_NULL]);
  await changes.reaches(job.id, 'FAILED');
  expect((await app.execute(DONE, { id: job.id })).job).toMatchObject({
    error: 'table "goods", column price: NULL is not allowed',
  });
  expect(changes.statusesOf(job.id)).toEqual(['PENDING', 'RUNNING', 'REVERTING', 'FAILED']);
  expect(stock.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%jobs'")).toEqual(
    [],
  );
  stock.exec('INSERT INTO goods (price) VALUES (NULL)');
});

test('what is wrong with a schema change is said of its field, and no job is made', async () => {
  await using app = await startApp();
  using stock = await openStock(app, 10);
  const refuse = async (input: CreateSchemaChangeInput) => (await app.refuse(CHANGE, { input })).extensions;
  const bad = (field: string) => ({ code: 'BAD_USER_INPUT', field });
  const of = (...given: SchemaChangeInput[]) => ({ database: 'stock', changes: given });
  expect(await refuse({ database: 'nowhere', changes: [NOT_NULL] })).toEqual(bad('input.database'));
  expect(await refuse(of())).toEqual(bad('input.changes'));
  expect(await refuse(of(NOT_NULL, { dropColumn: { table: 'goods', column: 'name' } }))).toEqual(
    bad('input.changes.1.dropColumn.column'),
  );
  expect(await refuse(of({ dropIndex: { table: 'goods', name: 'nowhere' } }))).toEqual(
    bad('input.changes.0.dropIndex.name'),
  );
  // One change has one thing to do.
  const two = { ...NOT_NULL, dropIndex: { table: 'goods', name: 'names' } } as unknown as SchemaChangeInput;
  expect(await refuse(of(two))).toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(await app.execute(JOBS)).toEqual({ jobs: { nodes: [] } });
  expect(stock.all('SELECT count(*) FROM goods')).toEqual([[10]]);
});

const JOBS = graphql(/* GraphQL */ `
  query SchemaChanges {
    jobs(where: { type: { equals: SCHEMA_CHANGE } }) {
      nodes {
        id
      }
    }
  }
`);

test('what changes nothing but the catalogue copies no row; the same key makes the same job', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 10);
  const key = {
    database: 'stock',
    changes: [{ addColumn: { table: 'goods', column: { name: 'unit', type: 'TEXT' } } }],
    idempotencyKey: 'k',
  };
  const first = (await app.execute(CHANGE, { input: key })).createSchemaChange;
  const second = (await app.execute(CHANGE, { input: key })).createSchemaChange;
  expect([second.created, second.job.id]).toEqual([false, first.job.id]);
  await changes.reaches(first.job.id, 'SUCCEEDED');
  expect(stock.all('SELECT * FROM goods WHERE id = 1')).toEqual([[1, 'thing 1', 0.25, null]]);
  expect((await app.execute(DONE, { id: first.job.id })).job).toMatchObject({
    rowsBackfilled: 0,
    fractionCompleted: 1,
  });
});
