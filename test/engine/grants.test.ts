/** The privilege CREATEJOB alone reaches no database and no file: both are granted. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import type { UpdateUserInput } from '../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser, jobNow, jobWhen, order } from '../support/control.ts';
import { setPrivileges } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';

const UPDATE = graphql(/* GraphQL */ `
  mutation Grant($input: UpdateUserInput!) {
    updateUser(input: $input) {
      user {
        allDatabases
        databases
        allFiles
        filesFolder
      }
    }
  }
`);
const SEEN = graphql(/* GraphQL */ `
  query SeenDatabases($name: String!, $id: ID!) {
    databases {
      name
    }
    database(name: $name) {
      name
    }
    node(id: $id) {
      id
    }
  }
`);

const grant = async (app: TestApp, input: UpdateUserInput) => (await app.execute(UPDATE, { input })).updateUser.user;

const open = async (options: Parameters<typeof startApp>[0] = {}) => {
  const app = await startApp(options);
  for (const name of ['demo', 'secret']) {
    await app.send({ query: `mutation { createDatabase(input: { name: "${name}" }) { database { name } } }` });
  }
  for (const folder of ['ann', 'other']) {
    mkdirSync(join(app.dataDir, 'files', folder), { recursive: true });
    writeFileSync(join(app.dataDir, 'files', folder, 'people.csv'), 'id,name\n1,one\n');
  }
  await addUser(app, 'ann', {
    privileges: ['CREATEJOB'],
    databases: { names: ['demo'] },
    files: { folder: 'ann' },
  });
  return app;
};

const columns = [
  { name: 'id', type: 'INTEGER', primaryKey: true },
  { name: 'name', type: 'TEXT' },
];
const people = (more: object = {}) => ({
  database: 'demo',
  table: 'people',
  sources: ['nodelocal:///ann/people.csv'],
  columns,
  ...more,
});

const seenBy = async (app: TestApp, user: string, name: string) => {
  const { databases, database, node } = await app.execute(SEEN, { name, id: `database:${name}` }, user);
  expect(node?.id).toBe(database === null ? undefined : `database:${name}`);
  return [databases.map((one) => one.name), database?.name];
};

test('a job reaches the databases and the folder that were granted to its creator, and no others exist for them', async () => {
  await using app = await open();
  await using changes = changesOf(app);
  expect(await seenBy(app, 'ann', 'demo')).toEqual([['demo'], 'demo']);
  expect(await seenBy(app, 'ann', 'secret')).toEqual([['demo'], undefined]);

  const { id } = await app.create('IMPORT', people(), 'ann');
  await changes.reaches(id, 'SUCCEEDED');
  const refused: readonly (readonly [string, object, string])[] = [
    ['IMPORT', people({ database: 'secret' }), 'input.database'],
    ['IMPORT', people({ database: 'none' }), 'input.database'],
    ['IMPORT', people({ table: 't', sources: ['nodelocal:///other/people.csv'] }), 'input.sources.0'],
    ['IMPORT', people({ table: 't', sources: ['nodelocal:///ann/%2e%2e/other/people.csv'] }), 'input.sources.0'],
    ['BACKUP', { database: 'secret', destination: 'nodelocal:///ann/b' }, 'input.database'],
    ['BACKUP', { database: 'demo', destination: 'nodelocal:///other/b' }, 'input.destination'],
    ['CHANGEFEED', { database: 'secret', tables: ['people'] }, 'input.database'],
    ['CHANGEFEED', { database: 'demo', tables: ['people'], sink: 'nodelocal:///other/feed' }, 'input.sink'],
    ['SCHEMA_CHANGE', { database: 'secret', changes: [{ dropColumn: { table: 't', column: 'c' } }] }, 'input.database'],
    ['RESTORE', { database: 'new', source: 'nodelocal:///other/b' }, 'input.source'],
  ];
  for (const [type, input, field] of refused) {
    await expect(app.create(type, input, 'ann'), JSON.stringify(input)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      extensions: { field },
    });
  }
  const messageFor = async (database: string) =>
    app.create('IMPORT', people({ database }), 'ann').then(String, (error: Error) => error.message);
  expect(await messageFor('secret')).toBe((await messageFor('hidden')).replace('hidden', 'secret'));
  expect((await app.send({ query: '{ jobs { totalCount } }' })).data).toEqual({ jobs: { totalCount: 1 } });
});

test('a database that a job restored belongs to its creator, and its name is not available to others', async () => {
  await using app = await open();
  await using changes = changesOf(app);
  const backup = await app.create('BACKUP', { database: 'demo', destination: 'nodelocal:///ann/b' }, 'ann');
  await changes.reaches(backup.id, 'SUCCEEDED');
  const restore = { database: 'copy', source: 'nodelocal:///ann/b' };
  const { id } = await app.create('RESTORE', restore, 'ann');
  await changes.reaches(id, 'SUCCEEDED');
  expect(await seenBy(app, 'ann', 'copy')).toEqual([['copy', 'demo'], 'copy']);
  await addUser(app, 'bob', { privileges: ['CREATEJOB'], databases: { names: [] } });
  expect(await seenBy(app, 'bob', 'copy')).toEqual([[], undefined]);
  const taken = await app.create('RESTORE', restore, 'bob').then(String, (error: object) => error);
  expect(taken).toMatchObject({ code: 'CONFLICT', message: 'database copy already exists' });
});

test('a conflict names a job only to those who may see it', async () => {
  await using app = await open({ kinds: [scriptedKind().kind], settings: { WORKERS: '1' } });
  await app.create('SCRIPTED', { name: 'busy' }, 'root');
  await addUser(app, 'bob', { privileges: ['CREATEJOB'] });
  const { id } = await app.create('IMPORT', people(), 'ann');
  const refused = (user: string) => app.create('IMPORT', people(), user).then(String, (error: object) => error);
  expect(await refused('bob')).toMatchObject({
    code: 'CONFLICT',
    message: 'another job already makes table demo.people',
    extensions: {},
  });
  expect(await refused('ann')).toMatchObject({ message: expect.stringContaining(id), extensions: { jobId: id } });
});

test('a job whose creator has lost a grant pauses, saying so, and continues once it is granted again', async () => {
  const { kind, script } = scriptedKind();
  await using app = await open({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const { id: busy } = await app.create('SCRIPTED', { name: 'busy' }, 'root');
  await changes.reaches(busy, 'RUNNING');
  const { id } = await app.create('IMPORT', people(), 'ann');
  expect(await grant(app, { name: 'ann', databases: { names: ['secret'] } })).toMatchObject({ databases: ['secret'] });
  script('busy').act('finish');
  await changes.reaches(id, 'PAUSED');
  const again = 'grant it again, then resume the job';
  expect(await jobNow(app, id)).toMatchObject({
    pauseReason: `database demo is not granted to user ann: ${again}`,
    statusMessage: `database demo is not granted to user ann: ${again}`,
  });

  await grant(app, { name: 'ann', databases: { names: ['demo'] }, files: { folder: 'other' } });
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'PAUSED', 2);
  expect((await jobNow(app, id)).pauseReason).toBe(`nodelocal:///ann/people.csv is not granted to user ann: ${again}`);

  await grant(app, { name: 'ann', files: { all: false } });
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'PAUSED', 3);
  await grant(app, { name: 'ann', files: { all: true } });
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'SUCCEEDED');
});

test('jobs of a user who loses CREATEJOB go on and start, and the user creates no other', async () => {
  const { kind, script } = scriptedKind();
  await using app = await open({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const { id: running } = await app.create('SCRIPTED', { name: 'running' }, 'ann');
  const { id: waiting } = await app.create('SCRIPTED', { name: 'waiting' }, 'ann');
  await changes.reaches(running, 'RUNNING');
  await setPrivileges(app, 'ann', []);
  await expect(app.create('SCRIPTED', { name: 'another' }, 'ann')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const { errors } = await app.send(
    { query: `mutation { rerunJob(input: { id: "${running}" }) { job { id } } }` },
    'ann',
  );
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect(await jobNow(app, running)).toMatchObject({ status: 'RUNNING' });
  script('running').act('finish');
  await changes.reaches(waiting, 'RUNNING');
  script('waiting').act('finish');
  await changes.reaches(waiting, 'SUCCEEDED');
  expect(changes.statusesOf(running)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test('a job that lost its grants can still be canceled: what it wrote is removed', async () => {
  await using app = await open();
  await using changes = changesOf(app);
  writeFileSync(
    join(app.dataDir, 'files', 'ann', 'big.csv'),
    `id,name\n${Array.from({ length: 100_000 }, (_, id) => `${id},one\n`).join('')}`,
  );
  const slow = people({ table: 'big', sources: ['nodelocal:///ann/big.csv'], maxRowsPerSecond: 1_000 });
  const { id: running } = await app.create('IMPORT', slow, 'ann');
  await jobWhen(app, running, ({ counters }) => counters.some(({ name, value }) => name === 'rows' && value > 0));
  await grant(app, { name: 'ann', databases: { names: [] }, files: { all: false } });
  await order(app, 'CANCEL', [running]);
  await changes.reaches(running, 'CANCELED');
});

const REFUSED = [
  [{ databases: null }, 'input.databases'],
  [{ files: null }, 'input.files'],
  [{ files: { folder: '' } }, 'input.files.folder'],
  [{ files: { folder: '../b' } }, 'input.files.folder'],
  [{ files: { folder: '/a' } }, 'input.files.folder'],
  [{ files: { folder: 'a/' } }, 'input.files.folder'],
  [{ files: { folder: 'a\\b' } }, 'input.files.folder'],
  [{ databases: { names: ['demo', 'none'] } }, 'input.databases.names.1'],
] as const;

test('a grant that is null, or names nothing that can be granted, is refused and changes nothing', async () => {
  await using app = await open();
  for (const [given, field] of REFUSED) {
    for (const [verb, name] of [
      ['create', 'bob'],
      ['update', 'ann'],
    ] as const) {
      const type = `${verb === 'create' ? 'Create' : 'Update'}UserInput`;
      const { errors } = await app.send({
        query: `mutation ($input: ${type}!) { ${verb}User(input: $input) { user { name } } }`,
        variables: { input: { name, ...given } },
      });
      expect([given, errors?.[0]?.extensions]).toEqual([given, { code: 'BAD_USER_INPUT', field }]);
    }
  }
  const users = await app.store.users();
  expect(users.map(({ name }) => name)).toEqual(['ann', 'root']);
  expect(users[0]).toMatchObject({ databases: ['demo'], files: { folder: 'ann' } });
});

test('left out at creation, nothing is granted; admins may use everything', async () => {
  await using app = await open();
  await app.send({
    query: 'mutation { createUser(input: { name: "bob", privileges: [CREATEJOB] }) { user { name } } }',
  });
  expect(await seenBy(app, 'bob', 'demo')).toEqual([[], undefined]);
  await expect(app.create('IMPORT', people(), 'bob')).rejects.toMatchObject({
    extensions: { field: 'input.database' },
  });
  expect(await grant(app, { name: 'bob', admin: true })).toEqual({
    allDatabases: true,
    databases: [],
    allFiles: true,
    filesFolder: null,
  });
  expect(await seenBy(app, 'bob', 'demo')).toEqual([['demo', 'secret'], 'demo']);
});
