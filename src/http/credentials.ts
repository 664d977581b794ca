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
  /** The uploads of the user. */
  uploader(): Uploader;
  /** A file that the user may read, by the rest of its URL. Rejects with the reason otherwise. */
  download(path: string): Promise<Download>;
  /** Answers a worker in another program. Rejects with the reason for a call that is not permitted. */
  worker(name: string, body: unknown, left: AbortSignal): Promise<object>;
  /**
   * Calls the listener once when the session ends: its token was revoked or has expired, or its user was removed.
   * Returns a function that stops listening.
   */
  onEnd(listener: (reason: unknown) => void): () => void;
}

export interface Download {
  /** Its media type. */
  readonly type: string;
  /** The name under which a browser saves it. */
  readonly fileName: string;
  readonly pieces: AsyncIterable<string>;
}

export interface UploadTarget {
  /** A path below the user's folder. */
  readonly name: string;
  /** Whether an existing file is replaced. */
  readonly replace: boolean;
}

/** Each of these throws or rejects with the reason if the user may not do it. */
export interface Uploader {
  check(): void;
  /** `unfinishedBytes` is what the other unfinished uploads may become. */
  begin(target: UploadTarget, size: number, unfinishedBytes: number): Promise<void>;
  /** Puts a complete file into its place, and returns its URL. */
  finish(file: string, target: UploadTarget): Promise<string>;
}

/** Rejects with the reason if nobody is identified. */
export type SignIn = (credentials: Credentials) => Promise<Session>;

/** The same for a request; `params` are the `connectionParams` of a socket. */
export type SignInWith = (request: IncomingMessage, params: Credentials['params']) => Promise<Session>;
