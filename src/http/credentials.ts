import type { IncomingMessage } from 'node:http';

/** The proof of who sends a request: its headers, and the `connectionParams` of a socket. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** The address of the client. */
  readonly address: string;
}

/** A user who has signed in with a request or a socket. */
export interface Session {
  readonly userName: string;
  /** The context of one operation. */
  context(): object;
  /**
   * Calls the listener once when the session ends: its token was revoked or has expired, or its user was removed.
   * Returns a function that stops listening.
   */
  onEnd(listener: (reason: unknown) => void): () => void;
}

/** Rejects with the reason if nobody is identified. */
export type SignIn = (credentials: Credentials) => Promise<Session>;

/** The same for a request; `params` are the `connectionParams` of a socket. */
export type SignInWith = (request: IncomingMessage, params: Credentials['params']) => Promise<Session>;
