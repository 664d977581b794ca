/** AUTH=token on each transport. */
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { bearer, startWithTokens, tokenFor } from '../support/tokens.ts';
import { openEvents, openSocket, postJson, sendRaw } from '../support/wire.ts';

const WHO = { query: '{ viewer { name scope } }' };
const WATCH = { query: 'subscription { jobStatusChanged { jobId } }' };
const NOT_VALID = { message: 'the token is not valid', extensions: { code: 'UNAUTHENTICATED' } };

test('a token signs in over HTTP, GET, server-sent events and a WebSocket', async () => {
  await using scene = await startWithTokens();
  await scene.addUser('ann');
  const { token } = await scene.create(scene.root, { userName: 'ann', scope: 'READ' });
  const viewer = { data: { viewer: { name: 'ann', scope: 'READ' } } };

  expect((await postJson(scene.url, WHO, bearer(token))).json).toEqual(viewer);
  const got = await sendRaw(`${scene.url}?query=${encodeURIComponent(WHO.query)}`, { headers: bearer(token) });
  expect(JSON.parse(got.text)).toEqual(viewer);
  const events = await openEvents(scene.url, WHO, { headers: bearer(token) });
  expect(await events.next()).toEqual(viewer);
  for (const how of [{ params: bearer(token) }, { headers: bearer(token) }]) {
    await using socket = await openSocket(scene.url, how);
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.subscribe('1', WHO);
    expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: viewer });
  }
});

test('without a valid token access is refused, and the answer does not reveal whether the id or the secret was wrong', async () => {
  await using scene = await startWithTokens();
  const { token, id } = await scene.create(scene.root, { userName: 'root' });
  const other = (await scene.create(scene.root, { userName: 'root' })).token;
  const wrong = [
    `${token.slice(0, -2)}AA`,
    `sbx_${'0'.repeat(16)}_${token.slice(-43)}`,
    `sbx_${id}_${other.slice(-43)}`,
    id,
    'root',
    `${token}x`,
  ];
  for (const text of wrong) {
    const reply = await postJson(scene.url, { query: '{ thisIsNoField' }, bearer(text));
    expect([reply.status, reply.json.errors], text).toEqual([401, [NOT_VALID]]);
  }
  for (const headers of [{}, { 'x-signalbox-user': 'root' }, { authorization: 'Basic cm9vdDo=' }] as const) {
    const reply = await postJson(scene.url, WHO, headers);
    expect(reply.status).toBe(401);
    expect(reply.json.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  }
  const events = await openEvents(scene.url, WATCH, { headers: bearer(wrong[0] ?? '') });
  expect(await events.next()).toEqual({ errors: [NOT_VALID] });
  expect(await events.next()).toBeNull();
  for (const params of [{}, { user: 'root' }, bearer(wrong[0] ?? ''), { authorization: null }]) {
    await using socket = await openSocket(scene.url, { params });
    expect((await socket.closed).code, JSON.stringify(params)).toBe(4403);
  }
  // The header wins over the parameters.
  await using socket = await openSocket(scene.url, { headers: bearer(wrong[0] ?? ''), params: bearer(token) });
  expect(await socket.closed).toEqual({ code: 4403, reason: NOT_VALID.message });
  expect((await postJson(scene.url, WHO, bearer(token))).status).toBe(200);
});

test('a socket that starts an operation before it has signed in is closed', async () => {
  await using scene = await startWithTokens();
  await using socket = await openSocket(scene.url, { params: bearer(scene.root) });
  socket.subscribe('1', WHO);
  expect((await socket.closed).code).toBe(4401);
});

test('a token that is revoked ends its streams, and no others', async () => {
  await using scene = await startWithTokens();
  const { token, id } = await scene.create(scene.root, { userName: 'root' });
  const open = async (used: string) => {
    const socket = await openSocket(scene.url, { params: bearer(used) });
    await socket.next();
    socket.subscribe('1', WATCH);
    return { socket, events: await openEvents(scene.url, WATCH, { headers: bearer(used) }) };
  };
  const revoked = await open(token);
  const kept = await open(scene.root);
  await scene.revoke(scene.root, id);
  expect(await revoked.socket.closed).toEqual({ code: 4403, reason: 'the token was revoked' });
  expect(await revoked.events.next()).toEqual({
    errors: [{ message: 'the token was revoked', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await revoked.events.next()).toBeNull();
  expect((await postJson(scene.url, WHO, bearer(token))).json.errors).toEqual([NOT_VALID]);

  kept.socket.subscribe('2', WHO);
  expect(await kept.socket.next()).toMatchObject({ id: '2', type: 'next' });
  kept.events.leave();
  kept.socket.socket.terminate();
});

test('a token that has expired ends its streams, and is refused', async () => {
  let now = Date.UTC(2026, 10, 30);
  await using scene = await startWithTokens({ now: () => now });
  const { token, expiresAt } = await scene.create(scene.root, { userName: 'root', expiresInSeconds: 60 });
  expect(expiresAt).toBe(new Date(now + 60_000).toISOString());
  await using socket = await openSocket(scene.url, { params: bearer(token) });
  await socket.next();
  socket.subscribe('1', WATCH);
  const events = await openEvents(scene.url, WATCH, { headers: bearer(token) });
  now += 59_999;
  expect((await postJson(scene.url, WHO, bearer(token))).status).toBe(200);
  now += 1;
  expect(await socket.closed).toEqual({ code: 4403, reason: 'the token has expired' });
  expect((await events.next())?.errors).toEqual([
    { message: 'the token has expired', extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect((await postJson(scene.url, WHO, bearer(token))).json.errors?.[0]?.message).toBe('the token has expired');
  expect((await postJson(scene.url, WHO, bearer(scene.root))).status).toBe(200);
});

test('a reader whose token is revoked does not end the streams that share its execution', async () => {
  await using scene = await startWithTokens();
  const { token, id } = await scene.create(scene.root, { userName: 'root' });
  const [first, second] = await Promise.all(
    [token, scene.root].map((used) => openSocket(scene.url, { params: bearer(used) })),
  );
  for (const socket of [first, second]) {
    await socket?.next();
    socket?.subscribe('1', WATCH);
  }
  await scene.run(scene.root, 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const backup = (to: string) =>
    scene.app.create('BACKUP', { database: 'demo', destination: `nodelocal:///${to}` }, 'root');
  const { id: before } = await backup('a');
  const change = (jobId: string) => ({ id: '1', type: 'next', payload: { data: { jobStatusChanged: { jobId } } } });
  for (const socket of [first, second]) expect(await socket?.next()).toEqual(change(before));
  await scene.revoke(scene.root, id);
  expect((await first?.closed)?.code).toBe(4403);
  const { id: after } = await backup('b');
  for (;;) {
    const message = await second?.next();
    if (JSON.stringify(message) === JSON.stringify(change(after))) break;
    expect(message).toEqual(change(before));
  }
  second?.socket.terminate();
});

test('with AUTH=insecure the header of a proxy wins over the parameters, and null is nobody', async () => {
  await using app = await startApp();
  await app.send({ query: 'mutation { createUser(input: { name: "newbie" }) { user { name } } }' });
  const nameBy = async (how: Parameters<typeof openSocket>[1]) => {
    await using socket = await openSocket(app.url, how);
    const first = await socket.next().catch(() => null);
    if (first === null) return (await socket.closed).code;
    socket.subscribe('1', { query: '{ viewer { name } }' });
    const { payload } = await socket.next();
    return (payload as { data: { viewer: { name: string } } }).data.viewer.name;
  };
  const headers = { 'x-signalbox-user': 'newbie' };
  expect(await nameBy({})).toBe('root');
  expect(await nameBy({ params: { user: 'NewBie' } })).toBe('newbie');
  expect(await nameBy({ headers, params: { user: 'root' } })).toBe('newbie');
  expect(await nameBy({ params: { user: null } })).toBe(4401);
  expect(await nameBy({ headers: { 'x-signalbox-user': 'nobody' }, params: { user: 'root' } })).toBe(4401);
  expect((await postJson(app.url, WHO, { 'x-signalbox-user': 'NEWBIE' })).json).toEqual({
    data: { viewer: { name: 'newbie', scope: 'FULL' } },
  });
  // A token is of no use there, and of no harm.
  const { token } = await tokenFor(app, 'newbie');
  expect((await postJson(app.url, WHO, bearer(token))).json.data).toEqual({ viewer: { name: 'root', scope: 'FULL' } });
});
