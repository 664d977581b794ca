/** AUTH=jwt: users who come from another issuer. */
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { AUDIENCE, createKey, ISSUER, sign, startIssuer } from '../support/issuer.ts';
import { bearer, tokenFor } from '../support/tokens.ts';
import { openEvents, openSocket, postJson } from '../support/wire.ts';

const WHO = { query: '{ viewer { name isAdmin privileges scope } }' };
const WATCH = { query: 'subscription { jobStatusChanged { jobId } }' };

const startWithIssuer = async (more: Record<string, string> = {}, now?: () => number) => {
  const key = await createKey();
  const issuer = await startIssuer(key);
  const settings = { AUTH: 'jwt', JWKS_URL: issuer.url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, ...more };
  const app = await startApp({ settings, ...(now === undefined ? {} : { now }) });
  const viewer = async (token: string) => {
    const { data, errors } = (await postJson(app.url, WHO, bearer(token))).json;
    return data?.viewer ?? errors?.[0];
  };
  return {
    app,
    url: app.url,
    key,
    viewer,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
};

test('a user is created when first seen, without rights, which an admin then grants', async () => {
  await using scene = await startWithIssuer();
  const token = await sign(scene.key, { sub: 'Ann' });
  expect(await scene.viewer(token)).toEqual({ name: 'Ann', isAdmin: false, privileges: [], scope: 'FULL' });
  expect(await scene.viewer(await sign(scene.key, { sub: 'ANN' }))).toMatchObject({ name: 'Ann' });
  expect((await scene.app.store.users()).map(({ name }) => name)).toEqual(['Ann', 'root']);

  // Root comes in with a token of this server, never with a JWT.
  const { token: root } = await tokenFor(scene.app, 'root');
  const grant = 'mutation { updateUser(input: { name: "ann", privileges: [VIEWJOB] }) { user { name } } }';
  expect((await postJson(scene.url, { query: grant }, bearer(root))).json.errors).toBeUndefined();
  expect(await scene.viewer(token)).toMatchObject({ name: 'Ann', privileges: ['VIEWJOB'] });
  expect(await scene.viewer(await sign(scene.key, { sub: 'root' }))).toMatchObject({
    message: 'the token is not valid',
    extensions: { code: 'UNAUTHENTICATED' },
  });
  expect(await scene.viewer(await sign(await createKey(), { sub: 'eve' }))).toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  });
  expect((await scene.app.store.users()).map(({ name }) => name)).toEqual(['Ann', 'root']);
});

test('with a claim of privileges the newest JWT determines what its user may do, in open streams too', async () => {
  await using scene = await startWithIssuer({ JWT_PRIVILEGES_CLAIM: 'roles' });
  const at = Date.now() - 60_000;
  const admin = await sign(scene.key, { roles: ['ADMIN', 'CREATEJOB'] }, { at });
  expect(await scene.viewer(admin)).toMatchObject({ isAdmin: true, privileges: ['CREATEJOB'] });
  const less = await sign(scene.key, { roles: ['VIEWJOB'] }, { at: at + 10_000 });
  expect(await scene.viewer(less)).toMatchObject({ isAdmin: false, privileges: ['VIEWJOB'] });
  expect(await scene.viewer(admin)).toMatchObject({ isAdmin: false, privileges: ['VIEWJOB'] });
  expect((await scene.app.store.users()).find(({ name }) => name === 'ann')).toMatchObject({ isAdmin: false });
});

test('streams end when their JWT expires, and those of others go on', async () => {
  let now = Date.now();
  await using scene = await startWithIssuer({}, () => now);
  const short = await sign(scene.key, { exp: Math.floor(now / 1_000) + 30 });
  const long = await sign(scene.key, {}, { at: now });
  await using socket = await openSocket(scene.url, { params: bearer(short) });
  await socket.next();
  socket.subscribe('1', WATCH);
  await using other = await openSocket(scene.url, { params: bearer(long) });
  await other.next();
  const events = await openEvents(scene.url, WATCH, { headers: bearer(short) });
  now += 36_000;
  expect(await socket.closed).toEqual({ code: 4403, reason: 'the token has expired' });
  expect(await events.next()).toEqual({
    errors: [{ message: 'the token has expired', extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await events.next()).toBeNull();
  other.subscribe('1', WHO);
  expect(await other.next()).toMatchObject({ type: 'next', payload: { data: { viewer: { name: 'ann' } } } });
  await using late = await openSocket(scene.url, { params: bearer(short) });
  expect(await late.closed).toEqual({ code: 4403, reason: 'the token has expired' });
});
