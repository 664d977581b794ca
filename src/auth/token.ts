/**
 * Tokens: `sbx_`, an id of 16 hexadecimal digits, `_`, and a secret of 256 random bits in base64url. A token is found by
 * its id, which is no secret. Only a hash of the secret is stored; a plain SHA-256 is enough for a secret that cannot be
 * guessed.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { badInput, forbidden } from '../errors.ts';
import { isWithin, type Scope } from './scope.ts';
import { isSameName, type Viewer } from './viewer.ts';

/** A token as its user sees it. Times are milliseconds since 1970. */
export interface Token {
  readonly id: string;
  readonly userName: string;
  readonly name: string | null;
  readonly scope: Scope;
  /** The kinds that a token of scope WORKER may claim. */
  readonly kinds: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A token as it is stored. */
export interface StoredToken extends Token {
  readonly hash: string;
}

const FORMAT = /^sbx_([0-9a-f]{16})_([\w-]{43})$/;

export const createTokenId = (): string => randomBytes(8).toString('hex');
export const createSecret = (): string => randomBytes(32).toString('base64url');
export const tokenOf = (id: string, secret: string): string => `sbx_${id}_${secret}`;
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The id and the secret of a token. Null for a text that is no token. */
export const partsOf = (text: string): { readonly id: string; readonly secret: string } | null => {
  const [, id, secret] = FORMAT.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
};

/** Compares in constant time, and takes as long for a token that does not exist. */
export const isSecretOf = (secret: string, stored: Pick<StoredToken, 'hash'> | undefined): boolean => {
  const isEqual = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(stored?.hash ?? NO_HASH));
  return isEqual && stored !== undefined;
};
const NO_HASH = '0'.repeat(64);

/** The wishes of the user who creates a token. */
export interface TokenInput {
  readonly name?: string | null | undefined;
  readonly scope: Scope;
  readonly kinds?: readonly string[] | null | undefined;
  readonly expiresInSeconds?: number | null | undefined;
}

const LONGEST_NAME = 100;
const LONGEST_KINDS = 100;
const KIND = /^\w{1,100}$/;
const LONGEST_LIFE_SECONDS = 10 * 365 * 24 * 60 * 60;

/** @throws BAD_USER_INPUT with the path of the invalid part */
export const checkToken = ({ name, scope, kinds, expiresInSeconds }: TokenInput): void => {
  if (name != null && !isPlain(name)) {
    throw badInput('input.name', `name must have 1 to ${LONGEST_NAME} characters, and no control characters`);
  }
  if (expiresInSeconds != null && (expiresInSeconds < 1 || expiresInSeconds > LONGEST_LIFE_SECONDS)) {
    const range = `must be from 1 to ${LONGEST_LIFE_SECONDS}, which are 10 years`;
    throw badInput('input.expiresInSeconds', `expiresInSeconds ${expiresInSeconds} ${range}`);
  }
  if (scope !== 'WORKER') {
    if (kinds != null) throw badInput('input.kinds', `kinds is not allowed for scope ${scope}: it is for WORKER`);
    return;
  }
  if (kinds == null || kinds.length === 0 || kinds.length > LONGEST_KINDS) {
    throw badInput('input.kinds', `kinds must list 1 to ${LONGEST_KINDS} kinds for scope WORKER`);
  }
  const wrong = kinds.findIndex((kind) => !KIND.test(kind));
  if (wrong >= 0) {
    throw badInput(
      `input.kinds.${wrong}`,
      `kind ${JSON.stringify(kinds[wrong]?.slice(0, 100))} is not a name of a kind`,
    );
  }
};

const isPlain = (name: string) => name.trim() !== '' && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name);

/**
 * Admins create tokens for anyone, and others for themselves, with no wider scope than the one that they use.
 * @throws FORBIDDEN
 */
export const requireCreateToken = (viewer: Viewer, used: Scope, userName: string, scope: Scope): void => {
  if (!viewer.isAdmin && !isSameName(viewer.name, userName)) {
    throw forbidden(`user ${viewer.name} is not an admin: only admins create tokens for others`);
  }
  if (!isWithin(scope, used)) throw forbidden(`scope ${scope} is wider than ${used}, the scope of the token in use`);
};
