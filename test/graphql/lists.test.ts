import { type GraphQLInputType, getNamedType, getNullableType, isInputObjectType, isListType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/app/schema.ts';
import { startApp } from '../support/app.ts';
import { openSocket, postJson } from '../support/wire.ts';

/** The lists in an input, as paths. A type within itself is followed once. */
const listsIn = (type: GraphQLInputType, path: string, within: readonly string[] = []): readonly string[] => {
  const named = getNamedType(type);
  const isList = isListType(getNullableType(type));
  const own = isList ? [path] : [];
  if (!isInputObjectType(named) || within.includes(named.name)) return own;
  const inner = isList ? `${path}.0` : path;
  const fields = Object.values(named.getFields());
  return [...own, ...fields.flatMap((one) => listsIn(one.type, `${inner}.${one.name}`, [...within, named.name]))];
};

const ROOTS = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const LISTS = ROOTS.flatMap((root) =>
  Object.values(root?.getFields() ?? {}).flatMap(({ name, args }) =>
    args.flatMap((arg) =>
      listsIn(arg.type, arg.name).map((path) => ({
        operation: root === ROOTS[0] ? 'query' : root === ROOTS[1] ? 'mutation' : 'subscription',
        field: name,
        arg,
        path,
      })),
    ),
  ),
);

/** A value with a list of so many nulls at the path within it. */
const valueWith = ([key, ...rest]: readonly string[], length: number): unknown => {
  if (key === undefined) return Array(length).fill(null);
  const inner = valueWith(rest, length);
  return key === '0' ? [inner] : { [key]: inner };
};

test('every list of an input is limited before anything is executed, as a variable and as a literal', async () => {
  await using app = await startApp({ settings: { MAX_QUERY_TOKENS: '100000', MAX_REQUESTS_PER_SECOND: '100000' } });
  await using socket = await openSocket(app.url, { params: { user: 'root' } });
  await socket.next();
  expect(LISTS.length).toBeGreaterThan(50);
  for (const [id, { operation, field, arg, path }] of LISTS.entries()) {
    const [, ...within] = path.split('.');
    const refusal = {
      message: `${path} has 10001 values: at most 10000 are allowed`,
      extensions: { code: 'BAD_USER_INPUT', field: path },
    };
    const query = `${operation} ($x: ${arg.type}) { ${field}(${arg.name}: $x) { __typename } }`;
    const payload = { query, variables: { x: valueWith(within, 10_001) } };
    socket.subscribe(String(id), payload);
    expect(await socket.next()).toMatchObject({ type: 'error', payload: [refusal] });
    if (id % 10 === 0) expect((await postJson(app.url, payload)).json).toEqual({ errors: [refusal] });
  }
  const ids = `[${'1,'.repeat(10_001)}]`;
  const { json } = await postJson(app.url, { query: `mutation { pauseJobs(jobs: { ids: ${ids} }) { changedCount } }` });
  expect(json.errors?.[0]).toMatchObject({
    message: 'jobs.ids has 10001 values: at most 10000 are allowed',
    extensions: { code: 'BAD_USER_INPUT', field: 'jobs.ids' },
  });
});

const many = <T>(count: number, value: T) => Array<T>(count).fill(value);
const COLUMN = { name: 'a', type: 'TEXT' };
const IMPORT = { database: 'demo', table: 't', sources: ['nodelocal:///a.csv'] };
const INDEX = { table: 't', name: 'i' };

test.each<readonly [string, object, string, string]>([
  ['Import', { ...IMPORT, sources: many(1_001, 'nodelocal:///a') }, 'sources', '1001 URLs: at most 1000'],
  ['Import', { ...IMPORT, columns: many(2_001, COLUMN) }, 'columns', '2001 columns: at most 2000'],
  ['Import', { ...IMPORT, into: many(2_001, 'a') }, 'into', '2001 columns: at most 2000'],
  [
    'Import',
    { ...IMPORT, fields: many(2_001, { from: { name: 'a' }, column: 'a' }) },
    'fields',
    '2001 columns: at most 2000',
  ],
  ['Changefeed', { database: 'demo', tables: many(101, 't') }, 'tables', '101 names: at most 100'],
  [
    'Changefeed',
    { database: 'demo', tables: ['t'], columns: [{ table: 't', columns: many(2_001, 'a') }] },
    'columns.0.columns',
    '2001 columns: at most 2000',
  ],
  [
    'SchemaChange',
    { database: 'demo', changes: [{ createIndex: { ...INDEX, columns: many(2_001, 'a') } }] },
    'changes.0.createIndex.columns',
    '2001 columns: at most 2000',
  ],
  [
    'SchemaChange',
    { database: 'demo', changes: [{ createIndex: { ...INDEX, parts: many(2_001, { on: { column: 'a' } }) } }] },
    'changes.0.createIndex.parts',
    '2001 columns: at most 2000',
  ],
  [
    'SchemaChange',
    { database: 'demo', changes: many(101, { dropIndex: INDEX }) },
    'changes',
    '101 entries: at most 100',
  ],
])('a list of create%sInput that is too long is refused: %$', async (name, input, path, message) => {
  await using app = await startApp();
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const query = `mutation ($input: Create${name}Input!) { create${name}(input: $input) { __typename } }`;
  const { errors } = await app.send({ query, variables: { input } });
  expect(errors?.[0]).toMatchObject({
    message: `${path.split('.').at(-1)} has ${message} are allowed`,
    extensions: { code: 'BAD_USER_INPUT', field: `input.${path}` },
  });
  expect((await app.store.log()).head).toBe(0);
});
