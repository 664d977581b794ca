import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import type { SchemaChangeInput } from '../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';

const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateStock {
    createDatabase(input: { name: "stock" }) {
      database {
        name
      }
    }
  }
`);
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

/** A database with a table of goods, so many. */
const openStock = async (app: TestApp, goods: number) => {
  await app.execute(CREATE_DATABASE);
  const sql = new Database(join(app.dataDir, 'databases', 'stock.db'));
  sql.exec(`CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL);
    CREATE INDEX names ON goods (name);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${goods})
      INSERT INTO goods SELECT i, 'thing ' || (i % 97), i / 4.0 FROM n`);
  return Object.assign(sql, {
    all: (select: string) => sql.prepare(select).raw().all(),
    [Symbol.dispose]: () => sql.close(),
  });
};
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
  expect(stock.all("SELECT name FROM sqlite_schema WHERE name <> '_signalbox_jobs' ORDER BY 1").flat()).toEqual([
    'costs',
    'goods',
  ]);
  expect(stock.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(() => stock.exec('INSERT INTO goods (name) VALUES (NULL)')).toThrow('NOT NULL');
});

void [jobNow, jobWhen, order];
