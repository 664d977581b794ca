/** What was done to users, tokens, databases and settings is recorded, and what is deleted is gone. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';
import { postJson } from '../support/wire.ts';

interface Logged {
  readonly action: string;
  readonly target: string;
  readonly actor: { readonly name: string };
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
}
const logOf = async (app: TestApp, where = '{}') => {
  const { data, errors } = await app.send({
    query: `{ auditEvents(where: ${where}) { nodes { action target actor { name } before after reason at cursor } } }`,
  });
  expect(errors).toBeUndefined();
  return (data as { auditEvents: { nodes: readonly Logged[] } }).auditEvents.nodes;
};
const change = async (app: TestApp, mutation: string, user = 'root') => {
  const { data, errors } = await app.send({ query: `mutation { ${mutation} }` }, user);
  return errors === undefined ? (data as Record<string, Record<string, unknown>>) : errors[0];
};
const CONFLICT = { extensions: { code: 'CONFLICT' } };

test('each change says who made it, and what was before and after; a refused one leaves nothing', async () => {
  await using app = await startApp();
  await addUser(app, 'adm', { admin: true });
  const since = (await logOf(app)).length;
  await change(app, 'createUser(input: { name: "ann", privileges: [VIEWJOB] }) { user { name } }', 'adm');
  await change(app, 'createUser(input: { name: "ann" }) { user { name } }', 'adm');
  await change(app, 'updateUser(input: { name: "ANN", privileges: [] }) { user { name } }');
  await change(app, 'createDatabase(input: { name: "demo" }) { database { name } }');
  await change(app, 'updateUser(input: { name: "ann", databases: { names: ["none"] } }) { user { name } }');
  const made = await change(app, 'createToken(input: { userName: "ann", name: "laptop" }) { id }');
  const { id } = (made as { createToken: { id: string } }).createToken;
  await change(app, `revokeToken(id: "${id}") { id }`, 'ann');
  await change(app, 'deleteUser(input: { name: "Ann" }) { name }');
  const log = (await logOf(app)).slice(since);
  const none = { isAdmin: false, databases: [], files: 'none' };
  expect(log.map(({ actor, action, target, before, after }) => [actor.name, action, target, before, after])).toEqual([
    ['adm', 'createUser', 'ann', null, { ...none, privileges: ['VIEWJOB'] }],
    ['root', 'updateUser', 'ann', { ...none, privileges: ['VIEWJOB'] }, { ...none, privileges: [] }],
    ['root', 'createDatabase', 'demo', null, { url: 'file:demo.db' }],
    ['root', 'createToken', id, null, { userName: 'ann', name: 'laptop', scope: 'FULL', kinds: null, expiresAt: null }],
    ['ann', 'revokeToken', id, { userName: 'ann', name: 'laptop', scope: 'FULL' }, null],
    ['root', 'deleteUser', 'ann', { ...none, privileges: [] }, null],
  ]);
  expect(await logOf(app, '{ actor: { equals: "ann" } }')).toMatchObject([{ action: 'revokeToken' }]);
  expect(await logOf(app, '{ action: { startsWith: "create" }, target: { equals: "demo" } }')).toHaveLength(1);
  const refused = await app.send({ query: '{ auditEvents { nodes { action } } }' }, 'adm');
  expect(refused.errors).toBeUndefined();
  await addUser(app, 'bob', { privileges: ['VIEWJOB', 'CONTROLJOB', 'CREATEJOB'] });
  const { errors } = await app.send({ query: '{ auditEvents { nodes { action } } }' }, 'bob');
  expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
});

test('settings are recorded at a start that changes them, without secrets', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-audit-'));
  const start = (settings: Record<string, string>) =>
    startApp({ dataDir, settings: { SIGNALBOX_SECRET: 'x'.repeat(20), ...settings } });
  try {
    for (const days of ['5', '5', '6']) {
      await using app = await start({ RETENTION_DAYS: days });
      const log = await logOf(app, '{ action: { equals: "settings" } }');
      expect(log).toHaveLength(days === '6' ? 2 : 1);
      expect(log[0]).toMatchObject({ actor: { name: 'server' }, before: null, after: { retentionMs: 5 * 86_400_000 } });
      if (days === '6')
        expect(log[1]).toMatchObject({
          before: { retentionMs: 5 * 86_400_000 },
          after: { retentionMs: 6 * 86_400_000 },
        });
      expect(JSON.stringify(log)).not.toContain('xxxx');
    }
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test('a user is deleted once their jobs have ended; the name is not given again, and their jobs stay', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'ann');
  await changes.reaches(id, 'RUNNING');
  const remove = (name: string, user?: string) =>
    change(app, `deleteUser(input: { name: "${name}" }) { id name }`, user);
  expect(await remove('ann')).toMatchObject(CONFLICT);
  expect(await remove('ann', 'ann')).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect(await remove('Root')).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'input.name' } });
  expect(await remove('none')).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(await remove('Ann')).toEqual({ deleteUser: { id: 'user:ann', name: 'ann' } });
  const { errors } = await app.send({ query: '{ viewer { name } }' }, 'ann');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  for (const name of ['ann', 'ANN']) {
    expect(await change(app, `createUser(input: { name: "${name}" }) { user { name } }`)).toMatchObject(CONFLICT);
  }
  const { data } = await app.send({ query: `{ job(id: "${id}") { userName events { nodes { actor { name } } } } }` });
  expect(data).toMatchObject({ job: { userName: 'ann', events: { nodes: [{ actor: { name: 'ann' } }, {}, {}] } } });
});

test('jobs that have ended are deleted, and what they keep in their databases; all others are refused', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '4' } });
  await using changes = changesOf(app);
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  await addUser(app, 'con', { privileges: ['CONTROLJOB'] });
  await addUser(app, 'vic', { privileges: ['VIEWJOB'] });
  await change(app, 'createDatabase(input: { name: "demo" }) { database { name } }');
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), 'id\n1\nx\n');
  const columns = [{ name: 'id', type: 'INTEGER', primaryKey: true }];
  const input = { database: 'demo', table: 't', columns, sources: ['nodelocal:///a.csv'], rejectLimit: 1 };
  const { id: ended } = await app.create('IMPORT', input, 'ann');
  await changes.reaches(ended, 'SUCCEEDED');
  const { id: running } = await app.create('SCRIPTED', { name: 'r' }, 'ann');
  await changes.reaches(running, 'RUNNING');
  const { id: ofRoot } = await app.create('SCRIPTED', { name: 'root' }, 'root');
  script('root').act('finish');
  await changes.reaches(ofRoot, 'SUCCEEDED');
  const FIELDS = '{ commandId applied dryRun selectedCount deletedCount refusedCount refusals { jobId code message } }';
  const remove = async (jobs: string, user: string, more = '') =>
    (await change(app, `deleteJobs(jobs: ${jobs}, reason: "tidy"${more}) ${FIELDS}`, user)) as Record<
      string,
      { readonly deletedCount?: number }
    >;
  const all = `{ ids: ["${ended}", "${running}", "${ofRoot}", "1"] }`;
  const refusals = [
    { jobId: running, code: 'INVALID_STATUS', message: `cannot delete running job ${running}: it has not ended` },
    { jobId: ofRoot, code: 'FORBIDDEN', message: 'only admins can control jobs owned by other admins' },
    { jobId: '1', code: 'NOT_FOUND', message: 'job with ID 1 does not exist' },
  ];
  const counts = { selectedCount: 4, deletedCount: 1, refusedCount: 3, refusals };
  while ((await remove(all, 'con', ', dryRun: true')).deleteJobs?.deletedCount === 0) {
    // Until what it left behind has been removed.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const nothing = { ...counts, applied: false, commandId: null };
  expect(await remove(all, 'con', ', dryRun: true')).toEqual({ deleteJobs: { ...nothing, dryRun: true } });
  expect(await remove(all, 'con', ', onRefusal: ABORT')).toEqual({ deleteJobs: { ...nothing, dryRun: false } });
  expect(await remove(all, 'con', ', expectedCount: 3')).toMatchObject({ extensions: { code: 'COUNT_MISMATCH' } });
  expect(await remove(all, 'vic')).toMatchObject({ deleteJobs: { deletedCount: 0, refusedCount: 4 } });
  expect(await remove(all, 'ann')).toMatchObject({ deleteJobs: { deletedCount: 0, refusedCount: 4 } });
  const { head } = await app.store.log();
  expect(await remove(all, 'con')).toEqual({
    deleteJobs: { ...counts, applied: true, dryRun: false, commandId: expect.any(String) },
  });
  const { data } = await app.send({
    query: `{ jobs { nodes { id } } jobEvents(where: { jobId: { equals: "${ended}" } }) { nodes { jobId job { id } } } }`,
  });
  expect(data).toMatchObject({ jobs: { nodes: [{ id: ofRoot }, { id: running }] } });
  expect((data as { jobEvents: { nodes: unknown[] } }).jobEvents.nodes).toEqual(
    Array.from({ length: 3 }, () => ({ jobId: ended, job: null })),
  );
  expect((await app.store.log()).head).toBe(head);
  expect((await logOf(app)).at(-1)).toMatchObject({
    actor: { name: 'con' },
    action: 'deleteJobs',
    after: { count: 1, ids: [ended] },
    reason: 'tidy',
  });
  const file = new Database(join(app.dataDir, 'databases', 'demo.db'), { readonly: true });
  const left = file.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%' || ? || '%'");
  while (left.all(ended).length > 0) await new Promise((resolve) => setImmediate(resolve));
  file.close();
  await order(app, 'CANCEL', [running]);
});

test('a database is unregistered with what Signalbox left in it, and its file deleted only if Signalbox created it', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await change(app, 'createDatabase(input: { name: "demo" }) { database { name } }');
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), 'id\n1\nx\n');
  const columns = [{ name: 'id', type: 'INTEGER', primaryKey: true }];
  const input = { database: 'demo', table: 't', columns, sources: ['nodelocal:///a.csv'], rejectLimit: 1 };
  const { id } = await app.create('IMPORT', input, 'root');
  await changes.reaches(id, 'SUCCEEDED');
  const { id: feed } = await app.create('CHANGEFEED', { database: 'demo', tables: ['t'] }, 'root');
  await changes.reaches(feed, 'RUNNING');
  const path = join(app.dataDir, 'databases', 'demo.db');
  await change(app, `createDatabase(input: { name: "again", url: "file:${path}" }) { database { name } }`);
  const remove = (name: string, more = '', user = 'root') =>
    change(app, `deleteDatabase(input: { name: "${name}"${more} }) { id name }`, user);
  await addUser(app, 'ann', { privileges: ['CREATEJOB'], databases: { names: ['again'] } });
  expect(await remove('demo', '', 'ann')).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect(await remove('none')).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  expect(await remove('demo')).toMatchObject({ extensions: { code: 'CONFLICT', jobId: feed } });
  expect(await remove('again', ', deleteFile: true')).toMatchObject({ extensions: { field: 'input.deleteFile' } });
  expect(await remove('demo', ', deleteFile: true')).toMatchObject(CONFLICT);
  await order(app, 'CANCEL', [feed]);
  await changes.reaches(feed, 'CANCELED');
  expect(await remove('again')).toEqual({ deleteDatabase: { id: 'database:again', name: 'again' } });
  expect((await app.store.users()).find(({ name }) => name === 'ann')?.databases).toEqual([]);
  let gone = await remove('demo');
  while ('extensions' in (gone ?? {})) gone = await remove('demo');
  expect(gone).toMatchObject({ deleteDatabase: { name: 'demo' } });
  const file = new Database(path, { readonly: true });
  expect(file.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['t']);
  file.close();
  expect((await logOf(app)).at(-1)).toMatchObject({
    action: 'deleteDatabase',
    target: 'demo',
    before: { url: 'file:demo.db' },
  });
  await change(app, 'createDatabase(input: { name: "other" }) { database { name } }');
  expect(await remove('other', ', deleteFile: true')).toMatchObject({ deleteDatabase: { name: 'other' } });
  expect(existsSync(join(app.dataDir, 'databases', 'other.db'))).toBe(false);
  expect(existsSync(path)).toBe(true);
});

test('during maintenance only admins change anything; everyone reads, and jobs go on', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-maintenance-'));
  try {
    {
      await using app = await startApp({ dataDir });
      await addUser(app, 'ann', { privileges: ['CREATEJOB', 'CONTROLJOB'] });
    }
    const { kind, script } = scriptedKind();
    await using app = await startApp({ dataDir, kinds: [kind], settings: { MAINTENANCE: 'true' } });
    await using changes = changesOf(app);
    const { id } = await app.create('SCRIPTED', { name: 'a' }, 'ann');
    await changes.reaches(id, 'RUNNING');
    const UNAVAILABLE = { extensions: { code: 'UNAVAILABLE' } };
    expect(await change(app, 'pauseJobs(jobs: { all: true }) { changedCount }', 'ann')).toMatchObject(UNAVAILABLE);
    expect(await change(app, 'createToken(input: { userName: "ann" }) { id }', 'ann')).toMatchObject(UNAVAILABLE);
    expect((await app.send({ query: '{ jobs { totalCount } }' }, 'ann')).data).toEqual({ jobs: { totalCount: 1 } });
    expect(await change(app, 'createUser(input: { name: "bob" }) { user { name } }')).toMatchObject({ createUser: {} });
    script('a').act('finish');
    await changes.reaches(id, 'SUCCEEDED');
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test('an event has the address of its request, behind a proxy the one that the proxy reports', async () => {
  await using app = await startApp({ settings: { TRUST_PROXY: '1' } });
  const query = 'mutation { createUser(input: { name: "ann" }) { user { name } } }';
  const forwarded = { 'x-forwarded-for': '198.51.100.9, 192.0.2.1' };
  expect((await postJson(app.url, { query }, forwarded)).json).not.toHaveProperty('errors');
  await change(app, 'updateUser(input: { name: "ann", privileges: [VIEWJOB] }) { user { name } }');
  const events = '{ auditEvents { nodes { action remoteAddress } } }';
  expect((await app.send({ query: events })).data).toEqual({
    auditEvents: {
      nodes: [
        { action: 'settings', remoteAddress: null },
        { action: 'createUser', remoteAddress: '192.0.2.1' },
        { action: 'updateUser', remoteAddress: '127.0.0.1' },
      ],
    },
  });
});

test('a cursor that retention has passed, or beyond the end, is refused as in the log of jobs', async () => {
  await using app = await startApp();
  for (const name of ['ann', 'bob']) await addUser(app, name);
  const read = async (args: string) => {
    const { data, errors } = await app.send({ query: `{ auditEvents(${args}) { nodes { cursor } } }` });
    const page = data as { auditEvents: { nodes: readonly { cursor: string }[] } };
    return errors === undefined ? page.auditEvents.nodes.map(({ cursor }) => cursor) : errors[0]?.extensions;
  };
  const [first = '', second = '', ...rest] = (await read('first: 10')) as readonly string[];
  const tooFar = { code: 'BAD_USER_INPUT' };
  expect(await read('after: "0000000000000999"')).toEqual({ ...tooFar, field: 'after' });
  expect(await read('before: "0000000000000999"')).toEqual({ ...tooFar, field: 'before' });
  expect(await read(`after: "${first}"`)).toEqual([second, ...rest]);
  expect(await app.store.removeAuditEvents(Date.now(), 2)).toBe(2);
  expect(await read(`after: "${first}"`)).toEqual({ code: 'CURSOR_EXPIRED' });
  expect(await read(`after: "${second}"`)).toEqual(rest);
});
