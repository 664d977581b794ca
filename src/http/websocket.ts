/**
 * GraphQL over WebSocket (graphql-transport-ws). An event is sent only when the previous one has left this process, so
 * a slow reader costs one message. A reader that accepts nothing for half a minute is disconnected, and can resume from
 * its cursor.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult, GraphQLError, parse, validate } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clients } from './client-limits.ts';
import type { Session, SignInWith } from './credentials.ts';
import { framesOf } from './frames.ts';
import { createOperations } from './operations.ts';
import type { OriginCheck } from './origin-check.ts';
import { type Reader, type SharedSubscriptions, shownOf, withoutStatus } from './shared-subscriptions.ts';
import type { Traffic } from './traffic.ts';

interface SocketOptions {
  readonly http: HttpServer;
  readonly endpoint: string;
  readonly originCheck: OriginCheck;
  readonly yoga: Pick<ReturnType<typeof createYoga>, 'getEnveloped'>;
  readonly signIn: SignInWith;
  readonly refusedCode: number;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly log: Logger;
  readonly stuckMs: number;
  readonly initMs: number;
  readonly maxBodyBytes: number;
  readonly clients: Clients;
  readonly shared: SharedSubscriptions;
  readonly traffic: Traffic;
}

interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly watch: ReturnType<typeof watchSocket>;
  /** Closes the socket and ends its operations. */
  readonly end: (code: number, reason: string) => void;
  readonly operations: ReturnType<typeof createOperations>;
  /** Of the user who signed in when the socket was opened. */
  session?: Session;
}

type Enveloped = ExecutionArgs & {
  readonly execute: (args: ExecutionArgs) => ReturnType<typeof import('graphql').execute>;
  readonly subscribe: (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
  readonly reader: Reader;
};

/** A socket for which more than this is waiting is served at its own pace. */
const BEHIND_BYTES = 262_144;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

export const attachSockets = (options: SocketOptions): { close(): Promise<void> } => {
  const { http, endpoint, originCheck, clients, maskError } = options;
  const protocol = protocolOf(options);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxBodyBytes,
    handleProtocols,
  });
  http.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const refusal = originCheck.refuse(request);
    if (refusal !== null) return refuseUpgrade(duplex, refusal.status, refusal.message);
    if (request.url?.split('?')[0] !== endpoint) return refuseUpgrade(duplex, 404, `the API is at ${endpoint}`);
    let close: () => void;
    try {
      close = clients.openSocket(clients.addressOf(request));
    } catch (error) {
      return refuseUpgrade(duplex, 429, maskError(error).message);
    }
    duplex.once('close', close);
    sockets.handleUpgrade(request, duplex, head, (socket) => open(socket, duplex, request, protocol, options));
  });
  return {
    close: async () => {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server is stopping');
      const gone = [...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 1_000);
      await Promise.all(gone);
      clearTimeout(cut);
    },
  };
};

const open = (
  socket: WebSocket,
  duplex: Duplex,
  request: IncomingMessage,
  protocol: ReturnType<typeof protocolOf>,
  { stuckMs, log, traffic }: SocketOptions,
) => {
  const watch = watchSocket(socket, duplex, stuckMs, traffic, () => end(TRY_AGAIN_LATER, 'nothing was read'));
  const operations = createOperations();
  traffic.sockets += 1;
  traffic.operations.add(operations);
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => watch.send(data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) =>
        socket.on('message', (data) => {
          const text = String(data);
          operations.hear(text);
          take(text).catch((error) => {
            log.error({ err: error }, 'a message of a socket failed');
            socket.close(CloseCode.InternalServerError, 'internal server error');
          });
        }),
    },
    { socket, request, watch, operations, end: (code, reason) => close(code, reason) },
  );
  const close = (code: number, reason: string) => {
    socket.close(code, reason);
    end(code, reason);
  };
  // This may be called before the socket is gone: its operations end when it is released, and may end twice.
  const end = (code: number, reason: string) => {
    closed(code, reason).catch((error) => log.error({ err: error }, 'closing a socket failed'));
  };
  socket.on('error', (error) => log.debug({ err: error }, 'a socket failed'));
  socket.once('close', (code, reason) => {
    watch.stop();
    operations.endAll();
    traffic.sockets -= 1;
    traffic.operations.delete(operations);
    end(code, String(reason));
  });
};

const protocolOf = ({ yoga, signIn, refusedCode, maskError, shared, clients, initMs }: SocketOptions) =>
  makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: initMs,
    onConnect: async ({ connectionParams = {}, extra }) => {
      try {
        const session = await signIn(extra.request, connectionParams);
        extra.session = session;
        try {
          const close = clients.openSocket(`user ${session.userName}`);
          // The client may have left while it was being identified.
          if (extra.socket.readyState === extra.socket.CLOSED) close();
          else extra.socket.once('close', close);
        } catch (error) {
          extra.socket.close(TRY_AGAIN_LATER, closeReason(maskError(error).message));
          return false;
        }
        const ignore = session.onEnd((reason) =>
          extra.end(CloseCode.Forbidden, closeReason(maskError(reason).message)),
        );
        extra.socket.once('close', ignore);
        if (extra.socket.readyState !== extra.socket.OPEN) ignore();
        return true;
      } catch (error) {
        extra.socket.close(refusedCode, closeReason(maskError(error).message));
        return false;
      }
    },
    onSubscribe: async ({ extra, subscriptions }, id, payload) => {
      const left = extra.operations.begin(id);
      const enveloped = yoga.getEnveloped({ session: extra.session, params: payload, left });
      try {
        clients.checkOperations(Object.keys(subscriptions).length);
        await clients.countRequest(clients.addressOf(extra.request));
        await clients.countRequest(`user ${extra.session?.userName}`);
        const document = (enveloped.parse as typeof parse)(payload.query);
        const errors = (enveloped.validate as typeof validate)(enveloped.schema, document);
        if (errors.length > 0) {
          await clients.countRefused(clients.addressOf(extra.request));
          return errors;
        }
        return {
          schema: enveloped.schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: await enveloped.contextFactory(),
          execute: enveloped.execute,
          subscribe: enveloped.subscribe,
          reader: readerOf(extra.watch, id),
        };
      } catch (error) {
        await clients.countRefused(clients.addressOf(extra.request));
        return [maskError(error)];
      }
    },
    execute: async (args) => {
      try {
        return await (args as Enveloped).execute(args);
      } catch (error) {
        // Nothing is sent to a client that has left.
        if ((args.contextValue as { left?: AbortSignal }).left?.aborted) return { data: null };
        throw error;
      }
    },
    onComplete: ({ extra }, id) => extra.operations.end(id),
    subscribe: (args) => {
      const { subscribe, reader } = args as Enveloped;
      const sharing = shared.of(args);
      return sharing === null ? subscribe(args) : shared.serve(sharing, args, reader);
    },
    // Every error that is sent passes through one of these two; errors of an operation are already masked.
    onNext: (_context, _id, _payload, _args, result) => shownOf(result),
    onError: ({ extra }, id, _payload, errors) => {
      extra.operations.end(id);
      return errors.map((error) => withoutStatus(maskError(error)));
    },
  });

/** The messages of one subscription. Only the id differs between subscriptions. */
const readerOf = (watch: ReturnType<typeof watchSocket>, id: string): Reader => {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return {
    send: ({ bytes }) => watch.write(framesOf(head, [bytes], TAIL), 1),
    push: (messages) =>
      void watch.write(
        framesOf(
          head,
          messages.map(({ bytes }) => bytes),
          TAIL,
        ),
        messages.length,
      ),
    isBehind: watch.isBehind,
  };
};
const TAIL = Buffer.from('}');

/** A close reason is limited to 123 bytes. */
const closeReason = (text: string) => Buffer.from(text).subarray(0, 119).toString();

/**
 * Sends with back-pressure, and ends a socket that is gone or accepts nothing. A socket that is released can still read
 * the reason, for as long as ws waits for its reply to the close.
 */
const watchSocket = (socket: WebSocket, duplex: Duplex, stuckMs: number, traffic: Traffic, release: () => void) => {
  let alive = true;
  let waitingSince: number | null = null;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    if (waitingSince !== null && performance.now() - waitingSince > stuckMs) {
      socket.close(TRY_AGAIN_LATER, `nothing was read for ${stuckMs / 1_000} seconds`);
      return release();
    }
    if (waitingSince !== null) return;
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, stuckMs / 3);
  const sent = () => {
    waitingSince = socket.bufferedAmount > 0 ? performance.now() : null;
  };
  return {
    send: (data: string) =>
      new Promise<void>((resolve) => {
        waitingSince ??= performance.now();
        traffic.messages += 1;
        socket.send(data, () => {
          sent();
          resolve();
        });
      }),
    /** Writes the frames of some messages. ws compresses nothing here, so that it has always written its own before. */
    write: (frames: Buffer, messages: number) =>
      new Promise<void>((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        waitingSince ??= performance.now();
        traffic.messages += messages;
        duplex.write(frames, () => {
          sent();
          resolve();
        });
      }),
    isBehind: () => socket.bufferedAmount > BEHIND_BYTES,
    stop: () => clearInterval(timer),
  };
};

const refuseUpgrade = (duplex: Duplex, status: number, message: string) => {
  // Nothing else listens for errors on a connection taken out of HTTP: a connection reset would end the process.
  duplex.on('error', () => duplex.destroy());
  const reason = { 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests' }[status] ?? 'Bad Request';
  duplex.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`,
  );
};
