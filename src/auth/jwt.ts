/**
 * Verifies JSON Web Tokens (RFC 7519) of another issuer, whose keys are read from a URL or a file. Only signatures by a
 * private key are accepted: with a shared secret, or none, anyone could issue them. The keys are read again when a token
 * names one that is not known, and after five minutes: an issuer changes its keys without a restart of the server.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose';
import { messageOf, unauthenticated, unavailable } from '../errors.ts';
import { isSameName, isUserName, PRIVILEGES, type Privilege, ROOT } from './viewer.ts';

export interface JwtOptions {
  /** A URL of a JSON Web Key Set, or a file with one key set, one key (JWK), or one public key or certificate (PEM). */
  readonly keys: { readonly url: string } | { readonly file: string };
  readonly issuer: string;
  readonly audience: string;
  readonly nameClaim: string;
  /** Null: the rights of users are managed in this server. */
  readonly privilegesClaim: string | null;
  readonly now: () => number;
  /** Called with the reason of each refusal, which the sender does not receive. */
  readonly onRefused?: (reason: string) => void;
  /** The key set is requested at most this often. */
  readonly cooldownMs?: number;
}

/** The user that a token names. Times are milliseconds since 1970. */
export interface JwtUser {
  readonly name: string;
  /** Null: the token says nothing about them. */
  readonly rights: { readonly isAdmin: boolean; readonly privileges: readonly Privilege[] } | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export type VerifyJwt = (token: string) => Promise<JwtUser>;

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];
/** The clocks of two machines may differ by so much. */
const TOLERANCE_SECONDS = 5;
const COOLDOWN_MS = 5_000;
const KEYS_MS = 5 * 60_000;
const REQUEST_MS = 5_000;

/** @throws Error if the key file cannot be read. The verifier throws UNAUTHENTICATED, and UNAVAILABLE without keys. */
export const createVerifyJwt = async (options: JwtOptions): Promise<VerifyJwt> => {
  const { issuer, audience, now, onRefused = () => undefined } = options;
  // The library is loaded only by servers that need it.
  const jose = await import('jose');
  const keyOf = 'url' in options.keys ? remoteKeys(jose, options.keys.url, options) : fileKeys(jose, options.keys.file);
  return async (token) => {
    try {
      const { payload } = await jose.jwtVerify(token, keyOf, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      });
      return userOf(payload, options);
    } catch (error) {
      const reason = error instanceof jose.errors.JOSEError ? `${error.code}: ${error.message}` : messageOf(error);
      onRefused(reason);
      if (error instanceof jose.errors.JWTExpired) throw unauthenticated('the token has expired');
      if (isWithoutKeys(error)) throw unavailable('the keys of the issuer of tokens cannot be read now');
      throw unauthenticated('the token is not valid');
    }
  };
};

type Jose = typeof import('jose');

class KeysError extends Error {
  override readonly name = 'KeysError';
}

const isWithoutKeys = (error: unknown) => error instanceof KeysError;

const remoteKeys = (jose: Jose, url: string, { cooldownMs = COOLDOWN_MS }: JwtOptions): JWTVerifyGetKey => {
  const find = jose.createRemoteJWKSet(new URL(url), {
    cooldownDuration: cooldownMs,
    cacheMaxAge: KEYS_MS,
    timeoutDuration: REQUEST_MS,
  });
  return async (...args) => {
    try {
      return await find(...args);
    } catch (error) {
      // A key that is not in the set is a fault of the token; anything else is one of the issuer.
      const { code } = error as { code?: string };
      if (code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') throw error;
      if (code === 'ERR_JOSE_NOT_SUPPORTED') throw error;
      throw new KeysError(messageOf(error));
    }
  };
};

/** The file is read again when it has changed. */
const fileKeys = (jose: Jose, file: string): JWTVerifyGetKey => {
  const read = () => ({ find: findIn(jose, readFileSync(file, 'utf8')), version: versionOf(file) });
  let known = first(file, read);
  return async (header, token) => {
    try {
      if (versionOf(file) !== known.version) known = read();
    } catch (error) {
      throw new KeysError(messageOf(error));
    }
    return known.find(header, token);
  };
};

const first = <T>(file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new Error(`JWT_KEY_FILE=${file}: the keys cannot be read: ${messageOf(error)}`);
  }
};

const versionOf = (file: string) => {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs} ${size} ${ino}`;
};

const findIn = (jose: Jose, text: string): JWTVerifyGetKey => {
  if (!text.trimStart().startsWith('{')) {
    const key: KeyObject = createPublicKey(text);
    return async () => key;
  }
  const parsed = JSON.parse(text) as JSONWebKeySet | JSONWebKeySet['keys'][number];
  return jose.createLocalJWKSet('keys' in parsed ? (parsed as JSONWebKeySet) : { keys: [parsed] });
};

const userOf = (payload: JWTPayload, { nameClaim, privilegesClaim }: JwtOptions): JwtUser => {
  const name = claimOf(payload, nameClaim);
  if (typeof name !== 'string' || !isUserName(name)) {
    throw new Error(`the claim ${nameClaim} is not a valid name of a user: ${JSON.stringify(name)?.slice(0, 100)}`);
  }
  // An issuer whose users choose their names must not be able to create root.
  if (isSameName(name, ROOT)) throw new Error(`${ROOT} signs in with a token of this server only`);
  return {
    name,
    rights: privilegesClaim === null ? null : rightsOf(claimOf(payload, privilegesClaim)),
    issuedAt: (payload.iat ?? 0) * 1_000,
    expiresAt: ((payload.exp ?? 0) + TOLERANCE_SECONDS) * 1_000,
  };
};

/** A claim by its name, or by a path such as `realm_access.roles`. */
const claimOf = (payload: JWTPayload, name: string): unknown => {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
};

/** A list, or a text with spaces. Values that mean nothing here are ignored: the claim may be for other programs too. */
const rightsOf = (claim: unknown): NonNullable<JwtUser['rights']> => {
  const values = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/[\s,]+/) : [];
  const given = new Set(values.filter((value) => typeof value === 'string').map((value) => value.toUpperCase()));
  return { isAdmin: given.has('ADMIN'), privileges: PRIVILEGES.filter((privilege) => given.has(privilege)) };
};
