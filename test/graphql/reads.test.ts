import { expect, test } from 'vitest';
import { Transient } from '../../src/jobs/kind.ts';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

const JOB = graphql(/* GraphQL */ `
  query Job($id: ID!) {
    job(id: $id) {
      __typename
      id
      type
      typeName
      status
      attempts
      estimatedFinishAt
      modifiedAt
      fractionCompleted
      executionErrors {
        at
        attempt
        message
      }
      blockedBy {
        id
      }
    }
  }
`);
const NODE = graphql(/* GraphQL */ `
  query Node($id: ID!) {
    node(id: $id) {
      __typename
      id
    }
  }
`);
const ADD_DATABASE = graphql(/* GraphQL */ `
  mutation AddDatabase($name: String!) {
    createDatabase(input: { name: $name }) {
      database {
        id
        name
        error
      }
    }
  }
`);

test('a job shows the attempts that failed, newest first, and what it does now', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  expect((await app.execute(JOB, { id })).job).toMatchObject({ executionErrors: [], estimatedFinishAt: null });

  script('a').act(new Transient('the network is away'));
  await changes.reaches(id, 'RUNNING', 2);
  script('a').act(new Transient('the network is away still'));
  await changes.reaches(id, 'RUNNING', 3);

  const { job } = await app.execute(JOB, { id });
  expect(job).toMatchObject({
    __typename: 'CustomJob',
    id,
    type: 'CUSTOM',
    typeName: 'SCRIPTED',
    status: 'RUNNING',
    attempts: 2,
    executionErrors: [
      { attempt: 2, message: 'the network is away still' },
      { attempt: 1, message: 'the network is away' },
    ],
    blockedBy: [],
  });
});

test('an end is estimated from the rate since the job was last started', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  script('a').act({ checkpoint: 1, fractionCompleted: 0.25 });
  const saved = await untilSaved(app, id);
  const estimated = Date.parse(saved?.estimatedFinishAt ?? '');
  expect(estimated).toBeGreaterThanOrEqual(Date.parse(saved?.modifiedAt ?? ''));
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect((await app.execute(JOB, { id })).job).toMatchObject({ estimatedFinishAt: null, fractionCompleted: 1 });
});

test('a node is found by its id, whatever it is, and an invalid id is distinguished from an unknown one', async () => {
  await using app = await startApp({ kinds: [scriptedKind().kind] });
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  expect((await app.execute(ADD_DATABASE, { name: 'demo' })).createDatabase.database).toEqual({
    id: 'database:demo',
    name: 'demo',
    error: null,
  });
  const find = async (wanted: string) => (await app.execute(NODE, { id: wanted })).node;
  expect(await find(id)).toEqual({ __typename: 'CustomJob', id });
  expect(await find('user:root')).toEqual({ __typename: 'User', id: 'user:root' });
  expect(await find('database:demo')).toEqual({ __typename: 'Database', id: 'database:demo' });
  for (const missing of ['1', '9007199254740991', 'user:nobody', 'user:', 'database:other', 'database:demo:x']) {
    expect(await find(missing), missing).toBeNull();
  }
  for (const nonsense of [
    '',
    'abc',
    '0',
    '-1',
    '01',
    '1.5',
    '1e3',
    '9007199254740992',
    'job:1',
    'constructor:x',
    '__proto__:x',
    ':',
  ]) {
    expect((await app.refuse(NODE, { id: nonsense })).extensions, nonsense).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'id',
    });
  }
  for (const nonsense of ['', 'abc', '0', 'user:root', '9007199254740992']) {
    expect((await app.refuse(JOB, { id: nonsense })).extensions, nonsense).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'id',
    });
  }
  expect((await app.execute(JOB, { id: '1' })).job).toBeNull();
});

/** Progress is no event: it is asked for until it is there. */
const untilSaved = async (app: TestApp, id: string) => {
  for (;;) {
    const { job } = await app.execute(JOB, { id });
    if (job?.estimatedFinishAt) return job;
  }
};
