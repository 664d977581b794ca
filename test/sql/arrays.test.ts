import { expect, test } from 'vitest';
import { arrayOf } from '../../src/sql/arrays.ts';
import { parameterOf } from '../../src/sql/pgwire/types.ts';

test.each([
  ['{}', []],
  ['{ a , "b , c" ,NULL, "NULL" }', ['a', 'b , c', null, 'NULL']],
  ['{a b,\\{,"\\""}', ['a b', '{', '"']],
])('%s is read as PostgreSQL reads it', (text, items) => {
  expect(arrayOf(text, 1)).toEqual(items);
});

test.each(['{', '{a,}', '{,a}', '{a "b"}', '{"a}', '{{a}}', 'a'])('%s is no array', (text) => {
  expect(() => arrayOf(text, 1)).toThrow(/malformed array literal/);
});

test('the time that an array takes is proportional to its length', () => {
  // A million steps for each character would take hours.
  for (const blanks of [' '.repeat(200_000), ' \t'.repeat(100_000)]) {
    expect(() => arrayOf(`{${blanks}{}`, 1)).toThrow(/malformed/);
    expect(arrayOf(`{${blanks}a${blanks}}`, 1)).toEqual(['a']);
  }
});

test('a binary array of arrays is refused, however deep', () => {
  const arrayOfOne = (item: Buffer, itemOid: number) => {
    const head = Buffer.alloc(24);
    for (const [at, value] of [1, 0, itemOid, 1, 1, item.length].entries()) head.writeInt32BE(value, at * 4);
    return Buffer.concat([head, item]);
  };
  const text = arrayOfOne(Buffer.from('a'), 25);
  expect(parameterOf(text, 1, 1009)).toBe('{"a"}');
  let nested = text;
  for (let depth = 0; depth < 30; depth++) nested = arrayOfOne(nested, 1009);
  expect(() => parameterOf(nested, 1, 1009)).toThrow(/incorrect binary data format/);
});
