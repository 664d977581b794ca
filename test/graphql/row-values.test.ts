/** The values of rows are for the creator of a job and for admins. Others see where a row is bad, and why. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowError } from '../../src/jobs/kind.ts';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

const HEARD = graphql(/* GraphQL */ `
  subscription HeardOfRows($after: Cursor) {
    jobStatusChanged(after: $after) {
      jobId
      to
      reason
      error
      job {
        error
        rowError
        statusMessage
        pauseReason
        warnings
        executionErrors {
          message
        }
        ... on ImportJob {
          rejects {
            nodes {
              line
              column
              reason
            }
          }
        }
      }
    }
  }
`);
const LOG = graphql(/* GraphQL */ `
  query LogOfRows {
    jobEvents(first: 100) {
      nodes {
        ... on JobStatusChange {
          reason
          error
        }
      }
    }
  }
`);
const FOUND = graphql(/* GraphQL */ `
  query FoundByError($text: String!) {
    jobs(where: { error: { contains: $text } }) {
      nodes {
        id
      }
    }
  }
`);
const FAILED = graphql(/* GraphQL */ `
  query FailedOverRow($id: ID!) {
    job(id: $id) {
      status
      error
      rowError
    }
  }
`);

const OTHERS = ['watcher', 'controller', 'colleague'];
const READERS = ['bob', 'root'];
let app: TestApp;
let changes: ReturnType<typeof changesOf>;
const ids: Record<string, string> = {};

const SCHEMA = `CREATE TABLE goods (sku TEXT PRIMARY KEY, price) WITHOUT ROWID;
  INSERT INTO goods VALUES ('hidden key', 'hidden price');
  CREATE TABLE bad (a INTEGER, b STRING);
  CREATE TABLE checked (a TEXT);
  CREATE TRIGGER own BEFORE INSERT ON checked WHEN NEW.a LIKE 'hidden%' BEGIN SELECT RAISE(ABORT, 'no such ' || NEW.a); END;
  CREATE TRIGGER fixed BEFORE INSERT ON checked WHEN NEW.a = 'short' BEGIN SELECT RAISE(ABORT, 'it''s too short'); END;
  CREATE TABLE rolled (a TEXT);
  CREATE TRIGGER rolls BEFORE INSERT ON rolled BEGIN SELECT RAISE(ROLLBACK, NEW.a); END;
  CREATE TABLE paths (a TEXT, b TEXT AS (json_extract('{}', a)) STORED);`;

beforeAll(async () => {
  app = await startApp();
  changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "shop" }) { database { name } } }' });
  await addUser(app, 'bob', { privileges: ['CREATEJOB', 'VIEWJOB'], databases: { all: true }, files: { all: true } });
  await addUser(app, 'watcher', { privileges: ['VIEWJOB'] });
  await addUser(app, 'controller', { privileges: ['CONTROLJOB'] });
  await addUser(app, 'colleague', {
    privileges: ['VIEWJOB', 'CREATEJOB'],
    databases: { all: true },
    files: { all: true },
  });
  const database = new Database(join(app.dataDir, 'databases', 'shop.db'));
  database.exec(SCHEMA);
  database.close();
  const files: Record<string, string> = {
    'bad.csv': 'a,b\n1,x\nhidden number,x\n',
    'kept.csv': 'a,b\n1,x\n2,007\nhidden number,x\n',
    'checked.csv': 'a\nhidden name\nshort\nfine\n',
    'paths.csv': 'a\nhidden path\n',
    'rolled.csv': 'a\nhidden rollback\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app.dataDir, 'files', name), text);
  const load = (table: string, file: string, more: object = {}) =>
    app.create('IMPORT', { database: 'shop', table, sources: [`nodelocal:///${file}`], ...more }, 'bob');
  const alter = { alterColumn: { table: 'goods', column: 'price', type: 'INTEGER' } };
  const jobs = {
    bad: [load('bad', 'bad.csv'), 'FAILED'],
    kept: [load('bad', 'kept.csv', { rejectLimit: 5 }), 'SUCCEEDED'],
    checked: [load('checked', 'checked.csv', { rejectLimit: 5 }), 'SUCCEEDED'],
    paths: [load('paths', 'paths.csv'), 'FAILED'],
    rolled: [load('rolled', 'rolled.csv'), 'FAILED'],
    goods: [app.create('SCHEMA_CHANGE', { database: 'shop', changes: [alter] }, 'bob'), 'FAILED'],
  } as const;
  for (const [name, [creation, end]] of Object.entries(jobs)) {
    ids[name] = (await creation).id;
    await changes.reaches(ids[name], end);
  }
}, 120_000);
afterAll(async () => {
  await changes?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
});

const heardBy = async (user: string) => {
  await using stream = app.subscribe(HEARD, { after: '0000000000000000' }, user);
  return await stream.until(({ jobStatusChanged: { jobId, to } }) => jobId === ids.goods && to === 'FAILED');
};

test.each(OTHERS)('%s gets no value of a row, in any text of a job, its events and its rejected rows', async (user) => {
  const heard = JSON.stringify([await heardBy(user), await app.execute(LOG, {}, user)]);
  expect(heard).not.toMatch(/hidden|007/);
  for (const text of [
    'nodelocal:///bad.csv line 3, column a: not an integer"',
    'table \\"goods\\", column price: cannot be converted to INTEGER without loss"',
    'a column of type STRING would store it as a number',
    '"rejected by a trigger"',
    `"rejected by a trigger: it's too short"`,
    'a JSON path in an expression is invalid',
    '"a row made the table roll back all others with it"',
  ]) {
    expect(heard).toContain(text);
  }
  expect((await app.execute(FOUND, { text: 'hidden' }, user)).jobs?.nodes).toEqual([]);
  const { job } = await app.execute(FAILED, { id: ids.bad ?? '' }, user);
  expect(job).toMatchObject({ status: 'FAILED', rowError: null });
});

test.each(READERS)('%s also gets the error with the values of its row', async (user) => {
  const rowErrors = [];
  for (const id of [ids.bad, ids.goods]) {
    const { job } = await app.execute(FAILED, { id: id ?? '' }, user);
    rowErrors.push(job?.rowError);
  }
  expect(rowErrors).toEqual([
    'nodelocal:///bad.csv line 3, column a: not an integer: "hidden number"',
    'table "goods", row with sku "hidden key", column price: cannot be converted to INTEGER without loss: "hidden price"',
  ]);
  expect(JSON.stringify(await heardBy(user))).toContain('hidden price');
});

test('an error about a row of an own kind of job is shown the same way', async () => {
  const { kind, script } = scriptedKind();
  await using own = await startApp({ kinds: [kind] });
  await using ended = changesOf(own);
  for (const name of ['bob', 'watcher']) await addUser(own, name, { privileges: ['CREATEJOB', 'VIEWJOB'] });
  const { id } = await own.create('SCRIPTED', { name: 'job' }, 'bob');
  await ended.reaches(id, 'RUNNING');
  script('job').act(rowError('line 1: hidden', 'line 1'), 'finish');
  await ended.reaches(id, 'FAILED');
  const shown = { status: 'FAILED', error: 'line 1' };
  expect((await own.execute(FAILED, { id }, 'bob')).job).toEqual({ ...shown, rowError: 'line 1: hidden' });
  expect((await own.execute(FAILED, { id }, 'watcher')).job).toEqual({ ...shown, rowError: null });
});

test('a stream that the creator and others share brings values to the creator alone', async () => {
  const { data } = await app.send({ query: '{ jobEvents(last: 1) { nodes { cursor } } }' });
  const after = (data as { jobEvents: { nodes: { cursor: string }[] } }).jobEvents.nodes[0]?.cursor ?? '';
  await using bob = app.subscribe(HEARD, { after }, 'bob');
  await using watcher = app.subscribe(HEARD, { after }, 'watcher');
  const create = async () => {
    const input = { database: 'shop', table: 'bad', sources: ['nodelocal:///bad.csv'] };
    const { id } = await app.create('IMPORT', input, 'bob');
    const ends = ({ jobStatusChanged: { jobId, to } }: { jobStatusChanged: { jobId: string; to: string } }) =>
      jobId === id && to === 'FAILED';
    return Promise.all([bob.until(ends), watcher.until(ends)]);
  };
  // After the first of them both readers have caught up, and are served together.
  await create();
  const [byBob, byWatcher] = await create();
  expect(JSON.stringify(byBob)).toContain('hidden number');
  expect(JSON.stringify(byWatcher)).not.toContain('hidden');
});
