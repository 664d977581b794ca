import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import { cutText } from './errors.ts';
import { createGate } from './gate.ts';
import { attachSockets } from './sockets.ts';

/** Who sends a request, from its headers or from a socket's connectionParams. Throws when nobody that may. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly contextOf: (credentials: Credentials) => object;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly allowedOrigins: readonly string[];
  /** Null when work can be done, else what is missing. */
  readonly notReady: () => Promise<string | null>;
  readonly log: Logger;
}

export interface Server {
  /** Where it listens, as `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Takes no more requests, and ends its sockets with 1001. */
  stop(): Promise<void>;
}

const ENDPOINT = '/graphql';
const LARGEST_BODY = 1_048_576;

export const startServer = async (options: ServerOptions): Promise<Server> => {
  const { log, schema } = options;
  const gate = createGate(options.allowedOrigins, log);
  const yoga = createYoga<{ req?: IncomingMessage; credentials?: Credentials }>({
    schema,
    graphqlEndpoint: ENDPOINT,
    landingPage: false,
    logging: false,
    multipart: false,
    batching: false,
    cors: options.allowedOrigins.length === 0 ? false : { origin: [...options.allowedOrigins], credentials: true },
    maskedErrors: { maskError: (error) => options.maskError(error) },
    graphiql: true,
    renderGraphiQL: playground,
    context: ({ req, credentials }) => options.contextOf(credentials ?? { headers: req?.headers ?? {}, params: {} }),
  });
  const http = createHttpServer(async (request, response) => {
    const refusal = gate.refuse(request) ?? refuseBody(request);
    if (refusal !== null) return sendError(response, refusal.status, refusal.message);
    const path = request.url?.split('?')[0];
    if (path === '/health') return sendJson(response, 200, { status: 'up' });
    if (path === '/ready') {
      const missing = await options.notReady().catch((error: Error) => error.message);
      return sendJson(response, missing === null ? 200 : 503, { status: missing ?? 'ready' });
    }
    if (path === '/') return response.writeHead(302, { location: ENDPOINT }).end();
    if (path !== ENDPOINT)
      return sendError(response, 404, `there is nothing at ${cutText(path ?? '', 200)}: the API is at ${ENDPOINT}`);
    limitBody(request, response);
    await yoga(request, response);
  });
  const sockets = attachSockets({ http, endpoint: ENDPOINT, gate, yoga, log, contextOf: options.contextOf });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, options.host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${name}:${port}${ENDPOINT}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await sockets.close();
      http.closeIdleConnections();
      const cut = setTimeout(() => http.closeAllConnections(), 500);
      await closed;
      clearTimeout(cut);
    },
  };
};

/** The page is large, and only people in browsers want it: made when the first of them comes. */
let page: Promise<string> | undefined;
const playground = () => {
  page ??= import('./playground.ts').then(({ renderPlayground }) => renderPlayground(ENDPOINT));
  return page;
};

/** Only JSON, so that no page of another site can have a browser send a mutation without being asked first. */
const refuseBody = (request: IncomingMessage) => {
  if (request.method !== 'POST') return null;
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return { status: 415, message: `content-type ${cutText(type ?? 'none', 100)}: requests are application/json` };
  }
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) return tooLarge;
  return null;
};

const tooLarge = { status: 413, message: `the request's body is larger than ${LARGEST_BODY} bytes` };

/** A body that does not say its length is cut off where it passes the limit. */
const limitBody = (request: IncomingMessage, response: ServerResponse) => {
  if (request.method !== 'POST' || request.headers['content-length'] !== undefined) return;
  let read = 0;
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read <= LARGEST_BODY) return;
    if (!response.headersSent) sendError(response, tooLarge.status, tooLarge.message);
    request.destroy();
  });
};

const sendJson = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
};

const CODES: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND' };
const sendError = (response: ServerResponse, status: number, message: string) =>
  sendJson(response, status, { errors: [{ message, extensions: { code: CODES[status] ?? 'BAD_USER_INPUT' } }] });
