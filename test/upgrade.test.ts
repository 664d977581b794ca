/** A data folder of version 0.1.0, with jobs of each kind in each status, goes on under the version of today. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from './support/app.ts';
import { jobWhen, order } from './support/control.ts';
import { type OldJob, type OldMessage, readOldData, unpackOldData } from './support/old-data.ts';
import { send, serve } from './support/web.ts';

const old = readOldData();
const named = (name: string): OldJob => {
  const job = old.jobs.find((one) => one.name === name);
  if (job === undefined) throw new Error(`there is no job ${name}`);
  return job;
};
const jobsThat = (is: (job: OldJob) => boolean) => old.jobs.filter(is);
const idsOf = (jobs: readonly OldJob[]) => jobs.map(({ id }) => id);
const ENDS = ['SUCCEEDED', 'FAILED', 'CANCELED'];

// ---- Rows by number, as the fixture has them.
const range = ([from, to]: readonly [number, number]) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const item = (id: number) => ({ id, name: `item ${id % 7}`, qty: id % 100 });
const itemsOf = (ranges: readonly (readonly [number, number])[]) => ranges.flatMap(range).map(item);
const csv = `id,name,qty\n${range([1, 1_500])
  .map(item)
  .map(({ id, name, qty }) => `${id},${name},${qty}\n`)
  .join('')}`;

// ---- Others, on the web: a source, and a receiver of messages.
const authorizations = new Set<string | undefined>();
const received: { readonly jobId: string; readonly message: OldMessage }[] = [];
const forged: string[] = [];
const startWeb = () =>
  serve((request, response) => {
    if (request.method === 'GET') {
      authorizations.add(request.headers.authorization);
      return send(csv, { etag: '"fixture"' })(request, response);
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const jobId = String(request.headers['webhook-id']).split('-')[0] ?? '';
      const secret = old.jobs.find(({ id }) => id === jobId)?.expected.webhookSecret ?? '';
      try {
        new Webhook(secret).verify(body, request.headers as Record<string, string>);
      } catch (error) {
        forged.push(`${jobId}: ${error}`);
      }
      const { payload } = JSON.parse(body) as { readonly payload: readonly OldMessage[] };
      received.push(...payload.map((message) => ({ jobId, message })));
      response.writeHead(200).end();
    });
  });
const receivedOf = (name: string) =>
  received.filter(({ jobId }) => jobId === named(name).id).map(({ message }) => messageOf(message));
const messageOf = ({ key, after }: OldMessage) => ({ key, after });

let web: Awaited<ReturnType<typeof startWeb>>;
let folder: ReturnType<typeof unpackOldData>;
let app: TestApp;
let changes: ReturnType<typeof changesOf>;
let blockedAtStart: readonly string[];

beforeAll(async () => {
  web = await startWeb();
  folder = unpackOldData(old, web.host);
  app = await startApp({
    dataDir: folder.path,
    settings: {
      WORKERS: '4',
      SIGNALBOX_SECRET: old.secret,
      ALLOW_PRIVATE_HOSTS: web.host,
      RETENTION_DAYS: '36500',
      AUDIT_DAYS: '36500',
    },
  });
  changes = changesOf(app, 'root', old.head);
  for (const { id } of jobsThat(({ status }) => status === 'PAUSE_REQUESTED')) await changes.reaches(id, 'PAUSED');
  blockedAtStart = await blockersOf(named('SCHEMA_CHANGE PENDING').id);
  // One that waits for its next attempt is not to wait for a clock that may be another one here.
  const waiting = jobsThat(({ status, expected }) => status === 'PENDING' && expected.command === 'itself');
  await order(app, 'RESUME', idsOf([...waiting, ...jobsThat(({ expected }) => expected.command === 'RESUME')]));
  await order(app, 'CANCEL', idsOf(jobsThat(({ expected }) => expected.command === 'CANCEL')));
  const ending = jobsThat(({ expected }) => ENDS.includes(expected.end ?? ''));
  for (const { id } of ending) await jobWhen(app, id, ({ status }) => ENDS.includes(status));
}, 180_000);

afterAll(async () => {
  await changes?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
  await web?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

/** The data of an operation. */
const ask = async <T>(query: string, variables: object = {}, user = 'root'): Promise<T> => {
  const { data, errors } = await app.send({ query, variables }, user);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data as T;
};

const blockersOf = async (id: string) => {
  const { job } = await ask<{ job: { blockedBy: { id: string }[] } }>(`{ job(id: "${id}") { blockedBy { id } } }`);
  return job.blockedBy.map((one) => one.id);
};

const JOB = `query ($id: ID!) { job(id: $id) {
  id type status userName description error createdAt startedAt finishedAt pauseReason fractionCompleted
  counters { name value }
  events(first: 1000) { nodes { cursor at actor { kind name }
    ... on JobStatusChange { from to command commandId reason error } } }
  ... on ImportJob { rejects(first: 1000) { nodes { line reason } } }
} }`;
interface Seen extends Omit<OldJob, 'name' | 'kind' | 'expected' | 'events' | 'isCommitting' | 'isSaved'> {
  readonly type: string;
  readonly events: { readonly nodes: OldJob['events'] };
  readonly rejects?: { readonly nodes: readonly unknown[] };
}
const jobOf = async ({ id }: OldJob) => (await ask<{ job: Seen }>(JOB, { id })).job;

const fileOf = (database: string) =>
  database === 'ledger' ? join(folder.data, 'own', 'ledger.db') : join(folder.data, 'databases', `${database}.db`);
const inDatabase = <T>(database: string, read: (sql: Sqlite.Database) => T): T => {
  const sql = new Sqlite(fileOf(database), { fileMustExist: true });
  try {
    return read(sql);
  } finally {
    sql.close();
  }
};
const has = (sql: Sqlite.Database, name: string) =>
  sql.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
const rowsOf = (database: string, table: string) =>
  inDatabase(database, (sql) =>
    has(sql, table) ? sql.prepare(`SELECT id, name, qty FROM ${table} ORDER BY id`).all() : null,
  );

const checkTables = ({ expected: { tables = [], columns, index } }: OldJob) => {
  for (const { database, table, ranges } of tables) {
    const rows = rowsOf(database, table);
    expect(rows?.length).toBe(ranges === null ? undefined : itemsOf(ranges).length);
    expect(rows).toEqual(ranges === null ? null : itemsOf(ranges));
    if (columns === undefined) continue;
    inDatabase(database, (sql) => {
      const found = sql.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table);
      expect(found).toEqual(columns);
      if (columns.includes('unit')) {
        expect(sql.prepare(`SELECT DISTINCT unit FROM ${table}`).pluck().all()).toEqual(['piece']);
      }
      if (index !== undefined) expect(has(sql, index)).toBe(true);
    });
  }
};

test('the users that there were may use every database and all files', async () => {
  const users = await app.store.users();
  expect(users.map(({ databases, files }) => [databases, files])).toEqual(users.map(() => ['all', 'all']));
  expect(users.map(({ name }) => name)).toContain('root');
});

test('users, databases and the log are what they were', async () => {
  const { users, databases } = await ask<{
    users: { name: string }[];
    databases: { name: string; error: string | null }[];
  }>('{ users { name isAdmin privileges } databases { name error } }');
  expect([...users].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(old.users);
  const names = databases.map(({ name }) => name);
  expect(old.databases.filter((name) => !names.includes(name))).toEqual([]);
  expect(databases.filter(({ error }) => error !== null)).toEqual([]);
});

test.each(jobsThat(({ status }) => ENDS.includes(status)))('$name is as it was', async (job) => {
  const { name: _, kind, expected, events, isCommitting: __, isSaved: ___, ...kept } = job;
  const { type, events: seen, rejects, ...now } = await jobOf(job);
  expect(now).toEqual(kept);
  expect(type).toBe(kind);
  expect(seen.nodes).toEqual(events);
  if (expected.rejected !== undefined) expect(rejects?.nodes).toHaveLength(expected.rejected);
  checkTables(job);
});

test.each(jobsThat(({ status }) => !ENDS.includes(status)))('$name goes on', async (job) => {
  const { kind, expected, events } = job;
  const { type, events: seen, status, userName, description, createdAt, error } = await jobOf(job);
  expect(status).toBe(expected.end);
  expect({ type, userName, description, createdAt }).toEqual({
    type: kind,
    userName: job.userName,
    description: job.description,
    createdAt: job.createdAt,
  });
  // The history goes on where it was.
  expect(seen.nodes.slice(0, events.length)).toEqual(events);
  expect(seen.nodes.at(-1)?.to).toBe(expected.end);
  if (status === 'FAILED') expect(error).not.toBeNull();
  else expect(error).toBeNull();
  checkTables(job);
  if (expected.absent !== undefined) expect(existsSync(join(folder.data, expected.absent))).toBe(false);
});

test.each(jobsThat(({ kind, expected }) => kind === 'IMPORT' && expected.end === 'SUCCEEDED'))(
  '$name counts each row of its sources once',
  async (job) => {
    const { counters } = await jobOf(job);
    const before = job.expected.tables?.[0]?.ranges?.filter(([from]) => from === 1) ?? [];
    const ranges = job.expected.tables?.[0]?.ranges ?? [[5_001, 5_100]];
    const own = ranges.length > 1 ? ranges.filter((one) => !before.includes(one)) : ranges;
    expect(counters.find(({ name }) => name === 'rows')?.value).toBe(itemsOf(own).length);
  },
);

test('a source with a password is read with it', () => {
  expect([...authorizations]).toEqual([`Basic ${Buffer.from('ada:s3cret-word').toString('base64')}`]);
});

test('a schema change that waited for a paused import names it, and an import a schema change', async () => {
  expect(blockedAtStart).toEqual([named('IMPORT PAUSED existing').id]);
  const [index, import_] = await Promise.all([jobOf(named('SCHEMA_CHANGE RUNNING')), jobOf(named('IMPORT PENDING'))]);
  expect(String(import_.startedAt) >= String(index.finishedAt)).toBe(true);
});

test('the same creation with an old key gives the old job, and another is refused', async () => {
  const { id, expected } = named('IMPORT SUCCEEDED existing');
  const query = 'mutation ($input: CreateImportInput!) { createImport(input: $input) { created job { id } } }';
  expect(await ask(query, { input: expected.input }, 'ada')).toEqual({ createImport: { created: false, job: { id } } });
  const { errors } = await app.send({ query, variables: { input: { ...expected.input, rejectLimit: 1 } } }, 'ada');
  expect(errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_CONFLICT');
});

let restored = 0;
/** What a backup has, by restoring it. */
const restore = async (source: string) => {
  restored += 1;
  const input = { source, database: `restored-${restored}`, tables: ['items'] };
  const { createRestore } = await ask<{ createRestore: { job: { id: string } } }>(
    'mutation ($input: CreateRestoreInput!) { createRestore(input: $input) { job { id } } }',
    { input },
  );
  const { status, error } = await jobWhen(app, createRestore.job.id, (job) => ENDS.includes(job.status));
  expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: null });
  return rowsOf(input.database, 'items');
};

const hasBackup = ({ status, expected }: OldJob) =>
  expected.backup !== undefined && (status === 'SUCCEEDED' || expected.end === 'SUCCEEDED');
test.each(jobsThat(hasBackup))('the backup of $name is read and restored', async ({ expected: { backup } }) => {
  const { url = '', ranges = [] } = backup ?? {};
  const answer = await ask<{ backup: { complete: boolean } }>(
    'query ($url: String!) { backup(url: $url) { complete } }',
    { url },
  );
  expect(answer.backup.complete).toBe(true);
  expect(await restore(url)).toEqual(itemsOf(ranges));
});

test('a backup is incremental on an old one', async () => {
  const input = {
    database: 'shop',
    destination: 'nodelocal:///backups/third',
    incrementalFrom: 'nodelocal:///backups/second',
  };
  const { createBackup } = await ask<{ createBackup: { job: { id: string } } }>(
    'mutation ($input: CreateBackupInput!) { createBackup(input: $input) { job { id } } }',
    { input },
  );
  const { status, error } = await jobWhen(app, createBackup.job.id, (job) => ENDS.includes(job.status));
  expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: null });
  expect(await restore(input.destination)).toEqual(itemsOf([[1, 600]]));
});

describe('changefeeds', () => {
  const delivered = (name: string, count: number) =>
    jobWhen(app, named(name).id, ({ counters }) =>
      counters.some((counter) => counter.name === 'messages' && counter.value >= count),
    );
  const listen = (id: string, after?: string) => {
    const client = app.connect();
    const query = `subscription ($id: ID!, $after: ChangefeedCursor) { changefeed(jobId: $id, after: $after) {
      ... on ChangefeedRow { cursor key after deleted } } }`;
    const stream = client.iterate<{ changefeed: OldMessage & { deleted: boolean } }>({
      query,
      variables: { id, after },
    });
    return {
      next: async () => {
        const { value } = await stream.next();
        if (value?.data === undefined || value.data === null) throw new Error(JSON.stringify(value));
        return value.data.changefeed;
      },
      close: () => client.dispose(),
    };
  };

  test('one that is read goes on behind the cursor that was acknowledged, with what came meanwhile', async () => {
    const { id, expected } = named('CHANGEFEED RUNNING sinkless');
    const { acknowledged, rest = [], later = [] } = expected;
    const feed = listen(id, acknowledged);
    const seen: (OldMessage & { deleted: boolean })[] = [];
    while (seen.length < rest.length) seen.push(await feed.next());
    expect(seen).toEqual(rest);
    for (const message of later) expect(messageOf(await feed.next())).toEqual(message);
    inDatabase('feed_sinkless', (sql) => sql.exec("INSERT INTO items VALUES (7777, 'new', 1)"));
    expect(messageOf(await feed.next())).toEqual({ key: [7777], after: { id: 7777, name: 'new', qty: 1 } });
    await feed.close();
  });

  test('one that was in the middle of its scan emits each row once', async () => {
    const { id, expected } = named('CHANGEFEED PAUSED scanning');
    const feed = listen(id);
    const keys: number[] = [];
    while (keys.length < (expected.rows ?? 0)) keys.push((await feed.next()).key[0] ?? 0);
    expect(keys).toEqual(range([1, 2_600]));
    await feed.close();
  });

  test('webhooks get what comes behind what they have, signed as before', async () => {
    await delivered('CHANGEFEED RUNNING webhook', 48);
    expect(receivedOf('CHANGEFEED RUNNING webhook')).toEqual(named('CHANGEFEED RUNNING webhook').expected.later);
    await delivered('CHANGEFEED PENDING', 27);
    expect(receivedOf('CHANGEFEED PENDING')).toEqual(named('CHANGEFEED PENDING').expected.later);
    await delivered('CHANGEFEED PAUSED by its policy', 10);
    expect(receivedOf('CHANGEFEED PAUSED by its policy').map(({ key }) => key[0])).toEqual(range([1, 10]));
    expect(forged).toEqual([]);
  });

  const inFiles = (path: string) =>
    readdirSync(join(folder.data, 'files', path))
      .sort()
      .flatMap((name) =>
        readFileSync(join(folder.data, 'files', path, name), 'utf8')
          .trimEnd()
          .split('\n'),
      )
      .map((line) => JSON.parse(line) as OldMessage)
      .filter(({ key }) => key !== undefined);

  test.each([
    ['CHANGEFEED RUNNING files', 'feed_files', 48],
    ['CHANGEFEED RUNNING entering', 'feed_entering', 47],
    ['CHANGEFEED PAUSE_REQUESTED', 'feed_pausing', 47],
  ])('the files of %s come to what the table is', async (name, database, count) => {
    await delivered(name, count);
    const messages = inFiles(named(name).expected.folder ?? '');
    expect(messages).toHaveLength(count);
    const rows = new Map(messages.map(({ key, after }) => [key[0], after]));
    const left = [...rows.values()].filter((after) => after !== null) as { readonly id: number }[];
    expect(left.sort((a, b) => a.id - b.id)).toEqual(rowsOf(database, 'items'));
  });

  test('one that had ended has its messages where they were', () => {
    expect(inFiles('feeds/only').map(({ key }) => key[0])).toEqual(range([1, 40]));
  });
});

test('when all has ended nothing is left behind', async () => {
  const running = idsOf(jobsThat(({ expected }) => expected.end === 'RUNNING'));
  await order(app, 'CANCEL', running);
  for (const id of running) await changes.reaches(id, 'CANCELED');
  for (const file of readdirSync(join(folder.data, 'databases')).filter((name) => name.endsWith('.db'))) {
    const left = () =>
      inDatabase(basename(file, '.db'), (sql) =>
        sql.prepare("SELECT name FROM sqlite_schema WHERE name GLOB '*_signalbox_*'").pluck().all(),
      ).filter((name) => !/^_signalbox_([0-9a-f]{8}_)?jobs$/.test(String(name)));
    await expect.poll(() => [file, left()]).toEqual([file, []]);
  }
  expect(readdirSync(join(folder.data, 'databases')).filter((name) => name.includes('restore-'))).toEqual([]);
  await expect.poll(() => readdirSync(join(folder.data, 'work'))).toEqual([]);
});
