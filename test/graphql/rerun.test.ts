import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';
import { serve } from '../support/web.ts';

const RERUN = `mutation ($input: RerunJobInput!) { rerunJob(input: $input) {
  created webhookSecret job { id typeName userName status description inputJson rerunOf { id } } } }`;

interface Rerun {
  readonly created: boolean;
  readonly webhookSecret: string | null;
  readonly job: { readonly id: string; readonly rerunOf: { readonly id: string } | null; readonly inputJson: unknown };
}

const rerun = async (app: TestApp, input: object, user = 'root') => {
  const { data, errors } = await app.send({ query: RERUN, variables: { input } }, user);
  return { ...(data as { rerunJob: Rerun | null }).rerunJob, error: errors?.[0] };
};

const CSV = 'id,name\n1,Ada\n2,Grace\n';
const createDemo = async (app: TestApp, statements = 'CREATE TABLE people (id INTEGER, name TEXT)') => {
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const sql = new Sqlite(join(app.dataDir, 'databases', 'demo.db'));
  sql.exec(statements);
  sql.close();
};
const peopleIn = (app: TestApp) => {
  const sql = new Sqlite(join(app.dataDir, 'databases', 'demo.db'), { readonly: true });
  try {
    return sql.prepare('SELECT count(*) FROM people').pluck().get();
  } finally {
    sql.close();
  }
};

test('a job runs again, under the name of the viewer, once for each idempotency key', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await createDemo(app);
  await addUser(app, 'ann', { privileges: ['CREATEJOB', 'VIEWJOB'] });
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), CSV);
  const input = { database: 'demo', table: 'people', sources: ['nodelocal:///a.csv'], csv: { header: true } };
  const { id } = await app.create('IMPORT', input, 'root');
  await changes.reaches(id, 'SUCCEEDED');

  const first = await rerun(app, { id, idempotencyKey: 'k' }, 'ann');
  expect(first).toMatchObject({
    created: true,
    webhookSecret: null,
    job: { typeName: 'IMPORT', userName: 'ann', inputJson: input, rerunOf: { id } },
  });
  await changes.reaches(first.job?.id ?? '', 'SUCCEEDED');
  expect(peopleIn(app)).toBe(4);
  const again = await rerun(app, { id, idempotencyKey: 'k' }, 'ann');
  expect([again.created, again.job?.id]).toEqual([false, first.job?.id]);
  const other = await rerun(app, { id: first.job?.id, idempotencyKey: 'k' }, 'ann');
  expect(other.error?.extensions.code).toBe('IDEMPOTENCY_CONFLICT');
  const chained = await rerun(app, { id: first.job?.id });
  expect(chained.job?.rerunOf).toEqual({ id: first.job?.id });
  await changes.reaches(chained.job?.id ?? '', 'SUCCEEDED');
  const { data } = await app.send({ query: `{ job(id: "${id}") { status rerunOf { id } } }` });
  expect(data).toEqual({ job: { status: 'SUCCEEDED', rerunOf: null } });
  expect(peopleIn(app)).toBe(6);
});

test('a secret is asked for by its path, may not lead elsewhere, and is shown nowhere', async () => {
  await using web = await serve((request, response) => {
    const isKnown = request.headers.authorization === `Basic ${btoa('ann:hush')}`;
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? CSV : undefined);
  });
  await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: web.host } });
  await using changes = changesOf(app);
  await createDemo(app);
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), CSV);
  const url = (password: string, path = 'a.csv') => `http://ann:${password}@${web.host}/${path}`;
  const sources = ['nodelocal:///a.csv', url('hush')];
  const { id } = await app.create('IMPORT', { database: 'demo', table: 'people', sources }, 'root');
  await changes.reaches(id, 'SUCCEEDED');

  const path = 'input.secrets.sources.1';
  const refused = async (secrets: unknown, field: string, message: string) => {
    const { error } = await rerun(app, { id, secrets });
    expect(error).toMatchObject({
      message: expect.stringContaining(message),
      extensions: { code: 'BAD_USER_INPUT', field },
    });
    expect(JSON.stringify(error)).not.toContain('hush');
  };
  await refused(null, path, `${path} is missing: the input of job ${id} had a secret at sources.1`);
  await refused({}, path, 'is missing');
  await refused(
    { 'sources.0': 'x', 'sources.1': url('hush') },
    'input.secrets.sources.0',
    'had no secret at sources.0',
  );
  await refused({ 'sources.1': url('hush', 'b.csv') }, path, `does not belong to "${url('redacted')}"`);
  await refused({ 'sources.1': 7 }, 'input.secrets', 'must be an object of texts by path');
  await refused('hush', 'input.secrets', 'must be an object of texts by path');
  await refused({ 'sources.1': url('wrong') }, 'input.sources.1', '401');
  expect((await app.send({ query: '{ jobCounts { count } }' })).data).toEqual({ jobCounts: [{ count: 1 }] });

  const { job } = await rerun(app, { id, secrets: { 'sources.1': url('hush') } });
  await changes.reaches(job?.id ?? '', 'SUCCEEDED');
  expect(JSON.stringify(job)).not.toContain('hush');
  expect(peopleIn(app)).toBe(8);
  // The second job had a secret in the same place.
  expect((await rerun(app, { id: job?.id })).error?.extensions.field).toBe(path);
});

test('a changefeed to a webhook gets a signing key of its own, once', async () => {
  await using web = await serve((_, response) => void response.writeHead(200).end());
  await using app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: web.host } });
  await createDemo(app, 'CREATE TABLE people (id INTEGER PRIMARY KEY)');
  const sink = `webhook-${web.url}/hook`;
  const { id, returnedOnce } = await app.create('CHANGEFEED', { database: 'demo', tables: ['people'], sink }, 'root');
  const second = await rerun(app, { id, idempotencyKey: 'k' });
  expect(second.webhookSecret).toMatch(/^whsec_/);
  expect(second.webhookSecret).not.toBe(returnedOnce.webhookSecret);
  expect((await rerun(app, { id, idempotencyKey: 'k' })).webhookSecret).toBeNull();
});

test('the privileges and grants of the viewer decide, and a job they may not see does not exist', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  await createDemo(app);
  mkdirSync(join(app.dataDir, 'files', 'bob'));
  writeFileSync(join(app.dataDir, 'files', 'bob', 'a.csv'), CSV);
  const none = { databases: { names: [] }, files: { all: false } };
  await addUser(app, 'watcher', { privileges: ['VIEWJOB'], ...none });
  await addUser(app, 'creator', { privileges: ['CREATEJOB'], ...none });
  await addUser(app, 'both', { privileges: ['CREATEJOB', 'VIEWJOB'], ...none });
  const { id } = await app.create(
    'IMPORT',
    { database: 'demo', table: 'people', sources: ['nodelocal:///bob/a.csv'], csv: { header: true } },
    'root',
  );
  await changes.reaches(id, 'SUCCEEDED');
  const { id: custom } = await app.create('SCRIPTED', { name: 'x' }, 'root');
  script('x').act('finish');
  await changes.reaches(custom, 'SUCCEEDED');

  expect((await rerun(app, { id }, 'watcher')).error?.extensions.code).toBe('FORBIDDEN');
  for (const hidden of [id, custom, '27536791415282']) {
    const { error } = await rerun(app, { id: hidden }, 'creator');
    expect(error).toMatchObject({ message: `job ${hidden} does not exist`, extensions: { code: 'NOT_FOUND' } });
  }
  expect((await rerun(app, { id }, 'both')).error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  expect((await rerun(app, { id: custom }, 'both')).job).toMatchObject({ userName: 'both', rerunOf: { id: custom } });
  expect(peopleIn(app)).toBe(2);
});
