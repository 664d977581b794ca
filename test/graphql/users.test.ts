import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { startApp } from '../support/app.ts';
import { openEvents, openSocket } from '../support/wire.ts';

const ADD = graphql(/* GraphQL */ `
  mutation AddAnyUser($input: CreateUserInput!) {
    createUser(input: $input) {
      user {
        id
        name
        isAdmin
        privileges
        createdAt
      }
    }
  }
`);
const UPDATE = graphql(/* GraphQL */ `
  mutation UpdateAnyUser($input: UpdateUserInput!) {
    updateUser(input: $input) {
      user {
        id
        name
        isAdmin
        privileges
        createdAt
      }
    }
  }
`);
const USERS = graphql(/* GraphQL */ `
  query Users {
    users {
      name
      isAdmin
      privileges
    }
  }
`);
const VIEWER = graphql(/* GraphQL */ `
  query Viewer {
    viewer {
      name
      isAdmin
      privileges
    }
  }
`);
const DATABASES = graphql(/* GraphQL */ `
  query Databases {
    databases {
      name
    }
  }
`);
const DATABASE = graphql(/* GraphQL */ `
  query Database($name: String!) {
    database(name: $name) {
      name
      tables {
        name
      }
    }
  }
`);
const ADD_DATABASE = graphql(/* GraphQL */ `
  mutation AddADatabase($name: String!) {
    createDatabase(input: { name: $name }) {
      database {
        name
      }
    }
  }
`);
const WHO = graphql(/* GraphQL */ `
  query Who($id: ID!) {
    node(id: $id) {
      id
    }
  }
`);

test('root is there from the start, and an admin makes users who can come at once', async () => {
  await using app = await startApp();
  expect((await app.execute(VIEWER)).viewer).toEqual({ name: 'root', isAdmin: true, privileges: [] });
  const { user } = (await app.execute(ADD, { input: { name: 'ann', privileges: ['VIEWJOB', 'CREATEJOB', 'VIEWJOB'] } }))
    .createUser;
  expect(user).toMatchObject({ id: 'user:ann', name: 'ann', isAdmin: false, privileges: ['VIEWJOB', 'CREATEJOB'] });
  expect(Date.parse(user.createdAt)).toBeGreaterThan(Date.now() - 60_000);
  for (let n = 0; n < 20; n += 1) {
    const name = `user${n}`;
    await app.execute(ADD, { input: { name, admin: n % 2 === 0 } });
    expect((await app.execute(VIEWER, {}, name)).viewer).toEqual({ name, isAdmin: n % 2 === 0, privileges: [] });
  }
  expect((await app.execute(USERS)).users.length).toBe(22);
});

test('a name that is taken, or is none, makes nobody', async () => {
  await using app = await startApp();
  await app.execute(ADD, { input: { name: 'ann' } });
  for (const name of ['ann', 'root']) {
    expect(await app.refuse(ADD, { input: { name, admin: true } }), name).toMatchObject({
      message: `user ${name} already exists`,
      extensions: { code: 'CONFLICT' },
    });
  }
  for (const name of ['', ' ann', 'a b', '-a', '.a', 'a/b', 'a:b', 'é', 'a\n', 'x'.repeat(65), '<script>']) {
    expect((await app.refuse(ADD, { input: { name } })).extensions, name).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'input.name',
    });
  }
  for (const name of ['a', '_x', '0', 'A.b-c_d@example.com', 'x'.repeat(64)]) {
    expect((await app.execute(ADD, { input: { name } })).createUser.user.name).toBe(name);
  }
  expect((await app.execute(USERS)).users.filter(({ isAdmin }) => isAdmin).map(({ name }) => name)).toEqual(['root']);
});

test('an admin changes what a user may do, at once, and what is left out stays', async () => {
  await using app = await startApp();
  const made = (await app.execute(ADD, { input: { name: 'ann', privileges: ['VIEWJOB'] } })).createUser.user;
  await app.execute(ADD, { input: { name: 'bob', privileges: ['VIEWJOB'] } });
  const viewer = async () => (await app.execute(VIEWER, {}, 'ann')).viewer;
  const update = async (input: object) =>
    (await app.execute(UPDATE, { input: { name: 'ann', ...input } })).updateUser.user;
  expect(await update({ privileges: ['CREATEJOB', 'CONTROLJOB', 'CREATEJOB'] })).toEqual({
    ...made,
    privileges: ['CREATEJOB', 'CONTROLJOB'],
  });
  expect(await viewer()).toEqual({ name: 'ann', isAdmin: false, privileges: ['CREATEJOB', 'CONTROLJOB'] });
  expect(await update({ admin: true, privileges: null })).toMatchObject({ isAdmin: true });
  expect(await viewer()).toEqual({ name: 'ann', isAdmin: true, privileges: ['CREATEJOB', 'CONTROLJOB'] });
  expect((await app.execute(USERS, {}, 'ann')).users.length).toBe(3);
  await update({ admin: false, privileges: [] });
  expect(await viewer()).toEqual({ name: 'ann', isAdmin: false, privileges: [] });
  expect((await app.refuse(USERS, {}, 'ann')).extensions).toEqual({ code: 'FORBIDDEN' });
  expect((await app.execute(USERS)).users.find(({ name }) => name === 'bob')?.privileges).toEqual(['VIEWJOB']);
});

test('a change of a user that cannot be changes nothing', async () => {
  await using app = await startApp();
  await app.execute(ADD, { input: { name: 'ann', privileges: ['VIEWJOB'] } });
  const before = await app.execute(USERS);
  const refused = async (input: { name: string; admin?: boolean | null; privileges?: null }, user?: string) => {
    const { message, extensions } = await app.refuse(UPDATE, { input }, user);
    return [message, extensions];
  };
  expect(await refused({ name: 'root', admin: false })).toEqual([
    'admin false is not allowed for user root',
    { code: 'BAD_USER_INPUT', field: 'input.admin' },
  ]);
  for (const nothing of [{}, { admin: null, privileges: null }]) {
    expect(await refused({ name: 'ann', ...nothing })).toEqual([
      'input changes nothing: give admin, privileges, databases or files',
      { code: 'BAD_USER_INPUT', field: 'input' },
    ]);
  }
  expect(await refused({ name: 'Anna', admin: true })).toEqual(['user Anna does not exist', { code: 'NOT_FOUND' }]);
  expect(await refused({ name: 'ann', admin: true }, 'ann')).toEqual([
    'user ann is not an admin: only admins change users',
    { code: 'FORBIDDEN' },
  ]);
  expect(await app.execute(USERS)).toEqual(before);
});

test('only admins list and make users; others know of themselves', async () => {
  await using app = await startApp();
  await app.execute(ADD, { input: { name: 'con', privileges: ['CREATEJOB', 'VIEWJOB', 'CONTROLJOB'] } });
  for (const refused of [app.refuse(USERS, {}, 'con'), app.refuse(ADD, { input: { name: 'x', admin: true } }, 'con')]) {
    expect((await refused).extensions).toEqual({ code: 'FORBIDDEN' });
  }
  expect((await app.execute(USERS)).users.map(({ name }) => name)).toEqual(['con', 'root']);
  expect((await app.execute(WHO, { id: 'user:con' }, 'con')).node).toEqual({ id: 'user:con' });
  expect((await app.execute(WHO, { id: 'user:root' }, 'con')).node).toBeNull();
});

test('databases are for those who create jobs, and made by admins', async () => {
  await using app = await startApp();
  await app.execute(ADD, { input: { name: 'ann', privileges: ['CREATEJOB'], databases: { all: true } } });
  await app.execute(ADD, { input: { name: 'con', privileges: ['VIEWJOB', 'CONTROLJOB'] } });
  await app.execute(ADD_DATABASE, { name: 'demo' });
  for (const name of ['root', 'ann']) {
    expect(await app.execute(DATABASES, {}, name)).toEqual({ databases: [{ name: 'demo' }] });
    expect(await app.execute(DATABASE, { name: 'demo' }, name)).toEqual({ database: { name: 'demo', tables: [] } });
    expect(await app.execute(DATABASE, { name: 'other' }, name)).toEqual({ database: null });
  }
  const refused = [
    app.refuse(DATABASES, {}, 'con'),
    app.refuse(DATABASE, { name: 'demo' }, 'con'),
    app.refuse(DATABASE, { name: 'other' }, 'con'),
    app.refuse(WHO, { id: 'database:demo' }, 'con'),
    app.refuse(ADD_DATABASE, { name: 'more' }, 'con'),
    app.refuse(ADD_DATABASE, { name: 'more' }, 'ann'),
  ];
  for (const failure of await Promise.all(refused)) expect(failure.extensions).toEqual({ code: 'FORBIDDEN' });
  expect((await app.refuse(ADD_DATABASE, { name: 'demo' })).extensions).toEqual({ code: 'CONFLICT' });
  for (const name of ['', 'a b', '../up', 'a.db', 'x'.repeat(129)]) {
    expect((await app.refuse(ADD_DATABASE, { name })).extensions, name).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'input.name',
    });
  }
  expect((await app.execute(DATABASES)).databases).toEqual([{ name: 'demo' }]);
});

test('a user who does not exist is closed with 4401 on a socket, and refused on an event stream', async () => {
  await using app = await startApp();
  for (const user of ['ghost', '', 7, 'é'.repeat(200), null, false, ['root'], {}]) {
    await using socket = await openSocket(app.url, { params: { user } });
    const { code, reason } = await socket.closed;
    expect(code, String(user)).toBe(4401);
    expect(reason).toMatch(/^user /);
  }
  await using byHeader = await openSocket(app.url, { headers: { 'x-signalbox-user': 'ghost' } });
  expect((await byHeader.closed).code).toBe(4401);
  const stream = await openEvents(
    app.url,
    { query: 'subscription { jobStatusChanged { cursor } }' },
    { user: 'ghost' },
  );
  expect(await stream.next()).toEqual({
    errors: [{ message: 'user ghost does not exist', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await stream.next()).toBeNull();
});
