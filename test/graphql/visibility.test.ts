/**
 * What a user may not see is not there, in any field of the schema. Every root field has an entry below, and each is
 * asked for all that lies behind it: before and after somebody else's jobs, databases, files and tokens exist, and for
 * something of theirs and for something that nobody has. The answers are the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/app/schema.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import { setPrivileges } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';
import { leadingFields, type Operation, rootOf, selectAll } from '../support/walk.ts';

/** Something of somebody, to ask for. */
interface Target {
  readonly job: string;
  readonly feed: string;
  readonly database: string;
  readonly user: string;
  readonly url: string;
  readonly file: string;
  readonly token: string;
  readonly schedule: string;
}
const MISSING: Target = {
  job: '9007199254740991',
  feed: '9007199254740991',
  database: 'absentdb',
  user: 'nosuchuser',
  url: 'nodelocal:///lostfolder/b',
  file: 'lostfolder/rows.csv',
  token: 'notoken',
  schedule: '9007199254740990',
};

type Arguments = string | ((target: Target) => string);
/** Fields that show jobs: those who see all jobs see other answers there. */
const JOBS = { showsJobs: true } as const;
type Entry = readonly (Arguments | typeof JOBS)[];

const selections: readonly Arguments[] = [
  'jobs: { all: true }',
  'jobs: { where: { status: { in: [PENDING, RUNNING, PAUSED, SUCCEEDED] } } }',
  ({ job }) => `jobs: { ids: ["${job}"] }`,
  ({ job }) => `jobs: { where: { id: { equals: "${job}" } } }`,
  ({ user }) => `jobs: { where: { userName: { equals: "${user}" } } }`,
  ({ database }) => `jobs: { where: { database: { equals: "${database}" } } }`,
];
/** Nothing is to change here: what is refused is also refused in a dry run. */
const dryRuns = selections.map(
  (select): Arguments =>
    (target) =>
      `dryRun: true, ${typeof select === 'string' ? select : select(target)}`,
);
const lists: readonly Arguments[] = [
  '',
  ({ user }) => `where: { userName: { equals: "${user}" } }`,
  ({ database }) => `where: { database: { equals: "${database}" } }`,
];

/** Every root field, with the arguments that it is asked with. A new one needs an entry. */
const FIELDS: Readonly<Record<Operation, Readonly<Record<string, Entry>>>> = {
  query: {
    node: [
      JOBS,
      ({ job }) => `id: "${job}"`,
      ({ feed }) => `id: "${feed}"`,
      ({ database }) => `id: "database:${database}"`,
      ({ user }) => `id: "user:${user}"`,
      ({ schedule }) => `id: "${schedule}"`,
    ],
    job: [JOBS, ({ job }) => `id: "${job}"`, ({ feed }) => `id: "${feed}"`],
    schedules: [JOBS, ''],
    jobs: [
      JOBS,
      ...lists,
      'last: 5',
      ({ schedule }) => `where: { scheduleId: { equals: "${schedule}" } }`,
      ({ job }) => `where: { id: { in: ["${job}"] } }`,
    ],
    jobCounts: [JOBS, ...lists],
    jobEvents: [JOBS, ...lists, ({ job }) => `where: { jobId: { equals: "${job}" } }`, 'last: 5'],
    databases: [''],
    database: [({ database }) => `name: "${database}"`],
    backup: [({ url }) => `url: "${url}"`],
    backups: [({ url }) => `url: "${url}"`, 'url: "nodelocal:///"'],
    importPreview: [
      ({ url }) => `input: { sources: ["${url}/rows.csv"] }`,
      ({ database }) => `input: { database: "${database}", table: "t", sources: ["nodelocal:///eve/a.csv"] }`,
    ],
    files: ['', 'first: 0', ({ file }) => `prefix: "${file}"`, 'prefix: "../"'],
    users: [''],
    auditEvents: [''],
    viewer: [''],
    server: [JOBS, ''],
    servers: [''],
    jobKinds: [''],
    statement: [
      JOBS,
      'sql: "SELECT * FROM [SHOW JOBS]"',
      'sql: "SELECT count(*) FROM crdb_internal.jobs"',
      ({ job }) => `sql: "SHOW JOB ${job}"`,
      ({ user }) => `sql: "SELECT job_id FROM [SHOW JOBS] WHERE user_name = '${user}'"`,
      ({ job }) => `sql: "EXPLAIN PAUSE JOBS (VALUES (${job}))"`,
    ],
  },
  mutation: {
    pauseJobs: [JOBS, ...dryRuns],
    resumeJobs: [JOBS, ...dryRuns],
    cancelJobs: [JOBS, ...dryRuns],
    execute: [JOBS, ({ job }) => `sql: "EXPLAIN CANCEL JOBS (VALUES (${job}))"`, ({ job }) => `sql: "SHOW JOB ${job}"`],
    confirmPlan: ['planId: "none"', JOBS],
    deleteJobs: [JOBS, ...dryRuns],
    deleteUser: [({ user }) => `input: { name: "${user}" }`],
    drainServer: [({ user }) => `input: { name: "${user}" }`],
    deleteDatabase: [({ database }) => `input: { name: "${database}", deleteFile: true }`],
    deleteFile: [({ file }) => `input: { path: "${file}" }`, ({ file }) => `input: { path: "eve/../${file}" }`],
    createImport: [
      ({ database }) => `input: { database: "${database}", table: "t", sources: ["nodelocal:///eve/a.csv"] }`,
      ({ url }) =>
        `input: { database: "evedb", table: "t", columns: [{ name: "a", type: "TEXT" }], sources: ["${url}"] }`,
    ],
    createBackup: [
      ({ database }) => `input: { database: "${database}", destination: "nodelocal:///eve/b" }`,
      ({ url }) => `input: { database: "evedb", destination: "${url}" }`,
      ({ url }) => `input: { database: "evedb", destination: "nodelocal:///eve/b", incrementalFrom: "${url}" }`,
    ],
    createRestore: [({ url }) => `input: { database: "restored", source: "${url}" }`],
    createChangefeed: [({ database }) => `input: { database: "${database}", tables: ["t"] }`],
    createSchemaChange: [
      ({ database }) => `input: { database: "${database}", changes: [{ dropColumn: { table: "t", column: "c" } }] }`,
    ],
    createJob: [
      ({ database }) =>
        `input: { typeName: "BACKUP", input: { database: "${database}", destination: "nodelocal:///eve/b" } }`,
    ],
    createSchedule: [
      ({ database }) =>
        `input: { name: "s", cron: "@daily", job: { backup: { backup: { database: "${database}", destination: "nodelocal:///eve/{date}" } } } }`,
    ],
    updateSchedule: [JOBS, ({ schedule }) => `input: { id: "${schedule}", name: "other" }`],
    deleteSchedule: [JOBS, ({ schedule }) => `input: { id: "${schedule}" }`],
    pauseSchedules: [JOBS, ({ schedule }) => `ids: ["${schedule}"]`],
    resumeSchedules: [JOBS, ({ schedule }) => `ids: ["${schedule}"]`],
    runSchedule: [JOBS, ({ schedule }) => `id: "${schedule}"`],
    rerunJob: [({ job }) => `input: { id: "${job}" }`, ({ feed }) => `input: { id: "${feed}", secrets: {} }`],
    createDatabase: [({ database }) => `input: { name: "${database}" }`],
    createUser: [({ user }) => `input: { name: "${user}" }`],
    updateUser: [({ user }) => `input: { name: "${user}", admin: false }`],
    createToken: [({ user }) => `input: { userName: "${user}" }`],
    revokeToken: [({ token }) => `id: "${token}"`],
  },
  subscription: {
    jobStatusChanged: [JOBS, 'after: "0000000000000000"'],
    jobUpdated: [JOBS, ''],
    jobsCompleted: [JOBS, ({ job }) => `jobs: { ids: ["${job}"] }`],
    jobsSettled: [JOBS, ({ job }) => `jobs: { ids: ["${job}"] }`],
    changefeed: [({ feed }) => `jobId: "${feed}"`, ({ job }) => `jobId: "${job}"`],
  },
};

const argumentsOf = (operation: Operation, field: string): readonly Arguments[] =>
  (FIELDS[operation][field] ?? []).filter((one) => typeof one === 'string' || typeof one === 'function');
const showsJobs = (operation: Operation, field: string) => FIELDS[operation][field]?.includes(JOBS) ?? false;

const reached = new Set<string>();
const documentOf = (operation: Operation, field: string, given: string): string => {
  const definition = rootOf(schema, operation).getFields()[field];
  if (definition === undefined) throw new Error(`${field} is no field of a ${operation}`);
  const call = given === '' ? field : `${field}(${given})`;
  return `${operation} { ${call} ${selectAll(schema, definition.type, reached)} }`;
};

describe('the table', () => {
  test.each(['query', 'mutation', 'subscription'] as const)('has every field of the type %s', (operation) => {
    expect(Object.keys(FIELDS[operation]).sort()).toEqual(Object.keys(rootOf(schema, operation).getFields()).sort());
  });

  test('leads to every field of the schema that leads further', () => {
    for (const operation of ['query', 'mutation', 'subscription'] as const) {
      for (const field of Object.keys(FIELDS[operation])) {
        documentOf(operation, field, '');
        reached.add(`${rootOf(schema, operation).name}.${field}`);
      }
    }
    expect(leadingFields(schema).filter((field) => !reached.has(field))).toEqual([]);
  });
});

/** Users who may see nothing of bob's; `creator` may create jobs, in another database and another folder. */
const STRANGERS = ['nobody', 'owner', 'creator'] as const;
/** Users who see his jobs, and nothing else of his. */
const WATCHERS = ['watcher', 'controller'] as const;
const VIEWERS = [...STRANGERS, ...WATCHERS];

/** What selects everything is larger than an operation may be. */
const NO_LIMITS = { MAX_QUERY_COST: '1000000000', MAX_QUERY_ALIASES: '10000', MAX_QUERY_TOKENS: '100000' };

let app: TestApp;
let changes: ReturnType<typeof changesOf>;
let hidden: Target;
const before = new Map<string, string>();
const { kind, script } = scriptedKind();

/** An answer without the names of its target, and without positions in the log, which grow with all that happens. */
const scrub = (answer: unknown, target: Target) => {
  let text = JSON.stringify(answer);
  for (const [name, value] of Object.entries(target)) text = text.replaceAll(value, `<${name}>`);
  return (
    text
      .replaceAll('<feed>', '<job>')
      .replace(/"\d{16}"/g, '"cursor"')
      // Sealed, and different each time.
      .replace(/("planId[^"]*":)"[\w-]+"/g, '$1"plan"')
      .replace(/"(modifiedAt|lastUsedAt|heartbeatAt)[^"]*":[^,}]*/g, '')
  );
};

const ask = async (user: string, operation: Operation, field: string, given: Arguments, target: Target) => {
  const query = documentOf(operation, field, typeof given === 'string' ? given : given(target));
  const answer = await app.send({ query }, user);
  // A document that is not executed would show nothing of anybody.
  expect(String(answer.errors?.[0]?.extensions.code)).not.toMatch(/GRAPHQL|INTERNAL|COSTLY/);
  return scrub(answer, target);
};

/** What a user gets from every field that can be asked without naming anything of anybody. */
const askAll = async (user: string) => {
  for (const operation of ['query', 'mutation'] as const) {
    for (const field of Object.keys(FIELDS[operation])) {
      for (const [at, given] of argumentsOf(operation, field).entries()) {
        if (typeof given !== 'string' && operation === 'mutation' && !field.endsWith('Jobs')) continue;
        before.set(`${user} ${field} ${at}`, await ask(user, operation, field, given, MISSING));
      }
    }
  }
};

const createHidden = async (): Promise<Target> => {
  await app.send({ query: 'mutation { createDatabase(input: { name: "hiddendb" }) { database { name } } }' });
  await addUser(app, 'bob', { privileges: ['CREATEJOB'] });
  mkdirSync(join(app.dataDir, 'files', 'hiddenfolder'));
  writeFileSync(join(app.dataDir, 'files', 'hiddenfolder', 'rows.csv'), 'id,name\n1,one\nhiddenrow,two\n');
  const table = { database: 'hiddendb', table: 'hiddentable', rejectLimit: 5 };
  const columns = [
    { name: 'id', type: 'INTEGER', primaryKey: true },
    { name: 'name', type: 'TEXT' },
  ];
  const { id: job } = await app.create(
    'IMPORT',
    { ...table, columns, sources: ['nodelocal:///hiddenfolder/rows.csv'] },
    'bob',
  );
  await changes.reaches(job, 'SUCCEEDED');
  const url = 'nodelocal:///hiddenfolder/b';
  const { id: backup } = await app.create('BACKUP', { database: 'hiddendb', destination: url }, 'bob');
  await changes.reaches(backup, 'SUCCEEDED');
  const { id: feed } = await app.create('CHANGEFEED', { database: 'hiddendb', tables: ['hiddentable'] }, 'bob');
  const { id: running } = await app.create('SCRIPTED', { name: 'hiddenjob' }, 'bob');
  await changes.reaches(running, 'RUNNING');
  const { id: paused } = await app.create('SCRIPTED', { name: 'hiddenjob 2' }, 'bob');
  await order(app, 'PAUSE', [paused], { reason: 'hiddenreason' });
  await changes.reaches(paused, 'PAUSED');
  const { data } = await app.send({
    query: 'mutation { createToken(input: { userName: "bob", name: "hiddentoken" }) { id } }',
  });
  const token = (data as { createToken: { id: string } }).createToken.id;
  const nightly = '{ backup: { database: "hiddendb", destination: "nodelocal:///hiddenfolder/{date}" } }';
  const created = await app.send(
    {
      query: `mutation { createSchedule(input: { name: "hidden", cron: "0 3 29 2 *", job: { backup: ${nightly} } }) { schedule { id } } }`,
    },
    'bob',
  );
  const schedule = (created.data as { createSchedule: { schedule: { id: string } } }).createSchedule.schedule.id;
  return { job, feed, database: 'hiddendb', user: 'bob', url, file: 'hiddenfolder/rows.csv', token, schedule };
};

beforeAll(async () => {
  app = await startApp({ kinds: [kind], settings: { WORKERS: '4', ...NO_LIMITS } });
  changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "evedb" }) { database { name } } }' });
  mkdirSync(join(app.dataDir, 'files', 'eve'));
  writeFileSync(join(app.dataDir, 'files', 'eve', 'a.csv'), 'a\n1\n');
  const grants = { databases: { names: ['evedb'] }, files: { folder: 'eve' } };
  await addUser(app, 'nobody', { databases: { names: [] }, files: { all: false } });
  await addUser(app, 'owner', { privileges: ['CREATEJOB'], ...grants });
  await addUser(app, 'creator', { privileges: ['CREATEJOB'], ...grants });
  await addUser(app, 'watcher', { privileges: ['VIEWJOB'], ...grants });
  await addUser(app, 'controller', { privileges: ['CONTROLJOB'], ...grants });
  for (const user of ['owner', 'creator']) {
    const { id } = await app.create('SCRIPTED', { name: user }, user);
    script(user).act('finish');
    await changes.reaches(id, 'SUCCEEDED');
  }
  await setPrivileges(app, 'owner', []);
  for (const user of VIEWERS) await askAll(user);
  hidden = await createHidden();
});
afterAll(async () => {
  await changes?.[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
});

const cases = (['query', 'mutation'] as const).flatMap((operation) =>
  Object.keys(FIELDS[operation]).map((field) => [operation, field] as const),
);

test.each(cases)("%s %s answers as if nothing of anybody else's existed", async (operation, field) => {
  const users = showsJobs(operation, field) ? STRANGERS : VIEWERS;
  for (const user of users) {
    for (const [at, given] of argumentsOf(operation, field).entries()) {
      const answer = await ask(user, operation, field, given, hidden);
      expect([user, at, answer]).toEqual([user, at, await ask(user, operation, field, given, MISSING)]);
      const was = before.get(`${user} ${field} ${at}`);
      if (was !== undefined) expect([user, at, answer]).toEqual([user, at, was]);
      expect(answer).not.toMatch(/hidden|bob/);
    }
  }
});

test('those who see all jobs see theirs, but no row of a database and nothing else of their owners', async () => {
  for (const user of WATCHERS) {
    for (const [operation, field] of cases.filter(([operation, field]) => showsJobs(operation, field))) {
      for (const given of argumentsOf(operation, field)) {
        const answer = await ask(user, operation, field, given, hidden);
        expect([user, field, answer]).not.toEqual([user, field, expect.stringMatching(/hiddenrow|hiddentoken/)]);
      }
    }
    expect(await ask(user, 'query', 'jobs', '', hidden)).toContain('hiddentable');
    const { data, errors } = await app.send(
      { query: `{ job(id: "${hidden.job}") { ... on ImportJob { rejects { nodes { line text } } } } }` },
      user,
    );
    expect(data).toEqual({ job: { rejects: null } });
    expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
    const lines = await app.send(
      { query: `{ job(id: "${hidden.job}") { ... on ImportJob { rejects { nodes { line } } } } }` },
      user,
    );
    expect(lines.data).toEqual({ job: { rejects: { nodes: [{ line: 3 }] } } });
  }
});

/** The first messages of a stream, until it has caught up, sent a row or a job, or failed. */
const listen = async (user: string, field: string, given: Arguments, target: Target) => {
  const query = documentOf('subscription', field, typeof given === 'string' ? given : given(target));
  const seen: string[] = [];
  try {
    for await (const message of app.connect(user).iterate({ query })) {
      seen.push(scrub(message, target));
      if (!seen.at(-1)?.includes('RESET')) break;
    }
  } catch (error) {
    seen.push(scrub(error, target));
  }
  return seen.join('\n');
};

test.each(VIEWERS)('%s hears of no row, and of no job that they may not see', async (user) => {
  const seesJobs = (WATCHERS as readonly string[]).includes(user);
  for (const given of argumentsOf('subscription', 'changefeed')) {
    const heard = await listen(user, 'changefeed', given, hidden);
    expect(heard).toContain('errors');
    expect(heard).not.toMatch(/hiddenrow|"key/);
    if (!seesJobs) expect(heard).toBe(await listen(user, 'changefeed', given, MISSING));
  }
  if (seesJobs) return;
  for (const field of ['jobsCompleted', 'jobsSettled']) {
    for (const given of argumentsOf('subscription', field)) {
      const heard = await listen(user, field, given, hidden);
      expect(heard).toBe(await listen(user, field, given, MISSING));
    }
  }
  const where: Arguments = ({ job, database }) =>
    `where: { or: [{ id: { equals: "${job}" } }, { database: { equals: "${database}" } }] }`;
  const list = await listen(user, 'jobUpdated', where, hidden);
  expect(list).toBe(await listen(user, 'jobUpdated', where, MISSING));
  expect(list).toContain('CAUGHT_UP');
});

test('the stream of all events brings to a user those of their own jobs alone, past and to come', async () => {
  const query = documentOf('subscription', 'jobStatusChanged', 'after: "0000000000000000"');
  const stream = app.connect('creator').iterate({ query });
  const { id } = await app.create('SCRIPTED', { name: 'next' }, 'creator');
  const heard: string[] = [];
  for await (const message of stream) {
    heard.push(JSON.stringify(message));
    if (heard.at(-1)?.includes(id)) break;
  }
  expect(heard.length).toBe(4);
  expect(heard.join()).not.toMatch(/hidden|bob|errors/);
  script('next').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
});

test('a job that waits for one of another user names it only to those who may see it', async () => {
  const file = new Database(join(app.dataDir, 'databases', 'evedb.db'));
  file.exec('CREATE TABLE shared (a TEXT)');
  file.close();
  writeFileSync(join(app.dataDir, 'files', 'eve', 'long.csv'), `a\n${'1\n'.repeat(10_000)}`);
  const slow = { database: 'evedb', table: 'shared', sources: ['nodelocal:///eve/long.csv'], maxRowsPerSecond: 100 };
  const { id: holder } = await app.create('IMPORT', slow, 'bob');
  await changes.reaches(holder, 'RUNNING');
  const add = { addColumn: { table: 'shared', column: { name: 'b', type: 'TEXT' } } };
  const { id } = await app.create('SCHEMA_CHANGE', { database: 'evedb', changes: [add] }, 'creator');
  const waiting = async (user: string) => {
    const { data } = await app.send({ query: `{ job(id: "${id}") { statusMessage blockedBy { id } } }` }, user);
    return (data as { job: unknown }).job;
  };
  expect(await waiting('creator')).toEqual({ statusMessage: 'waiting for another job', blockedBy: [] });
  expect(await waiting('watcher')).toEqual({ statusMessage: `waiting for job ${holder}`, blockedBy: [{ id: holder }] });
  const listed = await app.send({ query: `{ jobs { nodes { statusMessage } } }` }, 'creator');
  expect(JSON.stringify(listed.data)).not.toContain(holder);
  await order(app, 'CANCEL', [id, holder]);
  for (const one of [id, holder]) await changes.reaches(one, 'CANCELED');
});
