import { buildSchema, getIntrospectionQuery, parse } from 'graphql';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { checkCost } from '../../src/graphql/cost.ts';
import { examples } from '../../src/web/playground-examples.ts';
import { startApp } from '../support/app.ts';
import { type Operation, TRANSPORTS } from '../support/transports.ts';
import { postJson } from '../support/wire.ts';

const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const nested = (depth: number, inner: string): string =>
  depth === 0 ? inner : `job { events { nodes { ${nested(depth - 1, inner)} } } }`;
const filter = (depth: number): object => (depth === 0 ? { userName: { equals: 'x' } } : { and: [filter(depth - 1)] });

const COSTLY = { code: 'QUERY_TOO_COSTLY', cost: expect.any(Number), maxCost: expect.any(Number) };
const UNPARSED = { code: 'GRAPHQL_PARSE_FAILED' };

const PAGES =
  'jobEvents(first: 1000) { nodes { job { events(first: 1000) { nodes { job { events(first: 1000) { nodes { cursor } } } } } } } }';

const HOSTILE: readonly (readonly [string, Operation, object])[] = [
  ['pages within pages', { query: `{ ${PAGES} }` }, { ...COSTLY, maxCost: 100_000 }],
  [
    'pages whose sizes are variables',
    {
      query:
        'query ($n: Int, $m: Int = 1000) { jobEvents(last: $n) { edges { node { job { events(first: $m) { nodes { cursor } } } } } } }',
      variables: { n: 1000 },
    },
    COSTLY,
  ],
  [
    'pages in fragments',
    {
      query: `{ jobEvents(first: 1000) { nodes { ...A } } }
        fragment A on JobEvent { job { ... on Job { ...B } } } fragment B on Job { events(first: 1000) { nodes { cursor } } }`,
    },
    COSTLY,
  ],
  [
    'pages of the default size',
    { query: `{ jobs { nodes { events { nodes { ${nested(1, 'cursor')} } } } } }` },
    COSTLY,
  ],
  [
    'a page once for each alias',
    {
      query: `{ ${range(30)
        .map((n) => `a${n}: jobs(first: 1000) { nodes { id type status } }`)
        .join(' ')} }`,
    },
    COSTLY,
  ],
  [
    'many aliases',
    {
      query: `{ viewer { ${range(101)
        .map((n) => `a${n}: name`)
        .join(' ')} } }`,
    },
    { ...COSTLY, cost: 101, maxCost: 100 },
  ],
  [
    'many aliases in fragments',
    {
      query: `{ viewer { ...A ...B } } ${['A', 'B']
        .map(
          (name) =>
            `fragment ${name} on User { ${range(51)
              .map((n) => `${name}${n}: name`)
              .join(' ')} }`,
        )
        .join(' ')}`,
    },
    { ...COSTLY, cost: 102, maxCost: 100 },
  ],
  [
    'many fields at the root',
    {
      query: `{ ...A } fragment A on Query { ${range(31)
        .map((n) => `a${n}: server { version }`)
        .join(' ')} }`,
    },
    { ...COSTLY, cost: 31, maxCost: 30 },
  ],
  [
    'deep selections',
    { query: `{ jobEvents(first: 1) { nodes { ${nested(8, 'cursor')} } } }` },
    { ...COSTLY, cost: 21, maxCost: 20 },
  ],
  [
    'directives',
    { query: `{ viewer { name ${'@skip(if: false) '.repeat(51)} } }` },
    { ...COSTLY, cost: 51, maxCost: 50 },
  ],
  ['repeated fields', { query: `{ ${'viewer { name } '.repeat(250)} }` }, COSTLY],
  [
    'fragments that double',
    {
      query: `{ jobEvents(first: 1) { nodes { ...F0 } } } ${range(30)
        .map(
          (n) =>
            `fragment F${n} on JobEvent { a: job { events(first: 1) { nodes { ...F${n + 1} } } } job { events(first: 1) { nodes { ...F${n + 1} } } } }`,
        )
        .join(' ')} fragment F30 on JobEvent { cursor }`,
    },
    COSTLY,
  ],
  ['fragments in a circle', { query: '{ jobs { nodes { ...A } } } fragment A on Job { blockedBy { ...A } }' }, COSTLY],
  [
    'introspection in circles',
    { query: `{ __schema { types { ${'fields { type { '.repeat(8)} name ${'} } '.repeat(8)} } } }` },
    COSTLY,
  ],
  ['tokens', { query: `{ viewer { ${'name '.repeat(10_000)} } }` }, UNPARSED],
  ['tokens that are not GraphQL', { query: '!'.repeat(500_000) }, UNPARSED],
  ['open braces', { query: '{'.repeat(6_000) }, UNPARSED],
  ['nested selections without names', { query: '{a'.repeat(3_000) }, UNPARSED],
  ['a list in a list in a list', { query: `{ jobs(where: { id: { in: ${'['.repeat(5_000)}` }, UNPARSED],
  [
    'variables that are lists in lists',
    { query: 'query ($w: JobFilter) { jobs(where: $w) { nodes { id } } }', variables: { w: filter(30) as never } },
    { code: 'BAD_USER_INPUT', field: 'where' },
  ],
  [
    'many values in variables',
    {
      query: 'query ($w: JobFilter) { jobs(where: $w) { nodes { id } } }',
      variables: { w: { or: range(6).map(() => ({ id: { in: range(9_000) } })) } },
    },
    { code: 'BAD_USER_INPUT', field: 'variables' },
  ],
  [
    'a mutation with a page of jobs within jobs',
    {
      query:
        'mutation { createUser(input: { name: "eve" }) { user { name } } pauseJobs(jobs: { all: true }) { changed(first: 10000) { job { events(first: 1000) { nodes { cursor } } } } } }',
    },
    COSTLY,
  ],
  [
    'a subscription with a page in each event',
    {
      query: `subscription { jobStatusChanged { job { events(first: 1000) { nodes { job { events(first: 1000) { nodes { cursor } } } } } } } }`,
    },
    COSTLY,
  ],
];

for (const { name, send, largest } of TRANSPORTS) {
  test(`a request that exceeds a limit is refused before it is executed, over ${name}`, async () => {
    await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '10000' } });
    for (const [attack, operation, extensions] of HOSTILE) {
      if (encodeURIComponent(JSON.stringify(operation)).length > largest) continue;
      // A mutation is refused over GET for that reason alone.
      if (name === 'GET' && operation.query.startsWith('mutation')) continue;
      const { data, errors = [] } = await send(app, operation);
      expect(data ?? null, attack).toBeNull();
      expect(
        errors.map((error) => error.extensions),
        attack,
      ).toEqual([extensions]);
      expect(errors[0]?.message, attack).not.toMatch(/node_modules|RangeError|stack/);
    }
    expect((await app.store.users()).map((user) => user.name)).toEqual(['root']);
  });
}

test('the limits let through what tools and the playground send', async () => {
  await using app = await startApp();
  const tools = { descriptions: true, inputValueDeprecation: true, oneOf: true, schemaDescription: true };
  const { json } = await postJson(app.url, { query: getIntrospectionQuery(tools) });
  expect([json.errors, Object.keys(json.data ?? {})]).toEqual([undefined, ['__schema']]);
  const { schema } = await import('../../src/app/schema.ts');
  for (const { query, variables = '{}' } of examples) {
    const document = parse(query);
    expect(
      checkCost({ schema, document, variables: JSON.parse(variables) }, readConfig({}).queryLimits),
    ).toBeGreaterThan(0);
  }
  const page =
    '{ jobs(first: 1000) { nodes { id type status description fractionCompleted createdAt availableCommands } } }';
  expect((await postJson(app.url, { query: page })).json.errors).toBeUndefined();
});

test('every limit can be set', async () => {
  await using app = await startApp({
    settings: {
      MAX_QUERY_DEPTH: '3',
      MAX_QUERY_COST: '50',
      MAX_QUERY_TOKENS: '100',
      MAX_INPUT_DEPTH: '2',
      MAX_BODY_BYTES: '2000',
      INTROSPECTION: 'false',
    },
  });
  const codeOf = async (query: string, variables = {}) =>
    (await postJson(app.url, { query, variables })).json.errors?.[0]?.extensions;
  expect(await codeOf('{ jobs(first: 10) { nodes { id } } }')).toBeUndefined();
  expect(await codeOf('{ jobs(first: 20) { nodes { id type } } }')).toEqual({
    code: 'QUERY_TOO_COSTLY',
    cost: 82,
    maxCost: 50,
  });
  expect(await codeOf('{ jobs(first: 1) { nodes { blockedBy { id } } } }')).toEqual({
    code: 'QUERY_TOO_COSTLY',
    cost: 4,
    maxCost: 3,
  });
  expect(await codeOf(`{ ${'viewer { name } '.repeat(26)} }`)).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
  const filtered = 'query ($w: JobFilter) { jobs(where: $w, first: 1) { nodes { id } } }';
  expect(await codeOf(filtered, { w: filter(1) })).toEqual({ code: 'BAD_USER_INPUT', field: 'where' });
  expect(await codeOf('{ viewer { name } }', { x: 'x'.repeat(2_000) })).toEqual({
    code: 'PAYLOAD_TOO_LARGE',
    field: 'body',
  });
  expect(await codeOf('{ __schema { queryType { name } } }')).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  expect(await codeOf('{ __typename }')).toBeUndefined();
});

test('a selection costs once for each object that it is read from, merged as execution merges it', () => {
  const schema = buildSchema(`
    type Query { items(first: Int, last: Int = 5): Items all: [Item] }
    type Items { nodes: [Item] edges: [Edge] total: Int }
    type Edge { node: Item }
    type Item { id: ID tags: [Tag] more(first: Int): Items }
    type Tag { name: String }
  `);
  const costOf = (query: string, variables: Record<string, unknown> = {}, operationName?: string) =>
    checkCost(
      { schema, document: parse(query), variables, operationName },
      { ...readConfig({}).queryLimits, cost: 1e9 },
    );
  // The field, its list, and the elements with their fields.
  expect(costOf('{ items(first: 3) { nodes { id } } }')).toBe(1 + 1 + 3 * 2);
  expect(costOf('{ items(first: 3) { edges { node { id } } } }')).toBe(1 + 1 + 3 * 3);
  expect(costOf('{ items { nodes { id } } }')).toBe(1 + 1 + 5 * 2);
  expect(costOf('query ($n: Int) { items(first: $n) { nodes { id } } }', { n: 7 })).toBe(1 + 1 + 7 * 2);
  expect(costOf('query ($n: Int = 8) { items(first: $n) { nodes { id } } }')).toBe(1 + 1 + 8 * 2);
  expect(costOf('{ items(first: 3) { nodes { more(first: 2) { nodes { id } } } } }')).toBe(
    1 + 1 + 3 * (1 + 1 + 1 + 2 * 2),
  );
  const twice = '{ items(first: 3) { nodes { id } } ...A } fragment A on Query { items(first: 3) { nodes { id } } }';
  expect(costOf(twice)).toBe(8);
  expect(costOf('{ a: items(first: 3) { nodes { id } } b: items(first: 3) { nodes { id } } }')).toBe(16);
  expect(costOf('{ all { tags { name } } }')).toBe(1 + 10 * (1 + 1 + 10 * 2));
  expect(costOf('query A { items(first: 1) { total } } query B { items(first: 9) { nodes { id } } }', {}, 'A')).toBe(2);
});
