import { expect, test } from 'vitest';
import { bearerOf, insecureNameOf } from '../../src/auth/identity.ts';
import {
  checkToken,
  createSecret,
  createTokenId,
  hashOf,
  isSecretOf,
  partsOf,
  requireCreateToken,
  type TokenInput,
  tokenOf,
} from '../../src/auth/token.ts';

test('a token has an id and 256 random bits, and only its own secret matches its hash', () => {
  const [id, secret] = [createTokenId(), createSecret()];
  const token = tokenOf(id, secret);
  expect(partsOf(token)).toEqual({ id, secret });
  expect(Buffer.from(secret, 'base64url').length).toBe(32);
  expect(createSecret()).not.toBe(secret);
  const stored = { hash: hashOf(secret) };
  expect(isSecretOf(secret, stored)).toBe(true);
  for (const wrong of ['', createSecret(), secret.slice(1), `${secret}A`])
    expect(isSecretOf(wrong, stored)).toBe(false);
  expect(isSecretOf(secret, undefined)).toBe(false);
  for (const text of ['', 'sbx_', id, secret, `${token}A`, token.slice(0, -1), token.toUpperCase(), ` ${token}`]) {
    expect(partsOf(text), text).toBeNull();
  }
});

test.each<[TokenInput, string | null]>([
  [{ scope: 'FULL' }, null],
  [{ scope: 'READ', name: 'grafana', expiresInSeconds: 1 }, null],
  [{ scope: 'WORKER', kinds: ['IMPORT', 'my_kind'], expiresInSeconds: 315_360_000 }, null],
  [{ scope: 'FULL', name: null, kinds: null, expiresInSeconds: null }, null],
  [{ scope: 'FULL', name: '' }, 'input.name'],
  [{ scope: 'FULL', name: 'x'.repeat(101) }, 'input.name'],
  [{ scope: 'FULL', name: 'a\nb' }, 'input.name'],
  [{ scope: 'FULL', expiresInSeconds: 0 }, 'input.expiresInSeconds'],
  [{ scope: 'FULL', expiresInSeconds: -1 }, 'input.expiresInSeconds'],
  [{ scope: 'FULL', expiresInSeconds: 315_360_001 }, 'input.expiresInSeconds'],
  [{ scope: 'READ', kinds: ['IMPORT'] }, 'input.kinds'],
  [{ scope: 'WORKER' }, 'input.kinds'],
  [{ scope: 'WORKER', kinds: [] }, 'input.kinds'],
  [{ scope: 'WORKER', kinds: ['IMPORT', 'a b'] }, 'input.kinds.1'],
])('the input %j is refused at %s', (input, field) => {
  if (field === null) return expect(() => checkToken(input)).not.toThrow();
  expect(() => checkToken(input)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', extensions: { field } }));
});

test('admins create tokens for anyone, others for themselves, and nobody with a wider scope', () => {
  const ann = { name: 'ann', isAdmin: false, privileges: [], databases: [], files: 'none' as const };
  const root = { name: 'root', isAdmin: true, privileges: [], databases: [], files: 'none' as const };
  const refused = expect.objectContaining({ code: 'FORBIDDEN' });
  expect(() => requireCreateToken(root, 'FULL', 'ann', 'FULL')).not.toThrow();
  expect(() => requireCreateToken(ann, 'FULL', 'Ann', 'READ')).not.toThrow();
  expect(() => requireCreateToken(ann, 'FULL', 'bob', 'READ')).toThrow(refused);
  expect(() => requireCreateToken(ann, 'READ', 'ann', 'FULL')).toThrow(refused);
  expect(() => requireCreateToken(root, 'READ', 'root', 'PREVIEW')).toThrow(refused);
});

test('the header wins over the parameters of a socket, and only a text is a name or a token', () => {
  const proof = (headers: Record<string, string>, params: Record<string, unknown> = {}) => ({ headers, params });
  expect(insecureNameOf(proof({}))).toBe('root');
  expect(insecureNameOf(proof({}, { user: 'ann' }))).toBe('ann');
  expect(insecureNameOf(proof({ 'x-signalbox-user': 'newbie' }, { user: 'root' }))).toBe('newbie');
  expect(insecureNameOf(proof({ 'x-signalbox-user': '' }, { user: 'root' }))).toBe('');
  const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });
  for (const user of [null, undefined, 7, true, ['root'], { toString: () => 'root' }]) {
    expect(() => insecureNameOf(proof({}, { user }))).toThrow(refused);
  }

  expect(bearerOf(proof({ authorization: 'Bearer a' }, { authorization: 'Bearer b' }))).toBe('a');
  expect(bearerOf(proof({}, { authorization: 'bearer b' }))).toBe('b');
  expect(bearerOf(proof({}, { Authorization: 'Bearer c' }))).toBe('c');
  for (const authorization of [null, 7, '', 'Bearer', 'Bearer ', 'Basic cm9vdDo=', 'a', 'Bearer a b', ['Bearer a']]) {
    expect(() => bearerOf(proof({}, { authorization })), String(authorization)).toThrow(refused);
  }
  expect(() => bearerOf(proof({}))).toThrow(refused);
});
