/** Users and databases are created once for each idempotency key, as jobs are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';

const USER = `mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id name privileges createdAt } } }`;
const DATABASE = `mutation ($input: CreateDatabaseInput!) { createDatabase(input: $input) { database { name url } } }`;

const send = async (app: TestApp, query: string, input: object, user = 'root') => {
  const { data, errors } = await app.send({ query, variables: { input } }, user);
  return errors === undefined ? Object.values(data as object)[0] : errors[0]?.extensions.code;
};
const auditOf = async (app: TestApp) => {
  const { data } = await app.send({ query: '{ auditEvents { nodes { action target } } }' });
  return (data as { auditEvents: { nodes: { action: string; target: string }[] } }).auditEvents.nodes
    .filter(({ action }) => action !== 'settings')
    .map(({ action, target }) => `${action} ${target}`);
};

test('a user is created once for a key, and the same request gets them as they are now', async () => {
  await using app = await startApp();
  const input = { name: 'ann', privileges: ['VIEWJOB'], idempotencyKey: 'one' };
  const first = await send(app, USER, input);
  expect(first).toMatchObject({ user: { name: 'ann', privileges: ['VIEWJOB'] } });
  expect(await send(app, USER, input)).toEqual(first);
  for (const other of [
    { ...input, name: 'bob' },
    { ...input, privileges: [] },
    { ...input, admin: true },
  ]) {
    expect(await send(app, USER, other)).toBe('IDEMPOTENCY_CONFLICT');
  }
  expect(await send(app, USER, { ...input, idempotencyKey: 'two' })).toBe('CONFLICT');
  for (const idempotencyKey of ['', 'x'.repeat(256)]) {
    expect(await send(app, USER, { ...input, idempotencyKey })).toBe('BAD_USER_INPUT');
  }
  await addUser(app, 'admin', { admin: true });
  expect(await send(app, USER, input, 'admin')).toBe('CONFLICT');
  expect(await send(app, USER, input, 'ann')).toBe('FORBIDDEN');
  await app.send({ query: 'mutation { updateUser(input: { name: "ann", privileges: [] }) { user { name } } }' });
  expect(await send(app, USER, input)).toMatchObject({ user: { name: 'ann', privileges: [] } });
  await app.send({ query: 'mutation { deleteUser(input: { name: "ann" }) { name } }' });
  expect(await send(app, USER, input)).toBe('CONFLICT');
  expect(await auditOf(app)).toEqual(['createUser ann', 'createUser admin', 'updateUser ann', 'deleteUser ann']);
});

test('a database is created once for a key, also when requests are sent at the same time', async () => {
  await using app = await startApp();
  const input = { name: 'shop', idempotencyKey: 'one' };
  const first = await send(app, DATABASE, input);
  expect(first).toEqual({ database: { name: 'shop', url: 'file:shop.db' } });
  expect(await send(app, DATABASE, input)).toEqual(first);
  expect(await send(app, DATABASE, { ...input, name: 'other' })).toBe('IDEMPOTENCY_CONFLICT');
  expect(existsSync(join(app.dataDir, 'databases', 'other.db'))).toBe(false);
  expect(await send(app, DATABASE, { name: 'shop' })).toBe('CONFLICT');
  expect(await send(app, DATABASE, { name: 'a b', idempotencyKey: 'bad' })).toBe('BAD_USER_INPUT');
  expect(await send(app, DATABASE, { name: 'ab', idempotencyKey: 'bad' })).toMatchObject({ database: { name: 'ab' } });

  const together = await Promise.all(
    ['c', 'd', 'c', 'd'].map((name) => send(app, DATABASE, { name, idempotencyKey: 'together' })),
  );
  expect(together.filter((answer) => typeof answer === 'object').length).toBeGreaterThan(0);
  expect(together.every((answer) => typeof answer === 'object' || /CONFLICT$/.test(String(answer)))).toBe(true);
  const { data } = await app.send({ query: '{ databases { name } }' });
  const names = (data as { databases: { name: string }[] }).databases.map(({ name }) => name);
  expect(names.filter((name) => name === 'c' || name === 'd')).toHaveLength(1);

  await app.send({ query: 'mutation { deleteDatabase(input: { name: "shop", deleteFile: true }) { name } }' });
  expect(await send(app, DATABASE, input)).toEqual(first);
});
