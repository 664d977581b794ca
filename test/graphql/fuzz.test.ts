import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { postJson } from '../support/wire.ts';

/** `npm run soak` sets this to 100,000. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    '\0',
    '%',
    '__proto__',
    'constructor',
    '0',
    '-1',
    '9007199254740993',
    '1e400',
    'a'.repeat(60_000),
    "'; DROP TABLE Job; --",
  ),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const operators = fc.dictionary(
  fc.constantFrom(
    'equals',
    'in',
    'not',
    'notIn',
    'contains',
    'startsWith',
    'isNull',
    'lt',
    'lte',
    'gt',
    'gte',
    '__proto__',
  ),
  fc.oneof(hostile, fc.array(hostile, { maxLength: 5 })),
  { maxKeys: 3 },
);
const FIELDS = [
  'id',
  'type',
  'typeName',
  'status',
  'userName',
  'database',
  'description',
  'error',
  'createdAt',
  'fractionCompleted',
  'toString',
];
const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5 },
    fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(operators, hostile), { maxKeys: 3 }),
    fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
}));
const selector = fc.oneof(
  fc.record({ where: filter }),
  fc.record({ ids: fc.array(hostile, { maxLength: 4 }) }),
  fc.record({ all: hostile }),
  hostile,
);
const input = fc.dictionary(
  fc.constantFrom(
    'database',
    'table',
    'columns',
    'sources',
    'into',
    'url',
    'name',
    'tables',
    'format',
    'options',
    'operations',
    'maxRowsPerSecond',
    'destination',
    'sink',
    'idempotencyKey',
    'privileges',
    '__proto__',
  ),
  fc.oneof(
    hostile,
    fc.array(hostile, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('name', 'type', 'column', 'where', 'x'), hostile, { maxKeys: 3 }),
  ),
  { maxKeys: 5 },
);

const CREATIONS = [
  'CreateImport',
  'CreateBackup',
  'CreateRestore',
  'CreateChangefeed',
  'CreateSchemaChange',
  'CreateDatabase',
  'CreateUser',
  'UpdateUser',
];
const request = fc.oneof(
  fc.record({
    query: fc.constant(
      'query ($x: JobFilter) { jobs(where: $x) { totalCount nodes { id } } jobCounts(where: $x) { count } }',
    ),
    x: filter,
  }),
  fc.record({
    query: fc.constant('query ($x: JobEventFilter) { jobEvents(where: $x) { nodes { cursor } } }'),
    x: filter,
  }),
  fc.record({
    query: fc
      .constantFrom('pauseJobs', 'resumeJobs', 'cancelJobs')
      .map((name) => `mutation ($x: JobSelector!) { ${name}(jobs: $x) { changedCount } }`),
    x: selector,
  }),
  fc.record({
    query: fc
      .constantFrom(...CREATIONS)
      .map(
        (name) =>
          `mutation ($x: ${name}Input!) { ${name[0]?.toLowerCase()}${name.slice(1)}(input: $x) { __typename } }`,
      ),
    x: input,
  }),
);

test(
  'whatever a request has in its variables, its errors are its own, and a refused call changes nothing',
  async () => {
    await using app = await startApp();
    const sent = async (body: object) => (await postJson(app.url, body)).json;
    const stateOf = async () =>
      JSON.stringify([await app.store.users(), await app.store.databases(), (await app.store.log()).head]);
    let before = await stateOf();
    await fc.assert(
      fc.asyncProperty(request, async ({ query, x }) => {
        const { data, errors = [] } = await sent({ query, variables: { x } });
        const codes = errors.map(({ extensions }) => extensions?.code);
        expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
        expect(codes).not.toContain(undefined);
        const after = await stateOf();
        if (errors.length > 0 || data === null) expect(after).toBe(before);
        before = after;
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: RUNS > 1_000 ? 3_600_000 : 60_000 },
    );
    expect((await sent({ query: '{ viewer { name } }' })).data).toEqual({ viewer: { name: 'root' } });
    expect(app.lost).toEqual([]);
  },
  RUNS > 1_000 ? 3_700_000 : 90_000,
);

test('empty parts of a filter count as comparisons do', async () => {
  await using app = await startApp();
  const query = 'query ($x: JobFilter) { jobs(where: $x) { nodes { id } } }';
  const parts = (count: number) => ({ or: Array.from({ length: count }, () => ({})) });
  expect((await postJson(app.url, { query, variables: { x: parts(500) } })).json.errors).toBeUndefined();
  const { json } = await postJson(app.url, { query, variables: { x: parts(501) } });
  expect(json.errors?.[0]).toMatchObject({
    message: 'where has more than 500 comparisons',
    extensions: { code: 'BAD_USER_INPUT', field: 'where' },
  });
});
