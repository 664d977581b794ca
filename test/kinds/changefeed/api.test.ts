import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import type { CreateChangefeedInput, CreateSchemaChangeInput } from '../../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser, jobWhen, order } from '../../support/control.ts';
import { receive } from '../../support/receiver.ts';

const DATABASE = graphql(/* GraphQL */ `
  mutation CreateWatched {
    createDatabase(input: { name: "watched" }) {
      database {
        name
      }
    }
  }
`);
const CREATE = graphql(/* GraphQL */ `
  mutation CreateFeed($input: CreateChangefeedInput!) {
    createChangefeed(input: $input) {
      created
      webhookSecret
      job {
        id
        description
        tables
        sink
        database
      }
    }
  }
`);
const JOB = graphql(/* GraphQL */ `
  query FeedJob($id: ID!) {
    job(id: $id) {
      status
      statusMessage
      error
      fractionCompleted
      counters {
        name
        value
      }
      ... on ChangefeedJob {
        highWater
        messagesEmitted
      }
    }
  }
`);
const FEED = graphql(/* GraphQL */ `
  subscription ReadFeed($id: ID!, $after: ChangefeedCursor) {
    changefeed(jobId: $id, after: $after) {
      __typename
      ... on ChangefeedRow {
        cursor
        table
        key
        after
        before
        deleted
        updated
      }
      ... on ChangefeedResolved {
        cursor
        resolved
      }
    }
  }
`);

const openTable = async (app: TestApp, made = 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)') => {
  await app.execute(DATABASE);
  const sql = new Database(join(app.dataDir, 'databases', 'watched.db'));
  sql.exec(made);
  return {
    exec: (text: string) => void sql.exec(text),
    all: (text: string) => sql.prepare(text).raw().all(),
    kept: () => sql.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%feed%'").pluck().all(),
    [Symbol.dispose]: () => sql.close(),
  };
};
const createFeed = async (app: TestApp, input: Partial<CreateChangefeedInput> = {}, user = 'root') =>
  (await app.execute(CREATE, { input: { database: 'watched', tables: ['t'], ...input } }, user)).createChangefeed;

type Row = { readonly cursor: string; readonly key: unknown; readonly after: unknown; readonly deleted: boolean };
/** Reads as a subscriber does. */
const read = (app: TestApp, id: string, after?: string, user = 'root') => {
  const stream = app.subscribe(FEED, after === undefined ? { id } : { id, after }, user);
  return {
    stream,
    rows: async (count: number) => {
      const rows: Row[] = [];
      while (rows.length < count) rows.push((await stream.next()).changefeed as Row);
      return rows;
    },
    ended: () => stream.next().then(() => 'a message', String),
    [Symbol.asyncDispose]: stream[Symbol.asyncDispose],
  };
};

test('a feed without a sink is read live, goes on after a cursor, and keeps what was not acknowledged', async () => {
  await using app = await startApp();
  using table = await openTable(app);
  table.exec("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
  const { job, created, webhookSecret } = await createFeed(app);
  expect([created, webhookSecret, job.sink, job.tables]).toEqual([true, null, null, ['t']]);
  expect(job.description).toBe('CREATE CHANGEFEED FOR TABLE "watched"."t"');
  await using first = read(app, job.id);
  const [one, two] = await first.rows(2);
  expect(one).toMatchObject({ key: [1], after: { id: 1, name: 'one' }, deleted: false, table: 't', updated: null });
  table.exec("UPDATE t SET name = 'ONE' WHERE id = 1; DELETE FROM t WHERE id = 2");
  const [three, four] = await first.rows(2);
  expect(three).toMatchObject({ key: [1], after: { id: 1, name: 'ONE' } });
  expect(four).toMatchObject({ key: [2], after: null, deleted: true });
  const cursors = [one, two, three, four].map((row) => row?.cursor ?? '');
  expect(cursors).toEqual([...cursors].sort());
  expect(new Set(cursors.map((cursor) => cursor.length))).toEqual(new Set([16]));

  // Nothing was acknowledged: whoever comes without a cursor gets all of it, and ends the one that was there.
  await using second = read(app, job.id);
  expect((await second.rows(4)).map(({ cursor }) => cursor)).toEqual(cursors);
  expect(await first.ended()).toBe('Error: the stream has ended');
  await using third = read(app, job.id, cursors[1]);
  expect((await third.rows(2)).map(({ cursor }) => cursor)).toEqual(cursors.slice(2));
  await jobWhen(app, job.id, ({ counters }) => counters.some(({ name, value }) => name === 'messages' && value === 2));
  await using fourth = read(app, job.id);
  expect((await fourth.rows(2)).map(({ cursor }) => cursor)).toEqual(cursors.slice(2));

  expect(await app.refuse(JOB, { id: 'x' })).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  const after = async (cursor: string) => read(app, job.id, cursor).ended();
  expect(await after('0000000000000001')).toMatch(/were acknowledged up to 0000000000000003 and removed/);
  expect(await after('0000000000009999')).toMatch(/is beyond the end of the changefeed/);
  expect(await after('garbage')).toMatch(/cursor of a message of a changefeed, 16 digits/);
});

test('highWater and messagesEmitted say what was taken, and highWater is no counter', async () => {
  await using app = await startApp();
  using table = await openTable(app);
  table.exec("INSERT INTO t VALUES (1, 'one')");
  const { job } = await createFeed(app);
  await using reader = read(app, job.id);
  const [row] = await reader.rows(1);
  expect((await app.execute(JOB, { id: job.id })).job).toMatchObject({ highWater: null, messagesEmitted: 0 });
  await using again = read(app, job.id, row?.cursor ?? '');
  const isTaken = async () => (await app.execute(JOB, { id: job.id })).job as { highWater: string | null };
  let seen = await isTaken();
  while (seen.highWater === null) seen = await isTaken();
  expect(seen).toMatchObject({
    messagesEmitted: 1,
    fractionCompleted: null,
    counters: [{ name: 'messages', value: 1 }],
  });
  expect(Math.abs(Date.parse(String(seen.highWater)) - Date.now())).toBeLessThan(60_000);
  void again;
});

test('a feed is silent while it is paused, and ends its reader and leaves nothing when it is canceled', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using table = await openTable(app);
  const { job } = await createFeed(app);
  await using reader = read(app, job.id);
  table.exec("INSERT INTO t VALUES (1, 'one')");
  await reader.rows(1);
  await order(app, 'PAUSE', [job.id]);
  await changes.reaches(job.id, 'PAUSED');
  table.exec("INSERT INTO t VALUES (2, 'two')");
  let isTold = false;
  const next = reader.rows(1).finally(() => {
    isTold = true;
  });
  // By the time that a feed which is made now tells the row, the other one would have told it.
  const { job: another } = await createFeed(app);
  await using elsewhere = read(app, another.id);
  expect(await elsewhere.rows(2)).toMatchObject([{ key: [1] }, { key: [2] }]);
  await order(app, 'CANCEL', [another.id]);
  await changes.reaches(another.id, 'CANCELED');
  expect(isTold).toBe(false);
  await order(app, 'RESUME', [job.id]);
  expect((await next)[0]).toMatchObject({ key: [2] });
  expect(table.kept().length).toBeGreaterThan(4);
  await order(app, 'CANCEL', [job.id]);
  await changes.reaches(job.id, 'CANCELED');
  expect(await reader.ended()).toBe('Error: the stream has ended');
  expect(table.kept()).toEqual([]);
  table.exec("INSERT INTO t VALUES (3, 'three')");
});

test('a scan that is all that was asked for ends the reader and the job, and a late reader is told what it missed', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using table = await openTable(app);
  table.exec(
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i, i FROM n',
  );
  const { job } = await createFeed(app, { initialScan: 'ONLY', updated: true });
  await using reader = read(app, job.id);
  const rows = await reader.rows(9000);
  expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: 9000 }, (_, i) => [i + 1]));
  expect(await reader.ended()).toBe('Error: the stream has ended');
  await changes.reaches(job.id, 'SUCCEEDED');
  expect((await app.execute(JOB, { id: job.id })).job).toMatchObject({ fractionCompleted: 1, messagesEmitted: 9000 });
  expect(table.kept()).toEqual([]);
  expect(await read(app, job.id, rows.at(-1)?.cursor).ended()).toBe('Error: the stream has ended');
  expect(await read(app, job.id, rows[10]?.cursor).ended()).toMatch(/and removed/);
});

test('the rows of a feed are for its creator and for admins', async () => {
  await using app = await startApp();
  using table = await openTable(app);
  for (const [name, ...privileges] of [['ann', 'CREATEJOB'], ['eve', 'VIEWJOB', 'CONTROLJOB'], ['bob']] as const) {
    await addUser(app, name, { privileges: [...privileges] });
  }
  const { job } = await createFeed(app, {}, 'ann');
  table.exec("INSERT INTO t VALUES (1, 'one')");
  expect(await read(app, job.id, undefined, 'bob').ended()).toMatch(/does not exist/);
  expect(await read(app, job.id, undefined, 'eve').ended()).toMatch(/may not read the rows of job/);
  await using own = read(app, job.id, undefined, 'ann');
  expect((await own.rows(1))[0]).toMatchObject({ key: [1] });
  await using admin = read(app, job.id);
  expect((await admin.rows(1))[0]).toMatchObject({ key: [1] });
});

test('what has no rows to read is refused by name', async () => {
  await using receiver = await receive();
  await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: receiver.host } });
  using _ = await openTable(app);
  expect(await read(app, '27536791415282').ended()).toMatch(/does not exist/);
  const { job, webhookSecret } = await createFeed(app, { sink: receiver.url });
  expect(webhookSecret).toMatch(/^whsec_/);
  expect(await read(app, job.id).ended()).toMatch(/changefeed \d+ has a sink: its messages go to webhook-http:/);
});

test('a webhook gets what the table does, and the secret is told once', async () => {
  await using receiver = await receive();
  await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: receiver.host } });
  using table = await openTable(app);
  const input = { sink: receiver.url, idempotencyKey: 'once' };
  const { job, webhookSecret } = await createFeed(app, input);
  receiver.trust(webhookSecret ?? undefined);
  expect(await createFeed(app, input)).toMatchObject({ created: false, webhookSecret: null, job: { id: job.id } });
  await jobWhen(app, job.id, ({ statusMessage }) => statusMessage === 'following the changes');
  table.exec("INSERT INTO t VALUES (1, 'one'); UPDATE t SET name = 'ONE'");
  await jobWhen(app, job.id, ({ counters }) => counters.some(({ name, value }) => name === 'messages' && value === 2));
  expect(receiver.messages().map(({ after }) => after)).toEqual([
    { id: 1, name: 'one' },
    { id: 1, name: 'ONE' },
  ]);
  expect(receiver.forged).toEqual([]);
});

const ALTER = graphql(/* GraphQL */ `
  mutation AlterWatched($input: CreateSchemaChangeInput!) {
    createSchemaChange(input: $input) {
      job {
        id
      }
    }
  }
`);

test('a schema change of this server leaves a feed at work, and its messages have the new shape', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using table = await openTable(app, 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, age TEXT, gone)');
  table.exec("INSERT INTO t VALUES (1, 'ann', '30', 0)");
  const { job } = await createFeed(app, { diff: true });
  await using reader = read(app, job.id);
  await reader.rows(1);
  const alter = async (...made: CreateSchemaChangeInput['changes']) => {
    const { createSchemaChange } = await app.execute(ALTER, { input: { database: 'watched', changes: made } });
    await changes.reaches(createSchemaChange.job.id, 'SUCCEEDED');
  };
  await alter(
    { alterColumn: { table: 't', column: 'age', type: 'INTEGER' } },
    { renameColumn: { table: 't', column: 'name', to: 'called' } },
    { dropColumn: { table: 't', column: 'gone' } },
    { addColumn: { table: 't', column: { name: 'city', type: 'TEXT', default: "'Ghent'" } } },
  );
  table.exec('UPDATE t SET age = age + 1');
  const until = async (wanted: (after: object) => boolean) => {
    for (;;) {
      const [row] = await reader.rows(1);
      if (row !== undefined && wanted(Object(row.after))) return row.after;
    }
  };
  expect(await until(() => true)).toMatchObject({ id: 1, age: 31 });
  await jobWhen(app, job.id, ({ statusMessage }) => statusMessage === 'following the changes');
  table.exec("UPDATE t SET called = 'eve'");
  const eve = { id: 1, called: 'eve', age: 31, city: 'Ghent' };
  expect(await until((after) => 'called' in after && after.called === 'eve')).toEqual(eve);
  expect((await app.execute(JOB, { id: job.id })).job).toMatchObject({ status: 'RUNNING', error: null });
});
