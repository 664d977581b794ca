/** Sends operations to a server: over HTTP, and streams over one WebSocket that is opened when the first of them begins. */
import { createClient as createSockets } from 'graphql-ws';
import { type AnsweredError, ApiError, errorOf, streamError } from './errors.ts';
import type { TypedDocumentString } from './generated/graphql.ts';

export interface ConnectionOptions {
  /** The URL of the API, such as `https://jobs.example/graphql`. */
  readonly url: string;
  /** The token of the user. A function is called for each request and each connection, so that it can be renewed. */
  readonly token?: string | (() => string | Promise<string>);
  /** With AUTH=insecure: the name of the user. */
  readonly user?: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Replaces the global `WebSocket`: on Node 20, which has none, the class of the package `ws`. */
  readonly webSocket?: unknown;
  /** How long the other side may be silent before a stream reconnects, in milliseconds: 10,000 if omitted. */
  readonly patienceMs?: number;
}

export interface Connection {
  /** @throws ApiError for an answer that is an error; TypeError without a connection */
  ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R>;
  /** The same for a text. */
  request<R>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<R>;
  /** Ends with an error when the connection is lost. It does not reconnect. */
  stream<R, V>(document: TypedDocumentString<R, V>, variables: V, signal: AbortSignal): AsyncGenerator<R, void, void>;
  close(): void;
}

export const connect = ({ url, token, user, patienceMs = 10_000, ...replaced }: ConnectionOptions): Connection => {
  const { fetch: send = globalThis.fetch, webSocket = globalThis.WebSocket } = replaced;
  const credentials = async () => {
    const current = typeof token === 'function' ? await token() : token;
    return current === undefined ? undefined : `Bearer ${current}`;
  };
  let silence: ReturnType<typeof setTimeout> | undefined;
  let sockets: ReturnType<typeof createSockets> | undefined;
  const open = () => {
    if (webSocket === undefined) {
      throw new Error('this runtime has no WebSocket: pass the class of the package ws as `webSocket`');
    }
    const client = createSockets({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: webSocket,
      connectionParams: async () => {
        const authorization = await credentials();
        return { ...(user !== undefined && { user }), ...(authorization !== undefined && { authorization }) };
      },
      // A retry would repeat the first variables: each stream opens itself again with its own position.
      retryAttempts: 0,
      keepAlive: patienceMs,
      on: {
        ping: (received) => {
          if (!received) silence = setTimeout(() => client.terminate(), patienceMs);
        },
        pong: (received) => received && clearTimeout(silence),
        closed: () => clearTimeout(silence),
      },
    });
    return client;
  };
  const request = async <R>(query: string, variables: unknown = {}): Promise<R> => {
    const authorization = await credentials();
    const response = await send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
        ...(user !== undefined && { 'x-signalbox-user': user }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answerOf(response);
    if (errors !== undefined) throw errorOf(errors);
    return data as R;
  };
  return {
    request,
    ask: (document, variables) => request(document.toString(), variables),
    stream: async function* <R, V>(document: TypedDocumentString<R, V>, variables: V, signal: AbortSignal) {
      sockets ??= open();
      const results = sockets.iterate<R>({
        query: document.toString(),
        variables: variables as Record<string, unknown>,
      });
      const stop = () => void results.return?.();
      signal.addEventListener('abort', stop);
      try {
        for await (const { data, errors } of results) {
          if (errors !== undefined) throw errorOf(errors);
          if (data != null) yield data;
        }
      } catch (error) {
        throw streamError(error);
      } finally {
        signal.removeEventListener('abort', stop);
        await results.return?.();
      }
    },
    close: () => void sockets?.dispose(),
  };
};

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly AnsweredError[];
}

/** A proxy may answer with a page of its own. */
const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new ApiError(`${response.url} answered ${response.status} with no JSON`, { code: 'UNAVAILABLE' });
  }
};
