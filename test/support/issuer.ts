/** An issuer of JSON Web Tokens on this machine, with a key set that can be changed. */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { serve } from './web.ts';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'signalbox';

interface Key {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK & { readonly kid: string };
}

export const createKey = async (alg = 'ES256'): Promise<Key> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid: randomUUID(), alg } };
};

/** `claims` replace those of a valid token, and undefined removes one; `header` replaces parts of the header. */
export const sign = (
  { alg, privateKey, jwk }: Key,
  claims: { readonly [name in keyof JWTPayload]: JWTPayload[name] | undefined } = {},
  { at = Date.now(), header = {} }: { at?: number; header?: object } = {},
): Promise<string> => {
  const seconds = Math.floor(at / 1_000);
  const valid = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: seconds, exp: seconds + 600 };
  return new SignJWT({ ...valid, ...claims } as JWTPayload)
    .setProtectedHeader({ alg, kid: jwk.kid, ...header })
    .sign(privateKey);
};

export const startIssuer = async (...keys: readonly Key[]) => {
  let published = keys;
  let isBroken = false;
  const web = await serve((_, response) => {
    if (isBroken) return void response.writeHead(500).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  });
  return {
    url: `${web.url}/jwks.json`,
    publish: (...next: readonly Key[]) => {
      published = next;
    },
    breakDown: () => {
      isBroken = true;
    },
    requests: web.requests,
    [Symbol.asyncDispose]: () => web[Symbol.asyncDispose](),
  };
};
