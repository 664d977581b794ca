/** A schema change that waits before its swap, and one that may be paused. */
import { expect, test } from 'vitest';
import { PauseAsked } from '../../../src/jobs/kind.ts';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { graphql } from '../../generated/gql.ts';
import type { JobCommand, JobSelector } from '../../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { order } from '../../support/control.ts';
import { holdPartway } from '../../support/partway.ts';
import { cleanUp, execute } from '../contract.ts';
import { openStock } from './api-scene.ts';
import { openPlace, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const ROWS = `CREATE TABLE t (id INTEGER PRIMARY KEY, a);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO t SELECT i, i FROM n;`;
const NOT_NULL = { alterColumn: { table: 't', column: 'a', nullable: false } };
const RENAME = { renameColumn: { table: 't', column: 'a', to: 'b' } };

test.each([
  ['copies', NOT_NULL],
  ['changes only the catalogue', RENAME],
])('a job that %s and holds does so at each attempt until its pause was saved, and then goes on', async (_, change) => {
  await using place = openPlace(ROWS);
  const input = { database: 'demo', changes: [change], holdBeforeCommit: true };
  const { details } = await schemaChangeKind.create(input, place.environment);
  const scene = { ...place, details };
  const before = snapshotOf(place.sql);
  // A crash between the end of the copy and the pause leaves a checkpoint without the mark.
  let checkpoint: unknown = null;
  for (const epoch of [1, 2]) {
    const error: unknown = await execute({ kind: SCHEMA_CHANGE, scene, epoch, checkpoint }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(PauseAsked);
    expect(error).toMatchObject({ message: 'waiting to be resumed before the swap', checkpoint: { held: true } });
    expect(snapshotOf(place.sql).rows).toEqual(before.rows);
    if (epoch === 2) checkpoint = (error as PauseAsked).checkpoint;
  }
  place.exec('INSERT INTO t (id, a) VALUES (1000, 1)');
  const stopped = await execute({ kind: SCHEMA_CHANGE, scene, epoch: 3, checkpoint, stopAt: 1 });
  expect(stopped.checkpoints.at(-1)).toMatchObject({ held: true });
  const { ended } = await execute({ kind: SCHEMA_CHANGE, scene, epoch: 4, checkpoint: stopped.checkpoints.at(-1) });
  expect(ended).toBe(true);
  expect(place.all('SELECT count(*) FROM t')).toEqual([[901n]]);
  await cleanUp(SCHEMA_CHANGE, scene, 'removed');
  expect(place.hidden()).toEqual([]);
});

const HOLD = graphql(/* GraphQL */ `
  mutation HoldChange($hold: Boolean!) {
    createSchemaChange(
      input: {
        database: "stock"
        changes: [{ alterColumn: { table: "goods", column: "price", nullable: false } }]
        holdBeforeCommit: $hold
      }
    ) {
      job {
        id
      }
    }
  }
`);
const STANDING = graphql(/* GraphQL */ `
  query HeldChange($id: ID!) {
    job(id: $id) {
      status
      statusMessage
      pauseReason
      availableCommands
    }
  }
`);
const COMMAND = graphql(/* GraphQL */ `
  mutation CommandHeld($jobs: JobSelector!, $dryRun: Boolean!) {
    pauseJobs(jobs: $jobs, dryRun: $dryRun) {
      changedCount
      unchangedCount
      refusedCount
    }
  }
`);

const standing = async (app: TestApp, id: string) => (await app.execute(STANDING, { id })).job;
const commands = (...all: JobCommand[]) => all;

test('a hold offers RESUME and CANCEL; a pause changes nothing; RESUME swaps', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 500);
  const { id } = (await app.execute(HOLD, { hold: true })).createSchemaChange.job;
  await changes.reaches(id, 'PAUSED');
  expect(await standing(app, id)).toEqual({
    status: 'PAUSED',
    statusMessage: 'waiting to be resumed before the swap',
    pauseReason: 'waiting to be resumed before the swap',
    availableCommands: commands('RESUME', 'CANCEL'),
  });
  const jobs: JobSelector = { ids: [id] };
  for (const dryRun of [true, false]) {
    expect((await app.execute(COMMAND, { jobs, dryRun })).pauseJobs).toEqual({
      changedCount: 0,
      unchangedCount: 1,
      refusedCount: 0,
    });
  }
  stock.exec('INSERT INTO goods (id, name, price) VALUES (9000, 1, 1)');
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'SUCCEEDED');
  expect(stock.all('SELECT count(*) FROM goods')).toEqual([[501]]);
  expect(() => stock.exec('UPDATE goods SET price = NULL')).toThrow('NOT NULL');
});

test('a hold that is canceled leaves the table as it was, with what others have written', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using stock = await openStock(app, 500);
  const { id } = (await app.execute(HOLD, { hold: true })).createSchemaChange.job;
  await changes.reaches(id, 'PAUSED');
  stock.exec('INSERT INTO goods (id, name, price) VALUES (9000, 1, NULL)');
  await order(app, 'CANCEL', [id]);
  await changes.reaches(id, 'CANCELED');
  expect(stock.all('SELECT count(*) FROM goods')).toEqual([[501]]);
  expect(stock.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%jobs'")).toEqual(
    [],
  );
});

test('where the operator allows it, a pause stops the copy, its triggers stay, and RESUME goes on', async () => {
  await using app = await startApp({ settings: { SCHEMA_CHANGES_PAUSABLE: 'true' } });
  await using changes = changesOf(app);
  using stock = await openStock(app, 100_000);
  const { id } = (await app.execute(HOLD, { hold: false })).createSchemaChange.job;
  await holdPartway(stock);
  expect((await standing(app, id))?.availableCommands).toEqual(commands('PAUSE', 'CANCEL'));
  expect(await order(app, 'PAUSE', [id])).toMatchObject({ changedCount: 1, refusedCount: 0 });
  stock.exec('COMMIT');
  await changes.reaches(id, 'PAUSED');
  expect((await standing(app, id))?.availableCommands).toEqual(commands('RESUME', 'CANCEL'));
  expect(stock.all("SELECT count(*) > 2 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'goods'")).toEqual([
    [1],
  ]);
  const recorded = async () => {
    const { data } = await app.send({ query: `{ job(id: "${id}") { ... on SchemaChangeJob { changesRecorded } } }` });
    return (data as { job: { changesRecorded: number | null } }).job.changesRecorded;
  };
  const before = Number(await recorded());
  stock.exec('DELETE FROM goods WHERE id = 1; UPDATE goods SET name = 0 WHERE id = 100000');
  expect(await recorded()).toBe(before + 2);
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'SUCCEEDED');
  expect(stock.all('SELECT count(*), min(id) FROM goods')).toEqual([[99_999, 2]]);
  expect(stock.all('SELECT name FROM goods WHERE id = 100000')).toEqual([['0']]);
  expect(await recorded()).toBeNull();
});
