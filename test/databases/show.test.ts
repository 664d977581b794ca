import { expect, test } from 'vitest';
import { show } from '../../src/databases/show.ts';

test('names that differ only in their Unicode normalization look different', () => {
  expect(show('caf\u00e9')).toBe('"café"');
  expect(show('cafe\u0301')).toBe('"cafe\\u{301}"');
  // This mark is a character of its own in any form.
  expect(show('\u0928\u0940')).toBe('"नी"');
  expect(show('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`);
  expect(show(null)).toBe('NULL');
});
