/** Creates and revokes tokens. */
import type { Identity } from '../auth/identity.ts';
import {
  checkToken,
  createSecret,
  createTokenId,
  hashOf,
  requireCreateToken,
  type TokenInput,
  tokenOf,
} from '../auth/token.ts';
import type { Viewer } from '../auth/viewer.ts';
import { cutText, notFound } from '../errors.ts';
import { maySeeUser } from '../jobs/access.ts';
import type { Instant } from '../jobs/job.ts';
import type { By, Idempotency, Writes } from '../store/store.ts';
import type { Viewers } from './viewers.ts';

export interface CreateTokenInput extends TokenInput {
  readonly userName: string;
}

export interface CreatedToken {
  /** Shown to its creator once. */
  readonly token: string;
  readonly id: string;
  readonly expiresAt: Instant | null;
}

type TokenStore = Pick<Writes, 'createToken' | 'revokeToken'>;

/** @throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, TOO_MANY, IDEMPOTENCY_CONFLICT */
export const createToken = async (
  store: TokenStore,
  input: CreateTokenInput,
  viewer: Viewer,
  used: Pick<Identity, 'scope'> & Partial<Pick<Identity, 'tokenId' | 'remoteAddress'>>,
  now: Instant,
  readKey: () => Promise<Idempotency | null> = async () => null,
): Promise<CreatedToken> => {
  checkToken(input);
  requireCreateToken(viewer, used.scope, input.userName, input.scope);
  const secret = createSecret();
  const expiresAt = input.expiresInSeconds == null ? null : now + input.expiresInSeconds * 1_000;
  const id = await store.createToken(
    {
      id: createTokenId(),
      userName: input.userName,
      name: input.name ?? null,
      hash: hashOf(secret),
      scope: input.scope,
      kinds: input.kinds == null ? null : [...new Set(input.kinds)],
      expiresAt,
      createdBy: viewer.name,
      idempotency: await readKey(),
    },
    now,
    {
      actor: { kind: 'USER', name: viewer.name, tokenId: used.tokenId ?? null },
      at: now,
      remoteAddress: used.remoteAddress,
    },
  );
  return { token: tokenOf(id, secret), id, expiresAt };
};

/** Users revoke their own tokens, admins all. @throws NOT_FOUND */
export const revokeToken = async (
  store: TokenStore,
  viewers: Viewers,
  id: string,
  viewer: Viewer,
  by: By,
): Promise<void> => {
  const token = viewers.token(id);
  const mayRevoke = token !== undefined && maySeeUser(viewer, token.userName);
  if (mayRevoke && (await store.revokeToken(id, by))) return;
  throw notFound(`token ${cutText(id, 100)} does not exist`);
};
