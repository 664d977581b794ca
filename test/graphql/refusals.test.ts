import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { openEvents, postJson } from '../support/wire.ts';

type Refusal = readonly [field: string, operation: string, user: string, code: string, at?: string];

const id = '27536791415282';
const jobs = 'jobs(first: 1001)';
const creation = (name: string, input: string) => `mutation { ${name}(input: { ${input} }) { created } }`;

/** Each root field with each of its refusals: the user, the code, and the argument that caused it. */
const REFUSALS: readonly Refusal[] = [
  ['node', '{ node(id: "x:y") { id } }', 'root', 'BAD_USER_INPUT', 'id'],
  ['node', '{ node(id: "") { id } }', 'root', 'BAD_USER_INPUT', 'id'],
  ['viewer', '{ viewer { name } }', 'nobody', 'UNAUTHENTICATED'],
  ['job', '{ job(id: "-1") { id } }', 'root', 'BAD_USER_INPUT', 'id'],
  ['jobs', `{ ${jobs} { cursor } }`, 'root', 'BAD_USER_INPUT', 'first'],
  ['jobs', '{ jobs(last: -1) { cursor } }', 'root', 'BAD_USER_INPUT', 'last'],
  ['jobs', '{ jobs(first: 1, last: 1) { cursor } }', 'root', 'BAD_USER_INPUT', 'last'],
  ['jobs', '{ jobs(after: "x") { cursor } }', 'root', 'BAD_USER_INPUT', 'after'],
  ['jobs', '{ jobs(where: { id: { in: ["x"] } }) { cursor } }', 'root', 'BAD_USER_INPUT', 'where.id.in'],
  ['jobCounts', '{ jobCounts(where: { id: { equals: "0" } }) { count } }', 'root', 'BAD_USER_INPUT', 'where.id.equals'],
  ['jobEvents', '{ jobEvents(after: "0000000000009999") { nodes { jobId } } }', 'root', 'BAD_USER_INPUT', 'after'],
  ['jobEvents', '{ jobEvents(first: -1) { nodes { jobId } } }', 'root', 'BAD_USER_INPUT', 'first'],
  ['databases', '{ databases { name } }', 'viewer', 'FORBIDDEN'],
  ['database', '{ database(name: "demo") { name } }', 'viewer', 'FORBIDDEN'],
  ['backup', '{ backup(url: "nodelocal:///b") { url } }', 'viewer', 'FORBIDDEN'],
  ['backup', '{ backup(url: "nonsense") { url } }', 'root', 'BAD_USER_INPUT', 'url'],
  ['users', '{ users { name } }', 'viewer', 'FORBIDDEN'],
  ['pauseJobs', 'mutation { pauseJobs(jobs: { ids: [] }) { applied } }', 'root', 'BAD_USER_INPUT', 'jobs.ids'],
  ['pauseJobs', 'mutation { pauseJobs(jobs: { where: {} }) { applied } }', 'root', 'BAD_USER_INPUT', 'jobs.where'],
  ['resumeJobs', 'mutation { resumeJobs(jobs: { all: false }) { applied } }', 'root', 'BAD_USER_INPUT', 'jobs.all'],
  [
    'cancelJobs',
    'mutation { cancelJobs(jobs: { all: true }, expectedCount: 7) { applied } }',
    'root',
    'COUNT_MISMATCH',
  ],
  [
    'cancelJobs',
    `mutation { cancelJobs(jobs: { all: true }, reason: "${'x'.repeat(1_025)}") { applied } }`,
    'root',
    'BAD_USER_INPUT',
    'reason',
  ],
  ['createImport', creation('createImport', 'database: "demo", table: "t", sources: ["x"]'), 'viewer', 'FORBIDDEN'],
  [
    'createImport',
    creation('createImport', 'database: "none", table: "t", sources: ["nodelocal:///x"]'),
    'root',
    'BAD_USER_INPUT',
    'input.database',
  ],
  [
    'createImport',
    creation('createImport', 'database: "demo", table: "t", sources: []'),
    'root',
    'BAD_USER_INPUT',
    'input.sources',
  ],
  [
    'createImport',
    creation('createImport', 'database: "demo", table: "t", sources: ["x"], idempotencyKey: ""'),
    'root',
    'BAD_USER_INPUT',
    'input.idempotencyKey',
  ],
  ['createBackup', creation('createBackup', 'database: "demo", destination: "nodelocal:///b"'), 'viewer', 'FORBIDDEN'],
  [
    'createBackup',
    creation('createBackup', 'database: "demo", destination: "nonsense"'),
    'root',
    'BAD_USER_INPUT',
    'input.destination',
  ],
  ['createRestore', creation('createRestore', 'database: "copy", source: "nodelocal:///b"'), 'viewer', 'FORBIDDEN'],
  [
    'createRestore',
    creation('createRestore', 'database: "copy", source: "nodelocal:///none"'),
    'root',
    'BAD_USER_INPUT',
    'input.source',
  ],
  ['createChangefeed', creation('createChangefeed', 'database: "demo", tables: ["t"]'), 'viewer', 'FORBIDDEN'],
  [
    'createChangefeed',
    creation('createChangefeed', 'database: "demo", tables: ["none"]'),
    'root',
    'BAD_USER_INPUT',
    'input.tables.0',
  ],
  [
    'createSchemaChange',
    creation('createSchemaChange', 'database: "demo", changes: [{ dropIndex: { table: "t", name: "i" } }]'),
    'viewer',
    'FORBIDDEN',
  ],
  [
    'createSchemaChange',
    creation('createSchemaChange', 'database: "demo", changes: [{ dropIndex: { table: "t", name: "" } }]'),
    'root',
    'BAD_USER_INPUT',
    'input.changes.0.dropIndex.name',
  ],
  ['createDatabase', 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }', 'root', 'CONFLICT'],
  ['createDatabase', 'mutation { createDatabase(input: { name: "x" }) { database { name } } }', 'viewer', 'FORBIDDEN'],
  [
    'createDatabase',
    'mutation { createDatabase(input: { name: "a b" }) { database { name } } }',
    'root',
    'BAD_USER_INPUT',
    'input.name',
  ],
  ['createUser', 'mutation { createUser(input: { name: "viewer" }) { user { name } } }', 'root', 'CONFLICT'],
  ['createUser', 'mutation { createUser(input: { name: "x" }) { user { name } } }', 'viewer', 'FORBIDDEN'],
  [
    'createUser',
    'mutation { createUser(input: { name: "" }) { user { name } } }',
    'root',
    'BAD_USER_INPUT',
    'input.name',
  ],
  [
    'updateUser',
    'mutation { updateUser(input: { name: "none", admin: true }) { user { name } } }',
    'root',
    'NOT_FOUND',
  ],
  [
    'updateUser',
    'mutation { updateUser(input: { name: "viewer" }) { user { name } } }',
    'root',
    'BAD_USER_INPUT',
    'input',
  ],
  [
    'updateUser',
    'mutation { updateUser(input: { name: "root", admin: false }) { user { name } } }',
    'root',
    'BAD_USER_INPUT',
    'input.admin',
  ],
  [
    'updateUser',
    'mutation { updateUser(input: { name: "root", admin: true }) { user { name } } }',
    'viewer',
    'FORBIDDEN',
  ],
  [
    'jobStatusChanged',
    'subscription { jobStatusChanged(after: "0000000000009999") { cursor } }',
    'root',
    'BAD_USER_INPUT',
    'after',
  ],
  ['jobUpdated', 'subscription { jobUpdated(first: 0) { kind } }', 'root', 'BAD_USER_INPUT', 'first'],
  ['jobUpdated', 'subscription { jobUpdated(throttleMs: 1) { kind } }', 'root', 'BAD_USER_INPUT', 'throttleMs'],
  ['jobsCompleted', `subscription { jobsCompleted(jobs: { ids: ["${id}"] }) { id } }`, 'root', 'NOT_FOUND'],
  ['jobsSettled', `subscription { jobsSettled(jobs: { ids: ["${id}"] }) { id } }`, 'root', 'NOT_FOUND'],
  ['jobsSettled', 'subscription { jobsSettled(jobs: { ids: [] }) { id } }', 'root', 'BAD_USER_INPUT', 'jobs.ids'],
  ['jobsCompleted', 'subscription { jobsCompleted(jobs: { ids: [] }) { id } }', 'root', 'BAD_USER_INPUT', 'jobs.ids'],
  ['changefeed', `subscription { changefeed(jobId: "${id}") { __typename } }`, 'root', 'NOT_FOUND'],
  ['changefeed', 'subscription { changefeed(jobId: "x") { __typename } }', 'root', 'BAD_USER_INPUT', 'jobId'],
];

test('each root field refuses with one code, names the argument, and changes nothing', async () => {
  await using app = await startApp();
  await postJson(app.url, {
    query:
      'mutation { createDatabase(input: { name: "demo" }) { database { name } } ' +
      'createUser(input: { name: "viewer", privileges: [VIEWJOB] }) { user { name } } }',
  });
  const state = '{ users { name isAdmin privileges } databases { name } jobs { totalCount cursor } }';
  const before = (await postJson(app.url, { query: state })).json;
  for (const [field, query, user, code, at] of REFUSALS) {
    const [error, ...others] = await errorsOf(app.url, query, user);
    expect(others, query).toEqual([]);
    expect(error?.extensions, query).toEqual({ code, ...(at === undefined ? {} : { field: at }) });
    expect(error?.message, `${field}: ${error?.message}`).toMatch(/^[a-z0-9"].*[^.]$/);
  }
  expect((await postJson(app.url, { query: state })).json).toEqual(before);
});

const errorsOf = async (url: string, query: string, user: string) => {
  if (!query.startsWith('subscription')) {
    return (await postJson(url, { query }, { 'x-signalbox-user': user })).json.errors ?? [];
  }
  const stream = await openEvents(url, { query }, { user });
  const first = await stream.next();
  stream.leave();
  return first?.errors ?? [];
};

test('a job keeps its input without its secrets, and its warnings', async () => {
  await using app = await startApp();
  const query =
    'mutation ($input: CreateBackupInput!) { createDatabase(input: { name: "demo" }) { database { name } } ' +
    'createBackup(input: $input) { job { inputJson warnings } } }';
  const input = { database: 'demo', destination: 'nodelocal:///backups/one', idempotencyKey: 'k' };
  const { json } = await postJson(app.url, { query, variables: { input } });
  expect(json.data?.createBackup).toEqual({
    job: {
      inputJson: { database: 'demo', destination: 'nodelocal:///backups/one', integrityCheck: false },
      warnings: [],
    },
  });
});

test('the server reports its version', async () => {
  await using app = await startApp();
  const { json } = await postJson(app.url, { query: '{ server { version } }' });
  expect(json.data).toEqual({ server: { version: expect.stringMatching(/^\d+\.\d+\.\d+/) } });
});
