import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp } from '../support/app.ts';
import { bearer, tokenFor } from '../support/tokens.ts';
import { openSocket, postJson, sendRaw } from '../support/wire.ts';

const NAME = { query: '{ viewer { name } }' };
const PAGE = 'https://jobs.example.com';

/** What the server answers to a WebSocket that it refuses. */
const refusedUpgrade = (url: string, headers: Record<string, string>) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
    socket.once('open', () => reject(new Error('it was let in')));
    socket.once('error', () => undefined);
    socket.once('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });

test.each([
  ['a name that somebody made to point here', { host: 'evil.example:4000' }, 'the host evil.example:4000 is not known'],
  ['another host on this network', { host: '192.168.0.7' }, 'the host 192.168.0.7 is not known'],
  ['a page of another site', { origin: 'https://evil.example' }, 'the origin https://evil.example is not allowed'],
  [
    'a page of another port of this machine',
    { origin: 'http://127.0.0.1:1' },
    'the origin http://127.0.0.1:1 is not allowed',
  ],
  ['a page of no origin', { origin: 'null' }, 'the origin null is not allowed'],
])('%s is refused on every transport, with the setting to change', async (_, headers, message) => {
  const logLines: string[] = [];
  await using app = await startApp({ logLines });

  const post = await postJson(app.url, NAME, headers);
  expect(post.status).toBe(403);
  expect(post.json.errors).toEqual([{ message: expect.stringContaining(message), extensions: { code: 'FORBIDDEN' } }]);
  expect(post.text).toContain('ALLOWED_ORIGINS');
  expect(post.headers['access-control-allow-origin']).toBeUndefined();
  for (const [path, method] of [
    ['/graphql', 'OPTIONS'],
    ['/graphql', 'GET'],
    ['/', 'GET'],
  ] as const) {
    expect((await sendRaw(new URL(path, app.url).href, { method, headers })).status, path).toBe(403);
  }
  // A probe may name any host; a page of another origin stays outside.
  const health = await sendRaw(new URL('/health', app.url).href, { headers });
  expect(health.status).toBe('origin' in headers ? 403 : 200);
  const upgrade = await refusedUpgrade(app.url, headers);
  expect(upgrade).toEqual({ status: 403, text: expect.stringContaining(message) });
  expect(upgrade.text).toContain('ALLOWED_ORIGINS');

  const warned = logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
  expect(warned.length).toBe('origin' in headers ? 6 : 5);
  for (const { msg } of warned) expect(msg).toContain(message);
});

test('a page of the server itself needs no permission', async () => {
  await using app = await startApp();
  const { origin, port } = new URL(app.url);
  for (const headers of [
    { origin },
    { host: `localhost:${port}`, origin: `http://localhost:${port}` },
    { host: `LOCALHOST:${port}`, origin: `http://localhost:${port}` },
    { host: `[::1]:${port}` },
    // TLS ends before the server.
    { host: 'localhost', origin: 'https://localhost' },
  ]) {
    expect((await postJson(app.url, NAME, headers)).json, JSON.stringify(headers)).toEqual({
      data: { viewer: { name: 'root' } },
    });
  }
  await using socket = await openSocket(app.url, { headers: { origin } });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
});

test('a page whose origin is listed asks beforehand, posts, and opens sockets', async () => {
  await using app = await startApp({ settings: { ALLOWED_ORIGINS: `${PAGE}, http://localhost:5173` } });
  const asked = await sendRaw(app.url, {
    method: 'OPTIONS',
    headers: {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, x-signalbox-user',
    },
  });
  expect(asked.status).toBe(204);
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-headers': expect.stringContaining('x-signalbox-user'),
    'access-control-allow-methods': expect.stringContaining('POST'),
  });
  const post = await postJson(app.url, NAME, { origin: PAGE });
  expect(post.json).toEqual({ data: { viewer: { name: 'root' } } });
  expect(post.headers['access-control-allow-origin']).toBe(PAGE);
  await using socket = await openSocket(app.url, { headers: { origin: PAGE } });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
  // Its host too: it may be a proxy that hands the name on.
  expect((await postJson(app.url, NAME, { host: 'jobs.example.com', origin: PAGE })).status).toBe(200);
  expect((await postJson(app.url, NAME, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await postJson(app.url, NAME, { origin: 'http://jobs.example.com' })).status).toBe(403);
});

test('a socket at another path is refused', async () => {
  await using app = await startApp();
  expect(await refusedUpgrade(new URL('/other', app.url).href, {})).toEqual({
    status: 404,
    text: 'the API is at /graphql',
  });
});

test('with PUBLIC_URL its origin is the own one, and its host is known', async () => {
  await using app = await startApp({ settings: { PUBLIC_URL: 'https://jobs.example.com/jobs/' } });
  const status = async (headers: Record<string, string>) => (await postJson(app.url, NAME, headers)).status;
  const host = 'jobs.example.com';
  expect(await status({ host, origin: PAGE })).toBe(200);
  expect(await status({ origin: PAGE })).toBe(200);
  expect(await status({ host, origin: 'http://jobs.example.com' })).toBe(403);
  expect(await status({ host: 'other.example.com' })).toBe(403);
  const { origin } = new URL(app.url);
  for (const base of ['', '/jobs']) {
    expect((await postJson(`${origin}${base}/graphql`, NAME)).json.data).toEqual({ viewer: { name: 'root' } });
    expect((await sendRaw(`${origin}${base}/health`)).status).toBe(200);
    expect((await sendRaw(`${origin}${base}/`)).text).toContain('<title>Jobs · Signalbox</title>');
    await using socket = await openSocket(`${origin}${base}/graphql`, { headers: { origin: PAGE } });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
  }
  expect(await sendRaw(`${origin}/jobs`)).toMatchObject({ status: 308, headers: { location: '/jobs/' } });
  expect((await sendRaw(`${origin}/jobsx/health`)).status).toBe(404);
});

test('with tokens any host may be named, and only a page of the same host or a listed origin has access', async () => {
  await using app = await startApp({ settings: { AUTH: 'token' } });
  const { token } = await tokenFor(app, 'root');
  const status = async (headers: Record<string, string>) =>
    (await postJson(app.url, NAME, { ...bearer(token), ...headers })).status;
  expect(await status({ host: 'jobs.example.com' })).toBe(200);
  expect(await status({ host: 'jobs.example.com', origin: PAGE })).toBe(200);
  expect(await status({ host: 'jobs.example.com', origin: 'https://evil.example' })).toBe(403);
  // Nobody is trusted to name another host.
  const forged = { host: 'jobs.example.com', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' };
  expect(await status(forged)).toBe(403);
});
