import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp } from '../support/app.ts';
import { TRANSPORTS } from '../support/transports.ts';
import { openEvents, openSocket, postJson, sendRaw } from '../support/wire.ts';

const NAME = '{ viewer { name } }';
const WATCH = 'subscription { jobStatusChanged { cursor } }';

const closeOf = (url: string) =>
  new Promise<number>((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', () => undefined);
  });

for (const { name, send } of TRANSPORTS) {
  test(`a user who sends too many requests is refused for a while over ${name}, and other users are not`, async () => {
    await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '2' } });
    await app.send({ query: 'mutation { createUser(input: { name: "ada" }) { user { name } } }' });
    let refused = (await send(app, { query: NAME })).errors?.[0];
    // Twenty requests in ten seconds, and ten by each of two users are fewer.
    for (let n = 0; n < 25 && refused === undefined; n += 1) refused = (await send(app, { query: NAME })).errors?.[0];
    expect(refused).toMatchObject({
      message: expect.stringMatching(/sent more than 20 requests in 10 seconds \(MAX_REQUESTS_PER_SECOND\)/),
      extensions: { code: 'TOO_MANY', retryAfterMs: expect.any(Number) },
    });
    expect(refused?.extensions?.retryAfterMs).toBeGreaterThan(0);
    const health = await sendRaw(new URL('/health', app.url).href);
    expect(health.status).toBe(200);
  });
}

test('a user on one socket uses up no requests of another user', async () => {
  await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '3' } });
  await app.send({ query: 'mutation { createUser(input: { name: "ada" }) { user { name } } }' });
  await using socket = await openSocket(app.url, { params: { user: 'ada' } });
  await socket.next();
  const codes: unknown[] = [];
  for (let n = 0; n < 5; n += 1) {
    socket.subscribe(String(n), { query: NAME });
    const { type, payload } = await socket.next();
    if (type === 'next') await socket.next();
    else codes.push((payload as { extensions: { code: string } }[])[0]?.extensions.code);
  }
  expect(codes).toEqual([]);
  const { json } = await postJson(app.url, { query: NAME });
  expect(json.errors).toBeUndefined();
});

test('too many requests have a status of their own, and the time to wait', async () => {
  await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '1' } });
  let reply = await postJson(app.url, { query: NAME });
  for (let n = 0; n < 12 && reply.status === 200; n += 1) reply = await postJson(app.url, { query: NAME });
  expect(reply.status).toBe(429);
  expect(reply.json.errors?.[0]?.extensions).toMatchObject({ code: 'TOO_MANY' });
});

test('sockets and event streams of one user, and operations of one socket, are limited and can be used again', async () => {
  await using app = await startApp({ settings: { MAX_SOCKETS: '2', MAX_SUBSCRIPTIONS: '2' } });
  const first = await openSocket(app.url);
  await first.next();
  const stream = await openEvents(app.url, { query: WATCH });
  expect(await closeOf(app.url)).toBe(429);
  const refused = await openEvents(app.url, { query: WATCH });
  expect((await refused.next())?.errors?.[0]?.extensions).toEqual({ code: 'TOO_MANY', retryAfterMs: 5_000 });

  for (const id of ['a', 'b', 'c']) first.subscribe(id, { query: WATCH });
  const { id, type, payload } = await first.next();
  expect([id, type]).toEqual(['c', 'error']);
  expect(payload).toMatchObject([
    { message: expect.stringContaining('MAX_SUBSCRIPTIONS'), extensions: { code: 'TOO_MANY' } },
  ]);
  first.send({ id: 'a', type: 'complete' });
  first.subscribe('d', { query: NAME });
  expect(await first.next()).toMatchObject({ id: 'd', type: 'next' });

  stream.leave();
  first.socket.terminate();
  // Leaving is noticed a moment later.
  for (;;) {
    const again = await openEvents(app.url, { query: 'subscription { jobUpdated { kind } }' });
    const reply = await again.next();
    again.leave();
    if (reply?.errors === undefined) break;
  }
});

test('an operation that is refused for a limit counts twenty times', async () => {
  await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '10', MAX_QUERY_DEPTH: '2' } });
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < 6; i += 1) {
    const { errors } = await app.send({ query: `{ jobs(first: ${i + 1}) { nodes { id } } }` });
    codes.push(errors?.[0]?.extensions.code);
  }
  expect(codes).toEqual([...Array(5).fill('QUERY_TOO_COSTLY'), 'TOO_MANY']);
});

test('a client that sends many operations in a second that are refused has to wait, and others do not', async () => {
  await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '200', TRUST_PROXY: '127.0.0.1' } });
  const send = async (query: string, address: string) =>
    (await postJson(app.url, { query }, { 'x-forwarded-for': address })).json.errors?.[0];
  for (;;) {
    const error = await send('{ nothing }', '192.0.2.1');
    if (error?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED') continue;
    expect(error).toMatchObject({
      message: 'address 192.0.2.1 sent 10 operations in a second that were refused',
      extensions: { code: 'TOO_MANY', retryAfterMs: expect.any(Number) },
    });
    break;
  }
  expect(await send(NAME, '192.0.2.2')).toBeUndefined();
});
