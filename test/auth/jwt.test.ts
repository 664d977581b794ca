import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportSPKI } from 'jose';
import { expect, test } from 'vitest';
import { createVerifyJwt, type JwtOptions } from '../../src/auth/jwt.ts';
import { AUDIENCE, createKey, ISSUER, sign, startIssuer } from '../support/issuer.ts';
import { temporaryFolder } from '../support/process.ts';

const options = (keys: JwtOptions['keys'], more: Partial<JwtOptions> = {}): JwtOptions => ({
  keys,
  issuer: ISSUER,
  audience: AUDIENCE,
  nameClaim: 'sub',
  privilegesClaim: null,
  now: Date.now,
  ...more,
});
const unauthenticated = (message = 'the token is not valid') =>
  expect.objectContaining({ code: 'UNAUTHENTICATED', message });

test.each(['RS256', 'ES256', 'EdDSA'])(
  'a token that is signed with %s names its user until it expires',
  async (alg) => {
    const key = await createKey(alg);
    await using issuer = await startIssuer(await createKey(), key);
    const verify = await createVerifyJwt(options({ url: issuer.url }));
    const at = Math.floor(Date.now() / 1_000) * 1_000;
    expect(await verify(await sign(key, {}, { at }))).toEqual({
      name: 'ann',
      rights: null,
      issuedAt: at,
      expiresAt: at + 605_000,
    });
  },
);

test('what is not signed with a published key, for this server, for now, is refused with one answer', async () => {
  const [key, other, rsa] = [await createKey(), await createKey(), await createKey('RS256')];
  await using issuer = await startIssuer(key, rsa);
  const reasons: string[] = [];
  const verify = await createVerifyJwt(
    options({ url: issuer.url }, { cooldownMs: 0, onRefused: (reason) => reasons.push(reason) }),
  );
  const now = Math.floor(Date.now() / 1_000);
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = text({ iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 600 });
  const none = `${text({ alg: 'none', kid: key.jwk.kid })}.${claims}.`;
  const hmacOf = (secret: string) => {
    const signed = `${text({ alg: 'HS256', kid: rsa.jwk.kid })}.${claims}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const valid = await sign(key);
  const [header = '', , signature = ''] = valid.split('.');
  const refused: Record<string, string> = {
    'alg none': none,
    'alg None with a signature': `${text({ alg: 'None', kid: key.jwk.kid })}.${claims}.${signature}`,
    'a public key as the secret of HS256': hmacOf(await exportSPKI(rsa.publicKey)),
    'a JWK as the secret of HS256': hmacOf(JSON.stringify(rsa.jwk)),
    'another key under this kid': await sign({ ...other, jwk: key.jwk }),
    'an unknown kid': await sign(other),
    'its own key in the header': await sign(other, {}, { header: { kid: key.jwk.kid, jwk: other.jwk } }),
    'claims that were changed': `${header}.${claims.slice(0, -4)}AAAA.${signature}`,
    'not valid yet': await sign(key, { nbf: now + 60 }),
    'another audience': await sign(key, { aud: 'other' }),
    'no audience': await sign(key, { aud: undefined }),
    'another issuer': await sign(key, { iss: `${ISSUER}/` }),
    'no issuer': await sign(key, { iss: undefined }),
    'no end': await sign(key, { exp: undefined }),
    'no name': await sign(key, { sub: undefined }),
    'an invalid name': await sign(key, { sub: 'a b' }),
    'the name of root': await sign(key, { sub: 'Root' }),
    nothing: '',
    'no JWT': 'abc',
  };
  for (const [what, token] of Object.entries(refused)) {
    await expect(verify(token), what).rejects.toThrow(unauthenticated());
  }
  await expect(verify(await sign(key, { exp: now - 60 }))).rejects.toThrow(unauthenticated('the token has expired'));
  expect(reasons.length).toBe(Object.keys(refused).length + 1);
  expect(await verify(valid)).toMatchObject({ name: 'ann' });
  expect(await verify(await sign(key, { aud: ['other', AUDIENCE] }))).toMatchObject({ name: 'ann' });
});

test('keys are rotated without a restart, and asked for again only when a token names an unknown one', async () => {
  const [first, second] = [await createKey(), await createKey('EdDSA')];
  await using issuer = await startIssuer(first);
  const verify = await createVerifyJwt(options({ url: issuer.url }, { cooldownMs: 0 }));
  await verify(await sign(first));
  await verify(await sign(first));
  expect(issuer.requests.length).toBe(1);
  issuer.publish(second);
  await verify(await sign(second));
  expect(issuer.requests.length).toBe(2);
  await expect(verify(await sign(first))).rejects.toThrow(unauthenticated());
});

test('an issuer that does not answer is UNAVAILABLE, and known keys go on', async () => {
  const [key, other] = [await createKey(), await createKey()];
  await using issuer = await startIssuer(key);
  const verify = await createVerifyJwt(options({ url: issuer.url }, { cooldownMs: 0 }));
  await verify(await sign(key));
  issuer.breakDown();
  expect(await verify(await sign(key))).toMatchObject({ name: 'ann' });
  await expect(verify(await sign(other))).rejects.toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
});

test('a key file is a key set, a key or a PEM, and is read again when it has changed', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'keys');
  const [key, rsa, other] = [await createKey('EdDSA'), await createKey('RS256'), await createKey()];
  const create = () => createVerifyJwt(options({ file }));
  await expect(create()).rejects.toThrow(`JWT_KEY_FILE=${file}: the keys cannot be read: ENOENT`);
  writeFileSync(file, 'no key');
  await expect(create()).rejects.toThrow(`JWT_KEY_FILE=${file}: the keys cannot be read`);
  writeFileSync(file, JSON.stringify({ keys: [other.jwk, key.jwk] }));
  const verify = await create();
  expect(await verify(await sign(key))).toMatchObject({ name: 'ann' });
  await expect(verify(await sign(rsa))).rejects.toThrow(unauthenticated());
  writeFileSync(file, await exportSPKI(rsa.publicKey));
  expect(await verify(await sign(rsa))).toMatchObject({ name: 'ann' });
  await expect(verify(await sign(key))).rejects.toThrow(unauthenticated());
  writeFileSync(file, JSON.stringify(key.jwk));
  expect(await verify(await sign(key))).toMatchObject({ name: 'ann' });
});

test.each<[string, object, object]>([
  ['a list', { roles: ['createjob', 'VIEWJOB', 'other', 7] }, { isAdmin: false, privileges: ['CREATEJOB', 'VIEWJOB'] }],
  ['a text', { roles: 'openid ADMIN' }, { isAdmin: true, privileges: [] }],
  ['nothing', {}, { isAdmin: false, privileges: [] }],
  ['something else', { roles: { ADMIN: true } }, { isAdmin: false, privileges: [] }],
])('the claim of privileges may be %s', async (_, claims, rights) => {
  using folder = temporaryFolder();
  const key = await createKey();
  const file = join(folder.path, 'key.json');
  writeFileSync(file, JSON.stringify(key.jwk));
  const verify = await createVerifyJwt(options({ file }, { nameClaim: 'email', privilegesClaim: 'roles' }));
  expect(await verify(await sign(key, { email: 'Ann@example.com', ...claims }))).toMatchObject({
    name: 'Ann@example.com',
    rights,
  });
  const nested = await createVerifyJwt(options({ file }, { nameClaim: 'a.name', privilegesClaim: 'realm.roles' }));
  expect(await nested(await sign(key, { 'a.name': 'ann', realm: claims }))).toMatchObject({ name: 'ann', rights });
});
