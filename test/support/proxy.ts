import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A port of its own in front of a server that comes and goes: connections through it can be cut, and be held. */
export const startProxy = async () => {
  let target: number | null = null;
  let swallowing = false;
  const pairs = new Set<Pair>();
  const ends = new Set<Socket>();

  const keep = (socket: Socket) => {
    ends.add(socket);
    // A reset is what a cut is meant to be.
    socket.on('error', () => undefined).once('close', () => ends.delete(socket));
    return socket;
  };
  const server = createServer((socket) => {
    keep(socket);
    if (swallowing) return void socket.pause();
    if (target === null) return void socket.resetAndDestroy();
    const far = keep(connect(target, '127.0.0.1'));
    socket.pipe(far).pipe(socket);
    const pair = { near: socket, far };
    pairs.add(pair);
    const end = () => {
      if (pairs.delete(pair)) for (const other of [socket, far]) other.destroy();
    };
    socket.once('close', end);
    far.once('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/graphql`,
    /** Where new connections go from now on; null: they are reset. */
    leadTo: (url: string | null) => {
      target = url === null ? null : Number(new URL(url).port);
    },
    /** Resets every connection, those that are held as well. */
    cut: () => {
      for (const socket of ends) socket.resetAndDestroy();
    },
    /** Forwards nothing more on the connections that are there, and closes none: neither end notices. */
    hold: () => {
      for (const pair of pairs) {
        pairs.delete(pair);
        for (const socket of [pair.near, pair.far]) socket.unpipe().removeAllListeners('end').pause();
      }
    },
    /** Whether new connections are taken in and never answered. */
    swallow: (on: boolean) => {
      swallowing = on;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of ends) socket.destroy();
      await closed;
    },
  };
};
