import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInterest } from '../../src/engine/interest.ts';
import { type Access, maySee } from '../../src/jobs/access.ts';
import { type Condition, predicateOf, requiredValues } from '../../src/jobs/filter.ts';

/** Few values, so that many conditions match. */
const FIELDS = ['jobId', 'userName', 'to'] as const;
type Subject = Readonly<Record<(typeof FIELDS)[number], string>>;
const value = fc.constantFrom('a', 'b', 'c');
const field = fc.constantFrom(...FIELDS, 'reason');

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.record({ is: fc.constant('equals' as const), field, value }),
    fc.record({ is: fc.constant('in' as const), field, value: fc.array(value, { maxLength: 3 }) }),
    fc.record({ is: fc.constant('startsWith' as const), field, value }),
    fc.record({
      is: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('condition'), { maxLength: 3 }),
    }),
    fc.record({ is: fc.constant('not' as const), of: tie('condition') }),
  ),
}));
const access = fc
  .oneof(fc.constant<Access['sees']>('all'), fc.record({ userName: value }))
  .map((sees): Access => ({ sees, controls: [], userName: '' }));
const subject: fc.Arbitrary<Subject> = fc.record({ jobId: value, userName: value, to: value });
const read = (from: Subject, name: string): unknown => (from as Readonly<Record<string, unknown>>)[name];

test('everyone whose condition matches is found, each once, and nobody once they are removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(condition, access), { maxLength: 20 }), subject, fc.nat(), (wanted, one, removed) => {
      const interest = createInterest<Subject, number>(FIELDS, read);
      const removes = wanted.map(([where, of], n) => interest.add(n, where, of));
      const gone = wanted.length === 0 ? -1 : removed % wanted.length;
      removes[gone]?.();
      removes[gone]?.();

      const found = [...interest.of(one)];
      const matching = wanted.flatMap(([where, of], n) =>
        n !== gone && maySee(of, one) && predicateOf(where, read)(one) ? [n] : [],
      );
      expect(found).toEqual([...new Set(found)]);
      expect(found).toEqual(expect.arrayContaining(matching));
      expect(found).not.toContain(gone);
      expect(interest.size).toBe(wanted.length - (gone < 0 ? 0 : 1));
    }),
  );
});

test('those who want one job are not found for another', () => {
  const interest = createInterest<Subject, string>(FIELDS, read);
  const everything: Access = { sees: 'all', controls: [], userName: '' };
  const status: Condition = { is: 'equals', field: 'to', value: 'b' };
  interest.add('job a', { is: 'all', of: [status, { is: 'equals', field: 'jobId', value: 'a' }] }, everything);
  interest.add('jobs b or c', { is: 'in', field: 'jobId', value: ['b', 'c'] }, everything);
  interest.add('own', { is: 'all', of: [] }, { ...everything, sees: { userName: 'ann' } });
  expect([...interest.of({ jobId: 'a', userName: 'bob', to: 'b' })]).toEqual(['job a']);
  expect([...interest.of({ jobId: 'c', userName: 'ann', to: 'b' })]).toEqual(['jobs b or c', 'own']);
});

test('the values that a condition requires limit what it matches', () => {
  fc.assert(
    fc.property(condition, field, subject, (where, name, one) => {
      const values = requiredValues(where, name);
      if (values !== null && predicateOf(where, read)(one)) expect(values).toContain(read(one, name));
    }),
  );
});
