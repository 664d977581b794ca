import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { startWithTokens } from '../support/tokens.ts';

const TOKENS = `{ viewer { user { tokens { id name scope kinds createdAt expiresAt lastUsedAt } } } }`;

interface Listed {
  readonly user: { readonly tokens: readonly { readonly id: string; readonly lastUsedAt: string | null }[] };
}

test('users create, list, rotate and revoke their own tokens, and admins those of everyone', async () => {
  let now = Date.UTC(2026, 10, 30);
  await using scene = await startWithTokens({ now: () => now });
  await scene.addUser('ann');
  await scene.addUser('bob');
  const first = await scene.create(scene.root, { userName: 'ANN', name: 'laptop' });
  now += 1_000;
  const second = await scene.create(first.token, { userName: 'ann', scope: 'READ', expiresInSeconds: 3_600 });
  const listed = (await scene.run<Listed>(first.token, TOKENS)).user.tokens;
  expect(listed).toEqual([
    {
      id: second.id,
      name: null,
      scope: 'READ',
      kinds: null,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 3_600_000).toISOString(),
      lastUsedAt: null,
    },
    expect.objectContaining({ id: first.id, name: 'laptop', scope: 'FULL', expiresAt: null }),
  ]);
  expect(JSON.stringify(listed)).not.toContain(second.token.slice(-43));

  const bob = await scene.create(scene.root, { userName: 'bob' });
  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      ({ code, message }) => [code, message],
    );
  expect(await refused(scene.create(first.token, { userName: 'bob' }))).toEqual([
    'FORBIDDEN',
    'user ann is not an admin: only admins create tokens for others',
  ]);
  expect(await refused(scene.create(second.token, { userName: 'ann', scope: 'READ' }))).toEqual([
    'FORBIDDEN',
    'createToken is not allowed: the scope of the token is READ, which permits no mutation',
  ]);
  expect(await refused(scene.create(scene.root, { userName: 'nobody' }))).toEqual([
    'NOT_FOUND',
    'user nobody does not exist',
  ]);
  for (const [token, id] of [
    [first.token, bob.id],
    [scene.root, '0000000000000000'],
  ] as const) {
    expect(await refused(scene.revoke(token, id))).toEqual(['NOT_FOUND', `token ${id} does not exist`]);
  }
  await scene.revoke(first.token, second.id);
  await scene.revoke(scene.root, bob.id);
  expect(await refused(scene.revoke(scene.root, bob.id))).toEqual(['NOT_FOUND', `token ${bob.id} does not exist`]);
  expect((await scene.run<Listed>(first.token, TOKENS)).user.tokens.map(({ id }) => id)).toEqual([first.id]);
  // The last token in use may revoke itself.
  await scene.revoke(first.token, first.id);
  expect((await scene.ask(first.token, TOKENS)).errors?.[0]?.message).toBe('the token is not valid');
});

test('a creation that is repeated with its key gives the same token a new secret', async () => {
  await using scene = await startWithTokens();
  const input = { userName: 'root', name: 'ci', idempotencyKey: 'k1' };
  const once = await scene.create(scene.root, input);
  const again = await scene.create(scene.root, input);
  expect(again.id).toBe(once.id);
  expect(again.token).not.toBe(once.token);
  expect((await scene.ask(once.token, TOKENS)).errors?.[0]?.message).toBe('the token is not valid');
  expect((await scene.run<Listed>(again.token, TOKENS)).user.tokens.length).toBe(2);
  await expect(scene.create(scene.root, { ...input, name: 'other' })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
});

test('the last use of a token is known to the minute', async () => {
  let now = Date.UTC(2026, 10, 30);
  await using scene = await startWithTokens({ now: () => now });
  const used = async () => {
    const { user } = await scene.run<Listed>(scene.root, TOKENS);
    return user.tokens[0]?.lastUsedAt;
  };
  await used();
  await expect.poll(used).toBe(new Date(now).toISOString());
  const first = now;
  now += 59_999;
  expect(await used()).toBe(new Date(first).toISOString());
  now += 1;
  await expect.poll(used).toBe(new Date(now).toISOString());
});

test('an event has the token with which its user acted', async () => {
  await using scene = await startWithTokens();
  await scene.run(scene.root, 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const { id: tokenId, token } = await scene.create(scene.root, { userName: 'root' });
  const { job } = await scene.run<{ job: { id: string } }>(
    token,
    'mutation { createBackup(input: { database: "demo", destination: "nodelocal:///b" }) { job { id } } }',
  );
  await scene.run(scene.root, `mutation { cancelJobs(jobs: { ids: [${job.id}] }) { applied } }`);
  const { nodes } = await scene.run<{ nodes: readonly { actor: { kind: string; tokenId: string | null } }[] }>(
    token,
    '{ jobEvents { nodes { actor { kind name tokenId } } } }',
  );
  expect(nodes[0]?.actor).toEqual({ kind: 'USER', name: 'root', tokenId });
  for (const { actor } of nodes) if (actor.kind !== 'USER') expect(actor.tokenId).toBeNull();
});

test('every mutation is refused to READ, and to PREVIEW without a dry run; a WORKER reads nothing', async () => {
  await using scene = await startWithTokens();
  const create = async (scope: string, more = {}) =>
    (await scene.create(scene.root, { userName: 'root', scope, ...more })).token;
  const [read, preview, worker] = [
    await create('READ'),
    await create('PREVIEW'),
    await create('WORKER', { kinds: ['IMPORT'] }),
  ];
  const pause = (dryRun: boolean) => `mutation { pauseJobs(jobs: { all: true }, dryRun: ${dryRun}) { applied } }`;
  const code = async (token: string, query: string) => (await scene.ask(token, query)).errors?.[0]?.extensions?.code;
  for (const token of [read, preview, worker]) {
    expect(await code(token, pause(false))).toBe('FORBIDDEN');
    expect(await code(token, 'mutation { createUser(input: { name: "eve", admin: true }) { user { name } } }')).toBe(
      'FORBIDDEN',
    );
    expect(await code(token, '{ viewer { name scope } server { version } }')).toBeUndefined();
  }
  expect(await code(read, pause(true))).toBe('FORBIDDEN');
  expect(await code(preview, pause(true))).toBeUndefined();
  expect(await code(preview, '{ users { name } }')).toBeUndefined();
  for (const query of ['{ users { name } }', '{ jobs { totalCount } }', '{ node(id: "user:root") { id } }']) {
    expect(await code(worker, query)).toBe('FORBIDDEN');
  }
  expect(await scene.run(scene.root, '{ users { name } }')).toEqual([{ name: 'root' }]);
});

test('names are compared without case everywhere, and shown as they were created', async () => {
  await using app = await startApp();
  const data = async (query: string, user = 'root') => {
    const { data: found, errors } = await app.send({ query }, user);
    return errors === undefined ? found : [errors[0]?.extensions.code, errors[0]?.message];
  };
  expect(
    await data(
      'mutation { createUser(input: { name: "Ann", databases: { all: true }, files: { all: true } }) { user { name } } }',
    ),
  ).toEqual({
    createUser: { user: { name: 'Ann' } },
  });
  for (const [name, known] of [
    ['ROOT', 'root'],
    ['Root', 'root'],
    ['ann', 'Ann'],
    ['ANN', 'Ann'],
  ]) {
    expect(await data(`mutation { createUser(input: { name: "${name}", admin: true }) { user { name } } }`)).toEqual([
      'CONFLICT',
      `user ${known} already exists`,
    ]);
  }
  expect(await data('mutation { updateUser(input: { name: "ROOT", admin: false }) { user { name } } }')).toEqual([
    'BAD_USER_INPUT',
    'admin false is not allowed for user root',
  ]);
  expect(
    await data('mutation { updateUser(input: { name: "aNN", privileges: [CREATEJOB] }) { user { name privileges } } }'),
  ).toEqual({ updateUser: { user: { name: 'Ann', privileges: ['CREATEJOB'] } } });
  expect(await data('{ viewer { name user { id } } }', 'ANN')).toEqual({
    viewer: { name: 'Ann', user: { id: 'user:Ann' } },
  });
  expect(await data('{ node(id: "user:ann") { id } }', 'ann')).toEqual({ node: { id: 'user:Ann' } });

  await data('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  await app.create('BACKUP', { database: 'demo', destination: 'nodelocal:///b' }, 'ann');
  for (const where of ['{ equals: "ANN" }', '{ in: ["x", "ann"] }']) {
    expect(await data(`{ jobs(where: { userName: ${where} }) { nodes { userName } } }`)).toEqual({
      jobs: { nodes: [{ userName: 'Ann' }] },
    });
  }
  expect(await data('{ jobs(where: { userName: { not: "ann" } }) { nodes { userName } } }')).toEqual({
    jobs: { nodes: [] },
  });
  expect(
    await data('{ jobEvents(first: 1, where: { actor: { equals: "ANN" } }) { nodes { actor { name } } } }'),
  ).toEqual({
    jobEvents: { nodes: [{ actor: { name: 'Ann' } }] },
  });
});
