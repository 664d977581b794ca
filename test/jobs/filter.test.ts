import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Filter, JOB_FIELDS, predicateOf, readFilter } from '../../src/jobs/filter.ts';
import { jobColumn, whereOf } from '../../src/store/sqlite/where.ts';

const TEXTS = ['', 'a', 'A', 'ab', 'AB%', 'a_b', 'É', 'é', 'x"y', '100%', 'null'];
const text = fc.constantFrom(...TEXTS);
const time = fc.integer({ min: 0, max: 4 });
const id = fc.integer({ min: 1, max: 6 }).map(String);
const status = fc.constantFrom('PENDING', 'RUNNING', 'PAUSED', 'FAILED');

const row = fc.record({
  status,
  description: text,
  error: fc.option(text),
  database: fc.option(text),
  createdAt: time,
  finishedAt: fc.option(time),
  fractionCompleted: fc.option(fc.constantFrom(0, 0.25, 1)),
});

/** An object of some of these, few at a time: a filter has a limit. */
const some = (parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Filter> =>
  fc.subarray(Object.keys(parts), { maxLength: 3 }).chain((keys) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, parts[key] ?? fc.constant(null)])), {
      noNullPrototype: true,
    }),
  );
const texts = some({
  equals: text,
  in: fc.array(text, { maxLength: 3 }),
  not: text,
  notIn: fc.array(text, { maxLength: 3 }),
  contains: text,
  startsWith: text,
  isNull: fc.boolean(),
});
const numbers = some({ lt: time, lte: time, gt: time, gte: time, isNull: fc.boolean() });
const comparisons = {
  id: some({ equals: id, in: fc.array(id, { maxLength: 3 }), not: id, notIn: fc.array(id, { maxLength: 3 }) }),
  status: some({ equals: status, in: fc.array(status, { maxLength: 2 }), not: status }),
  description: texts,
  error: texts,
  database: texts,
  createdAt: numbers,
  finishedAt: numbers,
  fractionCompleted: numbers,
};
const around = (inner: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  some({ ...comparisons, and: fc.array(inner, { maxLength: 2 }), or: fc.array(inner, { maxLength: 2 }), not: inner });
const filter = around(around(around(some(comparisons))));

const COLUMNS = [
  'id',
  'status',
  'description',
  'error',
  'database',
  'createdAt',
  'finishedAt',
  'fractionCompleted',
] as const;

/** There is a user `ann`. */
const asStored = (name: string) => (name.toLowerCase() === 'ann' ? 'ann' : name);

test('a filter selects the same rows in the store as its predicate does', () => {
  const db = new Database(':memory:');
  db.exec(`CREATE TABLE Job (id BIGINT, status TEXT, description TEXT, error TEXT, "database" TEXT,
    createdAt DATETIME, finishedAt DATETIME, fractionCompleted REAL)`);
  const insert = db.prepare(`INSERT INTO Job VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')})`);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), filter, (given, wanted) => {
      const condition = readFilter(wanted, JOB_FIELDS, 'where', 'ignored', asStored);
      const rows = given.map((values, index) => ({ id: String(index + 1), ...values }));
      db.exec('DELETE FROM Job');
      for (const values of rows) insert.run({ ...values, id: Number(values.id) });
      const where = whereOf(condition, jobColumn);
      const selected = db
        .prepare(`SELECT id FROM Job j WHERE ${where.sql} ORDER BY id`)
        .pluck()
        .all(...where.values);
      const holds = predicateOf<Record<string, unknown>>(condition, (subject, field) => subject[field]);
      expect(selected.map(String)).toEqual(rows.filter(holds).map((values) => values.id));
    }),
    { numRuns: 2_000 },
  );
  db.close();
});

test.each<[Filter | null, string]>([
  [null, 'jobs.where'],
  [{}, 'jobs.where'],
  [{ userName: {} }, 'jobs.where.userName'],
  [{ userName: undefined }, 'jobs.where'],
  [{ status: null }, 'jobs.where.status'],
  [{ status: { equals: null } }, 'jobs.where.status.equals'],
  [{ status: { in: [] } }, 'jobs.where.status.in'],
  [{ status: { notIn: [] } }, 'jobs.where.status.notIn'],
  [{ description: { contains: '' } }, 'jobs.where.description.contains'],
  [{ description: { startsWith: '' } }, 'jobs.where.description.startsWith'],
  [{ and: [] }, 'jobs.where.and'],
  [{ or: [] }, 'jobs.where.or'],
  [{ not: {} }, 'jobs.where.not'],
  [{ not: null }, 'jobs.where.not'],
  [{ status: { equals: 'RUNNING' }, or: [{ userName: { equals: 'a' } }, {}] }, 'jobs.where.or.1'],
  [{ and: [{ not: { or: [{ error: { contains: '' } }] } }] }, 'jobs.where.and.0.not.or.0.error.contains'],
])('the empty part in selector %j is refused by its path', (given, field) => {
  expect(() => readFilter(given, JOB_FIELDS, 'jobs.where', 'refused', asStored)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', extensions: { field } }),
  );
});

test.each<[Filter, string]>([
  [{ id: { equals: 'abc' } }, 'where.id.equals'],
  [{ id: { in: ['1', '007'] } }, 'where.id.in'],
  [{ status: { in: Array(10_001).fill('RUNNING') } }, 'where.status.in'],
  [{ and: Array(501).fill({ error: { isNull: true } }) }, 'where'],
])('what no filter may hold is refused by its path', (given, field) => {
  expect(() => readFilter(given, JOB_FIELDS, 'where', 'ignored', asStored)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', extensions: { field } }),
  );
});

test('whole names of users are compared as they are stored; parts of names and other texts stay', () => {
  const read = (given: Filter) => readFilter(given, JOB_FIELDS, 'where', 'ignored', asStored);
  const is = (is: string, value: unknown) => ({ is, field: 'userName', value });
  expect(read({ userName: { equals: 'ANN' } })).toEqual(is('equals', 'ann'));
  expect(read({ userName: { in: ['Ann', 'Bob'] } })).toEqual(is('in', ['ann', 'Bob']));
  expect(read({ userName: { notIn: ['ANN'] } })).toEqual({ is: 'not', of: is('in', ['ann']) });
  expect(read({ userName: { not: 'aNN' } })).toEqual({ is: 'not', of: is('equals', 'ann') });
  expect(read({ userName: { contains: 'ANN' } })).toEqual(is('contains', 'ANN'));
  expect(read({ userName: { isNull: false } })).toEqual(is('isNull', false));
  expect(read({ database: { equals: 'ANN' } })).toEqual({ is: 'equals', field: 'database', value: 'ANN' });
});
