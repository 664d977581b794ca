import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createProxy } from '../../src/http/proxy.ts';

const proxyOf = (TRUST_PROXY?: string, PUBLIC_URL?: string) => {
  const settings = { ...(TRUST_PROXY && { TRUST_PROXY }), ...(PUBLIC_URL && { PUBLIC_URL }) };
  return createProxy(readConfig(settings));
};
const requestFrom = (remoteAddress: string, headers: Record<string, string>) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

test.each([
  [undefined, '10.0.0.1', '1.1.1.1', '10.0.0.1'],
  ['0', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
  ['1', '10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  ['2', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  ['1', '10.0.0.1', '', '10.0.0.1'],
  ['9', '10.0.0.1', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.0/8', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  ['10.0.0.0/8', '::ffff:10.0.0.1', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.0/8', '11.0.0.1', '1.1.1.1', '11.0.0.1'],
  ['127.0.0.1, ::1', '::1', 'unknown', 'unknown'],
  ['::1', '::1', '2001:db8::1', '2001:db8::1'],
])('with TRUST_PROXY=%s, a request from %s for %s is of %s', (trust, peer, forwarded, address) => {
  expect(proxyOf(trust).addressOf(requestFrom(peer, { 'x-forwarded-for': forwarded }))).toBe(address);
});

test('the host that a proxy reports counts only if the proxy is trusted', () => {
  const request = requestFrom('10.0.0.1', { host: 'Inner:4000', 'x-forwarded-host': 'evil.example, Outer.example' });
  expect(proxyOf().hostOf(request)).toBe('inner:4000');
  expect(proxyOf('127.0.0.1').hostOf(request)).toBe('inner:4000');
  expect(proxyOf('1').hostOf(request)).toBe('outer.example');
  expect(proxyOf('1').hostOf(requestFrom('10.0.0.1', { host: 'Inner:4000' }))).toBe('inner:4000');
});

test('the path of the public URL is removed where a proxy has left it', () => {
  const { basePath, withoutBase } = proxyOf(undefined, 'https://example.com/jobs/');
  expect(basePath).toBe('/jobs');
  expect(['/jobs/graphql?x=1', '/graphql', '/jobs/', '/jobsx/', '/jobs'].map(withoutBase)).toEqual([
    '/graphql?x=1',
    '/graphql',
    '/',
    '/jobsx/',
    '/jobs',
  ]);
  expect(proxyOf(undefined, 'https://example.com').basePath).toBe('');
  expect(proxyOf().withoutBase('/jobs/graphql')).toBe('/jobs/graphql');
});
