import { readFileSync } from 'node:fs';
import {
  buildSchema,
  findBreakingChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/app/schema.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { differencesFrom } from './support/contract.ts';

const contractText = readFileSync('test/contract.graphql', 'utf8');
const contract = buildSchema(contractText);

/** What of the contract is not there yet. It only shrinks: an entry that is served by now fails the test. */
const NOT_YET = readFileSync('test/not-yet.txt', 'utf8').trim().split('\n');

test('nothing of the contract is missing but what is listed', () => {
  expect(differencesFrom(contract, schema)).toEqual([...NOT_YET].sort());
});

test('no change that breaks clients is left out of that comparison', () => {
  const listed = (description: string) =>
    NOT_YET.some((line) => pathsOf(line).some((path) => description.includes(path)));
  const unlisted = findBreakingChanges(contract, schema).filter(({ description }) => !listed(description));
  expect(unlisted).toEqual([]);
});

/** `Type.field(argument) …` as graphql spells it in its sentences. */
const pathsOf = (line: string) => {
  const [path = ''] = line.split(/:? /);
  const [owner = '', input = ''] = path.split(/[()]/);
  const value = /: (\w+) is missing$/.exec(line)?.[1];
  return [...(input === '' ? [owner] : [`${owner}.${input}`, `${owner} arg ${input}`]), ...(value ? [value] : [])];
};

test.each([
  ['a field that is missing', '  statusMessage: String\n', '', 'Job.statusMessage is missing'],
  ['a value that is missing', ' REVERTING ', ' ', 'JobStatus: REVERTING is missing'],
  ['a type that is missing', /type JobCount \{[^}]*\}/, 'type Counted { count: Int! }', 'JobCount is missing'],
  ['an argument that is missing', 'jobCounts(where: JobFilter)', 'jobCounts', 'Query.jobCounts(where) is missing'],
  ['a null that is lost', 'users: [User!]', 'users: [User!]!', 'Query.users is [User!]! instead of [User!]'],
  ['a null that is new', 'viewer: Viewer!', 'viewer: Viewer', 'Query.viewer is Viewer instead of Viewer!'],
  [
    'an argument that is required',
    'jobCounts(where: JobFilter)',
    'jobCounts(where: JobFilter!)',
    'Query.jobCounts(where) is JobFilter! instead of JobFilter',
  ],
  [
    'a default that is different',
    'header: Boolean = true\n  "Makes',
    'header: Boolean = false\n  "Makes',
    'CsvOptions(header) has the default false instead of true',
  ],
  [
    'a default that is lost',
    'rejectLimit: Int! = 0',
    'rejectLimit: Int!',
    'CreateImportInput(rejectLimit) has the default none instead of 0',
  ],
  ['a @oneOf that is lost', 'JobSelector @oneOf', 'JobSelector', 'JobSelector is not @oneOf'],
])('the comparison notices %s', (_, before, after, line) => {
  const changed = contractText.replace(/\bJobCount!\]/g, 'Int!]').replace(before, after);
  const original = buildSchema(contractText.replace(/\bJobCount!\]/g, 'Int!]'));
  expect(differencesFrom(original, buildSchema(changed))).toContain(line);
  expect(differencesFrom(original, original)).toEqual([]);
});

test('schema.graphql is what the code prints', () => {
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(readFileSync('schema.graphql', 'utf8'));
});

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

test('every type, field, argument, value and scalar of the schema is described, in sentences', () => {
  const described = types.flatMap((type) => {
    const values = isEnumType(type)
      ? type.getValues().map((value) => [`${type.name}.${value.name}`, value] as const)
      : [];
    const fields =
      isObjectType(type) || isInterfaceType(type)
        ? Object.values(type.getFields()).flatMap((field) => [
            [`${type.name}.${field.name}`, field] as const,
            ...field.args.map((arg) => [`${type.name}.${field.name}(${arg.name})`, arg] as const),
          ])
        : [];
    const inputs = isInputObjectType(type)
      ? Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const)
      : [];
    return [[type.name, type] as const, ...values, ...fields, ...inputs];
  });
  const isSentence = (text: string) => /^[A-Z0-9`"].*[.:)`]$/s.test(text) || /^(true|false)\b.*\.$/s.test(text);
  expect(described.length).toBeGreaterThan(700);
  expect(described.filter(([, { description }]) => !isSentence(description ?? '')).map(([path]) => path)).toEqual([]);
});

test('a scalar that a standard defines names it', () => {
  const scalars = types.filter(isScalarType).map(({ name, specifiedByURL }) => [name, specifiedByURL ?? null]);
  expect(Object.fromEntries(scalars)).toEqual({
    ChangefeedCursor: null,
    Count: null,
    Cursor: null,
    DateTime: expect.stringContaining('rfc3339'),
    JSON: expect.stringContaining('rfc8259'),
  });
});

test('the schema and docs/errors.md list the codes of errors, each with the same meaning', () => {
  const listed = [...(schema.description ?? '').matchAll(/^- `(\w+)`: (.*)$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(listed)).toEqual(ERROR_CODES);

  const docs = readFileSync('docs/errors.md', 'utf8');
  const chapters = docs.split(/^## /m).slice(1);
  const codes = Object.keys(ERROR_CODES);
  expect(chapters.map((chapter) => chapter.split('\n')[0])).toEqual(codes);
  expect([...docs.matchAll(/^\| \[`(\w+)`\]/gm)].map(([, code]) => code)).toEqual(codes);
  for (const [i, meaning] of Object.values(ERROR_CODES).entries()) {
    const text = (chapters[i] ?? '').replace(/\s+/g, ' ');
    expect(text).toContain(meaning);
    for (const part of ['- Cause: ', '- Client: ', '- Retry: ']) expect(text).toContain(part);
  }
});
