import { expect, test } from 'vitest';
import type { Kind } from '../../src/jobs/kind.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type GraphQLReply, openEvents, openSocket, postJson } from '../support/wire.ts';

type Send = (app: TestApp, body: Record<string, unknown>) => Promise<GraphQLReply>;

const overHttp: Send = async (app, body) => (await postJson(app.url, body)).json;

const overEvents: Send = async (app, body) => {
  const stream = await openEvents(app.url, body);
  const first = await stream.next();
  stream.leave();
  return first ?? {};
};

/** A whole refusal comes as `error` with a list, one of an operation that ran as `next`. */
const overSocket: Send = async (app, body) => {
  await using socket = await openSocket(app.url);
  await socket.next();
  socket.subscribe('1', body);
  const { type, payload } = await socket.next();
  return type === 'error' ? { errors: payload as NonNullable<GraphQLReply['errors']> } : (payload as GraphQLReply);
};

const WIRES = [
  ['HTTP', overHttp],
  ['server-sent events', overEvents],
  ['a WebSocket', overSocket],
] as const;

const PAUSE = 'mutation ($them: [ID!]!) { pauseJobs(jobs: { ids: $them }) { selectedCount } }';
const LIVE = 'subscription ($place: Cursor) { jobStatusChanged(after: $place) { cursor } }';

const MISTAKES: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  ['a document that is none', { query: '{ job(' }, { code: 'GRAPHQL_PARSE_FAILED' }],
  ['a field that is not there', { query: '{ nothing }' }, { code: 'GRAPHQL_VALIDATION_FAILED' }],
  [
    'a cursor written wrong',
    { query: '{ jobEvents(after: "x") { nodes { jobId } } }' },
    { code: 'GRAPHQL_VALIDATION_FAILED' },
  ],
  ['an id of nothing', { query: '{ job(id: "abc") { id } }' }, { code: 'BAD_USER_INPUT', field: 'id' }],
  [
    'a variable of the wrong type',
    { query: 'query ($n: Int) { jobs(first: $n) { nodes { id } } }', variables: { n: 'many' } },
    { code: 'BAD_USER_INPUT', field: 'first' },
  ],
  [
    'a part of a variable of the wrong type',
    { query: PAUSE, variables: { them: ['1', { no: 'id' }] } },
    { code: 'BAD_USER_INPUT', field: 'jobs.ids.1' },
  ],
  ['a variable that is missing', { query: PAUSE }, { code: 'BAD_USER_INPUT', field: 'jobs.ids' }],
  [
    'a null where none may be',
    { query: 'query ($id: ID = "1") { job(id: $id) { id } }', variables: { id: null } },
    { code: 'BAD_USER_INPUT', field: 'id' },
  ],
  [
    'a selector of nothing',
    { query: 'mutation ($s: JobSelector!) { pauseJobs(jobs: $s) { selectedCount } }', variables: { s: {} } },
    { code: 'BAD_USER_INPUT', field: 'jobs' },
  ],
  [
    'an operation that is not in the document',
    { query: '{ viewer { name } }', operationName: 'Other' },
    { code: 'BAD_USER_INPUT', field: 'operationName' },
  ],
  [
    'no name where there are two operations',
    { query: 'query A { viewer { name } } query B { viewer { name } }' },
    { code: 'BAD_USER_INPUT', field: 'operationName' },
  ],
  [
    'a subscription with a variable of the wrong type',
    { query: LIVE, variables: { place: 'x' } },
    { code: 'BAD_USER_INPUT', field: 'after' },
  ],
  [
    'a subscription beyond the log',
    { query: LIVE, variables: { place: '0000000000009999' } },
    { code: 'BAD_USER_INPUT', field: 'after' },
  ],
];

for (const [name, send] of WIRES) {
  test(`each mistake has its one code over ${name}, and says what it is about`, async () => {
    await using app = await startApp();
    for (const [mistake, body, extensions] of MISTAKES) {
      const { errors = [] } = await send(app, body);
      expect(
        errors.map((error) => error.extensions),
        mistake,
      ).toEqual([extensions]);
      expect(errors[0]?.message, mistake).not.toMatch(/node_modules|\/work\/|at .*\.ts/);
    }
  });
}

const brokenKind: Kind = {
  type: 'IMPORT',
  typeName: 'BROKEN',
  pausable: true,
  cancelable: true,
  inline: true,
  create: async () => ({ details: {}, description: 'BROKEN', database: null }),
  run: async function* () {},
  revert: async function* () {},
};

test.each(WIRES)(
  'a fault of our own is masked over %s, and the log has its cause under the same id',
  async (_, send) => {
    const logLines: string[] = [];
    await using app = await startApp({ kinds: [brokenKind], logLines });
    // Its details are not those of an import: what an import shows of them cannot be shown.
    const { id } = await app.create('BROKEN', {}, 'root');

    const reply = await send(app, { query: `{ job(id: "${id}") { id ... on ImportJob { table } } }` });

    const [error] = reply.errors ?? [];
    const errorId = error?.extensions?.errorId;
    expect(error).toMatchObject({
      message: 'internal server error',
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(Object.keys(error?.extensions ?? {}).sort()).toEqual(['code', 'errorId']);
    expect(JSON.stringify(reply)).not.toMatch(/stack|node_modules|non-nullable|ImportJob\.table|\.ts/);
    const logged = logLines.map((line) => JSON.parse(line)).filter((line) => line.errorId !== undefined);
    expect(logged).toEqual([expect.objectContaining({ errorId, path: ['job', 'table'] })]);
    expect(logged[0].err).toMatchObject({
      message: expect.stringContaining('the stored details of job'),
      stack: expect.any(String),
    });
  },
);

test('a mutation that is refused hides nothing that another one in the request did', async () => {
  await using app = await startApp();
  const mutations = [
    'made: createUser(input: { name: "ada" }) { user { name } }',
    'refused: createUser(input: { name: "ada" }) { user { name } }',
    'paused: pauseJobs(jobs: { all: true }) { selectedCount }',
    'missed: cancelJobs(jobs: { all: true }, expectedCount: 5) { selectedCount }',
  ];
  const { json } = await postJson(app.url, { query: `mutation { ${mutations.join(' ')} }` });
  expect(json.data).toEqual({
    made: { user: { name: 'ada' } },
    refused: null,
    paused: { selectedCount: 0 },
    missed: null,
  });
  expect(json.errors?.map(({ extensions }) => extensions?.code)).toEqual(['CONFLICT', 'COUNT_MISMATCH']);
});

test('a list that is refused leaves the rest of the answer', async () => {
  await using app = await startApp();
  await postJson(app.url, { query: 'mutation { createUser(input: { name: "ada" }) { user { name } } }' });
  const query =
    '{ viewer { name } users { name } databases { name } jobs(first: -1) { nodes { id } } jobCounts { count } }';
  const { json } = await postJson(app.url, { query }, { 'x-signalbox-user': 'ada' });
  expect(json.data).toEqual({ viewer: { name: 'ada' }, users: null, databases: null, jobs: null, jobCounts: [] });
  expect(json.errors?.map(({ extensions }) => extensions?.code).sort()).toEqual([
    'BAD_USER_INPUT',
    'FORBIDDEN',
    'FORBIDDEN',
  ]);
});

test('an error keeps its own fields next to the code', async () => {
  await using app = await startApp();
  const { json } = await postJson(app.url, { query: '{ job(id: "0") { id } viewer { name } }' });
  expect(json).toEqual({
    data: { job: null, viewer: { name: 'root' } },
    errors: [
      {
        message: expect.stringContaining('"0" is not the id of a job'),
        locations: [{ line: 1, column: 3 }],
        path: ['job'],
        extensions: { code: 'BAD_USER_INPUT', field: 'id' },
      },
    ],
  });
});
