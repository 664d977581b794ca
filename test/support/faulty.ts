/** A proxy of HTTP in front of a server, that does to each request what the test says. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * `pass` forwards; a number is the status that is answered instead; `cut` breaks the connection before anything is
 * forwarded; `lose` forwards and breaks instead of answering; `halve` breaks in the middle of the answer's body;
 * `hang` never answers.
 */
export type Fate =
  | 'pass'
  | 'cut'
  | 'lose'
  | 'halve'
  | 'hang'
  | number
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export const startFaulty = async (target: string, fateOf: (asked: IncomingMessage, count: number) => Fate) => {
  const asked: IncomingMessage[] = [];
  const server = createServer((from, to) => {
    asked.push(from);
    const fate = fateOf(from, asked.length);
    if (fate === 'hang') return void from.resume();
    if (fate === 'cut') return void from.socket.destroy();
    if (typeof fate === 'number') return void to.writeHead(fate).end();
    if (typeof fate === 'object') return void to.writeHead(fate.status, fate.headers).end(fate.body);
    forward(target, from, to, fate);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const forward = (target: string, from: IncomingMessage, to: ServerResponse, fate: 'pass' | 'lose' | 'halve') => {
  const [hostname, port] = target.split(':');
  const { method, url: path, headers } = from;
  // What the server answered already; the rest of the body is for nobody.
  const broken = () => to.destroy();
  const through = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
    if (fate === 'lose') return void answer.resume().once('end', broken);
    to.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fate === 'pass') return void answer.pipe(to);
    let left = Number(answer.headers['content-length'] ?? 0) / 2;
    answer.on('data', (chunk: Buffer) => {
      if (left > 0) to.write(chunk.subarray(0, left), () => left <= 0 && to.destroy());
      left -= chunk.length;
    });
  });
  through.on('error', broken);
  from.pipe(through);
};
