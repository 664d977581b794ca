/** Sends requests to a server, and repeats those that may succeed later. */
import { sleep } from '../sleep.ts';

export interface CallOptions {
  /** The URL of the server, such as `https://jobs.example/`; that of its API, which ends in `/graphql`, is the same. */
  readonly url: string;
  /** A token of scope WORKER. A function is called for each request, so that the token can be renewed. */
  readonly token?: string | (() => string | Promise<string>);
  /** With AUTH=insecure: the name of the user. */
  readonly user?: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** An answer of the server that is an error. `code` is one of those in docs/errors.md. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly code: string;
  readonly field: string | null;
  readonly retryAfterMs: number | null;

  constructor(message: string, { code, field, retryAfterMs }: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = String(code);
    this.field = typeof field === 'string' ? field : null;
    this.retryAfterMs = typeof retryAfterMs === 'number' ? retryAfterMs : null;
  }
}

const PASSING = ['UNAVAILABLE', 'TOO_MANY', 'INTERNAL_SERVER_ERROR'];

/** Whether the same request may succeed later: the server is away, busy or stopping. */
export const isPassing = (error: unknown): boolean => !(error instanceof WorkerError) || PASSING.includes(error.code);

const RETRY_MS = 250;

/** Waits before a request is repeated. */
export const pauseAfter = (error: unknown, signal: AbortSignal): Promise<void> =>
  sleep((error instanceof WorkerError ? error.retryAfterMs : null) ?? RETRY_MS, signal).catch(() => undefined);

export type Call = <A>(name: string, body: object, signal: AbortSignal) => Promise<A>;

/** @throws WorkerError for an answer that is an error, and the error of `fetch` without an answer */
export const createCall = ({ url, token, user, fetch: send = globalThis.fetch }: CallOptions): Call => {
  const base = url.replace(/\/(graphql)?$/, '');
  return async <A>(name: string, body: object, signal: AbortSignal): Promise<A> => {
    const current = typeof token === 'function' ? await token() : token;
    const response = await send(`${base}/worker/${name}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(current !== undefined && { authorization: `Bearer ${current}` }),
        ...(user !== undefined && { 'x-signalbox-user': user }),
      },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.ok && answer !== null) return answer as A;
    const [error] = (answer as { readonly errors?: readonly Refusal[] } | null)?.errors ?? [];
    if (error === undefined) throw new WorkerError(`${base} answered ${response.status}`, { code: 'UNAVAILABLE' });
    throw new WorkerError(error.message, error.extensions);
  };
};

interface Refusal {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** A proxy may answer with a page of its own. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
