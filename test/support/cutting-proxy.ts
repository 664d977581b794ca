import { connect, createServer, type Socket } from 'node:net';

/**
 * Forwards connections to the server of a URL. Once it is armed, the next commit reaches the server, and its answer does
 * not come back: the connection breaks.
 */
export const startCuttingProxy = async (to: string) => {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let isArmed = false;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isCut = false;
    client.on('data', (chunk) => {
      // A notification has a transaction of its own, which ends otherwise.
      if (isArmed && chunk.includes('COMMIT; SELECT')) {
        isArmed = false;
        isCut = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!isCut) return client.write(chunk);
      cuts += 1;
      client.destroy();
      return upstream.destroy();
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(to);
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    arm: () => {
      isArmed = true;
    },
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
