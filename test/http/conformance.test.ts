import { connect } from 'node:net';
import { serverAudits } from 'graphql-http';
import { createClient } from 'graphql-sse';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp } from '../support/app.ts';
import { openSocket, postJson } from '../support/wire.ts';

test('the audits of GraphQL over HTTP pass', async () => {
  await using app = await startApp();
  const results = await Promise.all(serverAudits({ url: app.url, fetchFn: fetch }).map((audit) => audit.fn()));
  expect(
    results
      .filter(({ status }) => status !== 'ok')
      .map(({ name, ...rest }) => [name, 'reason' in rest ? rest.reason : '']),
  ).toEqual([]);
  expect(results.length).toBeGreaterThan(50);
});

const openRaw = async (url: string, protocol = 'graphql-transport-ws') => {
  const socket = new WebSocket(url.replace('http', 'ws'), protocol);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject));
  return { socket, closed };
};
const INIT = '{"type":"connection_init"}';
const WATCH = '{"id":"a","type":"subscribe","payload":{"query":"subscription { jobStatusChanged { cursor } }"}}';

test.each([
  ['garbage', ['{]'], 4400],
  ['a message of an unknown type', [INIT, '{"type":"no"}'], 4400],
  ['a message that is a list', ['[1]'], 4400],
  ['a subscribe without a query', [INIT, '{"id":"a","type":"subscribe","payload":{}}'], 4400],
  ['deeply nested garbage', [`${'['.repeat(100_000)}`], 4400],
  ['a message before the init', [WATCH], 4401],
  ['two inits', [INIT, INIT], 4429],
  ['an id twice', [INIT, WATCH, WATCH], 4409],
  ['a huge message', [INIT, 'x'.repeat(1_100_000)], 1009],
])('%s closes the socket with the code of the protocol', async (_, messages, code) => {
  await using app = await startApp();
  const { socket, closed } = await openRaw(app.url);
  for (const message of messages) {
    socket.send(message);
    if (message === INIT && socket.readyState === WebSocket.OPEN) {
      await Promise.race([closed, new Promise((resolve) => socket.once('message', resolve))]);
    }
  }
  expect(await closed).toBe(code);
  // Nobody else is disturbed.
  await using other = await openSocket(app.url);
  expect(await other.next()).toMatchObject({ type: 'connection_ack' });
});

test('a socket of an unknown protocol is closed with 4406', async () => {
  await using app = await startApp();
  const { port } = new URL(app.url);
  const socket = connect(Number(port), '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (data) => received.push(data));
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-ws\r\n\r\n',
  );
  const codeOf = () => {
    const bytes = Buffer.concat(received);
    const at = bytes.indexOf('\r\n\r\n') + 4;
    return at > 3 && bytes.length >= at + 4 ? bytes.readUInt16BE(at + 2) : null;
  };
  while (codeOf() === null) await new Promise<void>((resolve) => socket.once('data', () => resolve()));
  expect(codeOf()).toBe(4406);
  socket.destroy();
});

test('a hash without a query is answered as Apollo Client expects', async () => {
  await using app = await startApp();
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
  const hash = await postJson(app.url, { extensions });
  expect(hash.json.errors).toEqual([
    { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
  ]);
  const query = await postJson(app.url, { query: '{ viewer { name } }', extensions });
  expect(query.json).toEqual({ data: { viewer: { name: 'root' } } });
});

test('a client of server-sent events comes back after the server was stopped', async () => {
  const first = await startApp();
  const { port } = new URL(first.url);
  const connected: string[] = [];
  const client = createClient({
    url: first.url,
    retryAttempts: 50,
    retry: async () => undefined,
    on: { connected: () => connected.push('connected') },
  });
  const seen: unknown[] = [];
  const completed = new Promise<void>((resolve, reject) => {
    client.subscribe(
      { query: 'subscription { jobUpdated { kind } }' },
      {
        next: (value) => {
          seen.push(value);
        },
        complete: resolve,
        error: reject,
      },
    );
  });
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
  };
  const isCaughtUp = (value: unknown) => JSON.stringify(value).includes('CAUGHT_UP');
  await until(() => seen.some(isCaughtUp));
  await first[Symbol.asyncDispose]();
  await using _second = await startApp({ settings: { PORT: port } });
  await Promise.race([
    completed.then(() => Promise.reject(new Error('the stream completed'))),
    until(() => seen.filter(isCaughtUp).length === 2),
  ]);
  client.dispose();
  expect(JSON.stringify(seen)).toContain('the server is stopping');
});
