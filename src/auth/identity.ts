/** Who sends a request, and how that is proved. */
import { unauthenticated } from '../errors.ts';
import type { Scope } from './scope.ts';
import { ROOT } from './viewer.ts';

/** The user who sends a request, and the limits of the token or JWT that proves it. */
export interface Identity {
  readonly userName: string;
  readonly scope: Scope;
  /** Null without a token of this server. */
  readonly tokenId: string | null;
  /** Milliseconds since 1970; null: does not expire. */
  readonly expiresAt: number | null;
  /** The address of the client; undefined for the server itself. */
  readonly remoteAddress?: string | undefined;
}

/** The headers of a request, and the `connectionParams` of a socket. */
export interface Proof {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * With AUTH=insecure: the name in the header, which a proxy may have set and therefore wins, or the one in the socket's
 * parameters. Without either it is root.
 * @throws UNAUTHENTICATED if it is not a text
 */
export const insecureNameOf = ({ headers, params }: Proof): string => {
  const named = headers['x-signalbox-user'] ?? ('user' in params ? params.user : ROOT);
  if (typeof named === 'string') return named;
  throw unauthenticated(`user ${JSON.stringify(named)?.slice(0, 100)} must be the name of a user`);
};

/** The token of `Authorization: Bearer`, or of `authorization` in a socket's parameters. @throws UNAUTHENTICATED */
export const bearerOf = ({ headers, params }: Proof): string => {
  const given = headers.authorization ?? params.authorization ?? params.Authorization;
  if (given === undefined) throw unauthenticated('a token is missing: send it as authorization: Bearer TOKEN');
  const bearer = typeof given === 'string' ? /^Bearer +(\S+) *$/i.exec(given)?.[1] : undefined;
  if (bearer === undefined) throw unauthenticated('authorization must be: Bearer TOKEN');
  return bearer;
};
