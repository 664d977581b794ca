import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/app/assets.ts';
import { startApp } from '../support/app.ts';
import { JSON_HEADERS, postJson, sendRaw } from '../support/wire.ts';

const NAME = '{ viewer { name } }';
const RESPONSE_JSON = 'application/graphql-response+json';
const answer = { data: { viewer: { name: 'root' } } };
const CREATE_USER = 'mutation { createUser(input: { name: "eve" }) { user { name } } }';

const codeOf = (text: string) => JSON.parse(text).errors?.[0]?.extensions;

test('it answers as GraphQL over HTTP has it', async () => {
  await using app = await startApp();
  const post = (accept: string | null, body: unknown) => postJson(app.url, body, accept === null ? {} : { accept });

  for (const [accept, type] of [
    ['application/json', 'application/json'],
    ['*/*', RESPONSE_JSON],
    [null, RESPONSE_JSON],
    [`${RESPONSE_JSON}, application/json;q=0.9`, RESPONSE_JSON],
  ] as const) {
    const reply = await post(accept, { query: NAME });
    expect([reply.status, reply.json], `accept ${accept}`).toEqual([200, answer]);
    expect(reply.headers['content-type'], `accept ${accept}`).toMatch(
      /^application\/(graphql-response\+)?json; charset=utf-8$/,
    );
    if (accept !== null && accept !== '*/*') expect(reply.headers['content-type']).toContain(type);
  }
  const charset = await sendRaw(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ query: '{ job(id: "é") { id } }' }),
  });
  expect(JSON.parse(charset.text).errors[0].message).toContain('é');
  const get = await sendRaw(`${app.url}?query=${encodeURIComponent(NAME)}&variables=%7B%7D`);
  expect([get.status, JSON.parse(get.text)]).toEqual([200, answer]);
});

test('a subscription comes by GET as a browser asks for events, and is refused where no events are taken', async () => {
  await using app = await startApp();
  const query = 'subscription { jobStatusChanged(after: "0000000000009999") { cursor } }';
  const url = `${app.url}?query=${encodeURIComponent(query)}`;
  const events = await sendRaw(url, { headers: { accept: 'text/event-stream' } });
  expect(events.headers['content-type']).toBe('text/event-stream');
  expect(events.text).toContain('"code":"BAD_USER_INPUT","field":"after"');
  expect(events.text).toContain('event: complete');
  const live = { query: 'subscription { jobStatusChanged { cursor } }' };
  const plain = await postJson(app.url, live, { accept: 'application/json' });
  expect([plain.status, codeOf(plain.text)]).toEqual([406, { code: 'BAD_USER_INPUT', field: 'headers.accept' }]);
});

test('a request that is wrong as a whole has no data, and a status of its own where the client can tell', async () => {
  await using app = await startApp();
  const WRONG: readonly (readonly [string, unknown, object])[] = [
    ['a document that is none', { query: '{' }, { code: 'GRAPHQL_PARSE_FAILED' }],
    ['an unknown field', { query: '{ nothing }' }, { code: 'GRAPHQL_VALIDATION_FAILED' }],
    [
      'a variable that is wrong',
      { query: 'query ($id: ID!) { job(id: $id) { id } }' },
      { code: 'BAD_USER_INPUT', field: 'id' },
    ],
    ['JSON that is none', '{ "query": ', { code: 'BAD_USER_INPUT', field: 'body' }],
    ['no body', '', { code: 'BAD_USER_INPUT', field: 'body' }],
  ];
  for (const [what, body, extensions] of WRONG) {
    for (const [accept, status] of [
      ['application/json', 200],
      [RESPONSE_JSON, 400],
    ] as const) {
      const reply = await postJson(app.url, body, { accept });
      expect([reply.status, codeOf(reply.text)], `${what}, ${accept}`).toEqual([
        typeof body === 'string' ? 400 : status,
        extensions,
      ]);
      expect(reply.json, what).not.toHaveProperty('data');
    }
  }
});

test('parameters of the wrong sort are refused with 400, and named', async () => {
  await using app = await startApp();
  const WRONG: readonly (readonly [unknown, string])[] = [
    [{}, 'query'],
    [{ query: 7 }, 'query'],
    [{ query: NAME, variables: 'x' }, 'variables'],
    [{ query: NAME, variables: [1] }, 'variables'],
    [{ query: NAME, extensions: 'x' }, 'extensions'],
    [{ query: NAME, operationName: 7 }, 'operationName'],
    [{ query: NAME, more: 1 }, 'more'],
    [[{ query: NAME }, { query: NAME }], 'body'],
    [[], 'body'],
    ['null', 'body'],
    ['"text"', 'body'],
  ];
  for (const [body, field] of WRONG) {
    const reply = await postJson(app.url, body, { accept: RESPONSE_JSON });
    expect([reply.status, codeOf(reply.text)], JSON.stringify(body)).toEqual([400, { code: 'BAD_USER_INPUT', field }]);
    expect(reply.json).not.toHaveProperty('data');
  }
  const get = await sendRaw(`${app.url}?query=${encodeURIComponent(NAME)}&variables=%7B`);
  expect([get.status, codeOf(get.text)]).toEqual([400, { code: 'BAD_USER_INPUT', field: 'variables' }]);
});

test('mutations come by POST with JSON only, and what was refused did nothing', async () => {
  await using app = await startApp();
  const get = await sendRaw(`${app.url}?query=${encodeURIComponent(CREATE_USER)}`);
  expect([get.status, get.headers.allow, codeOf(get.text)]).toEqual([
    405,
    'POST',
    { code: 'BAD_USER_INPUT', field: 'method' },
  ]);
  const form = new URLSearchParams({ query: CREATE_USER }).toString();
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', form],
    ['text/plain', JSON.stringify({ query: CREATE_USER })],
    ['application/graphql', CREATE_USER],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/jsonp', JSON.stringify({ query: CREATE_USER })],
  ]) {
    const reply = await sendRaw(app.url, { method: 'POST', headers: { 'content-type': type ?? '' }, body: body ?? '' });
    expect([reply.status, codeOf(reply.text)], type).toEqual([
      415,
      { code: 'BAD_USER_INPUT', field: 'headers.content-type' },
    ]);
  }
  const untyped = await sendRaw(app.url, { method: 'POST', body: JSON.stringify({ query: CREATE_USER }) });
  expect(untyped.status).toBe(415);
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const reply = await sendRaw(app.url, {
      method,
      headers: JSON_HEADERS,
      body: JSON.stringify({ query: CREATE_USER }),
    });
    expect([reply.status, codeOf(reply.text)], method).toEqual([405, { code: 'BAD_USER_INPUT', field: 'method' }]);
  }
  expect((await app.store.users()).map(({ name }) => name)).toEqual(['root']);
});

test('a client that accepts none of our types gets a list of them', async () => {
  await using app = await startApp();
  const reply = await postJson(app.url, { query: NAME }, { accept: 'image/png' });
  expect([reply.status, codeOf(reply.text)]).toEqual([406, { code: 'BAD_USER_INPUT', field: 'headers.accept' }]);
});

test('a body above the limit is refused, with or without a length, and one below it is read whole', async () => {
  await using app = await startApp();
  const headers = { ...JSON_HEADERS, accept: RESPONSE_JSON };
  const bodyOf = (length: number) => JSON.stringify({ query: `${NAME} #${'x'.repeat(length)}` });
  const piecesOf = (text: string) => text.match(/.{1,16384}/gs) ?? [];

  const large = bodyOf(1_048_576);
  for (const request of [{ body: large }, { chunks: piecesOf(large) }]) {
    const reply = await sendRaw(app.url, { method: 'POST', headers, ...request });
    expect([reply.status, codeOf(reply.text)]).toEqual([413, { code: 'PAYLOAD_TOO_LARGE', field: 'body' }]);
    expect(reply.headers.connection).toBe('close');
  }
  const small = bodyOf(1_000_000);
  for (const request of [{ body: small }, { chunks: piecesOf(small) }]) {
    const reply = await sendRaw(app.url, { method: 'POST', headers, ...request });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([200, answer]);
  }
});

test('a request that never ends is cut off at the limit', async () => {
  await using app = await startApp();
  const { host, port } = new URL(app.url);
  const socket = connect(Number(port), '127.0.0.1');
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('error', () => undefined);
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const pour = () => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', pour);
  };
  pour();
  await ended;
  // The connection is reset while the client is still sending, which can overtake the answer.
  expect(['', 'HTTP/1.1 413']).toContain(text.slice(0, 12));
  expect((await postJson(app.url, { query: NAME })).json).toEqual(answer);
});

test('the paths next to the API answer, and others name its path', async () => {
  await using app = await startApp();
  const at = (path: string) => sendRaw(new URL(path, app.url).href);
  expect(await at('/health')).toMatchObject({ status: 200, text: `{"status":"up","version":"${VERSION}"}` });
  expect(await at('/ready')).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  expect(await at('/')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  const missing = await at('/nowhere?x=1');
  expect([missing.status, JSON.parse(missing.text)]).toEqual([
    404,
    {
      errors: [{ message: 'there is nothing at /nowhere: the API is at /graphql', extensions: { code: 'NOT_FOUND' } }],
    },
  ]);
});

test('a user who does not exist is nobody, over HTTP and over a socket', async () => {
  await using app = await startApp();
  const reply = await postJson(app.url, { query: CREATE_USER }, { 'x-signalbox-user': 'ghost' });
  expect([reply.status, reply.json]).toEqual([
    401,
    { errors: [{ message: 'user ghost does not exist', extensions: { code: 'UNAUTHENTICATED' } }] },
  ]);
  const { errors } = await app.send({ query: CREATE_USER }, 'ghost');
  expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  expect((await app.store.users()).map(({ name }) => name)).toEqual(['root']);
});
