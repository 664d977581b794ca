/** Operations with inputs that mostly have the right types, made from the schema, and hostile values in any place. */
import fc from 'fast-check';
import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** Texts with which an input gets far: names that exist, URLs, types, expressions. */
const KNOWN = [
  'demo',
  't',
  'id',
  'a',
  'new',
  'root',
  'ada',
  'TEXT',
  'INTEGER',
  'id,a',
  'a > 1',
  "'x'",
  '0',
  ',',
  'utf-8',
];
const URLS = [
  'nodelocal:///sample.csv',
  'nodelocal:///*.csv',
  'nodelocal:///../secret',
  'nodelocal:///%2e%2e/secret',
  'nodelocal:///new',
  's3://bucket/key?AWS_ENDPOINT=http://127.0.0.1:1',
  'http://127.0.0.1:1/a.csv',
  'http://[::ffff:169.254.169.254]/latest',
  'webhook-https://user:key@127.0.0.1/x',
  'file:///etc/passwd',
  'azure://container/..?AZURE_ACCOUNT_NAME=x',
];
const HOSTILE_TEXTS = [
  '',
  '\0',
  '%',
  '"',
  '`]"\'',
  '\u202e',
  '\ud800',
  '__proto__',
  'constructor',
  '-1',
  '9007199254740993',
  '1e400',
  'a'.repeat(60_000),
  '('.repeat(3_000),
  "'; DROP TABLE Job; --",
  '(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c)',
  '_signalbox_x',
  'sqlite_master',
];

const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 3, arbitrary: fc.constantFrom(...URLS) },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
);
const whole = fc.oneof(fc.constantFrom(0, 1, -1, 2, 100, 2_147_483_647), fc.integer());
const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  String: text,
  ID: fc.oneof(fc.constantFrom('1', '9007199254740991', 'database:demo', 'user:root'), text),
  Int: whole,
  Count: fc.oneof(whole, fc.maxSafeInteger()),
  Float: fc.oneof(whole, fc.double()),
  Boolean: fc.boolean(),
  DateTime: fc.oneof(fc.constantFrom('2026-01-01T00:00:00Z', '2026-13-01', '+275760-09-13T00:00:00Z'), text),
  Cursor: fc.oneof(fc.constantFrom('0000000000000000', '0000000000000003', '9999999999999999'), text),
  JSON: fc.jsonValue({ maxDepth: 2 }),
};
/** In the place of any value. */
const hostile = fc.oneof(text, whole, fc.double(), fc.boolean(), fc.constant(null), fc.constant({}), fc.constant([]));
const DEEPEST = 4;

const valuesOf = (type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> => {
  if (isNonNullType(type)) return valuesOf(type.ofType, depth);
  const arbitrary = isListType(type)
    ? fc.array(valuesOf(type.ofType, depth + 1), { maxLength: 3 })
    : namedValuesOf(type as GraphQLNamedInputType, depth);
  return fc.oneof({ weight: 20, arbitrary }, { weight: 1, arbitrary: hostile });
};

const namedValuesOf = (type: GraphQLNamedInputType, depth: number): fc.Arbitrary<unknown> => {
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (!isInputObjectType(type)) return SCALARS[type.name] ?? text;
  const fields = Object.values(type.getFields());
  const isNeeded = ({ type, defaultValue }: (typeof fields)[number]) =>
    isNonNullType(type) && defaultValue === undefined;
  if (type.isOneOf) {
    const inner = depth < DEEPEST ? fields : fields.slice(0, 1);
    return fc.oneof(...inner.map((field) => fc.record({ [field.name]: valuesOf(field.type, depth + 1) })));
  }
  const used = depth < DEEPEST ? fields : fields.filter(isNeeded);
  return fc.record(Object.fromEntries(used.map((field) => [field.name, valuesOf(field.type, depth + 1)])), {
    requiredKeys: used.filter(isNeeded).map(({ name }) => name),
  });
};

export interface ArbitraryOperation {
  readonly query: string;
  readonly variables: unknown;
}

/** A field of Query or Mutation, with values for its arguments. The names of some fields may be left out. */
export const operationsOf = (schema: GraphQLSchema, except: readonly string[]): fc.Arbitrary<ArbitraryOperation> => {
  const of = (operation: 'query' | 'mutation') => {
    const root = operation === 'query' ? schema.getQueryType() : schema.getMutationType();
    return Object.values(root?.getFields() ?? {})
      .filter(({ name, args }) => args.length > 0 && !except.includes(name))
      .map(({ name, args, type }) => {
        const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
        const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
        const selection = isCompositeType(getNamedType(type)) ? ' { __typename }' : '';
        const variables = fc.record(Object.fromEntries(args.map((arg) => [arg.name, valuesOf(arg.type, 0)])), {
          requiredKeys: args.filter((arg) => isNonNullType(arg.type)).map((arg) => arg.name),
        });
        return variables.map((values) => ({
          query: `${operation} (${declared}) { ${name}(${given})${selection} }`,
          variables: values,
        }));
      });
  };
  // Most of what can go wrong is in the mutations.
  return fc.oneof(
    { weight: 1, arbitrary: fc.oneof(...of('query')) },
    { weight: 3, arbitrary: fc.oneof(...of('mutation')) },
  );
};
