/**
 * A proxy in front of PostgreSQL that reads the protocol: it can drop notifications, and lose the answer to a commit.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PostgresProxy extends AsyncDisposable {
  /** The database behind the proxy, through it. */
  readonly url: string;
  /** From now on, notifications are dropped. */
  dropNotifications(): void;
  /**
   * The next transaction that contains a statement which matches is committed, and its connection breaks before the
   * answer arrives. Resolves then.
   */
  loseAnswerTo(statement: RegExp): Promise<void>;
  /** Stops forwarding on the connection that has just taken the store lock, in the middle of its transaction. */
  holdInTransaction(): Promise<void>;
}

/** `onMessage` gets the type and the content of each message of a stream; the first has no type. */
const reader = (hasStart: boolean, onMessage: (type: string, message: Buffer) => void) => {
  let rest = Buffer.alloc(0);
  let isStart = hasStart;
  return (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const head = isStart ? 0 : 1;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      onMessage(isStart ? '' : String.fromCharCode(rest[0] ?? 0), rest.subarray(0, length));
      isStart = false;
      rest = rest.subarray(length);
    }
  };
};

export const startPostgresProxy = async (url: string): Promise<PostgresProxy> => {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let drops = false;
  let losing: { readonly statement: RegExp; readonly done: () => void } | undefined;
  let holding: (() => void) | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    keep(near);
    keep(far);
    let matched = false;
    let lost: (() => void) | undefined;
    let held = false;
    near.on(
      'data',
      reader(true, (type, message) => {
        if (held) return;
        const text = type === 'Q' || type === 'P' ? message.toString('latin1') : '';
        if (losing?.statement.test(text)) matched = true;
        if (matched && losing !== undefined && text.includes('COMMIT')) {
          lost = losing.done;
          losing = undefined;
        }
        far.write(message);
        if (holding !== undefined && text.includes('SELECT pg_advisory_xact_lock(')) {
          held = true;
          const done = holding;
          holding = undefined;
          // It has the lock before anything else is sent on this connection.
          far.once('data', done);
        }
      }),
    );
    far.on(
      'data',
      reader(false, (type, message) => {
        if (held || (drops && type === 'A')) return;
        if (lost === undefined) return void near.write(message);
        if (type !== 'Z') return;
        lost();
        near.resetAndDestroy();
        far.destroy();
      }),
    );
    near.once('close', () => (held ? undefined : far.destroy()));
    far.once('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: url.replace(/:\d+\//, `:${port}/`),
    dropNotifications: () => {
      drops = true;
    },
    loseAnswerTo: (statement) =>
      new Promise((done) => {
        losing = { statement, done };
      }),
    holdInTransaction: () =>
      new Promise((done) => {
        holding = done;
      }),
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
