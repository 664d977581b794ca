/**
 * The port for psql and drivers. A connection begins with packets that ask for TLS or cancel another connection's
 * statement, then the one that names a user; the password is a token.
 */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { messageOf, tooMany } from '../../errors.ts';
import { sqlError } from '../errors.ts';
import type { Caller, Session } from '../session.ts';
import { ASK_PASSWORD, AUTHENTICATED, backendKey, errorAnswer, negotiate, parameterStatus, READY } from './answers.ts';
import { createConnection } from './connection.ts';
import { createFrames, type Reader } from './frames.ts';
import { isLoopback, readParameters } from './startup.ts';

/** A user who has signed in. */
export interface SignedIn {
  readonly userName: string;
  caller(): Caller;
  /** Called when the token is revoked or has expired. Returns a function that stops listening. */
  onEnd(listener: (reason: unknown) => void): () => void;
}

export interface PortOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | null;
  /** Whether a password is asked for. */
  readonly asksToken: boolean;
  readonly signIn: (given: {
    readonly user: string;
    readonly token: string | null;
    readonly address: string;
  }) => Promise<SignedIn>;
  /** @throws TOO_MANY */
  readonly countRequest: (client: string) => Promise<void>;
  readonly changefeed?: Session['changefeed'];
  readonly log: Logger;
  readonly maxConnections?: number;
}

export interface Port {
  readonly port: number;
  /** Those that are open. */
  readonly connections: number;
  stop(): Promise<void>;
}

const MOST_CONNECTIONS = 100;
const START_MS = 15_000;
/** A client that accepts nothing for so long is disconnected. */
const STUCK_MS = 30_000;
/** Messages of a client that has sent more than this wait in its socket. */
const MOST_WAITING_BYTES = 8 * 1_024 * 1_024;

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/** What the server reports to a client that connects. */
const STATUSES = [
  'server_version',
  'server_encoding',
  'client_encoding',
  'DateStyle',
  'IntervalStyle',
  'TimeZone',
  'integer_datetimes',
  'standard_conforming_strings',
  'application_name',
  'is_superuser',
];

export const startSqlPort = async (options: PortOptions): Promise<Port> => {
  const { host, port, tls, log, maxConnections = MOST_CONNECTIONS } = options;
  const secure = tls === null ? null : createSecureContext({ cert: tls.cert, key: tls.key });
  const open = new Map<number, Open>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const isOver = sockets.size > maxConnections;
    serve(socket, { ...options, secure, open, isOver });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  log.info({ host, port: (server.address() as AddressInfo).port }, 'listening for SQL');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return sockets.size;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { end } of open.values()) end(sqlError('shutdown', 'terminating connection: the server is stopping'));
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
};

interface Open {
  readonly secret: Buffer;
  cancel(): void;
  end(reason: unknown): void;
}

type Served = PortOptions & {
  readonly secure: SecureContext | null;
  readonly open: Map<number, Open>;
  readonly isOver: boolean;
};

/** Reads messages one after the other, while it watches whether the client is still there. */
const serve = (plain: Socket, served: Served): void => {
  const { log, secure, open, isOver } = served;
  let socket = plain;
  let frames = createFrames();
  let waiting = 0;
  let isBusy = false;
  let isEnded = false;
  let handle: (message: { readonly type?: string; readonly body: Reader }) => Promise<void> = start;
  let id = 0;
  let release = () => {};
  const closed = new AbortController();
  const address = plain.remoteAddress ?? '';
  const startTimer = setTimeout(() => socket.destroy(), START_MS).unref();

  const close = () => {
    clearTimeout(startTimer);
    isEnded = true;
    closed.abort();
    open.delete(id);
    release();
  };
  const send = (bytes: Buffer): Promise<void> | void => {
    if (isEnded || !socket.writable || socket.write(bytes)) return;
    return new Promise((resolve) => {
      const target = socket;
      const timer = setTimeout(() => target.destroy(), STUCK_MS).unref();
      const done = () => {
        clearTimeout(timer);
        target.off('drain', done);
        target.off('close', done);
        resolve();
      };
      target.on('drain', done);
      target.on('close', done);
    });
  };
  const sendError = (error: unknown) => send(errorAnswer(error, log));
  const fail = (error: unknown) => {
    if (isEnded) return;
    void send(errorAnswer(error, log, 'FATAL'));
    isEnded = true;
    closed.abort();
    socket.destroySoon();
  };
  const drain = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next = frames.next(); next !== null && !isEnded; next = isEnded ? null : frames.next()) {
        await handle(next);
      }
    } catch (error) {
      fail(error);
    } finally {
      isBusy = false;
    }
    waiting = 0;
    socket.resume();
  };
  const onData = (chunk: Buffer) => {
    if (isEnded) return;
    frames.push(chunk);
    waiting += chunk.length;
    if (waiting > MOST_WAITING_BYTES) socket.pause();
    void drain();
  };
  const attach = (to: Socket) => {
    socket = to;
    to.on('data', onData);
    to.on('end', () => to.end());
    to.on('error', (error) => log.debug({ err: error, address }, 'a connection failed'));
    to.on('close', close);
  };

  async function start({ body }: { readonly body: Reader }): Promise<void> {
    const code = body.int32();
    if (code === GSS_REQUEST) return void send(Buffer.from('N'));
    if (code === SSL_REQUEST) return upgrade();
    if (code === CANCEL_REQUEST) {
      const other = open.get(body.int32());
      const secret = body.bytes(4);
      if (other !== undefined && timingSafeEqual(other.secret, secret)) other.cancel();
      socket.end();
      return;
    }
    if (code >>> 16 !== 3)
      throw sqlError(
        'notSupported',
        `unsupported frontend protocol ${code >>> 16}.${code & 0xffff}: this server speaks 3.0`,
      );
    const parameters = readParameters(body);
    if (isOver) throw tooMany('the server has too many connections');
    if (!(socket instanceof TLSSocket) && !isLoopback(address))
      throw sqlError('notLoggedIn', 'a connection from another machine must use TLS');
    const unknown = Object.keys(parameters).filter((name) => name.startsWith('_pq_.'));
    if ((code & 0xffff) > 0 || unknown.length > 0) await send(negotiate(unknown));
    const user = parameters.user ?? '';
    if (user === '') throw sqlError('notLoggedIn', 'no user name is given');
    frames.start();
    if (!served.asksToken) return signIn(parameters, null);
    handle = async ({ type, body: password }: { readonly type?: string; readonly body: Reader }) => {
      if (type !== 'p') throw sqlError('protocol', 'a password is expected');
      return signIn(parameters, password.text());
    };
    await send(ASK_PASSWORD);
  }

  function upgrade(): void {
    if (secure === null || socket instanceof TLSSocket) return void send(Buffer.from('N'));
    // What came before TLS began was not protected by it.
    if (frames.hasRest) throw sqlError('protocol', 'received unencrypted data after the request for TLS');
    plain.removeAllListeners('data');
    plain.removeAllListeners('end');
    plain.write('S');
    frames = createFrames();
    attach(new TLSSocket(plain, { isServer: true, secureContext: secure }));
  }

  async function signIn(parameters: Readonly<Record<string, string>>, token: string | null): Promise<void> {
    const { user = '', database, application_name: application } = parameters;
    const signedIn = await served.signIn({ user, token, address });
    if (signedIn.userName.toLowerCase() !== user.toLowerCase()) {
      throw sqlError('wrongPassword', `the token is not one of user ${JSON.stringify(user)}`);
    }
    clearTimeout(startTimer);
    if (isEnded) return;
    const client = `user ${signedIn.userName}`;
    const connection = createConnection({
      begin: async () => {
        await served.countRequest(client);
        return signedIn.caller();
      },
      send,
      sendError,
      closed: closed.signal,
      ...(served.changefeed === undefined ? {} : { changefeed: served.changefeed }),
    });
    const known = await knownDatabase(signedIn.caller(), database);
    connection.settings.database = known;
    if (application !== undefined) connection.settings.set('application_name', application.slice(0, 200));
    id = randomInt(1, 2 ** 31 - 1);
    while (open.has(id)) id = randomInt(1, 2 ** 31 - 1);
    const secret = randomBytes(4);
    open.set(id, { secret, cancel: connection.cancel, end: fail });
    const ignoreEnd = signedIn.onEnd(fail);
    release = () => {
      ignoreEnd();
      connection.close();
    };
    handle = async (message) => {
      if (message.type === 'X') {
        socket.end();
        return;
      }
      await connection.handle({ type: message.type ?? '', body: message.body });
    };
    await send(AUTHENTICATED);
    for (const name of STATUSES) await send(parameterStatus(name, connection.settings.get(name.toLowerCase())));
    await send(backendKey(id, secret.readInt32BE()));
    await send(READY.idle);
  }

  attach(plain);
};

const knownDatabase = async (caller: Caller, name: string | undefined): Promise<string | null> => {
  if (name === undefined) return null;
  try {
    return (await caller.databases.list(caller.viewer())).find((known) => known.name === name)?.name ?? null;
  } catch (error) {
    // Not everybody may use databases.
    if (messageOf(error).includes('CREATEJOB')) return null;
    throw error;
  }
};
