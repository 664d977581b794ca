import { expect, test } from 'vitest';
import { parseUrl, redact, withoutSlashes } from '../../src/storage/url.ts';

const SCHEMES = [
  'nodelocal:///',
  's3://bucket/',
  'azure://box/',
  'gs://bucket/',
  'http://example.com/',
  'https://example.com/',
];

test.each(SCHEMES)('a URL that begins with %s has at most 8 KB, and its error does not repeat it', (scheme) => {
  const at = (length: number) => `${scheme}${'a'.repeat(length - scheme.length)}`;
  expect(() => parseUrl(at(8_192))).not.toThrow();
  expect(() => parseUrl(at(8_193))).toThrow('a URL has 8193 characters: at most 8192 are allowed');
  expect(() => parseUrl(`${scheme}${'/'.repeat(200_000)}x`)).toThrow(/^a URL has \d+ characters/);
});

test('slashes at the end, and only there, are removed', () => {
  expect(withoutSlashes('/a//b///')).toBe('/a//b');
  expect(withoutSlashes('///')).toBe('');
  expect(withoutSlashes('')).toBe('');
  const many = `${'/'.repeat(1_000_000)}x`;
  expect(withoutSlashes(many)).toBe(many);
});

test('text of any form is redacted in linear time', () => {
  // Of quadratic time, a million characters would take longer than the test may.
  for (const part of ['/', '?', '&', '#', ':', '@', '=', ':1', 'a:', '//', 'a=b&']) {
    expect(redact(`https://${part.repeat(1_000_000 / part.length)}x`).length).toBeGreaterThan(0);
  }
});
