import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { badInput } from '../../src/errors.ts';
import type { Environment } from '../../src/jobs/kind.ts';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

const DATABASES = graphql(/* GraphQL */ `
  query ListedNames {
    databases {
      name
    }
  }
`);
const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateOfName($name: String!) {
    createDatabase(input: { name: $name }) {
      database {
        name
      }
    }
  }
`);

/** A kind whose jobs make the database that they are named after, unless it is there. */
const startMaking = async () => {
  const { kind, script } = scriptedKind('MAKING');
  const seen: Environment[] = [];
  const making = {
    ...kind,
    create: async (input: unknown, environment: Environment) => {
      const { name } = input as { name: string };
      if (environment.database !== null) throw badInput('input.database', `database ${name} is there`);
      const creation = await kind.create(input, environment);
      return { ...creation, database: name, makesDatabase: true as const, returnedOnce: { secret: `of ${name}` } };
    },
    run: (...[work, io]: Parameters<typeof kind.run>) => {
      seen.push(io.environment);
      return kind.run(work, io);
    },
  };
  const app = await startApp({ kinds: [making], settings: { WORKERS: '8' } });
  const changes = changesOf(app);
  return {
    app,
    script,
    changes,
    seen,
    create: (name: string, idempotencyKey?: string) =>
      app.create('MAKING', { name, database: name, idempotencyKey }, 'root'),
    names: async () => (await app.execute(DATABASES, {})).databases.map(({ name }) => name),
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

test('a database that a job makes is listed once the job has succeeded, and not before', async () => {
  await using stage = await startMaking();
  const { id } = await stage.create('made');
  await stage.changes.reaches(id, 'RUNNING');
  expect(await stage.names()).toEqual([]);
  expect(stage.seen[0]?.database).toEqual({ engine: 'sqlite', file: join(stage.app.dataDir, 'databases', 'made.db') });
  stage.script('made').act('finish');
  await stage.changes.reaches(id, 'SUCCEEDED');
  expect(await stage.names()).toEqual(['made']);
});

test('the name is free again when the job fails or is canceled', async () => {
  await using stage = await startMaking();
  const failing = await stage.create('failing');
  stage.script('failing').act(new Error('no'), 'finish');
  await stage.changes.reaches(failing.id, 'FAILED');
  const canceled = await stage.create('canceled');
  await stage.changes.reaches(canceled.id, 'RUNNING');
  await order(stage.app, 'CANCEL', [canceled.id]);
  await stage.changes.reaches(canceled.id, 'REVERTING');
  stage.script('canceled').act('finish');
  await stage.changes.reaches(canceled.id, 'CANCELED');
  expect(await stage.names()).toEqual([]);
  for (const name of ['failing', 'canceled']) await stage.app.execute(CREATE_DATABASE, { name });
  expect(await stage.names()).toEqual(['canceled', 'failing']);
});

test('while a job makes it, nobody else gets the name, and the refusal names the job', async () => {
  await using stage = await startMaking();
  const { id } = await stage.create('made');
  await expect(stage.create('made')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: `job ${id} already makes database made`,
  });
  const refusal = await stage.app.refuse(CREATE_DATABASE, { name: 'made' });
  expect(refusal.extensions.code).toBe('CONFLICT');
  expect(existsSync(join(stage.app.dataDir, 'databases', 'made.db'))).toBe(false);
});

test('a name that is none, and a file that is in the way, are refused', async () => {
  await using stage = await startMaking();
  await expect(stage.create('../made')).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    extensions: { field: 'input.database' },
  });
  writeFileSync(join(stage.app.dataDir, 'databases', 'there.db'), 'somebody else made it');
  await expect(stage.create('there')).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await stage.names()).toEqual([]);
});

test('the same idempotency key finds the job although its table exists by then, and returns its secret once', async () => {
  await using stage = await startMaking();
  const first = await stage.create('made', 'key');
  expect(first).toMatchObject({ created: true, returnedOnce: { secret: 'of made' } });
  stage.script('made').act('finish');
  await stage.changes.reaches(first.id, 'SUCCEEDED');
  expect(await stage.create('made', 'key')).toEqual({ id: first.id, created: false, returnedOnce: {} });
  await expect(stage.create('made')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(stage.create('other', 'key')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});
