import { readFileSync } from 'node:fs';
import {
  buildSchema,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLSchema,
  isInputObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/app/schema.ts';

const contract = buildSchema(readFileSync('test/contract.graphql', 'utf8'));

/** What of the contract is not there yet. It only shrinks: an entry that is served by now fails the test. */
const NOT_YET = readFileSync('test/not-yet.txt', 'utf8').trim().split('\n');

test('nothing of the contract is missing but what is listed', () => {
  const missing = findBreakingChanges(contract, schema).map(({ description }) => description);
  expect(missing.sort()).toEqual([...NOT_YET].sort());
});

test('no default of the contract has changed', () => {
  const changed = findDangerousChanges(contract, schema).filter(({ type }) => type === 'ARG_DEFAULT_VALUE_CHANGE');
  expect(changed).toEqual([]);
});

test('what is @oneOf in the contract is @oneOf here', () => {
  const oneOfs = (from: GraphQLSchema) =>
    Object.values(from.getTypeMap())
      .filter((type) => isInputObjectType(type) && type.isOneOf)
      .map(({ name }) => name);
  expect(oneOfs(contract).filter((name) => schema.getType(name) && !oneOfs(schema).includes(name))).toEqual([]);
});

test('schema.graphql is what the code prints', () => {
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(readFileSync('schema.graphql', 'utf8'));
});
