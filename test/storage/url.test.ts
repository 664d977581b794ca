import { describe, expect, it } from 'vitest';
import { type CloudUrl, parseUrl, redact, StorageError } from '../../src/storage/url.ts';

describe('a nodelocal URL', () => {
  it.each([
    ['nodelocal:///a.csv', ['a.csv']],
    ['nodelocal:////a//b/./c.csv', ['a', 'b', 'c.csv']],
    ['NODELOCAL:///a%20b%2Ecsv', ['a b.csv']],
    ['nodelocal:///%252e%252e/a', ['%2e%2e', 'a']],
    ['nodelocal:///größe.csv', ['größe.csv']],
  ])('%s', (url, segments) => {
    expect(parseUrl(url)).toEqual({ scheme: 'nodelocal', segments });
  });

  it.each([
    'nodelocal:///../a',
    'nodelocal:///a/../../b',
    'nodelocal:///%2e%2e/a',
    'nodelocal:///.%2E/a',
    'nodelocal:///a%2f..%2fb',
    'nodelocal:///..%5ca',
    'nodelocal:///a%00b',
    'nodelocal:///a%zz',
    'nodelocal:///a%ff',
    'nodelocal:///',
    'nodelocal:///.',
    'nodelocal://host/a',
    'nodelocal://../a',
    'nodelocal:/a',
    'nodelocal:a',
    'nodelocal:///a?b=c',
    'nodelocal:///a#b',
    'file:///etc/passwd',
    '/etc/passwd',
    'ftp://bucket/a',
    '',
  ])('%s is refused', (url) => {
    expect(() => parseUrl(url)).toThrow(StorageError);
  });

  it('that is refused is shown without its secrets', () => {
    expect(() => parseUrl('s3://b/..?AWS_SECRET_ACCESS_KEY=hush')).toThrow(
      /^s3:\/\/b\/\.\.\?AWS_SECRET_ACCESS_KEY=redacted /,
    );
  });
});

describe('the URL of a bucket', () => {
  it.each([
    ['s3://b/a/b.csv', 'b', 'a/b.csv', {}],
    ['S3://My_bucket.x', 'My_bucket.x', '', {}],
    ['azure://$root/', '$root', '', {}],
    ['gs://b/a%20b/%C3%BC%25//c/', 'b', 'a b/ü%//c', {}],
    [
      's3://b/k?AWS_SECRET_ACCESS_KEY=a+b%2F%3D=&AWS_REGION=x',
      'b',
      'k',
      { AWS_SECRET_ACCESS_KEY: 'a+b/==', AWS_REGION: 'x' },
    ],
    ['s3://b/k?', 'b', 'k', {}],
  ])('%s', (url, bucket, path, parameters) => {
    const { parameters: found, ...parsed } = parseUrl(url) as CloudUrl;
    expect(parsed).toMatchObject({ bucket, path });
    expect(Object.fromEntries(found)).toEqual(parameters);
  });

  it.each([
    ['s3:b/k', 'is not of the form'],
    ['s3://b/k#x', 'is not of the form'],
    ['s3:///k', 'names no bucket'],
    ['s3://../k', 'names no bucket'],
    ['s3://a:b@c/k', 'names no bucket'],
    ['azure://b%2f/k', 'names no bucket'],
    ['gs://b/a/../k', 'has . or .. in its path'],
    ['gs://b/%2e/k', 'has . or .. in its path'],
    ['s3://b/a%2fk', 'has a separator'],
    ['s3://b/a%5ck', 'has a separator'],
    ['s3://b/%zz', 'has a % that encodes nothing'],
    ['s3://b/k?a=%zz', 'has a % that encodes nothing'],
    ['s3://b/k?hush', 'has a parameter without a name'],
    ['s3://b/k?hu/sh=x', 'has a parameter without a name'],
    ['s3://b/k?A=1&A=2', 'has A twice'],
  ])('%s is refused', (url, message) => {
    expect(() => parseUrl(url)).toThrow(StorageError);
    expect(() => parseUrl(url)).toThrow(message);
  });
});

describe('redacting', () => {
  it.each([
    ['nodelocal:///a@b.csv', 'nodelocal:///a@b.csv'],
    [
      's3://b/k?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=hush',
      's3://b/k?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=redacted',
    ],
    [
      'azure://c/k?AZURE_ACCOUNT_NAME=n&azure_account_key=hush==',
      'azure://c/k?AZURE_ACCOUNT_NAME=n&azure_account_key=redacted',
    ],
    ['s3://b/k?AWS_ENDPOINT=http://u:hush@h/', 's3://b/k?AWS_ENDPOINT=http://u:redacted@h/'],
    ['gs://b/k?CREDENTIALS=hush&GS_ENDPOINT=https://h', 'gs://b/k?CREDENTIALS=redacted&GS_ENDPOINT=https://h'],
    ['https://h/a?X-Amz-Signature=hush&sig=hush', 'https://h/a?X-Amz-Signature=redacted&sig=redacted'],
    ['https://h/a?hush', 'https://h/a?redacted'],
    ['https://h/a?x=1?AWS_REGION=hush', 'https://h/a?x=redacted'],
    ['https://h/a#access_token=hush', 'https://h/a#redacted'],
    ['https://user:hush@h:80/a@b', 'https://user:redacted@h:80/redacted'],
    ['https://hush@h/a', 'https://redacted@h/a'],
    ['https://user:hu@sh@h/a', 'https://user:redacted@h/a'],
    ['https://user:hu/sh@h/a', 'https://user:redacted@h/a'],
    ['https://h:8080/a@b', 'https://h:8080/redacted'],
    ['https://h/services/T0/B0/SECRET', 'https://h/services/redacted/redacted/redacted'],
    [
      'https://h/v1/exports/2026-01/year=2026/my-data/part-0001@b.csv.gz',
      'https://h/v1/exports/2026-01/year=2026/my-data/part-0001@b.csv.gz',
    ],
    ['https://h/d/9f86d081884c7d65/orders.csv', 'https://h/d/redacted/orders.csv'],
    ['https://h/d/eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl', 'https://h/d/redacted'],
    ['https://h/d/%68ush%31/', 'https://h/d/redacted/'],
    ['webhook-https://hooks.h/services/T0/B0/hush', 'webhook-https://hooks.h/services/redacted/redacted/redacted'],
    ['WEBHOOK-HTTPS://h/T0/hush', 'WEBHOOK-HTTPS://h/redacted/redacted'],
    ['webhook-http://h:80/hook', 'webhook-http://h:80/hook'],
    ['webhook-http://h:80', 'webhook-http://h:80'],
    ['s3://b/T0/B0/SECRET', 's3://b/T0/B0/SECRET'],
    ['https://[::1]:8080/a', 'https://[::1]:8080/a'],
    ['no url at all', 'no url at all'],
    ['', ''],
  ])('%s', (url, shown) => {
    expect(redact(url)).toBe(shown);
    expect(redact(shown)).toBe(shown);
  });
});
