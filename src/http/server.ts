import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { cutText } from '../errors.ts';
import { answerInWords } from './answer-in-words.ts';
import {
  redirect,
  refuseBody,
  refuseForeign,
  STOPPING,
  sendError,
  sendExcess,
  sendJson,
  setHeaders,
} from './answers.ts';
import { type ClientLimits, type Clients, createClientLimits, NO_LIMITS } from './client-limits.ts';
import type { Session, SignIn, SignInWith } from './credentials.ts';
import { createDownloads, type Downloads } from './downloads.ts';
import { measure, type OperationObserver } from './measure.ts';
import { type ReadMetrics, sendMetrics } from './metrics.ts';
import { createOriginCheck } from './origin-check.ts';
import { type Page, sendPage } from './page.ts';
import { createProxy, type ProxyOptions } from './proxy.ts';
import { createSharedSubscriptions, type SharingRules } from './shared-subscriptions.ts';
import { limitIdleTime, limitTime } from './slow-requests.ts';
import { createStreams } from './streams.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { isUpload, startUploads, type UploadOptions, type Uploads } from './uploads.ts';
import { attachSockets } from './websocket.ts';
import { createWorkers, isWorker, type WorkerOptions } from './workers.ts';

export interface ServerOptions extends ProxyOptions {
  readonly host: string;
  readonly port: number;
  /** The version of the server, for `/health`. */
  readonly version: string;
  readonly schema: GraphQLSchema;
  readonly signIn: SignIn;
  /** The code with which a socket is closed if nobody signs in with it. */
  readonly refusedCode: number;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly allowedOrigins: readonly string[];
  /** Whether requests must name a known host. */
  readonly checksHost: boolean;
  /** Resolves to null when the server can work, otherwise to what is missing. */
  readonly notReady: () => Promise<string | null>;
  readonly log: Logger;
  /** Reads a page for browsers. Returns null for a path without one. */
  readonly readPage: (request: IncomingMessage) => Promise<Page> | null;
  /** The page that a browser gets at the path of the API. */
  readonly playground: (endpoint: string) => Promise<Page>;
  readonly sharing?: SharingRules;
  /** The beginning of the paths at which users download files. If left out, there are none. */
  readonly downloads?: string;
  /** If left out, nothing can be uploaded. */
  readonly uploads?: UploadOptions;
  /** Answers `/metrics`. If left out, there are none. */
  readonly metrics?: ReadMetrics;
  /** Counts what clients have open. */
  readonly traffic?: Traffic;
  readonly observer?: OperationObserver;
  /** If left out, there are no workers in other programs. */
  readonly workers?: WorkerOptions;
  /** Applied to the operations of all transports. They parse and limit documents: nothing else caches these. */
  readonly plugins?: readonly Plugin[];
  /** The largest body of a request, and the largest message of a socket. The default is 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly clientLimits?: ClientLimits;
  /** How long a socket may accept no data while data is waiting for it. The default is 30 s. */
  readonly stuckMs?: number;
  /** How long a socket may take to send its first message. The default is 15 s. */
  readonly initMs?: number;
  /** How long requests in progress may take to complete when the server stops. The default is half a second. */
  readonly graceMs?: number;
}

export interface Server {
  /** The address it listens on, such as `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Counts a request of a client, such as `user ada`, that another port serves. @throws TOO_MANY */
  readonly countRequest: (client: string) => Promise<void>;
  /** Accepts no more requests, closes its sockets with 1001, and ends its HTTP streams with UNAVAILABLE. */
  stop(): Promise<void>;
}

const ENDPOINT = '/graphql';
const LARGEST_BODY = 1_048_576;
const STUCK_MS = 30_000;
/** A busy server may read a client's first message late, which is not the client's fault. */
const INIT_MS = 15_000;
/** Only the headers: Node's own limit on a whole request would also end uploads that make progress. */
const HTTP_LIMITS = { headersTimeout: 15_000, requestTimeout: 0, connectionsCheckingInterval: 5_000 };
const GRACE_MS = 500;

export const startServer = async (options: ServerOptions): Promise<Server> => {
  const proxy = createProxy(options);
  const clients = createClientLimits(options.clientLimits ?? NO_LIMITS, proxy.addressOf);
  const shared = createSharedSubscriptions(options.sharing, options.maskError);
  const streams = createStreams(options.maskError, clients, shared);
  const originCheck = createOriginCheck({ ...options, hostOf: proxy.hostOf });
  const signIn: SignInWith = (request, params) =>
    options.signIn({ headers: request.headers, params, address: proxy.addressOf(request) });
  const maxBodyBytes = options.maxBodyBytes ?? LARGEST_BODY;
  const yoga = createApi({ ...options, maxBodyBytes, clients }, signIn, streams.plugin);
  const wiring = { signIn, maskError: options.maskError, count: clients.countRequest, basePath: proxy.basePath };
  const uploads = options.uploads === undefined ? null : await startUploads(options.uploads, wiring);
  const downloads = createDownloads({ path: options.downloads, ...wiring });
  const workers = options.workers === undefined ? null : createWorkers(options.workers, wiring);
  const answer = answerAt(options, yoga, { uploads, downloads, workers, addressOf: proxy.addressOf });
  const traffic = options.traffic ?? createTraffic();
  let stopping = false;
  const http = createHttpServer(HTTP_LIMITS, async (request, response) => {
    setHeaders(request, response, options.allowedOrigins);
    if (proxy.basePath !== '' && request.url === proxy.basePath) return redirect(response, `${proxy.basePath}/`);
    request.url = proxy.withoutBase(request.url ?? '');
    if (isUpload(request.url)) limitIdleTime(request);
    else limitTime(request);
    const refusal =
      originCheck.refuse(request) ??
      (stopping ? STOPPING : null) ??
      (isUpload(request.url) ? null : refuseBody(request)) ??
      refuseForeign(request, ENDPOINT);
    if (refusal !== null) return sendError(response, refusal.status, refusal.message);
    // Other methods are refused without any work.
    const isCounted = request.method === 'GET' || request.method === 'POST' || isUpload(request.url);
    if (isCounted && request.url !== '/health' && request.url !== '/ready') {
      const excess = await clients.countRequest(clients.addressOf(request)).catch(options.maskError);
      if (excess !== undefined) return sendExcess(response, excess);
    }
    traffic.requests += 1;
    response.once('close', () => {
      traffic.requests -= 1;
    });
    await answer(request, response);
  });
  const stuckMs = options.stuckMs ?? STUCK_MS;
  http.on('upgrade', (request) => {
    request.url = proxy.withoutBase(request.url ?? '');
  });
  const limits = { maxBodyBytes, stuckMs, initMs: options.initMs ?? INIT_MS, clients, shared, traffic };
  const sockets = attachSockets({ ...options, ...limits, signIn, http, endpoint: ENDPOINT, originCheck, yoga });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, options.host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${name}:${port}${ENDPOINT}`,
    countRequest: clients.countRequest,
    stop: async () => {
      stopping = true;
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      uploads?.stop();
      streams.end();
      await sockets.close();
      // A keep-alive connection closes once its last answer has been sent.
      const sweep = setInterval(() => http.closeIdleConnections(), 10);
      const cut = setTimeout(() => http.closeAllConnections(), options.graceMs ?? GRACE_MS);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
};

type Limited = ServerOptions & { readonly maxBodyBytes: number; readonly clients: Clients };
type Api = ReturnType<typeof createApi>;

const createApi = (
  { schema, allowedOrigins, maskError, plugins = [], observer, maxBodyBytes, clients }: Limited,
  signIn: SignInWith,
  streams: Plugin,
) => {
  const measured = observer === undefined ? [] : [measure(observer)];
  return createYoga<Incoming>({
    schema,
    graphqlEndpoint: ENDPOINT,
    landingPage: false,
    logging: false,
    multipart: false,
    batching: false,
    graphiql: false,
    parserAndValidationCache: false,
    maxRequestBodySize: maxBodyBytes,
    cors: allowedOrigins.length === 0 ? false : { origin: [...allowedOrigins], credentials: true },
    maskedErrors: { maskError: (error) => maskError(error) },
    plugins: [signInFirst(signIn, clients, maskError), ...plugins, ...measured, stopWhenLeft, streams, answerInWords],
    context: ({ session }) => session?.context() ?? {},
  });
};

/** Of an HTTP request, the request, and then its session; of a socket, the session. */
interface Incoming {
  readonly req?: IncomingMessage;
  session?: Session;
  /** Called when the operation is refused before it is executed. */
  onRefused?: () => void;
}

/** Nothing of a request is parsed or validated before somebody has signed in with it. */
const signInFirst = (
  signIn: SignInWith,
  clients: Clients,
  maskError: ServerOptions['maskError'],
): Plugin<object, Incoming> => ({
  onParams: async ({ context, setResult }) => {
    try {
      if (context.req === undefined) return;
      const address = clients.addressOf(context.req);
      context.onRefused = () => void clients.countRefused(address);
      context.session = await signIn(context.req, {});
      await clients.countRequest(`user ${context.session.userName}`);
    } catch (error) {
      setResult({ errors: [maskError(error)] });
    }
  },
});

/** An execution ends when its client has hung up or, on a socket, has completed the operation. */
const stopWhenLeft: Plugin = {
  onExecute: ({ args }) => {
    const { left, request, operation } = args.contextValue as {
      left?: AbortSignal;
      request?: Request;
      operation?: { signal?: AbortSignal };
    };
    const signal = left ?? (request === undefined ? undefined : nativeOf(request.signal));
    if (signal === undefined) return;
    (args as { signal?: AbortSignal }).signal = signal;
    if (operation !== undefined) operation.signal = signal;
  },
};

/** The signal of a request is a proxy, which `AbortSignal.any` refuses from Node 24 on. */
const nativeOf = (signal: AbortSignal): AbortSignal => {
  const left = new AbortController();
  if (signal.aborted) left.abort(signal.reason);
  else signal.addEventListener('abort', () => left.abort(signal.reason), { once: true });
  return left.signal;
};

interface Others {
  readonly uploads: Uploads | null;
  readonly downloads: Downloads;
  readonly workers: ReturnType<typeof createWorkers> | null;
  readonly addressOf: (request: IncomingMessage) => string;
}

const answerAt =
  (
    { version, notReady, maskError, readPage, playground, metrics }: ServerOptions,
    yoga: Api,
    { uploads, downloads, workers, addressOf }: Others,
  ) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const path = request.url?.split('?')[0];
    if (path === '/health') return sendJson(response, 200, { status: 'up', version });
    if (path === '/ready') {
      const missing = await notReady().catch((error: unknown) => maskError(error).message);
      return sendJson(response, missing === null ? 200 : 503, { status: missing ?? 'ready' });
    }
    if (path === '/metrics' && metrics !== undefined) return sendMetrics(request, response, metrics, addressOf);
    if (uploads !== null && isUpload(request.url)) return uploads.handle(request, response);
    if (workers !== null && isWorker(request.url)) return workers(request, response);
    if (downloads.isOne(request)) return downloads.handle(request, response);
    const broken = (error: unknown) => sendJson(response, 500, { errors: [maskError(error)] });
    const page = readPage(request);
    if (page !== null) return page.then((found) => sendPage(request, response, found), broken);
    if (path !== ENDPOINT)
      return sendError(response, 404, `there is nothing at ${cutText(path ?? '', 200)}: the API is at ${ENDPOINT}`);
    if (request.method !== 'GET' || !request.headers.accept?.includes('text/html')) return yoga(request, response);
    response.setHeader('vary', 'accept');
    return playground(ENDPOINT).then((found) => sendPage(request, response, found), broken);
  };
