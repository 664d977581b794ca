/** A web server of files for one test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Web {
  /** Without a slash at its end. */
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly requests: readonly IncomingMessage[];
  [Symbol.asyncDispose](): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const serve = async (answer: Answer): Promise<Web> => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

interface Sending {
  readonly etag?: string;
  readonly modified?: string;
  /** False: sends the whole, whatever range is asked for. */
  readonly ranges?: boolean;
}

/** Sends bytes as a server of files does. */
export const send =
  (content: string | Uint8Array, { etag = '"one"', modified, ranges = true }: Sending = {}): Answer =>
  (request, response) => {
    const body = Buffer.from(content);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (etag !== '') response.setHeader('etag', etag);
    if (modified !== undefined) response.setHeader('last-modified', modified);
    if (from === undefined || !ranges) {
      response.writeHead(200, { 'content-length': body.length }).end(body);
    } else if (Number(from) >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    } else {
      const end = to === '' || to === undefined ? body.length : Math.min(Number(to) + 1, body.length);
      const part = body.subarray(Number(from), end);
      response.writeHead(206, {
        'content-range': `bytes ${from}-${end - 1}/${body.length}`,
        'content-length': part.length,
      });
      response.end(part);
    }
  };

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end();
